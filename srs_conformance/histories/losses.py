"""What viewers lost: lost viewer-seconds, per viewer, protocol, role and phase.

A viewer wants to watch from its first picture (from its first try where none ever came) until it is told to stop. A
modelled player with a stated buffer plays what it got. A break begins when that player runs dry or frames are missing.
What it costs is the longer of two times: how long the player stood still, and how much media it never got. It is not
their sum: a viewer that is cut for 3 s and comes back to the live edge stood still for 3 s and never saw these same
3 s; it lost 3 viewer-seconds and not 6. Each lost second is one of the viewer's own, and no second is lost twice, so
that nobody loses more than it wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from srs_conformance.histories.events import Role
from srs_conformance.histories.history import History, Span, Watcher
from srs_conformance.histories.playing import Break, breaks


@dataclass(frozen=True)
class Figure:
    """Viewer-seconds: wanted, in which the player stood still, of media never got, and lost; `breaks` counts them."""

    wanted: float = 0.0
    stalled: float = 0.0
    missed: float = 0.0
    lost: float = 0.0
    breaks: int = 0
    viewers: int = 0

    @property
    def per_thousand(self) -> float | None:
        """Return the lost viewer-seconds per thousand that were wanted; None where nobody wanted to watch."""
        return 1000 * self.lost / self.wanted if self.wanted > 0 else None

    def __add__(self, other: Figure) -> Figure:
        return Figure(
            self.wanted + other.wanted,
            self.stalled + other.stalled,
            self.missed + other.missed,
            self.lost + other.lost,
            self.breaks + other.breaks,
            self.viewers + other.viewers,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the figure as JSON values, seconds to the millisecond."""
        per_thousand = self.per_thousand
        return {
            "viewers": self.viewers,
            "wanted": round(self.wanted, 3),
            "stalled": round(self.stalled, 3),
            "missed": round(self.missed, 3),
            "lost": round(self.lost, 3),
            "lost_per_thousand": None if per_thousand is None else round(per_thousand, 3),
            "breaks": self.breaks,
        }


@dataclass(frozen=True)
class Loss:
    """What one viewer lost, as a whole and in each phase in which it wanted to watch."""

    viewer: Watcher
    breaks: tuple[Break, ...]
    total: Figure
    phases: Mapping[str, Figure]


@dataclass(frozen=True)
class Losses:
    """What all viewers lost.

    Attributes:
        buffer: seconds of media that the modelled player waits for; an HLS player waits for a target duration more.
        numbered: whether frames could be accounted for; where not, only standing still counts.
    """

    buffer: float
    numbered: bool
    viewers: tuple[Loss, ...] = field(repr=False)

    @property
    def total(self) -> Figure:
        """Return the figure of all viewers together."""
        return _sum(loss.total for loss in self.viewers)

    @property
    def by_protocol(self) -> dict[str, Figure]:
        """Return the figure of each protocol's viewers."""
        return self._by(lambda loss: str(loss.viewer.protocol))

    @property
    def by_role(self) -> dict[str, Figure]:
        """Return the figure of each role's viewers, in the order of `Role`."""
        found = self._by(lambda loss: str(loss.viewer.role))
        return {str(role): found[role] for role in Role if role in found}

    @property
    def by_phase(self) -> dict[str, Figure]:
        """Return the figure of each phase, in the order of time; phases of one name are one."""
        found: dict[str, Figure] = {}
        for loss in self.viewers:
            for name, figure in loss.phases.items():
                found[name] = found.get(name, Figure()) + figure
        return found

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return {
            "buffer": self.buffer,
            "numbered": self.numbered,
            "total": self.total.to_json(),
            "by_protocol": {name: figure.to_json() for name, figure in self.by_protocol.items()},
            "by_role": {name: figure.to_json() for name, figure in self.by_role.items()},
            "by_phase": {name: figure.to_json() for name, figure in self.by_phase.items()},
            "viewers": {loss.viewer.name: loss.total.to_json() for loss in self.viewers},
        }

    def _by(self, key: Callable[[Loss], str]) -> dict[str, Figure]:
        found: dict[str, Figure] = {}
        for loss in self.viewers:
            found[key(loss)] = found.get(key(loss), Figure()) + loss.total
        return found


def losses(
    history: History,
    buffer: float = 1.0,
    *,
    roles: Sequence[str] | None = None,
    protocols: Sequence[str] | None = None,
) -> Losses:
    """Return what the viewers lost, of the given roles and protocols or of all."""
    return Losses(
        buffer,
        history.numbering is not None,
        tuple(_loss(history, viewer, buffer) for viewer in history.viewers(roles, protocols)),
    )


def _loss(history: History, viewer: Watcher, buffer: float) -> Loss:
    found = tuple(breaks(history, viewer, buffer))
    phases: dict[str, Figure] = {}
    for span in history.phases:
        figure = _within(history, span, viewer, found)
        if figure is not None:
            phases[span.name] = phases.get(span.name, Figure()) + figure
    # A viewer counts once in each phase and once in all, and so does a break, in the phase in which it begins.
    phases = {name: Figure(f.wanted, f.stalled, f.missed, f.lost, f.breaks, 1) for name, f in phases.items()}
    whole = _sum(phases.values())
    return Loss(viewer, found, Figure(whole.wanted, whole.stalled, whole.missed, whole.lost, len(found), 1), phases)


def _within(history: History, span: Span, viewer: Watcher, found: Sequence[Break]) -> Figure | None:
    """Return a viewer's figure in one phase, None where it did not want to watch then."""
    start, end = viewer.wanted
    wanted = span.overlap(start, end)
    here = [each for each in found if history.phase_at(each.start) is span]
    if not wanted and not here:
        return None
    stalled = sum(span.overlap(max(start, each.start), min(end, each.start + each.stalled)) for each in found)
    lost = sum(span.overlap(max(start, each.over - each.lost), min(end, each.over)) for each in found)
    return Figure(wanted, stalled, sum(each.missed for each in here), lost, len(here))


def _sum(figures: Iterable[Figure]) -> Figure:
    return sum(figures, Figure())
