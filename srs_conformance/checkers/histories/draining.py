"""Judgements over servers that drain: out of the Service, deaf to new connections, telling of it in their logs, gone.

A pod begins to terminate between two looks at it. What must still be so is counted from the earlier one, and what must
be so already from the later one: the server gets the benefit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from srs_conformance.checkers.histories.demands import demand_disturbances, demand_samples, demand_viewers, shortened
from srs_conformance.checkers.histories.pods import terminating_since
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, Sample
from srs_conformance.observing import Observation

#: What the log of a server that quits gracefully says (SRS 3 to 6), and after what it says so. The main loop looks at
#: signals once a second, so that it may end before the SIGTERM that follows has come.
GRACEFUL_QUIT = {
    "SIGQUIT is taken": (r"\bsig=3\b", ""),
    "SIGTERM is taken for it": (r"\bsigno=15\b", "SIGQUIT is taken"),
    "the main loop ends": (r"\bfast=0, grace=1\b", "SIGQUIT is taken"),
    "the wait for connections": (r"\bwait for \d+ conns?\b", "the main loop ends"),
}

_KILLED = 137
_AT_ONE_TIME = 0.1  # s
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3})\]")


def out_of_service(history: History, *, within: float) -> Observation:
    """Judge that a pod that terminates is no ready endpoint any more after so many seconds.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no endpoint of which a sample says that it terminates.
    """
    demand_disturbances(history)
    samples = [sample for sample in demand_samples(history, "endpoints") if "error" not in sample.values]
    endpoints = {pod for sample in samples for pod in sample.values}
    seen = {pod: at for pod, at in _terminating_from(history).items() if pod in endpoints}
    told = {pod for pod, at in seen.items() if any(sample.at > at + within for sample in samples)}
    if not told:
        raise CouldNotTest("no endpoint was seen to terminate, and looked at after that")
    wrong = {
        f"{pod}: a ready endpoint {sample.at - at:.1f} s after it was seen to terminate"
        for sample in samples
        for pod, at in seen.items()
        if sample.at - sample.took > at + within and sample.values.get(pod, {}).get("ready")
    }
    expected = f"a terminating pod out of the ready endpoints within {within:g} s"
    return Observation(not wrong, expected, f"{len(told)} pods terminated", shortened(sorted(wrong)))


def stops_listening(history: History, *, open_for: float, closed_after: float, ports: Sequence[int]) -> Observation:
    """Judge that a terminating pod takes connections on all ports for so long, and after a while on none.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no sample early or late enough for a verdict.
    """
    demand_disturbances(history)
    earliest, latest = terminating_since(history), _terminating_from(history)
    early = late = 0
    wrong: list[str] = []
    for sample in demand_samples(history, "ports"):
        for pod, found in sample.values.items():
            if pod not in latest:
                continue
            if sample.at - earliest[pod] <= open_for:
                early += 1
                if missing := sorted(set(ports) - set(found)):
                    wrong.append(f"{pod}: deaf on {missing} {sample.at - earliest[pod]:.2f} s or less on")
            elif (after := sample.at - sample.took - latest[pod]) >= closed_after:
                late += 1
                if found:
                    wrong.append(f"{pod}: listens on {found} still after {after:.2f} s")
    if not early or not late:
        raise CouldNotTest(f"{early} looks at ports within {open_for:g} s, {late} after {closed_after:g} s: too few")
    expected = f"all of {list(ports)} open for {open_for:g} s, none after {closed_after:g} s"
    return Observation(not wrong, expected, f"{early} looks early and {late} late", shortened(wrong))


def quits_gracefully(history: History) -> Observation:
    """Judge that the log of each pod that terminated tells of a graceful quit, in the right order.

    A server that did not run when both signals came gets them at one time, the later one first, as the kernel has it:
    its log then looks like that of a pod without a preStop hook. It is none where another pod's has the order.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or no log of such a pod.
    """
    demand_disturbances(history)
    logs: dict[str, list[str]] = {}
    for sample in demand_samples(history, "logs"):
        for pod, lines in sample.values.items():
            # Of a container that has just ended there is less to be read, or nothing.
            if isinstance(lines, list) and len(lines) >= len(logs.get(pod, ())):
                logs[pod] = lines
    if not logs:
        raise CouldNotTest("no log of a pod that terminated was read")
    wrong = []
    hook = not all(_missing(lines) for lines in logs.values())
    for pod, lines in sorted(logs.items()):
        if missing := _missing(lines, at_one_time=hook):
            wrong.append(f"{pod}: not where it should be: {missing}; {len(lines)} lines: {' | '.join(lines[-4:])}")
    steps = ", then ".join(GRACEFUL_QUIT)
    return Observation(not wrong, f"in each log: {steps}", f"{len(logs)} logs", shortened(wrong))


def drained_within(history: History, *, seconds: float, phase: str) -> Observation:
    """Judge that pods that terminate when a phase begins, from which on nobody watches, are gone in so many seconds.

    Gone by themselves: the cluster kills whatever is there when its grace is over, so that a server that never ends
    would be gone too. A pod of which an exit code was seen is judged by that (137 is SIGKILL).

    Raises:
        CouldNotTest: no disturbance, none that took effect, no such phase, no such pod, or one that was there, within
            these seconds, until its grace was over.
    """
    demand_disturbances(history)
    start = next((span.start for span in history.phases if span.name == phase), None)
    if start is None:
        raise CouldNotTest(f"the history has no phase {phase!r}")
    samples = [sample for sample in demand_samples(history, "pods") if sample.at >= start]
    before = {pod for pod, at in _terminating_from(history).items() if at <= start + 1}
    there = {pod: sample for sample in samples for pod in sample.values if pod in before}
    if not there:
        raise CouldNotTest(f"no pod terminates when {phase!r} begins")
    codes = {pod: list(last.values[pod].get("exit_codes", {}).values()) for pod, last in there.items()}
    wrong = [
        f"{pod}: " + (f"there for {held:.1f} s" if held > seconds else f"killed after {held:.1f} s")
        for pod, held in sorted((pod, last.at - start) for pod, last in there.items())
        if held > seconds or _KILLED in codes[pod]
    ]
    last = max(sample.at for sample in there.values()) - start
    if not wrong and samples[-1].at - start < last + 0.01 and last < seconds:
        raise CouldNotTest(f"we did not look whether they are gone after {last:.1f} s")
    since = terminating_since(history)
    forced = [pod for pod in sorted(there) if not codes[pod] and _until_grace(since[pod], pod, there[pod], samples)]
    if forced and not wrong:
        raise CouldNotTest(f"{', '.join(forced)}: there until the grace was over, so perhaps killed and not drained")
    expected = f"pods that nobody watches gone within {seconds:g} s"
    return Observation(not wrong, expected, f"{len(there)} pods, the last there for {last:.1f} s", shortened(wrong))


def all_cut(history: History, *, roles: Sequence[str], before: float) -> Observation:
    """Judge that every viewer of these roles was cut, less than so many seconds after the first disturbance.

    It is what an update without grace does, and by which one sees what grace is good for.

    Raises:
        CouldNotTest: no disturbance, none that took effect, or nobody to be cut.
    """
    first = demand_disturbances(history)[0].at
    viewers = [viewer for viewer in demand_viewers(history, roles, None) if viewer.first_picture is not None]
    if not viewers:
        raise CouldNotTest("no viewer had a picture, so none could be cut")
    kept = [
        f"{viewer.name}: {'not cut' if not end.lost else f'cut after {end.until - first:.1f} s'}"
        for viewer in viewers
        if not (end := viewer.sessions[-1].timeline).lost or end.until - first >= before
    ]
    seen = f"{len(viewers) - len(kept)} of {len(viewers)} cut"
    return Observation(not kept, f"everybody cut within {before:g} s", seen, shortened(kept))


def _terminating_from(history: History) -> dict[str, float]:
    """Return for each pod that terminated when it was first seen to."""
    found: dict[str, float] = {}
    for sample in history.samples("pods"):
        for pod in _terminating(sample):
            found.setdefault(pod, sample.at)
    return found


def _until_grace(since: float, pod: str, last: Sample, samples: Sequence[Sample]) -> bool:
    """Tell whether a pod may have been there when its grace was over: it was not yet gone in the look before."""
    grace = last.values[pod].get("grace")
    gone = next((sample.at for sample in samples if sample.at > last.at), last.at)
    return grace is not None and gone >= since + grace


def _terminating(sample: Sample) -> Iterator[str]:
    return (name for name, pod in sample.values.items() if isinstance(pod, dict) and pod.get("terminating") is True)


def _missing(lines: Sequence[str], *, at_one_time: bool = False) -> str:
    """Return the first step that the lines do not tell of, or not after the one that it follows; "" where all do.

    `at_one_time` lets steps come in any order that bear one time.
    """
    places: dict[str, int] = {}
    for step, (pattern, follows) in GRACEFUL_QUIT.items():
        place = next((place for place, line in enumerate(lines) if re.search(pattern, line)), -1)
        if place < 0:
            return step
        if (
            follows
            and place <= places[follows]
            and not (at_one_time and _together(lines[place], lines[places[follows]]))
        ):
            return step
        places[step] = place
    return ""


def _together(line: str, other: str) -> bool:
    """Tell whether two lines bear the same time, as far as a moment."""
    one, two = _seconds(line), _seconds(other)
    return one is not None and two is not None and abs(one - two) <= _AT_ONE_TIME


def _seconds(line: str) -> float | None:
    found = _TIME.search(line)
    return None if found is None else 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])
