"""The cluster protocol over a real Kubernetes API."""

from srs_conformance.clusters.kube.cluster import KubeCluster
from srs_conformance.clusters.kube.namespace import KubeNamespace

__all__ = ["KubeCluster", "KubeNamespace"]
