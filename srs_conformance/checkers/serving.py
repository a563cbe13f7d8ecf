"""Judgements over who serves a viewer and with what: the server's name, the codec configuration, frames to the end."""

from __future__ import annotations

from srs_conformance.observing import Budget, Observation
from srs_conformance.viewers.timeline import Timeline

_SILENT_SECONDS = 2.0


def served_by(timeline: Timeline, name: str) -> Observation:
    """Judge that the HTTP answers name the server, as in `Server: nginx/1.27.0`."""
    got = timeline.server
    return Observation(got.lower().startswith(name.lower()), f"Server: {name}...", got or "no Server header")


def same_configuration(one: Timeline, other: Timeline) -> Observation:
    """Judge that two viewers got the same decoder configuration of both tracks to begin with."""
    wanted, got = _first_configuration(one), _first_configuration(other)
    expected = f"the configuration that {one.viewer} got: {_words(wanted)}"
    return Observation(len(wanted) == 2 and got == wanted, expected, f"{other.viewer}: {_words(got)}")


def kept_playing(timeline: Timeline, watched: Budget) -> Observation:
    """Judge that frames came until the viewer left, and not just what the server had cached.

    A watch of `watched` seconds with frames of real time holds pictures that span most of it.
    """
    video = timeline.video
    expected = f"pictures throughout {watched.seconds:g} s"
    if timeline.lost:
        return Observation(holds=False, expected=expected, seen=f"{timeline.ending} after {len(video)} pictures")
    last = video[-1].arrival if video else timeline.started
    silent = timeline.until - last
    seen = f"{len(video)} pictures, the last one {silent:.1f} s before the end" if video else "no picture"
    return Observation(bool(video) and silent < _SILENT_SECONDS, expected, seen, waits=((last, timeline.until),))


def lasts(timeline: Timeline, watched: Budget) -> Observation:
    """Judge that the pictures that came make up at least the time watched, less one second for whole segments."""
    video = timeline.video
    span = (video[-1].dts - video[0].dts) / 1000 if video else 0.0
    waits = ((timeline.started, timeline.until),)
    expected, seen = f"{watched.seconds:g} s of pictures", f"{span:.1f} s of pictures"
    return Observation(span >= watched.seconds - 1, expected, seen, waits=waits)


def _first_configuration(timeline: Timeline) -> dict[str, str]:
    found: dict[str, str] = {}
    for config in timeline.configs:
        found.setdefault(str(config.kind), f"{config.codec} {config.description}")
    return found


def _words(configuration: dict[str, str]) -> str:
    return ", ".join(f"{kind} {value}" for kind, value in sorted(configuration.items())) or "none"
