"""One pod of the local backend: an address, volumes, and containers."""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from srs_conformance.clusters import base
from srs_conformance.clusters.local.container import LocalContainer
from srs_conformance.clusters.local.files import Root, Source, make_volume, source_of, write_keys
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.programs import Surroundings

DEFAULT_GRACE = 30.0
#: What the kubelet leaves a process even of a pod that was deleted by force, and after a preStop hook that took it all.
LEAST_GRACE = 2.0
NODE = "localhost"


class Known(Protocol):
    """Names of the pod's namespace, as they are now, and the file that has them."""

    known: dict[str, str]
    file: Path


class LocalPod:
    """A pod made from a template; `poll` moves it on, until it is `gone` some time after `leave`."""

    def __init__(
        self,
        name: str,
        template: Mapping[str, Any],
        *,
        address: str,
        folder: Path,
        names: Known,
        sources: Mapping[Source, Mapping[str, Any]],
        claimed: Mapping[str, Path],
        helper: Helper,
        log: Callable[[str], None],
        owner: str = "",
    ) -> None:
        self.name, self.uid, self.address, self.template = name, str(uuid.uuid4()), address, template
        self.labels: dict[str, str] = dict(template["metadata"].get("labels") or {})
        self._folder, self._log = folder, log
        self._end: float | None = None
        self._created, self._deleted_at = datetime.now(UTC), ""
        self._grace = float(template["spec"].get("terminationGracePeriodSeconds", DEFAULT_GRACE))
        self._ready_since: float | None = None
        self._owner = owner
        self.forced = False  # deleted with no grace: the API has forgotten it, its processes have not ended yet
        spec = template["spec"]
        volumes = {each["name"]: folder / "volumes" / each["name"] for each in spec.get("volumes") or ()}
        self._made_from: dict[Source, list[Path]] = {}
        for each in spec.get("volumes") or ():
            make_volume(volumes[each["name"]], each, sources, claimed)
            if source := source_of(each):
                self._made_from.setdefault(source, []).append(volumes[each["name"]])
        around = Surroundings(name, address, names.known, names.file)
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

    def available(self, after: float) -> bool:
        """Whether it has been ready for so many seconds."""
        return self._ready_since is not None and time.monotonic() - self._ready_since >= after

    def leave(self, grace: float | None = None) -> None:
        """Tell it to end within its grace period in seconds (default: what its spec says).

        What is deleted again gets the shorter of the two.
        """
        given = self._grace if grace is None else float(grace)
        end = time.monotonic() + max(given, LEAST_GRACE)
        self.forced = self.forced or not given
        if self._end is None or end < self._end:
            self._grace = given
            self._deleted_at = _stamp(datetime.now(UTC) + timedelta(seconds=given))
        if self._end is None:
            self._end = end
            self._log("Normal Killing Stopping all containers")
            for container in self.containers:
                container.leave()
        self._end = min(end, self._end)

    def kill(self) -> None:
        """End it at once."""
        self.leave(0)
        self._end = time.monotonic()

    def poll(self) -> None:
        """Move all containers on, and end them by force when the grace period is over."""
        if self._end is not None and time.monotonic() >= self._end:
            for container in self.containers:
                container.kill()
        for container in self.containers:
            container.poll()
        self._ready_since = (self._ready_since or time.monotonic()) if self.ready else None

    def take_over(self, source: Source, data: Mapping[str, str]) -> None:
        """Write a changed object into the volumes that are made from it."""
        for folder in self._made_from.get(source, ()):
            write_keys(folder, data)

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
            phase=self._phase(),
            containers=tuple(each.status() for each in self.containers),
            node=NODE,
            created=_stamp(self._created),
            deleted_at=self._deleted_at,
            grace=self._grace,
            owner=self._owner,
        )

    def _phase(self) -> str:
        if any(each.running for each in self.containers):
            return "Running"
        if self.terminating:
            return "Failed" if any(each.status().exit_code for each in self.containers) else "Succeeded"
        return "Pending"


def _mounts(spec: Mapping[str, Any], volumes: Mapping[str, Path]) -> dict[str, Path]:
    return {each["mountPath"]: volumes[each["name"]] for each in spec.get("volumeMounts") or ()}


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
