"""A picture of a history: every viewer's timeline under the disturbances, the pods' lives above them, as one SVG.

It needs nothing else, is legible in light and dark, and may be put into a page: its styles reach nothing outside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import jinja2

from srs_conformance.histories import Disturbance, Figure, History, Losses, losses
from srs_conformance.histories.losses import Loss
from srs_conformance.load.charts import time_steps
from srs_conformance.report import lanes
from srs_conformance.report.lanes import Bar, Mark

WIDTH = 1200
LEFT, RIGHT = 196, 112
FLAG, LINE, HEAD = 16, 15, 24
LETTER, BOLD = 6.3, 7.4
"""About the width of a letter of 12 px."""
_LABEL = 24
_ROWS = 16
"""So many viewers, pods or publishers of a section have a row each; of more, several share one, one after the other."""
_NAMED = 20
"""So many disturbances are named at their marks; of more, only the numbers are, and a list below tells them."""
Life = tuple[str, tuple[Bar, ...], str]
"""A name, what is drawn of it, and a word at its end."""


@dataclass(frozen=True)
class Row:
    """One line of the picture: its label, what is drawn on it, and the figure at its end."""

    y: float
    label: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    note: str = ""
    bad: bool = False
    title: str = ""


@dataclass(frozen=True)
class Heading:
    """The name of the rows below it, and a figure for all of them."""

    y: float
    text: str
    note: str = ""


@dataclass(frozen=True)
class Flag:
    """A disturbance: from when to when, its label and on which of the lines for labels it stands."""

    start: float
    end: float
    label: str
    x: float
    y: float
    anchor: str


@dataclass(frozen=True)
class Key:
    """One entry of the legend; `kind` is "bar", "thin" or "mark"."""

    x: float
    y: float
    label: str
    style: str
    kind: str


@dataclass
class Picture:
    """All that is drawn, in seconds across and in units of the view box down."""

    title: str
    subtitle: str
    until: float
    flags: list[Flag] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    phases: list[tuple[float, float, str]] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    top: float = 0
    bottom: float = 0

    def x(self, seconds: float) -> float:
        """Return the place of a time, within the plot."""
        part = min(max(seconds, 0.0), self.until) / self.until
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def svg(history: History, title: str = "", *, buffer: float = 1.0) -> str:
    """Return the picture; names and words that came from outside are escaped in it."""
    found = losses(history, buffer)
    until = max(lanes.until(history, found), 0.001)
    picture = Picture(title or _title(history), _subtitle(found), until)
    picture.ticks = time_steps(max(1.0, until), 12)
    y = _flags(picture, history, 66)
    picture.phases = [(span.start, span.end, span.name) for span in history.phases]
    picture.top = y
    y += 20  # the names of the phases
    for heading, note, rows in _sections(history, found):
        y += HEAD
        picture.headings.append(Heading(y - 7, heading, note))
        for row in rows:
            picture.rows.append(Row(y, row.label, row.bars, row.marks, row.note, row.bad, row.title))
            y += LINE
    picture.bottom = y + 6
    legend = _legend(history, found, picture.bottom + 30)
    height = round(legend[-1].y + LINE + 14)
    numbered = list(_numbered(history, height))
    template = _ENVIRONMENT.get_template("timelines.svg.j2")
    return template.render(
        picture=picture, width=WIDTH, height=height + LINE * len(numbered), legend=legend, numbered=numbered
    )


def _legend(history: History, found: Losses, y: float) -> list[Key]:
    """Return what the colours and marks mean, on as many lines as that takes."""
    watching = sorted({str(loss.viewer.protocol) for loss in found.viewers})
    meanings = [("waiting for a picture", "waiting", "bar"), *((f"watching {name}", name, "bar") for name in watching)]
    meanings += [("lost", "lost", "bar"), ("not connected", "away", "thin")]
    meanings += [("cut", "cut", "mark"), ("refused", "refused", "mark"), ("back", "rejoined", "mark")]
    if history.samples("pods"):
        meanings += [(f"{state} pod", state, "bar") for state in ("starting", "ready", "terminating")]
    if history.disturbances:
        meanings.append(("a disturbance, until it has settled", "course", "bar"))
    keys: list[Key] = []
    x = 12.0
    for label, style, kind in meanings:
        wide = 44 + len(label) * LETTER
        if x + wide > WIDTH:
            x, y = 12.0, y + LINE + 3
        keys.append(Key(round(x, 1), y, label, style, kind))
        x += wide
    return keys


def _title(history: History) -> str:
    context = history.context
    image = " → ".join(str(context[name]) for name in ("image", "next_image") if context.get(name))
    named = [_word(context.get(name)) for name in ("stage", "failure", "variant", "cluster")]
    return " · ".join([part for part in [image, *named] if part]) or "Viewers' timelines"


def _word(value: object) -> str:
    """Return what fits in a title: of a description its name for people."""
    if isinstance(value, dict):
        value = value.get("backend", value.get("name"))
    return str(value) if value else ""


def _subtitle(found: Losses) -> str:
    total = found.total
    if total.per_thousand is None:
        return "no viewer wanted to watch"
    share = f"{total.lost:.1f} lost viewer-seconds of {total.wanted:,.0f}: {total.per_thousand:.2f} in a thousand"
    apart = [f"{name} {_share(figure)}" for name, figure in found.by_protocol.items()]
    return share + (f" ({', '.join(apart)})" if len(apart) > 1 else "")


def _share(figure: Figure) -> str:
    return "–" if figure.per_thousand is None else f"{figure.per_thousand:.2f}"


def _flags(picture: Picture, history: History, y: float) -> float:
    """Place the disturbances' labels on as few lines as they fit on; return where these end."""
    taken: list[float] = []
    ends = {each.proof_values.get("of"): each.at for each in history.disturbances}
    shown = _shown(history)
    for each in shown:
        label = f"{each.number} {each.kind}" + ("" if each.effect is not None else " (no effect proven)")
        label = label if len(shown) <= _NAMED else f"{each.number}"
        x, wide = picture.x(each.at), len(label) * BOLD + 12
        anchor = "end" if x + wide > WIDTH - 4 else "start"
        start = x - wide if anchor == "end" else x
        lane = next((lane for lane, end in enumerate(taken) if start >= end), len(taken))
        taken[lane : lane + 1] = [start + wide]
        end = max(each.at, each.settled or 0.0, ends.get(each.number) or 0.0)
        end = end if end > each.at else each.effect or each.at
        picture.flags.append(Flag(each.at, end, label, x, y + lane * FLAG, anchor))
    return y + len(taken) * FLAG + 2


