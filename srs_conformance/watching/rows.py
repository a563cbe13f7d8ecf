"""A stream that is being watched, as text: the rows of a live view, and one line where rows cannot be redrawn."""

from __future__ import annotations

from dataclasses import dataclass

from srs_conformance.load import figures as words
from srs_conformance.viewers.frames import Kind
from srs_conformance.viewers.timeline import PlaylistFetch, Protocol, Timeline
from srs_conformance.watching.tally import Figures
from srs_conformance.watching.wording import PROTOCOLS, count, plain, row

SILENCE = 1.0
"""Seconds without a frame that are worth telling: frames come in bursts of 350 ms a hop."""


@dataclass(frozen=True)
class Look:
    """A timeline at a time (s of `time.monotonic()`), its figures, and the seconds that a player waits for."""

    timeline: Timeline
    at: float
    figures: Figures
    buffer: float

    @property
    def seconds(self) -> float:
        """Since the watch began."""
        return max(self.at - self.timeline.started, 0.0)


def rows(look: Look) -> list[str]:
    """Return the live view, one string a row."""
    timeline, figures = look.timeline, look.figures
    found = [
        f"{plain(timeline.url)}  {PROTOCOLS[timeline.protocol]}  {look.seconds:.0f} s",
        row("server", plain(timeline.server) or "-"),
        row("state", state(look)),
        *(row(kind, described(timeline, kind)) for kind in Kind),
        row("frames", _frames(figures)),
        row("rate", f"{_rate(figures)}, {bits(figures)}, {words.size(timeline.received)} in all"),
        row("A/V skew", skew(figures)),
        row("buffer", _buffer(look)),
    ]
    if timeline.protocol is Protocol.HLS:
        found.append(row("playlist", playlist(timeline, look.at)))
    if notes := tuple(timeline.notes):
        found.append(row("last said", plain(notes[-1].text)))
    return found


def line(look: Look) -> str:
    """Return how it stands in one line."""
    figures = look.figures
    parts = [f"{look.seconds:4.0f} s", state(look)]
    if figures.pictures or figures.sounds:
        parts += [
            count(figures.pictures, "picture") if figures.pictures else count(figures.sounds, "frame"),
            *([_rate(figures)] if figures.pictures else []),
            bits(figures),
            *([f"skew {skew(figures)}"] if figures.skew is not None else []),
            f"buffer {figures.ahead:.1f} s",
            *([_stalls(figures)] if figures.stalls else []),
        ]
    if look.timeline.protocol is Protocol.HLS:
        parts.append(f"playlist: {playlist(look.timeline, look.at)}")
    return "  ".join(parts)


def state(look: Look) -> str:
    """Return in what state the watch is."""
    timeline, figures = look.timeline, look.figures
    if timeline.ended is not None:
        return f"ended: {timeline.ending}"
    if figures.silent is not None:
        # Over HLS frames come by segments: the playlist's row tells more than the time since the last one.
        late = figures.silent > SILENCE and timeline.protocol is not Protocol.HLS
        return f"silent for {figures.silent:.1f} s" if late else "frames come"
    if timeline.playing is not None:
        return "the server plays; no frame yet"
    if timeline.connected is None:
        return "connecting"
    return "connected; no answer yet" if timeline.first_byte is None else "connected; it does not play yet"


def described(timeline: Timeline, kind: Kind) -> str:
    """Return the latest decoder configuration of a track."""
    found = [each for each in tuple(timeline.configs) if each.kind is kind]
    if not found:
        return "-"
    changes = f" ({count(len(found) - 1, 'change')})" if len(found) > 1 else ""
    return plain(f"{found[-1].codec} {found[-1].description}".strip()) + changes


def bits(figures: Figures) -> str:
    """Return the rate of the media in words."""
    return words.NONE if figures.bits is None else words.bits(figures.bits / 8)


def skew(figures: Figures) -> str:
    """Return by how much the tracks are apart, in words."""
    return words.NONE if figures.skew is None else f"{figures.skew:+.0f} ms"


def playlist(timeline: Timeline, now: float) -> str:
    """Return how the media playlist stands at a time."""
    fetches = tuple(timeline.playlists)
    if not fetches:
        return "-"
    last, fetched = fetches[-1], sum(each.status == 200 and not each.problem for each in tuple(timeline.segments))
    good = [each for each in fetches if each.media_sequence is not None]
    if last.problem or last.status != 200:
        before = f", the last good one {now - good[-1].at:.0f} s ago" if good else ""
        return f"{plain(problem(last))}{before}"
    if not good:
        return "a master playlist"
    end = "complete" if last.finished else f"grew {_grown(good, now):.0f} s ago"
    first = last.media_sequence or 0
    window = f"segments {first} to {first + last.segments - 1}" if last.segments else "no segment"
    return f"{window}, target {last.target_duration:g} s, {end}; {count(fetched, 'segment')} fetched"


def problem(fetch: PlaylistFetch) -> str:
    """Return what was wrong with a playlist."""
    if fetch.status is not None and fetch.status != 200:
        return f"status {fetch.status}"
    return fetch.problem or "no answer"


def _grown(good: list[PlaylistFetch], now: float) -> float:
    """Return the seconds since a playlist was first seen to end as the last one does."""
    end = (good[-1].media_sequence or 0) + (good[-1].segments or 0)
    since = good[-1].at
    for each in reversed(good):
        if (each.media_sequence or 0) + (each.segments or 0) != end:
            break
        since = each.at
    return max(now - since, 0.0)


def _frames(figures: Figures) -> str:
    if not figures.pictures and not figures.sounds:
        return "-"
    every = "" if figures.keyframe_every is None else f", the last {figures.keyframe_every:.3g} s after the one before"
    keys = f"{count(figures.keyframes, 'keyframe')}{every}"
    return f"{count(figures.pictures, 'picture')}, {figures.sounds:,} of sound; {keys}"


def _rate(figures: Figures) -> str:
    return f"{figures.rate:.1f} pictures/s" if figures.rate is not None else "- pictures/s"


def _stalls(figures: Figures) -> str:
    return f"{count(figures.stalls, 'stall')}, {words.seconds(figures.stalled)}"


def _buffer(look: Look) -> str:
    figures = look.figures
    what = f"{figures.ahead:.1f} s in a player that waits for {look.buffer:g} s"
    stalls = _stalls(figures) if figures.stalls else "no stall"
    if figures.playing:
        return f"{what}; {stalls}"
    return f"{what}, which {'stands still' if figures.stalls else 'has not begun'}; {stalls}"
