"""Hand-made histories: a stream of 25 numbered pictures a second from time 0 on, and what viewers saw of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from srs_conformance.histories import History, Numbering, Role, events
from srs_conformance.histories.events import Event
from srs_conformance.histories.history import Head
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Ending, PlaylistFetch, Protocol, Timeline

RATE, GOP, PERIOD = 25, 50, 1500
DELAY = 0.1
NUMBERING = Numbering(tuple(10_000 + number for number in range(PERIOD)), RATE)
PARAMETERS: dict[str, dict[str, Any]] = {
    "all_cut": {"roles": ["stays"], "before": 10.0},
    "cut_only_where_disturbed": {"within": 2.0},
    "drained_within": {"seconds": 10.0, "phase": "phase 1"},
    "effective": {},
    "ended_within": {"seconds": 10.0, "kind": "update"},
    "frames_accounted": {},
    "gone_within": {"seconds": 10.0},
    "greeted": {},
    "lost_at_most": {"per_thousand": 5.0},
    "merged_throughout": {},
    "no_gap": {"over": 1.5},
    "nobody_waits": {"over": 2.0},
    "none_refused": {"within": 1.0, "roles": ["stays", "returns", "comes and goes"]},
    "out_of_service": {"within": 2.0},
    "quits_gracefully": {},
    "recovered_within": {"seconds": 5.0},
    "returns_within": {"seconds": 2.0},
    "serving_throughout": {"least": 2},
    "shares": {"expected": {"3.0.170": 0.5, "6.0.1": 0.5}, "least": 2},
    "stands_still": {"pause": "update", "resume": "update"},
    "stays_bounded": {"least": 2, "warm_up": 1.0, "window": 1.0},
    "stops_listening": {"open_for": 0.7, "closed_after": 2.7, "ports": [1935]},
    "uncut": {"until_grace": 5.0, "roles": ["stays", "returns"]},
}
"""Parameters with which each check can be run, by its name."""


def picture(number: int, arrival: float) -> Frame:
    """Return the picture that was published as the number-th of all, at number / 25 s."""
    dts = number * 40.0
    return Frame(Kind.VIDEO, number % GOP == 0, dts, dts, 2000, round(arrival, 4), NUMBERING.digests[number % PERIOD])


def live(start: float, end: float, *, without: Collection[int] = (), behind: float = 0.0) -> list[Frame]:
    """Return what a player gets from `start` to `end`: the newest GOP at once, then each picture when it is published.

    `behind` seconds before live lies the GOP that it is given first; after that it goes on at once where live is.
    """
    first = int(max(0.0, start - behind) * RATE) // GOP * GOP
    joined = int(start * RATE)
    cached = [*range(first, first + GOP), *range(joined // GOP * GOP, joined)] if behind else range(first, joined)
    frames = [picture(number, start + 0.05) for number in cached]
    frames += [picture(number, number / RATE + DELAY) for number in range(joined, int((end - DELAY) * RATE))]
    return [frame for frame in frames if round(frame.dts / 40) not in without]


def session(
    viewer: str,
    start: float,
    end: float,
    ending: Ending = Ending.STOPPED,
    *,
    frames: list[Frame] | None = None,
    protocol: Protocol = Protocol.RTMP,
    number: int = 1,
    role: str = "stays",
    place: str = "edge-1",
    version: str = "3.0.170",
    until: float | None = None,
) -> events.Session:
    """Return a watch from `start` to `end`, wanted until `until`, with the frames of `live` unless others are given."""
    timeline = Timeline(viewer, f"{protocol}://10.0.0.1/live/a", protocol, start, 1.7e9)
    if ending is not Ending.REFUSED:
        timeline.connected = start + 0.01
        timeline.frames = live(start, end) if frames is None else frames
    timeline.ended, timeline.ending = end, ending
    return events.Session(
        at=end if until is None else until,
        viewer=viewer,
        place=place,
        session=number,
        role=Role(role),
        version=version,
        timeline=timeline,
    )


def hls(
    viewer: str, start: float, end: float, *, without: Collection[int] = (), role: str = "control"
) -> events.Session:
    """Return a watch over HLS: three segments of 2 s at once, then one every 2 s; `without` are numbers of segments."""
    first = int(start) // 2 - 3
    frames = []
    for segment in range(max(0, first), int(end) // 2):
        at = max(start + 0.1, segment * 2 + 2.0)
        if segment not in without and at < end:
            frames += [picture(number, at) for number in range(segment * GOP, (segment + 1) * GOP)]
    made = session(viewer, start, end, frames=frames, protocol=Protocol.HLS, role=role, place="nginx")
    made.timeline.playlists = [PlaylistFetch("http://10.0.0.2/live/a.m3u8", start, 0.01, 200, 300, False, 0, 3, 2.0)]
    return made


def update(at: float = 10.0, *, effect: float | None = 11.0, settled: float | None = 14.0) -> list[Event]:
    """Return a rolling update: done, proven, settled."""
    found: list[Event] = [events.Disturbed(at=at, number=1, what="update", values={"to": "srs:4"})]
    if effect is not None:
        found.append(events.TookEffect(at=effect, number=1, proof="new pods edge-3, edge-4"))
    if settled is not None:
        found.append(events.Settled(at=settled, number=1))
    return found


def sample(at: float, observer: str, values: Mapping[str, Any]) -> events.Sample:
    """Return a sample."""
    return events.Sample(at=at, observer=observer, values=values)


def pods(lives: Mapping[str, tuple[float, float, float]], until: float, every: float = 0.5) -> list[Event]:
    """Return samples of pods: name -> (created, terminating since, gone)."""
    return [
        sample(
            at,
            "pods",
            {
                name: {"ready": at >= created + 1, "terminating": at >= ending, "image": "ossrs/srs:3"}
                for name, (created, ending, gone) in lives.items()
                if created <= at < gone
            },
        )
        for at in (step * every for step in range(int(until / every) + 1))
    ]


def phases(**began: float) -> list[Event]:
    """Return phases by their names and beginnings."""
    return [events.PhaseBegan(at=at, name=name) for name, at in began.items()]


def numbered() -> Event:
    """Return the numbering of the stream."""
    return events.Numbered(at=0.0, numbering=NUMBERING)


def published(what: str, at: float, stream: str = "live/a") -> events.Published:
    """Return what a publisher did."""
    return events.Published(at=at, what=what, stream=stream)


def history(*found: Event | list[Event], ended: float | None = None) -> History:
    """Return the history of these events in the order given, as if it had been read."""
    flat = [event for each in found for event in (each if isinstance(each, list) else [each])]
    if ended is not None:
        flat.append(events.Ended(at=ended))
    lined = [replace(event, line=line) for line, event in enumerate(flat, 2)]
    return History.of(Head("0.1.0", "2026-01-01T00:00:00.000+00:00", {"image": "ossrs/srs:3"}), lined)


def write(made: History, path: Path) -> Path:
    """Write a history as a `Recording` would have."""
    head = {"history": events.FORMAT, "suite": made.head.suite, "began": made.head.began, "context": dict(made.context)}
    lines = [head, *(events.to_json(event) for event in made.events)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path
