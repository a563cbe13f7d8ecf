"""The load generator's image on the nodes: built and loaded, or pulled by the cluster under a name that is given."""

from __future__ import annotations

from pathlib import Path

from srs_conformance.clusters.base import Capability, Cluster
from srs_conformance.errors import UsageError
from srs_conformance.images import load
from srs_conformance.images.checkout import Checkout
from srs_conformance.images.layered import onto_nodes
from srs_conformance.images.names import parse
from srs_conformance.progress import Progress


def named(image: str) -> str:
    """Return the full name of an image that the cluster has, or pulls for itself.

    Raises:
        UsageError: it is no image name.
    """
    return str(parse(image))


def loaded(cluster: Cluster, checkout: Checkout, clip: Path, progress: Progress) -> str:
    """Build the image, have it on all nodes, and return its name there, which holds its digest.

    Raises:
        UsageError: the cluster cannot be given images, or this machine has no apt.
        CouldNotTest: the nodes refuse it.
        EngineError: it cannot be built.
    """
    if Capability.LOAD_IMAGES not in cluster.capabilities:
        raise UsageError(
            f"the load generator's image cannot be put onto the nodes of cluster {cluster.name}",
            hint="`srs-conformance load-image FILE.tar` makes it: push it to your registry, and name it with --image",
        )
    return onto_nodes(cluster, load.build(checkout, clip, progress), load.NAME, "load generator", progress)
