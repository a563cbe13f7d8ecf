"""The writer of a history: one line per event, on one clock, safe for many threads, each line on disk at once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TextIO

from srs_conformance.errors import CouldNotTest, EngineError
from srs_conformance.histories import events
from srs_conformance.histories.events import Event, Given, Outcome, Role
from srs_conformance.histories.history import History
from srs_conformance.histories.numbering import Numbering
from srs_conformance.histories.reading import read
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Timeline


class Recording:
    """Writes a history; all times that it takes are `time.monotonic()` of this process.

    with Recording.begin(path, {"image": ...}) as recording: ...

    Every value must be JSON. A recording that is closed takes nothing more: whoever still writes gets an `EngineError`.
    """

    def __init__(self, path: Path, file: TextIO, began: float) -> None:
        self.path = path
        self._file = file
        self._began = began
        self._lock = threading.Lock()
        self._disturbances = 0
        self._read: History | None = None

    @classmethod
    def begin(cls, path: Path, context: Mapping[str, Any]) -> Recording:
        """Open the file anew and write its first line: what was run, on what, with which settings."""
        path.parent.mkdir(parents=True, exist_ok=True)
        recording = cls(path, path.open("w", encoding="utf-8"), time.monotonic())
        recording._line(
            {
                "history": events.FORMAT,
                "suite": metadata.version("srs-conformance"),
                "began": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "context": dict(context),
            }
        )
        return recording

    def now(self) -> float:
        """Return the seconds since the history began."""
        return time.monotonic() - self._began

    @property
    def disturbed(self) -> int:
        """Return how many disturbances there were so far: the number of the last one."""
        return self._disturbances

    def disturb(self, kind: str, **values: Any) -> int:
        """Say that a disturbance is being done now, and return its number."""
        with self._lock:
            self._disturbances += 1
            number = self._disturbances
        self._write(events.Disturbed(at=self.now(), number=number, what=kind, values=values))
        return number

    def took_effect(self, number: int, proof: str, **values: Any) -> None:
        """Say what proves that the disturbance took effect; without it no check gives a verdict."""
        self._write(events.TookEffect(at=self.now(), number=number, proof=proof, values=values))

    def settled(self, number: int, **values: Any) -> None:
        """Say that all that the disturbance set going has ended: an update is complete, no old pod is left."""
        self._write(events.Settled(at=self.now(), number=number, values=values))

    def phase(self, name: str) -> None:
        """Begin a phase: the figures are split by phases."""
        self._write(events.PhaseBegan(at=self.now(), name=name))

    def observe(self, observer: str, values: Mapping[str, Any], took: float = 0.0) -> None:
        """Write one sample, of a look that took so many seconds.

        Which observers the checks know, and their values, is in docs/histories.md.
        """
        self._write(events.Sample(at=self.now(), observer=observer, values=dict(values), took=round(took, 4)))

    def session(
        self, viewer: str, place: str, session: int, timeline: Timeline, *, role: Role | str, version: str = ""
    ) -> None:
        """Write one whole watch, when it is over and no longer wanted.

        For a viewer that is cut and does not come back, that is when it would have been stopped: the time between
        counts as lost.
        """
        event = events.Session(
            at=self.now(),
            viewer=viewer,
            place=place,
            session=session,
            role=Role(role),
            version=version,
            timeline=timeline,
        )
        values = events.to_json(event)
        values["started"] = round(timeline.started - self._began, 4)
        self._line(values)

    def left(self, viewer: str) -> None:
        """Say that a viewer was told to stop, where no session's end says so: it was between two of them."""
        self._write(events.Left(at=self.now(), viewer=viewer))

    def publisher(
        self, what: Literal["started", "ended", "restarted"], stream: str, *, at: float | None = None, **values: Any
    ) -> None:
        """Say what a publisher of `stream` ("app/name") did, now or at a time of `time.monotonic()`."""
        when = self.now() if at is None else at - self._began
        self._write(events.Published(at=when, what=what, stream=stream, values=values))

    def numbering(self, numbering: Numbering) -> None:
        """Say which coded picture has which number; without it no frame can be accounted for."""
        self._write(events.Numbered(at=self.now(), numbering=numbering))

    def judged(
        self, requirement: str, check: str, parameters: Mapping[str, Any], observation: Observation | CouldNotTest
    ) -> None:
        """Write what a check gave on the history as it is now; `checkers.histories.judge` runs it and writes it."""
        if isinstance(observation, CouldNotTest):
            given = Given(Outcome.COULD_NOT_TEST, seen=observation.message)
        else:
            given = Given.of(observation)
        self._judged(requirement, check, parameters, given)

    def asked(self, requirement: str, check: str, **parameters: Any) -> None:
        """Say what will be judged at the end, so that it can be judged also where the run does not come to it."""
        self._write(events.Asked(at=self.now(), requirement=requirement, check=check, parameters=parameters))

    def crashed(self, requirement: str, check: str, parameters: Mapping[str, Any], defect: Exception) -> None:
        """Write that a check crashed, which is no verdict on anything but the check."""
        self._judged(requirement, check, parameters, Given(Outcome.CRASHED, seen=repr(defect)))

    def _judged(self, requirement: str, check: str, parameters: Mapping[str, Any], given: Given) -> None:
        self._write(
            events.Judged(at=self.now(), requirement=requirement, check=check, parameters=dict(parameters), given=given)
        )

    def history(self) -> History:
        """Return the history as it is now, read back from the file, so that a later reader judges the same."""
        with self._lock:
            if self._read is None:
                self._read = read(self.path)
            return self._read

    def close(self) -> None:
        """Write the end and close the file; may be called twice."""
        if not self._file.closed:
            self._write(events.Ended(at=self.now()))
            with self._lock:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _write(self, event: Event) -> None:
        self._line(events.to_json(event))

    def _line(self, values: Mapping[str, Any]) -> None:
        text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        with self._lock:
            if self._file.closed:
                raise EngineError(f"{self.path}: the history is closed, and something still writes: {text[:120]}")
            self._file.write(text + "\n")
            self._file.flush()
            if values.get("event") != events.Judged.kind:
                self._read = None
