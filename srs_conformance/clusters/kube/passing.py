"""A namespace for one command, of which nothing stays on the cluster whatever happens meanwhile."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator

from srs_conformance.clusters.base import RUN_LABEL, Namespace
from srs_conformance.clusters.kube.cluster import KubeCluster
from srs_conformance.errors import ConformanceError
from srs_conformance.interrupts import deferred, uninterrupted
from srs_conformance.progress import Progress


@contextlib.contextmanager
def passing(
    cluster: KubeCluster, prefix: str, *, keep: bool, say: Callable[[str], None], progress: Progress
) -> Iterator[Namespace]:
    """Give a namespace of the block's own; all that was made for it goes with it, unless it is to be kept.

    Args:
        cluster: where.
        prefix: of its name.
        keep: whether it stays.
        say: is told what stays, be it because it is to be kept or cannot be removed.
        progress: is told of its removal.

    Raises:
        CouldNotTest: the cluster refuses it.
    """
    number = uuid.uuid4().hex[:6]
    name = f"{prefix}-{number}"

    def remove() -> None:
        if keep:
            say(f"namespace {name} is kept; `srs-conformance clean --run {number}` removes it")
            return
        with progress.step(f"removing namespace {name}", about=8), uninterrupted():
            for left in cluster.owned({RUN_LABEL: number}):
                left.destroy()

    try:
        with deferred():  # what is half made when an interruption comes would not be found
            made = cluster.namespace(name, {RUN_LABEL: number})
        yield made
    except BaseException:
        try:
            remove()
        except ConformanceError as error:  # what went wrong before is what counts
            say(f"namespace {name} is left: {error.message}; `srs-conformance clean --run {number}` removes it")
        raise
    remove()
