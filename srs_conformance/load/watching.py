"""From the steps of one viewer to what it suffered, kept in a few numbers whatever the length of its visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from srs_conformance.load.visits import Visit
from srs_conformance.media.steps import HEADER, KEYFRAME, VIDEO, Step
from srs_conformance.viewers.facts import JUMP_MS, Player
from srs_conformance.viewers.timeline import Ending

GAP_SECONDS: Final = 1.5
"""Real SRS sends in bursts of 350 ms per hop; only a longer silence is a break (docs/real-srs.md)."""
_SPAN: Final = 1 << 32


class Watch:
    """Judges one viewer as it goes, and fills in its visit.

    Args:
        visit: where the figures go.
        on_stall: told how long each stall took (s), when it is over.
        buffer: seconds of media that the modelled player waits for before it starts, and after each stall.
        started: when the viewer set out (`time.monotonic()` s), from which connect, first byte and first keyframe
            count.
        span: the modulus of its timestamps in ms: 32 bits of ms, or of MPEG-TS 33 bits of 90 kHz.
    """

    def __init__(
        self,
        visit: Visit,
        buffer: float,
        started: float = 0.0,
        *,
        span: int = _SPAN,
        on_stall: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.visit = visit
        self._on_stall = on_stall
        self.started = started
        self._buffer = buffer
        self._player = Player(buffer)
        self._span, self._half = span, span // 2
        self._last: dict[int, int] = {}
        self._unseen = False  # whether only bytes are known by now
        self._began: float | None = None
        self._arrival = started

    @property
    def joined(self) -> bool:
        """Whether a keyframe has come."""
        return self._began is not None

    def stalled(self, now: float) -> bool:
        """Whether the modelled player stands still at a time."""
        return self._since(now) is not None

    def take(self, steps: Sequence[Step], now: float) -> None:
        """Take what was read at a time; `steps` may be empty, and then nothing came."""
        if not steps:
            return
        if self._began is None and not self._begin(steps, now):
            return
        gained = self._follow(steps)
        self._arrived(gained / 1000, now)

    def take_media(self, seconds: float, now: float) -> None:
        """Take so many seconds of media of which nothing else is known, but that a player can start with it."""
        if self._began is None:
            self._start(now)
        self._arrived(seconds, now)

    def take_bytes(self, now: float) -> None:
        """Take bytes that nobody looked into: they stand for as much media as time has passed since the last ones."""
        self._count_gap(now - self._arrival)
        self._stood_still(self._since(now) if self._unseen else None, now)
        self._unseen, self._arrival = True, now

    def finish(self, now: float, ending: Ending, error: str = "") -> Visit:
        """Return the visit as it ended."""
        visit, began = self.visit, self._began
        visit.ending, visit.error = ending, error
        visit.watched = now - (self.started if began is None else began)
        if began is not None:
            self._count_gap(now - self._arrival)
            self._stood_still(self._since(now), now)
        return visit

    def _since(self, now: float) -> float | None:
        """Return since when playback has stood still at a time, or None."""
        if not self._unseen:
            return self._player.dry_at(now)
        dry = self._arrival + self._buffer
        return dry if now > dry else None

    def _begin(self, steps: Iterable[Step], now: float) -> bool:
        if any(mark == KEYFRAME for _, _, mark in steps):
            self._start(now)
            return True
        return False

    def _start(self, now: float) -> None:
        self._began = self._arrival = now
        self.visit.first_keyframe = now - self.started

    def _follow(self, steps: Iterable[Step]) -> int:
        """Follow each track's timestamps; return by how many ms the picture went on."""
        last, span, half, gained = self._last, self._span, self._half, 0
        for kind, timestamp, mark in steps:
            if mark == HEADER:
                continue
            ms = (timestamp - last.get(kind, timestamp) + half) % span - half
            last[kind] = timestamp
            if not 0 <= ms <= JUMP_MS:
                self.visit.jumps += 1
            elif kind == VIDEO:
                gained += ms
        return gained

    def _arrived(self, seconds: float, now: float) -> None:
        self._count_gap(now - self._arrival)
        self._arrival = now
        self._stood_still(self._player.hold(seconds, now), now)

    def _count_gap(self, silence: float) -> None:
        if silence > GAP_SECONDS:
            self.visit.gaps += 1

    def _stood_still(self, since: float | None, now: float) -> None:
        if since is not None:
            self.visit.stalls += 1
            self.visit.stalled += now - since
            self._on_stall(now - since)