def _shown(history: History) -> list[Disturbance]:
    """Return the disturbances but for those that are only the end of another."""
    return [each for each in history.disturbances if "of" not in each.proof_values]


def _numbered(history: History, y: float) -> Iterator[tuple[float, str]]:
    """Yield (place, words) of what disturbances were which, where there are too many to name them in the picture."""
    shown = _shown(history)
    if len(shown) <= _NAMED:
        return
    kinds: dict[str, list[str]] = {}
    for each in shown:
        kinds.setdefault(each.kind, []).append(f"{each.number}" + ("" if each.effect is not None else " (no effect)"))
    lines = [
        line
        for kind, numbers in kinds.items()
        for line in textwrap.wrap(f"{kind}: {', '.join(numbers)}", int((WIDTH - 24) / LETTER))
    ]
    for place, line in enumerate(lines):
        yield y + place * LINE, line


def _sections(history: History, found: Losses) -> Iterator[tuple[str, str, Sequence[Row]]]:
    """Yield (heading, note, rows without places): publishers, pods, and the viewers by role and protocol."""
    published = [(name, tuple(bars), "") for name, bars in lanes.publishers(history)]
    if published:
        yield "publishers", "", _lives(published, lambda _: "streams")
    pods = [(name, tuple(bars), note) for name, bars, note in lanes.pods(history)]
    if pods:
        yield "pods", "", _lives(pods, lambda name: name.rsplit("-", 2)[0])
    ordered = sorted(found.viewers, key=_place)
    for (_, role, protocol), group in groupby(ordered, key=_place):
        several = list(group)
        figure = sum((loss.total for loss in several), Figure())
        count = f"{len(several)} {'viewer' if len(several) == 1 else 'viewers'}"
        if role == "comes and goes" or len(several) > _ROWS:
            rows = [
                _visits(number, lane) if len(lane) > 1 else _viewer(lane[0])
                for number, lane in enumerate(lanes.packed(several), 1)
            ]
        else:
            rows = [_viewer(loss) for loss in several]
        yield f"{role}, {protocol}: {count}", f"lost {_share(figure)} ‰", rows


def _lives(found: Sequence[Life], family: Callable[[str], str]) -> list[Row]:
    """Return a row for each life, or where there are many, rows that those of one family share one after the other."""
    if len(found) <= _ROWS:
        return [Row(0, _short(name), bars, (), note) for name, bars, note in found]
    rows: dict[str, list[list[Life]]] = {}
    for life in sorted(found, key=lambda life: life[1][0].start if life[1] else 0.0):
        if not life[1]:
            continue
        shared = rows.setdefault(family(life[0]), [])
        free = next((row for row in shared if row[-1][1][-1].end <= life[1][0].start), None)
        if free is None:
            shared.append([life])
        else:
            free.append(life)
    return [
        Row(0, _short(name), tuple(bar for _, bars, _ in row for bar in bars), (), f"{len(row)}")
        for name, shared in rows.items()
        for row in shared
    ]


_ROLES = ("stays", "returns", "comes and goes", "control")


def _place(loss: Loss) -> tuple[int, str, str]:
    return _ROLES.index(loss.viewer.role), str(loss.viewer.role), str(loss.viewer.protocol)


def _viewer(loss: Loss) -> Row:
    bars, marks = lanes.viewer(loss)
    lost = loss.total.lost
    label = _short(_own_part(loss.viewer.name, loss.viewer.protocol, loss.viewer.role))
    return Row(0, label, tuple(bars), tuple(marks), f"{lost:.2f} s", lost >= 0.005, loss.viewer.name)


def _visits(number: int, visits: Sequence[Loss]) -> Row:
    drawn = [lanes.viewer(loss) for loss in visits]
    bars = tuple(bar for bars, _ in drawn for bar in bars)
    marks = tuple(mark for _, marks in drawn for mark in marks)
    lost = sum(loss.total.lost for loss in visits)
    label = f"seat {number}: {len(visits)} {'visit' if len(visits) == 1 else 'visits'}"
    return Row(0, label, bars, marks, f"{lost:.2f} s", lost >= 0.005, label)


def _own_part(name: str, protocol: str, role: str) -> str:
    """Return a viewer's label without what the heading above it says already."""
    return name.removeprefix(f"{protocol} ").removesuffix(f", {role}") or name


def _short(name: str) -> str:
    """Return a name that fits beside the plot; the ends tell names of one Deployment's pods apart."""
    return name if len(name) <= _LABEL else f"{name[:7]}…{name[-(_LABEL - 8) :]}"


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("srs_conformance.report"),
    autoescape=True,  # labels of viewers and the servers' words come from outside
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
