"""What follows from a sequence of frames: gaps, stalls, jumps, skew, faults in the frame numbers. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from srs_conformance.viewers.frames import Frame, Kind

RTMP_SPAN = float(1 << 32)
TS_SPAN = (1 << 33) / 90
JUMP_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence: when it began, in seconds after the viewer's start, and how long it lasted."""

    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Stall:
    """A stand-still of a modelled player: when it began, in seconds after the viewer's start, and how long."""

    start: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Jump:
    """A step of a track's dts that is not playback: back, or more than a second ahead (`milliseconds` is the step)."""

    kind: Kind
    before: float
    after: float
    milliseconds: float
    arrival: float


@dataclass(frozen=True, slots=True)
class NumberFaults:
    """Faults in the sequence of frame numbers.

    Attributes:
        missing: (the number before, how many are missing after it).
        repeated: numbers that came twice in a row.
        back: (the number before, the number after) where the sequence goes back.
    """

    missing: tuple[tuple[int, int], ...] = field(default=())
    repeated: tuple[int, ...] = field(default=())
    back: tuple[tuple[int, int], ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.missing or self.repeated or self.back)


def step(before: float, after: float, span: float) -> float:
    """Return the distance from one raw timestamp to another, the shorter way round (RTMP 1.0 5.3)."""
    return (after - before + span / 2) % span - span / 2


def gaps(frames: Sequence[Frame], over: float, started: float, until: float) -> list[Gap]:
    """Return the silences of more than `over` seconds between arrivals, and from the last arrival to `until`."""
    arrivals = [frame.arrival for frame in frames]
    ends = [*arrivals[1:], until] if arrivals else []
    return [Gap(a - started, b - a) for a, b in zip(arrivals, ends, strict=True) if b - a > over]


def jumps(track: Sequence[Frame], span: float) -> list[Jump]:
    """Return where the dts of one track goes back or more than a second ahead."""
    found = []
    for before, after in pairwise(track):
        ms = step(before.dts, after.dts, span)
        if ms < 0 or ms > JUMP_MS:
            found.append(Jump(after.kind, before.dts, after.dts, ms, after.arrival))
    return found


def skew(frames: Sequence[Frame], span: float) -> float | None:
    """Return the largest distance in ms between the latest dts of both tracks, looked at after every frame."""
    latest: dict[Kind, float] = {}
    worst: float | None = None
    for frame in frames:
        latest[frame.kind] = frame.dts
        if len(latest) == 2:
            worst = max(worst or 0.0, abs(step(latest[Kind.VIDEO], latest[Kind.AUDIO], span)))
    return worst


def numbers(video: Sequence[Frame], span: float) -> list[int]:
    """Return the frame numbers in the order in which a player shows the pictures."""
    return [frame.number for frame in shown(video, span) if frame.number is not None]


def shown(video: Sequence[Frame], span: float) -> list[Frame]:
    """Return the pictures in the order of pts, within each run of continuous timestamps."""
    pictures: list[Frame] = []
    for run in _runs(video, span):
        base = run[0].dts
        pictures += sorted(run, key=lambda frame: step(base, frame.pts, span))
    return pictures


def _runs(track: Sequence[Frame], span: float) -> Iterator[Sequence[Frame]]:
    start = 0
    for index in range(1, len(track)):
        ms = step(track[index - 1].dts, track[index].dts, span)
        if ms < 0 or ms > JUMP_MS:
            yield track[start:index]
            start = index
    if track:
        yield track[start:]


def number_faults(shown: Sequence[int], period: int) -> NumberFaults:
    """Return the faults of a sequence of frame numbers that begin again at 0 after `period`.

    A step of up to half the period counts as missing frames, a longer one as going back.
    """
    missing: list[tuple[int, int]] = []
    repeated: list[int] = []
    back: list[tuple[int, int]] = []
    for before, after in pairwise(shown):
        ahead = (after - before) % period
        if ahead == 0:
            repeated.append(after)
        elif ahead > period // 2:
            back.append((before, after))
        elif ahead > 1:
            missing.append((before, ahead - 1))
    return NumberFaults(tuple(missing), tuple(repeated), tuple(back))


def stalls(track: Sequence[Frame], buffer: float, started: float, until: float, span: float) -> list[Stall]:
    """Return when a player of one track would stand still.

    The player starts when it holds `buffer` seconds of media, plays at the pace of the timestamps, stands still when it
    has played all that came, and goes on when it holds `buffer` seconds again. A jump of the timestamps is played over.
    """
    player = Player(buffer)
    found: list[Stall] = []
    last: float | None = None
    for frame in track:
        ms = 0.0 if last is None else step(last, frame.dts, span)
        last = frame.dts
        dry = player.hold(ms / 1000 if 0 <= ms <= JUMP_MS else 0.0, frame.arrival)
        if dry is not None:
            found.append(Stall(dry - started, frame.arrival - dry))
    dry = player.dry_at(until)
    if dry is not None:
        found.append(Stall(dry - started, until - dry))
    return found


class Player:
    """A modelled player: `_held` is the media received so far and `_played` what was played at `_at`, in seconds.

    Args:
        buffer: seconds of media that it waits for before it starts, and before it goes on after a stall.
    """

    def __init__(self, buffer: float) -> None:
        self._buffer = buffer
        self._held = self._played = 0.0
        self._at: float | None = None
        self._dry: float | None = None

    @property
    def playing(self) -> bool:
        """Tell whether it has started, and neither ended nor stands in a stall that it has noticed."""
        return self._at is not None

    def hold(self, seconds: float, now: float) -> float | None:
        """Take so many more seconds of media; return when the stall began that they end, or None."""
        self._dry = self.dry_at(now)
        if self._dry is not None and self._at is not None:
            self._played, self._at = self._held, None
        self._held += seconds
        if self._at is not None or self._held - self._played < self._buffer:
            return None
        self._at = now
        dry, self._dry = self._dry, None
        return dry

    def ahead(self, now: float) -> float:
        """Return the seconds of media that it holds and has not played at a time."""
        played = 0.0 if self._at is None else now - self._at
        return max(self._held - self._played - played, 0.0)

    def dry_at(self, now: float) -> float | None:
        """Return since when the player has stood still at a time, or None when it plays or has not started."""
        if self._at is None:
            return self._dry
        dry = self._at + self._held - self._played
        return dry if now > dry else None
