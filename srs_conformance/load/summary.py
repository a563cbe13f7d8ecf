"""The result of a load in words: the verdict in a line, and the summary for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from srs_conformance.errors import ExitCode
from srs_conformance.load import figures
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.visits import VIEWERS, Kind

if TYPE_CHECKING:
    from srs_conformance.load.result import Result

ALL_VIEWERS = "all viewers"

_HEADER = ("", "visits", "joined", "first keyframe p50", "p95", "p99", "stalled", "cut", "mean rate")


def verdict(result: Result) -> str:
    """Return the verdict as one word or three: HOLDS, MISSED, COULD NOT TEST, ENGINE ERROR."""
    return result.exit_code.name.replace("_", " ")


def reason(result: Result) -> str:
    """Return in one sentence, without a full stop, what the verdict rests on."""
    missed, clauses = len(result.missed), len(result.slo)
    kept = f"all {clauses} SLO clauses are kept" if clauses else "no SLO clause was set"
    match result.exit_code:
        case ExitCode.ENGINE_ERROR:
            return f"the suite itself failed, its figures may be incomplete: {result.engine_errors[0]}"
        case ExitCode.MISSED:
            return f"{missed} of {clauses} SLO clauses {'is' if missed == 1 else 'are'} not kept"
        case ExitCode.COULD_NOT_TEST if result.invalid:
            return f"the figures say nothing about the server: {result.invalid[0]}"
        case ExitCode.COULD_NOT_TEST:
            return "nothing joined"
    return f"{kept}, {figures.number(result.joined)} visits joined"


def columns(measures: Measures) -> list[tuple[str, Kind | None]]:
    """Return whom to tell of, and under which name: all viewers if there are several kinds, then each kind."""
    kinds: list[tuple[str, Kind | None]] = [(str(kind), kind) for kind in measures.kinds]
    several = sum(kind in VIEWERS for kind in measures.kinds) > 1
    return [(ALL_VIEWERS, None), *kinds] if several else kinds


def lines(result: Result) -> Iterator[str]:
    """Yield the summary: what ran, a table per kind, the clauses, what makes the run invalid, the verdict."""
    yield from _head(result)
    yield ""
    yield from _table([_HEADER, *(_row(result, name, kind) for name, kind in columns(result.measures))])
    if result.slo:
        yield ""
        ordered = sorted(result.slo, key=lambda judged: judged.holds)
        yield from _table(
            [("ok" if judged.holds else "MISSED", judged.clause, judged.limit, judged.seen) for judged in ordered],
            left=4,
        )
    for title, texts in (("not valid", result.invalid), ("engine error", result.engine_errors)):
        if texts:
            yield ""
        yield from (f"  {title}: {text}" for text in texts)
    yield ""
    yield f"{verdict(result)}: {reason(result)}"


def _head(result: Result) -> Iterator[str]:
    users = max((row.users for row in result.series.rows()), default=0)
    facts = [f"{figures.number(len(result.streams))} streams" if len(result.streams) > 1 else "".join(result.streams)]
    facts += [figures.seconds(result.seconds)] if result.seconds else []
    facts += [f"up to {figures.number(users)} users"] if users else []
    yield f"{result.command} {' '.join(result.urls)}: {', '.join(fact for fact in facts if fact)}"
    if result.server:
        yield f"server: {result.server}"


def _row(result: Result, name: str, kind: Kind | None) -> Sequence[str]:
    counts = result.measures.counts(kind)
    keyframes = result.measures.histogram(kind, Measure.FIRST_KEYFRAME).percentiles([50, 95, 99])
    return (
        name,
        figures.number(counts.visits),
        figures.number(counts.joined),
        *(figures.seconds(value) for value in keyframes),
        figures.percent(figures.share(counts.stalled_seconds, counts.deep_seconds)),
        figures.number(counts.cut),
        figures.bits(counts.received, result.seconds),
    )


def _table(rows: Sequence[Sequence[str]], left: int = 1) -> Iterator[str]:
    """Yield rows with aligned columns, of which the first `left` begin and the others end together."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if at < left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield ("  " + "  ".join(cells)).rstrip()
