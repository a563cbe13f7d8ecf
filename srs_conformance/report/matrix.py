"""Several reports as one table: requirement by image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from srs_conformance.report.comparing import image_of
from srs_conformance.report.heading import in_order
from srs_conformance.report.page import ENVIRONMENT
from srs_conformance.report.words import WORDS, Word

_UNKNOWN = WORDS["not-run"]


@dataclass(frozen=True)
class Row:
    """A requirement and its verdict in each report."""

    id: str
    level: str
    profile: str
    text: str
    verdicts: tuple[Word, ...]


@dataclass(frozen=True)
class Matrix:
    """Columns are reports, each with its image, cluster and time; rows are requirements by chapter."""

    columns: tuple[tuple[str, str], ...]
    chapters: tuple[tuple[str, tuple[Row, ...]], ...]

    def lines(self) -> Iterator[str]:
        """Yield it as lines for the terminal: the columns numbered, and told above the table."""
        for number, (image, where) in enumerate(self.columns, 1):
            yield f"{number}: {image}, {where}"
        heads = "".join(f" {number:<15}" for number in range(1, len(self.columns) + 1))
        for title, rows in self.chapters:
            yield ""
            yield title
            yield f"  {'':8} {'':6}{heads}".rstrip()
            for row in rows:
                cells = "".join(f" {word.text:<15}" for word in row.verdicts)
                yield f"  {row.id:8} {row.level:6}{cells}".rstrip()

    def html(self, links: Sequence[str] = ()) -> str:
        """Return it as a page that needs nothing else; `links` are the addresses of the columns' reports ("": none)."""
        heads = zip_longest(self.columns, links, fillvalue="")
        return ENVIRONMENT.get_template("matrix.html.j2").render(matrix=self, heads=list(heads))


def matrix(documents: Sequence[Mapping[str, Any]]) -> Matrix:
    """Return the table of completed reports, without the requirements that ran in none of them."""
    found = [{each["id"]: each for chapter in one["chapters"] for each in chapter["requirements"]} for one in documents]
    titles: dict[str, dict[str, Mapping[str, Any]]] = {}
    for chapter in in_order([chapter for one in documents for chapter in one["chapters"]]):
        known = titles.setdefault(chapter["title"], {})
        for each in chapter["requirements"]:
            known.setdefault(each["id"], each)
    chapters = []
    for title, known in titles.items():
        rows = tuple(_row(each, found) for each in known.values())
        if judged := tuple(row for row in rows if any(word is not _UNKNOWN for word in row.verdicts)):
            chapters.append((title, judged))
    return Matrix(tuple((image_of(one), _where(one)) for one in documents), tuple(chapters))


def _row(known: Mapping[str, Any], found: Sequence[Mapping[str, Mapping[str, Any]]]) -> Row:
    verdicts = tuple(WORDS[one[known["id"]]["verdict"]] if known["id"] in one else _UNKNOWN for one in found)
    return Row(known["id"], known["level"], known["profile"], known["text"], verdicts)


def _where(document: Mapping[str, Any]) -> str:
    cluster = document["cluster"] or {}
    on = f"{cluster['backend']}, " if cluster else ""
    return f"{on}{document['started'][:10]}"
