"""The table of what viewers lost, as rows, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from srs_conformance.histories import Figure, Losses

HEADINGS = ("", "viewers", "wanted s", "stood still s", "missed s", "lost s", "lost in 1000", "breaks")


@dataclass(frozen=True)
class Row:
    """One line: its group ("protocol", "role", "phase", "all"), its name, and the figure."""

    group: str
    name: str
    figure: Figure

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells under `HEADINGS`, all as text; what is not known is a dash."""
        figure = self.figure
        seconds = (figure.wanted, figure.stalled, figure.missed, figure.lost)
        share = figure.per_thousand
        return (
            self.name,
            str(figure.viewers),
            *(f"{value:,.1f}" if value >= 1000 else f"{value:.2f}" for value in seconds),
            "–" if share is None else f"{share:.2f}",
            str(figure.breaks),
        )


def rows(losses: Losses) -> list[Row]:
    """Return the rows: all viewers, then by protocol, role and phase."""
    found = [Row("all", "all viewers", losses.total)]
    for group, figures in (("protocol", losses.by_protocol), ("role", losses.by_role), ("phase", losses.by_phase)):
        found += [Row(group, name, figure) for name, figure in figures.items()]
    return found


def notes(losses: Losses) -> list[str]:
    """Return what a reader of the table must know."""
    told = [f"a modelled player that waits for {losses.buffer:g} s of media; HLS: and for a target duration"]
    if not losses.numbered:
        told.append("frames are not numbered: media that never came is not counted, only standing still")
    return told


def text(losses: Losses) -> str:
    """Return the table as lines of text."""
    table: list[Sequence[str]] = [HEADINGS, *(row.cells for row in rows(losses))]
    widths = [max(len(cells[column]) for cells in table) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(line))
        for line in (list(zip(cells, widths, strict=True)) for cells in table)
    ]
    return "\n".join([*(line.rstrip() for line in lines), *(f"({note})" for note in notes(losses))])


def html(losses: Losses) -> str:
    """Return the table as an HTML `table` of class "losses"."""
    caption = escape("; ".join(notes(losses)))
    heads = "".join(f"<th>{escape(each)}</th>" for each in HEADINGS)
    parts = [f'<table class="losses"><caption>{caption}</caption><thead><tr>{heads}</tr></thead>']
    for _, group in groupby(rows(losses), key=lambda row: row.group):
        parts.append("<tbody>")
        for row in group:
            name, *cells = map(escape, row.cells)
            parts.append(f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
        parts.append("</tbody>")
    return "".join([*parts, "</table>"])
