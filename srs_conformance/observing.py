"""Observations, named budgets, and waiting for conditions.

A checker looks once and gives an `Observation`. What must become true is looked at again and again within a named
budget, and counts as true only when several observations in a row agree: a cluster converges, and a single look may be
lucky.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum

from srs_conformance.errors import ConformanceError, CouldNotTest, ExitCode
from srs_conformance.witness import Span

POLL_SECONDS = 0.25
_WAITED = threading.local()
_HELD: deque[tuple[str, float]] = deque(maxlen=10_000)  # of all threads; what nobody takes is forgotten


def waited() -> float:
    """Return the seconds that this thread has let pass in `must_hold`, `must_stay` and `pause`: it did nothing else."""
    return float(getattr(_WAITED, "seconds", 0.0))


def taken_waits() -> list[tuple[str, float]]:
    """Return what was waited for in `must_hold` since the last call: budgets, and seconds until the condition held."""
    found = []
    while _HELD:
        found.append(_HELD.popleft())
    return found


class Abandoned(ConformanceError):  # noqa: N818 - the fact, not an error of ours
    """Nobody wants to know any longer what was waited for."""


@contextmanager
def abandoned_by(event: threading.Event) -> Iterator[None]:
    """Have this thread's waits end with `Abandoned` as soon as the event is set, until the block ends."""
    _WAITED.abandoned = event
    try:
        yield
    finally:
        _WAITED.abandoned = None


def _let_pass(seconds: float) -> None:
    abandoned: threading.Event | None = getattr(_WAITED, "abandoned", None)
    if abandoned is None:
        time.sleep(seconds)
    elif abandoned.wait(seconds):
        raise Abandoned("given up, as nobody waits for it any longer")
    _WAITED.seconds = waited() + seconds


@dataclass(frozen=True)
class Observation:
    """One look at something: whether it is as it must be, what was expected and what was seen.

    `waits` are the times that were too long, where nothing but them is wrong: a process that did not run meanwhile can
    lay them to no server.
    """

    holds: bool
    expected: str
    seen: str
    details: tuple[str, ...] = ()
    waits: tuple[Span, ...] = ()


