"""What runs waited for beside what their budgets allow, and where their time went: tables in Markdown.

A budget that one run in a hundred nearly uses up will be a false alarm on a slower machine; one that no run comes near
hides a server that has become slow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from srs_conformance.observing import Budget

PHASES = ("setup", "call", "teardown", "waited")


def lines(documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return both tables of some reports, as `reading.read` gives them."""
    runs = f"{len(documents)} run{'s' * (len(documents) != 1)}"
    return [
        f"Seconds until what was waited for held, in {runs}, beside what its budget allows.",
        "",
        *_table(
            ("budget", "allows", "waits", "median", "99 %", "longest", "of the budget", "why so long"),
            _waits(documents),
        ),
        "",
        f"Seconds by chapter, the median of {runs}; of all three phases together this was only waited.",
        "",
        *_table(("chapter", "setting scenes", "tests", "clearing up", "waited"), _times(documents)),
    ]


def _waits(documents: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Return a row for each budget that was waited within, that which was used up most first."""
    found: dict[str, list[float]] = {}
    for document in documents:
        for name, seconds in document["waits"].items():
            found.setdefault(name, []).extend(seconds)
    budgets = [(Budget[name], sorted(each)) for name, each in found.items() if name in Budget.__members__ and each]
    for budget, seconds in sorted(budgets, key=lambda row: -row[1][-1] / row[0].seconds):
        late = seconds[math.ceil(0.99 * len(seconds)) - 1]
        figures = (f"{each:.1f}" for each in (median(seconds), late, seconds[-1]))
        part = f"{100 * seconds[-1] / budget.seconds:.0f} %"
        yield (budget.name, f"{budget.seconds:g}", str(len(seconds)), *figures, part, budget.why)


def _times(documents: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Return a row for each chapter, that which took longest first."""
    found: dict[str, list[Mapping[str, float]]] = {}
    for document in documents:
        for chapter, times in document["times"].items():
            found.setdefault(chapter, []).append(times)
    rows = [(chapter, [median(each[phase] for each in every) for phase in PHASES]) for chapter, every in found.items()]
    for chapter, seconds in sorted(rows, key=lambda row: -sum(row[1][:3])):
        yield (chapter, *(f"{each:.0f}" for each in seconds))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
