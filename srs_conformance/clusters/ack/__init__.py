"""Clusters of Alibaba Cloud's Container Service for Kubernetes (ACK): a kubeconfig got from the cloud, and its SLBs.

`asking` is a program of its own: the account's credentials are in its process alone. `access` runs it, `kubeconfig`
keeps what it got, `cluster` is what scenarios use, `balancers` sees that nothing is left that costs money.
"""
