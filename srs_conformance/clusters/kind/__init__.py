"""The kind backend: a cluster of kubeadm's making on Docker or podman, with or without a container registry.

`lifecycle` brings clusters up and down, `backend` is what scenarios use, `build` makes what no registry gives.
"""