class Budget(Enum):
    """How long a conforming deployment may take, in seconds, with the reason.

    Measured values are in docs/real-srs.md; each budget leaves room for a busy machine with two cores.
    """

    ROLLOUT = (
        60.0,
        "images are on the node; real SRS rolls out in 2 s, and a crash loop shows within its first back-off",
    )
    STEADY = (4.0, "a server that exits after start does so at once; restarts are seen within a few seconds")
    ADDRESS = (30.0, "a LoadBalancer controller assigns an address within seconds")
    CLOUD_BALANCER = (180.0, "a cloud makes a load balancer for each Service, and several at once one after the other")
    PUBLISH = (10.0, "the publisher connects and the server lists its stream within 0.5 s, a DNS look-up included")
    FIRST_FRAME = (10.0, "a player that joins gets the GOP cache at once; the guide's players wait 10 s at most")
    FIRST_PLAYLIST = (25.0, "one fragment of 10 s ends at the next keyframe; both real 3 and 6 take 10.5 s")
    HLS_UPDATE = (20.0, "the next segment ends one fragment and one GOP later")
    SENT_ON = (3.0, "a player at the origin itself gets the GOP cache within half a second")
    API = (5.0, "the API follows a change within its half-second beat")
    PULL = (10.0, "an edge connects to its origin when its first player comes")
    RELEASE = (10.0, "an edge notices after its 3 s sleep that nobody plays (real 3: 3.5 s, real 6: 0.6 s)")
    STOP_RACE = (4.5, "real 3.0 silences a player that joins within 4 s of the last one's leaving")
    SCALED = (30.0, "a new edge pod starts within a second and plays within 15 s")
    RETURN = (
        30.0,
        "a container restarts at once the first time; an edge retries its origin every 3 s after a 5 s time-out",
    )
    ENDPOINT = (15.0, "EndpointSlices follow pod readiness within a second or two")
    QUIET = (3.0, "long enough for a sample every quarter of a second to see a passing second pull")
    KEPT_WATCH = (12.0, "several GOPs and merged writes, and more than the bounds that rules of pace have")
    KEPT = (40.0, "the first picture within 10 s, the watch, and what a slow server makes of both")
    REFUSED = (5.0, "a server that refuses hangs up at once; SRS 3 s after it has sent a player elsewhere")
    WATCH = (20.0, "the least time over which playback must go on without a break")
    OUTLIVED = (
        50.0,
        "of fragments of 2 s and a window of 10 s the first segment goes after 14 s, and stays for 14 s more",
    )
    BROADCAST = (50.0, "HLS shows its first fragment after 10 s, and 20 s of media 10 s later")
    JOIN_AT_ONCE = (0.2, "a player who joins while the edge is still noticing that the last one left")
    JOIN_SOON = (1.0, "a player who joins within the edge's 3 s sleep")
    JOIN_LATE = (2.0, "a player who joins late in the edge's 3 s sleep")
    JOIN_AFTER = (4.0, "a player who joins just after the edge's 3 s sleep")
    UNDISTURBED = (6.0, "cuts, stalls and jumps that no disturbance brings about show within 6 s")
    REJOINED = (6.0, "twice the 3 s after which real 3.0 falls silent")
    REPUBLISH = (0.5, "an encoder that was cut tries again twice a second")
    ORIGIN_BACK = (
        30.0,
        "the origin is ready in 2 s, the edge notices within 5 s and retries every 3 s; real 3 and 6: 3.5 s",
    )
    UPDATED = (30.0, "real 3 and 6 finish a rolling update of two edges in 3 to 4 s")
    ROLLING = (10.0, "the first new pod of a rolling update is there within a second or two")
    GAP = (
        1.5,
        "frames come in bursts of 350 ms for each of two hops; real 3 and 6 leave no gap over 0.7 s in an update",
    )
    DRAINED = (10.0, "an idle edge ends after its 700 ms, a beat of a second, and 800 ms more; real 3 and 6 need 8 s")
    KILLED = (5.0, "what is still there when its grace is over is killed at once, and gone when the API knows it")
    GRACE_OVER = (35.0, "the 20 s of adapted/short-grace, and the time to be gone")
    OUT_OF_SERVICE = (2.0, "EndpointSlices follow a pod's deletion within a second; two of our looks lie between")
    START_WAIT = (0.7, "grace_start_wait of the guide's configuration")
    LISTENERS_CLOSED = (
        3.2,
        "half a second for the hook to start, grace_start_wait, and the server's beat of 1 s on both sides",
    )
    JOINED = (2.5, "a cold edge has a first frame after 0.4 s; visits take up to 5 s, and some must be longer")
    RETURNED = (3.0, "a player that is cut tries again after 0.2 s, and the edge that takes it may have to pull first")
    ORIGIN_GAP = (15.0, "an edge notices within 5 s and retries every 3 s; the publisher returns in 0.5 s; real: 3.5 s")
    ORIGIN_GONE = (40.0, "srs-cp-files sleeps through SIGTERM, so that an origin's pod takes 31 s to be gone")
    UNPUBLISHED = (6.0, "a player of a stream that nobody sends must be kept waiting, not cut, at least this long")

    REDIRECTED = (
        3.0,
        "an edge that is sent on goes there at once (real 3 and 6: 0.5 s); else it waits 3 s before it tries the next",
    )
    ORIGINS_ROLLED = (60.0, "a StatefulSet's pods are replaced one after the other, each within 3 to 4 s")
    CLAIM_GONE = (45.0, "a claim goes when no pod has it any more, and srs-cp-files sleeps through SIGTERM for 30 s")

    BREAK = (1.5, "frames come in bursts of 350 ms a hop; a silence that a player with a buffer of a second notices")
    STRUCK = (5.0, "a fault of the proxy begins with the next bytes; frames come in bursts of 350 ms")
    EDGE_LOST = (
        5.0,
        "a killed edge cuts its players 2.2 s later, on real 3 and 6; 0.2 to 0.9 s after that they are back",
    )
    OUTAGE = (8.0, "longer than the 5 s after which an edge takes a silent origin for lost")
    OUTAGE_GAP = (12.0, "the publisher is away for 8 s; real 3 and 6 play on 0.7 to 1.3 s after it is back")
    NETWORK_PAUSE = (
        2.0,
        "so short that also with TCP's doubled wait after it no edge takes its origin for lost, after 5 s",
    )
    NETWORK_PAUSE_GAP = (8.0, "TCP doubles the time between its tries, so a pause of 2 s may last for more than 4")
    NETWORK_OUTAGE = (9.0, "longer than the 5 s after which an edge takes its origin for lost")
    NETWORK_OUTAGE_GAP = (30.0, "TCP tries again up to 13 s after the start, then an edge retries every 3 s")
    NAMES_LOST = (9.0, "longer than the 5 s after which a resolver tries again")
    NGINX_BACK = (10.0, "a container that ends is started at once the first time; players ask again within seconds")
    HLS_BACK = (30.0, "a new origin has no playlist until its first fragment of 10 s has ended; real 3 and 6: 13 s")
    HLS_SEEN_BACK = (
        55.0,
        "HLS_BACK and, as an HLS player gets whole segments, two target durations of 10 s and some seconds",
    )
    SLOWED = (8.0, "a line that is slowed down long enough for every queue on the way to fill somewhat")
    LATE = (1.0, "a delay that a player with a buffer of a second just feels")
    LATE_GAP = (2.5, "a delay of 1 s, over the 1.5 s within which frames come anyway")
    STALL = (3.0, "shorter than the 5 s after which an edge takes a silent origin for lost")
    LONG_STALL = (
        12.0,
        "buffers on the way take 4 s of it; the rest shows at viewers beside where an edge waits for one",
    )
    BESIDE = (
        3.0,
        "twice the time within which frames come anyway: how a busy machine looks must not pass for an edge that waits",
    )
    STALL_GAP = (4.5, "a stall of 3 s, and the 1.5 s within which frames come anyway")
    PLAYS_ON = (
        15.0,
        "an edge notices within 5 s, and retries every 3 s; a queue that has filled runs empty within seconds",
    )

    BY_ITSELF = (118.0, "the guide saw 118 s; a kubelet of today takes 50 to 67 s")
    APART = (0.4, "so far apart that a server without a pause takes each edit over by itself, three within 3 s")
    SLEPT = (3.0, "the server sleeps 3 s after a reload")
    DISPOSE = (29.0, "hls_dispose 30 of the templates, and the second within which a look may come")
    DISPOSED = (60.0, "hls_dispose 30 of the templates, and as long again")
    IN_POD = (90.0, "annotated pods get a changed ConfigMap within about 1.2 s; without that a kubelet takes a minute")
    RELOADED = (
        10.0,
        "the server sleeps 3 s between two looks at its file; real 3 to 6 reload 1 to 5 s after it changed",
    )
    SERVED = (2.0, "a player who is served has a first frame after 0.4 s, one of a cold edge too")
    CUT_BY_NOW = (
        4.0,
        "a fast quit cuts players after 0.3 to 2.2 s, and 0.7 s of grace_start_wait end 0.7 to 1.9 s after it began",
    )
    HLS_STANDS = (6.5, "three fragments of 2 s")
    SOAK_CUT = (5.0, "what a disturbance cuts it cuts at once, a killed edge's players 2.2 s later")
    BURSTS = (5.0, "two bursts of frames, a second apart where mw_latency is 1000, after what comes at once")
    SOAK_BACK = (
        8.0,
        "EDGE_LOST, and an edge that just started retries its origin after 3 s: real 6 on a busy machine 6.1 s",
    )
    SOAK_WAIT = (
        25.0,
        "an edge notices within 5 s that its origin is gone, and retries every 3 s; more guests than processors: 17 s",
    )
    SOAK_RECOVERY = (30.0, "a killed origin is ready in 2 s, and three edges are replaced in 3 to 4 s")
    LINE_CUT = (1.0, "every connection is done to with its next bytes, which come in bursts of 350 ms")
    LINE_BAD = (3.0, "shorter than anything that gives a connection up")

    DEMO_LISTED = (30.0, "the encoder starts with its pod; the scenarios give it 30 s")
    DEMO_BACK = (
        12.0,
        "the encoder sleeps 3 s; one that was killed holds its stream for 2.2 s, so that its successor may sleep twice",
    )
    DEMO_LOOP = (40.0, "a clip of 20 s, the encoder's 3 s of sleep, and a connection")
    DEMO_HLS = (30.0, "a player of HLS is a fragment of 10 s behind, and loads the next one 10 s later")
    DEMO_REPLACED = (60.0, "the shell of the encoder's pod sleeps through SIGTERM, and holds its stream for 30 s more")

    BUSY = (3.0, "thirty periods of 100 ms, in which a container with a tenth of a processor waits most of the time")
    ALLOCATED = (10.0, "a container is killed within a second of its allocation")
    JOB = (60.0, "a Job's pod starts within seconds, and five finds over a small folder end at once")
    CHURNED = (3.0, "a publisher that stays for a fragment and a GOP before it is replaced")
    DISPOSED_SOON = (30.0, "hls_dispose of 10 s, and the server's beat; what is there after 30 s stays")
    KEPT_BEFORE_DISPOSE = (8.0, "hls_dispose of 10 s, and two of our looks")

    PLAYLIST_LOOK = (0.05, "a playlist that is written in place is half for some milliseconds, every few seconds")
    PAGES = (30.0, "srs-cp-files copies the pages at its start, with no order among the containers of a pod")
    BROWSED = (8.0, "longer than the second or two that players in pages keep in their buffers")
    BROWSING = (60.0, "the first fragment of HLS, a page and a browser that start, and what is to be watched")
    THREE_SEGMENTS = (50.0, "three fragments of 10 s, each ended at the next keyframe")
    CROWD = (30.0, "a crowd stays long enough for two HLS windows to move and for every player's buffer to run dry")
    CHURN = (20.0, "players who stay for some seconds come and go several times")
    OVERLOAD = (25.0, "a throttled edge needs some seconds to fall behind")
    LOAD_ENDS = (40.0, "Locust starts within 3 s, and stops within seconds; more on a busy machine")
    FULL = (10.0, "a thousand connections are opened within a second, and those beyond the limit closed at once")

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds = seconds
        self.why = why


