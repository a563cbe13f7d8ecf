"""What is on the nodes before a run in a pod: the probe's image, and those which only from outside get there."""

from __future__ import annotations

from pathlib import Path

from srs_conformance.clusters.base import Capability, Cluster
from srs_conformance.clusters.kustomize import present_kubectl
from srs_conformance.errors import UsageError
from srs_conformance.images import choosing, probe, proxy, standins
from srs_conformance.images.layered import onto_nodes
from srs_conformance.images.names import parse
from srs_conformance.inside.arguments import Arguments
from srs_conformance.inside.prepared import Prepared
from srs_conformance.progress import Progress

_ELF = b"\x7fELF"
"""How a program of Linux begins."""


def archive(progress: Progress) -> Path:
    """Return the archive of the probe's image, from the cache or built now.

    Raises:
        UsageError: this is no checkout, or a machine without apt.
        EngineError: it cannot be built.
    """
    return probe.build(probe.checkout(), _kubectl(progress), progress)


def _kubectl(progress: Progress) -> Path:
    """Return a kubectl that is a program by itself: some are scripts, or links to what starts another one."""
    found = present_kubectl()
    if found and (program := found.resolve()).name.startswith("kubectl"):
        with program.open("rb") as file:
            if file.read(len(_ELF)) == _ELF:
                return program
    from srs_conformance.clusters.kind.build import ensure_tool  # noqa: PLC0415 - the builds are for machines without

    return ensure_tool("kubectl", progress)


def on_nodes(cluster: Cluster, named: str, progress: Progress) -> str:
    """Return the name under which the nodes have the probe's image, or pull it.

    Args:
        cluster: that the pod runs on.
        named: what the user names; "" to build and load it.
        progress: told of what takes time.

    Raises:
        UsageError: no name of an image; the cluster cannot be given images, and none is named.
        CouldNotTest: the nodes refuse it.
        EngineError: it cannot be built.
    """
    if named:
        return str(parse(named))
    if Capability.LOAD_IMAGES not in cluster.capabilities:
        raise UsageError(
            f"the probe's image cannot be put onto the nodes of cluster {cluster.name}",
            hint="`srs-conformance probe-image FILE.tar` makes it: push it to a registry that the nodes pull from, "
            "and name it with --probe-image",
        )
    return onto_nodes(cluster, archive(progress), probe.NAME, "probe pod's image", progress)


def prepared(cluster: Cluster, asked: Arguments, progress: Progress) -> tuple[Prepared, list[str]]:
    """Have all other images on the nodes, and return what is there, and the arguments for pytest that tell of more.

    Where the cluster pulls for itself nothing is done: the suite in the pod asks it to, by their names.

    Raises:
        UsageError, CouldNotTest: as `choosing.choose`.
        EngineError: one of them cannot be built.
    """
    named = ["--proxy-image", asked.proxy_image] if asked.proxy_image else []
    if Capability.LOAD_IMAGES not in cluster.capabilities:
        if asked.wanted.archives:
            raise UsageError(
                f"{asked.wanted.archives[0]} cannot be put onto the nodes of this cluster",
                hint="push the image to a registry that the cluster pulls from, and give its name",
            )
        return Prepared(""), named
    images = choosing.choose(cluster, asked.wanted, progress)
    instead = {name: standins.available(name, cluster, progress) for name in (standins.ENCODER, standins.SHELL)}
    one_machine = cluster.backend == "kind"
    return Prepared("", images, instead, one_machine), named or ["--proxy-image", proxy.available(cluster, progress)]
