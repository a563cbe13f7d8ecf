"""What a cluster says that cannot interrupt its pods: its nodes are not ours to touch, or it has none."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import NoReturn

from srs_conformance.clusters.base import Interruption
from srs_conformance.errors import CouldNotTest


class Uninterruptible:
    """The part of the cluster protocol that needs INTERRUPTIONS, refused; backends that have it define it anew."""

    name: str

    def pause_network(
        self,
        pods: Collection[str],  # noqa: ARG002 - the protocol's
        *,
        at_most: float,  # noqa: ARG002 - the protocol's
    ) -> AbstractContextManager[Interruption]:
        """Refuse; see `clusters.base.Cluster`."""
        self._refuse("the network of pods cannot be paused")

    def silence_names(
        self,
        pods: Collection[str],  # noqa: ARG002 - the protocol's
        *,
        at_most: float,  # noqa: ARG002 - the protocol's
    ) -> AbstractContextManager[Interruption]:
        """Refuse; see `clusters.base.Cluster`."""
        self._refuse("the name service cannot be silenced")

    def _refuse(self, what: str) -> NoReturn:
        raise CouldNotTest(f"{what} on cluster {self.name}", hint="a kind cluster can do it: --cluster kind")