class Missed(ConformanceError):  # noqa: N818 - the fact, not an error of ours
    """A promise was seen broken."""

    exit_code = ExitCode.MISSED

    def __init__(self, observation: Observation, *, context: str = "", hint: str = "") -> None:
        lines = [context] if context else []
        lines += [f"expected: {observation.expected}", f"seen:     {observation.seen}", *observation.details]
        super().__init__("\n".join(lines), hint=hint)
        self.observation = observation


class Unsupported(ConformanceError):  # noqa: N818 - the verdict's name in the report
    """The server or the cluster lacks a feature, as seen from the live deployment or the cluster's capabilities."""

    exit_code = ExitCode.HOLDS


def must(observation: Observation, *, hint: str = "") -> None:
    """Raise `Missed` unless the observation holds."""
    if not observation.holds:
        raise Missed(observation, hint=hint)


def must_hold(
    observe: Callable[[], Observation],
    budget: Budget,
    *,
    times: int = 3,
    hint: str = "",
    hopeless: Callable[[], bool] = lambda: False,
) -> Observation:
    """Look until the observation holds `times` in a row, and return the last one.

    `hopeless` says when it is of no use to wait any longer.

    Raises:
        Missed: the budget ran out; the message says the budget, the time spent, the best streak and what was last seen.
    """
    started = looked = time.monotonic()
    streak = best = looks = 0
    while True:
        try:
            last = observe()
        except Missed as missed:  # a server that does not answer yet is one more look that does not hold
            last = missed.observation
        looks += 1
        streak = streak + 1 if last.holds else 0
        best = max(best, streak)
        looked = time.monotonic() if streak <= 1 else looked  # that with which the present streak began
        if streak >= times:
            _HELD.append((budget.name, looked - started))
            return last
        spent = time.monotonic() - started
        if (over := spent >= budget.seconds) or hopeless():
            context = (
                f"did not hold {times} times in a row within {budget.name} ({budget.seconds:g} s: {budget.why}); "
                f"{looks} looks in {spent:.1f} s, best streak {best}"
            )
            # What is hopeless is no matter of time.
            waits = ((started, started + spent),) if over else ()
            raise Missed(replace(last, waits=waits), context=context, hint=hint)
        _let_pass(POLL_SECONDS)


