"""One crowd at one server: what it got, and what the server used meanwhile."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from srs_conformance.capacity.limits import limiting
from srs_conformance.capacity.usage import Sampler, Usage, look
from srs_conformance.clusters.base import Container, Namespace
from srs_conformance.errors import ConformanceError, CouldNotTest
from srs_conformance.load.result import Result
from srs_conformance.load.slo import Slo
from srs_conformance.load.visits import Kind
from srs_conformance.loadrun.here import LoadProcess
from srs_conformance.observing import Budget, Missed, Observation, must_hold
from srs_conformance.srs import SrsApi

_ENDS: Final = 60.0
_FOLLOWED: Final = 1000
"""Viewers followed frame by frame: more tell no more of the server, and cost the generator."""


@dataclass(frozen=True)
class Pod:
    """The server under test, where there is a cluster to ask."""

    namespace: Namespace
    name: str
    container: str
    address: str

    def state(self) -> Container:
        """Return its container as it stands.

        Raises:
            CouldNotTest: the pod is gone.
        """
        for pod in self.namespace.pods():
            if pod.name == self.name:
                return next(each for each in pod.containers if each.name == self.container)
        raise CouldNotTest(f"pod {self.name} is gone from namespace {self.namespace.name}")


@dataclass(frozen=True)
class Crowd:
    """Who comes, to where.

    Args:
        kind: rtmp, flv or hls: which locustfile.
        host: URL without a path.
        stream: app/name.
        seconds: how long everybody is there, after the last has come.
        rate: how many come in a second.
        processes: that the generator takes.
    """

    kind: str
    host: str
    stream: str
    seconds: float
    rate: int
    processes: int
    slo: str


@dataclass(frozen=True)
class Trial:
    """What became of one number of viewers.

    Attributes:
        users: how many.
        holds: whether the SLO was kept.
        missed: the clauses that were not, with their figures.
        invalid: why it says nothing about the server; "" when it does.
        limit: the resource that gave out, where it does not hold.
        usage: of the server; None where nobody could look, and `blind` says why.
        bits: per second, of all viewers together.
    """

    users: int
    holds: bool
    missed: list[str] = field(default_factory=list)
    invalid: str = ""
    limit: str = ""
    usage: Usage | None = None
    blind: str = ""
    bits: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def attempt(crowd: Crowd, users: int, pod: Pod | None, root: Path, folder: Path) -> Trial:
    """Let so many come, and judge.

    Raises:
        CouldNotTest: the load could not begin.
        EngineError: it did not come to an end.
    """
    before = pod.state() if pod else None
    comes = users / crowd.rate
    options = {
        "users": users,
        "spawn_rate": crowd.rate,
        "run_time": f"{comes + crowd.seconds:.0f}s",
        "stream": crowd.stream,
        "host": crowd.host,
        "deep": f"{min(1.0, _FOLLOWED / users):.3f}",
    }
    if crowd.processes > 1:
        options["processes"] = crowd.processes
    limit = comes + crowd.seconds + _ENDS
    process = LoadProcess(crowd.kind, root, folder, slo=crowd.slo, options=options, limit=limit)
    usage, blind = None, "the server is in no cluster that was named"
    try:
        with contextlib.ExitStack() as stack:
            if pod:
                # While they come the server does other work; what everybody together costs is what is looked at.
                _wait(process, comes)
                sampler = stack.enter_context(Sampler(lambda: look(pod.namespace, pod.name, pod.container)))
            _wait(process, crowd.seconds - 2 if pod else 0)
        if pod:
            try:
                usage, blind = sampler.usage(), ""
            except ConformanceError as error:
                blind = error.message
        result = process.result()
    finally:
        process.end()
    ended = _ended(before, pod.state()) if pod and before else []
    return judged(users, result, usage, ended, blind)


def judged(users: int, result: Result, usage: Usage | None, ended: list[str], blind: str = "") -> Trial:
    """Return what a load's result means."""
    missed = [f"{each.clause} {each.seen}, at most {each.limit}" for each in result.missed]
    counts = result.measures.counts(None)
    bits = 8 * counts.received / max(counts.viewer_seconds, 1e-9) * counts.joined
    if result.invalid:
        return Trial(users, False, missed, "; ".join(result.invalid), "", usage, blind, bits)
    if not counts.visits:
        raise CouldNotTest(f"none of {users} viewers came to an end of their visit: nothing to judge")
    holds = not result.missed and not ended
    limit = "" if holds else limiting(usage, counts, [each.clause for each in result.missed], ended)
    return Trial(users, holds, missed, "", limit, usage, blind, bits)


def must_be_empty(pod: Pod | None, stream: str) -> None:
    """Wait until the server has forgotten the last crowd; whoever cannot be asked is not waited for."""
    if pod is None:
        return
    api, (app, name) = SrsApi(f"http://{pod.address}:1985"), stream.rsplit("/", 1)

    def empty() -> Observation:
        left = [row for row in api.clients() if (row.app, row.name) == (app, name) and not row.publish]
        return Observation(not left, "no player left", f"{len(left)} players")

    with contextlib.suppress(Missed):
        must_hold(empty, Budget.RELEASE, times=1)


def _ended(before: Container, now: Container) -> list[str]:
    return [now.last_state or now.state] if now.restarts > before.restarts or not now.ready else []


def _wait(process: LoadProcess, seconds: float) -> None:
    """Wait so long, unless the crowd is gone before."""
    until = time.monotonic() + seconds
    while process.there and time.monotonic() < until:
        time.sleep(0.1)


def slo_of(file: Path | None, kind: Kind) -> tuple[Slo, str]:
    """Return the SLO of a file and its text, or a sensible one for a kind of viewer.

    Raises:
        UsageError: the file is none.
    """
    if file is not None:
        slo = Slo.load(file)
        return slo, file.read_text(encoding="utf-8")
    text = _DEFAULT.format(first="3 s" if kind is Kind.HLS else "1 s")
    return Slo.parse(text, "the default SLO"), text


_DEFAULT: Final = """\
first-keyframe p99: {first}
stalled-seconds: 0.1 %
refused: 0 %
cut: 0 %
"""
