"""Master and workers of one load as they stand on a cluster: started, asked how they are, and asked for their files."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Sequence
from pathlib import Path

from srs_conformance.clusters.base import Manifest, Namespace, Pod
from srs_conformance.errors import ConformanceError, CouldNotTest, EngineError
from srs_conformance.load.moment import Moment
from srs_conformance.loadrun.manifests import MASTER, NAME_LABEL, RESULTS, WORKER

TAIL = 40
"""Lines of the master's log in which its last moment is looked for: it tells one every second, and little else."""
WORDS = 20
"""Lines of an error that are shown; all of them lie in the result's folder."""
FETCH_SECONDS = 60.0
_ERROR = "error: "


class Deployment:
    """The load's objects in a namespace of their own."""

    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace

    def apply(self, objects: Sequence[Manifest]) -> None:
        """Start it."""
        self.namespace.apply(objects)

    def pods(self) -> list[Pod]:
        """Return all pods, the master's first."""
        return [*self._of(MASTER), *self._of(WORKER)]

    def master(self) -> Pod | None:
        """Return the master's pod; None where there is none, or one that is going."""
        return next((pod for pod in self._of(MASTER) if not pod.terminating), None)

    def moment(self) -> Moment | None:
        """Return what the master told last; None while it has told nothing.

        Raises:
            CouldNotTest, EngineError: as the namespace's calls do.
        """
        lines = self._log(self.master(), TAIL).splitlines()
        found = (Moment.parse(line) for line in reversed(lines))
        return next((moment for moment in found if moment), None)

    def words(self) -> str:
        """Return what the master, else a worker, says that went wrong; else the master's last lines."""
        last: list[str] = []
        for pod in self.pods():
            lines = [line for line in self._log(pod, 200).splitlines() if line and not Moment.parse(line)]
            starts = [number for number, line in enumerate(lines) if line.startswith((_ERROR, "Traceback"))]
            if starts:
                return "\n".join(lines[starts[-1] :][:WORDS]).removeprefix(_ERROR)
            last = last or lines[-5:]
        return "\n".join(last)

    def file(self, name: str) -> bytes | None:
        """Return a file of the master's results; None where it has none of this name.

        It comes as base64: what a command writes is taken as text on its way, and cut at any byte.

        Raises:
            EngineError: it does not come whole.
            CouldNotTest: the master is gone.
        """
        master = self.master()
        if master is None:
            raise CouldNotTest("the master's pod is gone, and its result with it")
        done = self.namespace.exec(master.name, ["base64", "-w", "0", f"{RESULTS}/{name}"], timeout=FETCH_SECONDS)
        if done.code:
            return None
        try:
            return base64.b64decode(done.stdout, validate=True)
        except binascii.Error as error:
            raise EngineError(f"the master's {name} did not come whole: {error}") from error

    def dump(self, folder: Path) -> None:
        """Write all logs and the namespace's events into a folder, as far as they can be had."""
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(ConformanceError):
            (folder / "events.txt").write_text("\n".join(self.namespace.events()) + "\n", encoding="utf-8")
            for pod in self.pods():
                again = any(container.restarts for container in pod.containers)
                for previous in (False, True) if again else (False,):
                    name = f"{pod.name}{'.previous' if previous else ''}.log"
                    (folder / name).write_text(self._log(pod, None, previous=previous), encoding="utf-8")

    def _of(self, name: str) -> list[Pod]:
        return self.namespace.pods({NAME_LABEL: name})

    def _log(self, pod: Pod | None, tail: int | None, *, previous: bool = False) -> str:
        if pod is None:
            return ""
        try:
            return self.namespace.logs(pod.name, tail=tail, previous=previous)
        except KeyError:  # it is gone meanwhile
            return ""
