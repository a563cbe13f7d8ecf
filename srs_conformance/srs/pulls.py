"""Pulls: the upstream connections of edges to their origin, counted at the origin.

An edge that merges its players' demand has exactly one pull per stream, whatever the number of its players.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

from srs_conformance.observing import Missed
from srs_conformance.srs.rows import ClientRow, StreamRow

#: Seconds between two samples: a passing second pull lasts at least as long as its RTMP handshake and one beat.
SAMPLE_SECONDS = 0.25


class StreamTables(Protocol):
    """What a count needs of the API; `SrsApi` has it."""

    def streams(self) -> list[StreamRow]:
        """Return the streams."""

    def clients(self) -> list[ClientRow]:
        """Return the publishers and players."""


@dataclass(frozen=True)
class PullSample:
    """One look at an origin: pulls per edge pod, or why it did not answer."""

    time: float  # time.monotonic(), s, when the answers were there
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str = ""


def pulls(
    streams: Iterable[StreamRow], clients: Iterable[ClientRow], app: str, stream: str, pods: Mapping[str, str]
) -> dict[str, int]:
    """Count the pulls of one stream per edge pod.

    A pull is a client row of the stream with `publish` false and the pod's IP. A publisher through an edge reaches the
    origin from the same IP and is no pull. `pods` maps IPs to pod names; each of them is in the result.

    A client is the stream's by the stream's id or by its URL: SRS 3 forgets a stream when its publisher leaves, and
    the players that stay keep it in their rows after the stream has come back under another one.
    """
    ids = {row.id for row in streams if (row.app, row.name) == (app, stream)}
    counts = dict.fromkeys(pods.values(), 0)
    for client in clients:
        ours = client.stream in ids or (client.app, client.name) == (app, stream)
        if ours and not client.publish and client.ip in pods:
            counts[pods[client.ip]] += 1
    return counts


def pulls_at(api: StreamTables, app: str, stream: str, pods: Mapping[str, str]) -> dict[str, int]:
    """Ask an origin for its tables and count. Raises `ApiUnavailable`."""
    # Clients first: a stream that starts between the two questions is then seen too late rather than half.
    clients = api.clients()
    return pulls(api.streams(), clients, app, stream, pods)


class PullSampler:
    """Samples the pulls of one stream during a whole watch, in a thread of its own.

    with PullSampler(api, "live", "livestream", pods) as sampler: ...; then `sampler.history` goes to a checker.
    `pods` may be a dict that the caller changes as pods come and go. An origin that does not answer gives a sample
    with an error, and the sampling goes on.
    """

    def __init__(
        self, api: StreamTables, app: str, stream: str, pods: Mapping[str, str], *, every: float = SAMPLE_SECONDS
    ) -> None:
        self.history: list[PullSample] = []
        self._api = api
        self._app, self._stream, self._pods = app, stream, pods
        self._every = every
        self._stop = threading.Event()
        self._defect: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"pulls of {app}/{stream}", daemon=True)

    def start(self) -> Self:
        """Start sampling."""
        self._thread.start()
        return self

    def stop(self) -> list[PullSample]:
        """End sampling and return the history; a defect of ours in the thread is raised here."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._defect is not None:
            raise self._defect
        return self.history

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._stop.is_set():
                self.history.append(self._sample())
                due = max(due + self._every, time.monotonic())
                self._stop.wait(due - time.monotonic())
        except Exception as defect:  # noqa: BLE001 - handed over to stop(), in the caller's thread
            self._defect = defect

    def _sample(self) -> PullSample:
        try:
            counts = pulls_at(self._api, self._app, self._stream, dict(self._pods))
        except Missed as missed:
            return PullSample(time.monotonic(), error=missed.observation.seen)
        return PullSample(time.monotonic(), counts)
