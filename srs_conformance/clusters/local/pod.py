"""One pod of the local backend: an address, volumes, and containers."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from srs_conformance.clusters import base
from srs_conformance.clusters.local.container import LocalContainer
from srs_conformance.clusters.local.files import Root, make_volume
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.programs import Surroundings

DEFAULT_GRACE = 30.0
NODE = "localhost"


class LocalPod:
    """A pod made from a template; `poll` moves it on, until it is `gone` some time after `leave`."""

    def __init__(
        self,
        name: str,
        template: Mapping[str, Any],
        *,
        address: str,
        folder: Path,
        hosts: Mapping[str, str],
        config_maps: Mapping[str, Mapping[str, Any]],
        helper: Helper,
        log: Callable[[str], None],
    ) -> None:
        self.name, self.uid, self.address, self.template = name, str(uuid.uuid4()), address, template
        self.labels: dict[str, str] = dict(template["metadata"].get("labels") or {})
        self._folder, self._log = folder, log
        self._end: float | None = None
        spec = template["spec"]
        volumes = {each["name"]: folder / "volumes" / each["name"] for each in spec.get("volumes") or ()}
        for each in spec.get("volumes") or ():
            make_volume(volumes[each["name"]], each, config_maps)
        around = Surroundings(name, address, hosts)
        self.containers = [
            LocalContainer(each, Root(folder / each["name"], _mounts(each, volumes)), around, helper, log)
            for each in spec["containers"]
        ]

    def start(self) -> None:
        """Start all containers, in their order."""
        for container in self.containers:
            container.start()

    @property
    def terminating(self) -> bool:
        """Whether it has been told to end."""
        return self._end is not None

    @property
    def ready(self) -> bool:
        """Whether it may be sent new connections."""
        return all(container.ready for container in self.containers)

    @property
    def gone(self) -> bool:
        """Whether it has ended."""
        return self.terminating and not any(container.running for container in self.containers)

    def leave(self, grace: float | None = None) -> None:
        """Tell it to end within its grace period in seconds (default: what its spec says)."""
        if grace is None:
            grace = float(self.template["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE))
        end = time.monotonic() + grace
        first = self._end is None
        self._end = end if self._end is None else min(end, self._end)
        if first:
            self._log("Normal Killing Stopping all containers")
            for container in self.containers:
                container.leave()

    def poll(self) -> None:
        """Move all containers on, and end them by force when the grace period is over."""
        if self._end is not None and time.monotonic() >= self._end:
            for container in self.containers:
                container.kill()
        for container in self.containers:
            container.poll()

    def remove(self) -> None:
        """Delete its files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def container(self, name: str = "") -> LocalContainer:
        """Return the container of that name, the first one by default.

        Raises:
            KeyError: there is none.
        """
        for each in self.containers:
            if name in ("", each.name):
                return each
        raise KeyError(f"container {name} of pod {self.name}")

    def status(self) -> base.Pod:
        """Return what the cluster protocol says of it."""
        return base.Pod(
            name=self.name,
            uid=self.uid,
            ip=self.address,
            labels=self.labels,
            ready=self.ready,
            terminating=self.terminating,
            phase="Running" if any(each.running for each in self.containers) else "Pending",
            containers=tuple(each.status() for each in self.containers),
            node=NODE,
        )


def _mounts(spec: Mapping[str, Any], volumes: Mapping[str, Path]) -> dict[str, Path]:
    return {each["mountPath"]: volumes[each["name"]] for each in spec.get("volumeMounts") or ()}
