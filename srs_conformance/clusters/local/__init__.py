"""The local backend: the guide's deployments as processes on loopback addresses, for the suite's own tests.

Every pod and Service has an address of its own in 127/8, so the guide's ports hold. Names are resolved for the server
by its own options. Of what a kubelet does, preStop hooks, grace periods, readiness probes and changed ConfigMaps are
played; liveness and startup probes, limits and image pulls are not.
"""

from srs_conformance.clusters.local.cluster import LocalCluster

__all__ = ["LocalCluster"]