@contextmanager
def of_the_scene(missing: str) -> Iterator[None]:
    """Wait or demand in a block for what is only the scene of a promise: whether it comes about is not what that says.

    `missing` tells what cannot be said anything about then, as in "the stream of the scene is not there".

    Raises:
        CouldNotTest: the block missed something.
    """
    try:
        yield
    except Missed as missed:
        raise CouldNotTest(f"{missing}\n{missed}") from missed


def wait_while(hindered: Callable[[], bool], at_most: float) -> None:
    """Wait while something hinders us, so many seconds at most; whoever asks looks at what it is then.

    Raises:
        Abandoned: nobody waits for us any longer.
    """
    until = time.monotonic() + at_most
    while hindered() and (left := until - time.monotonic()) > 0:
        _let_pass(min(POLL_SECONDS, left))


def pause(budget: Budget) -> None:
    """Let time pass where the passing of time is itself the condition, as between two players."""
    _let_pass(budget.seconds)


def must_stay(observe: Callable[[], Observation], budget: Budget, *, hint: str = "") -> Observation:
    """Look throughout the budget and demand that every single observation holds; return the last one.

    Raises:
        Missed: at the first observation that does not hold.
    """
    started = time.monotonic()
    while True:
        last = observe()
        spent = time.monotonic() - started
        if not last.holds:
            raise Missed(
                last,
                context=f"did not stay true for {budget.name} ({budget.seconds:g} s): broken after {spent:.1f} s",
                hint=hint,
            )
        if spent >= budget.seconds:
            return last
        _let_pass(POLL_SECONDS)
