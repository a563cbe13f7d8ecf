"""What is drawn on one line of the picture of a history: bars and marks, in seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.histories import History
from srs_conformance.histories.losses import Loss, Losses

_TAG = 12


@dataclass(frozen=True)
class Bar:
    """A stretch of time, its CSS class, and the words that a pointer over it shows."""

    start: float
    end: float
    style: str
    title: str = ""


@dataclass(frozen=True)
class Mark:
    """A moment: "cut", "refused" or "rejoined"."""

    at: float
    style: str
    title: str = ""


def until(history: History, found: Losses) -> float:
    """Return the end of the picture: whoever watched has left, and what was done has happened and settled.

    Pods and publishers go on for a while after that, of which nothing is to be seen.
    """
    watched = [loss.viewer.until for loss in found.viewers]
    done = [max(each.at, each.effect or 0.0, each.settled or 0.0) for each in history.disturbances]
    return max([*watched, *done]) if watched else history.until


def viewer(loss: Loss) -> tuple[list[Bar], list[Mark]]:
    """Return a viewer's line: waiting, watching, away, and over them where its player stood still or skipped."""
    watcher = loss.viewer
    bars: list[Bar] = []
    marks: list[Mark] = []
    before: float | None = None
    for session in watcher.sessions:
        timeline = session.timeline
        if before is not None:
            bars.append(Bar(before, timeline.started, "away"))
        frames, end = timeline.frames, timeline.until
        came = frames[0].arrival if frames else end
        bars.append(Bar(timeline.started, came, "waiting", f"{watcher.name}: waiting for {session.place}"))
        if frames:
            version = f", {session.version}" if session.version else ""
            told = f"{watcher.name}: watching {session.place}{version}, {came:.1f} to {end:.1f} s"
            bars.append(Bar(came, end, f"watching {timeline.protocol}", told))
            if before is not None:
                marks.append(Mark(came, "rejoined", f"{watcher.name}: back at {came:.2f} s"))
        if timeline.lost:
            why = f"{timeline.ending}" + (f": {timeline.error}" if timeline.error else "")
            style = "cut" if frames else "refused"
            marks.append(Mark(end, style, f"{watcher.name}: {style} at {end:.2f} s: {why}"))
        before = end
    if before is not None and watcher.until > before + 0.05:
        bars.append(Bar(before, watcher.until, "away"))
    for each in loss.breaks:
        told = f"{watcher.name}: lost {each.lost:.2f} s at {each.start:.2f} s"
        told += f" (stood still {each.stalled:.2f} s, missed {each.missed:.2f} s)"
        bars.append(Bar(each.over - each.lost, each.over, "lost", told))
    return bars, marks


def packed(visits: Sequence[Loss]) -> list[list[Loss]]:
    """Put visits that do not overlap onto one line, as few lines as that takes."""
    found: list[list[Loss]] = []
    for visit in sorted(visits, key=lambda loss: loss.viewer.tried):
        free = (lane for lane in found if lane[-1].viewer.until <= visit.viewer.tried)
        lane = next(free, None)
        if lane is None:
            found.append([visit])
        else:
            lane.append(visit)
    return found


def pods(history: History) -> Iterator[tuple[str, list[Bar], str]]:
    """Yield (name, bars, its image's tag) of each pod, in the order in which they appeared."""
    samples = history.looks("pods")
    lives: dict[str, list[Bar]] = {}
    tags: dict[str, str] = {}
    for number, sample in enumerate(samples):
        end = samples[number + 1].at if number + 1 < len(samples) else sample.at
        for name, pod in sample.values.items():
            if not isinstance(pod, dict):
                continue
            state = _state(pod)
            bars = lives.setdefault(name, [])
            tags.setdefault(name, str(pod.get("image", "")).rsplit("/", 1)[-1].rpartition(":")[2])
            if bars and bars[-1].style == state and bars[-1].end == sample.at:
                bars[-1] = Bar(bars[-1].start, end, state, f"{name}: {state} from {bars[-1].start:.1f} to {end:.1f} s")
            else:
                bars.append(Bar(sample.at, end, state, f"{name}: {state} from {sample.at:.1f} to {end:.1f} s"))
    for name, bars in lives.items():
        yield name, bars, tags[name][:_TAG]


def publishers(history: History) -> Iterator[tuple[str, list[Bar]]]:
    """Yield (stream, bars) of each published stream."""
    lives: dict[str, list[Bar]] = {}
    since: dict[str, float] = {}
    for event in history.publishers:
        bars = lives.setdefault(event.stream, [])
        began = since.pop(event.stream, None)
        if began is not None:
            bars.append(Bar(began, event.at, "publishing", f"{event.stream}: {began:.1f} to {event.at:.1f} s"))
        if event.what != "ended":
            since[event.stream] = event.at
    for stream, began in since.items():
        lives[stream].append(Bar(began, history.until, "publishing", f"{stream}: from {began:.1f} s"))
    yield from lives.items()


def _state(pod: dict[str, Any]) -> str:
    return "terminating" if pod.get("terminating") else "ready" if pod.get("ready", True) else "starting"
