"""`srs-conformance check`: judge a stored history again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from srs_conformance.checkers.histories import Again, judge_again
from srs_conformance.commands.examples import examples
from srs_conformance.errors import ExitCode
from srs_conformance.histories import History, Losses, Outcome, losses, read
from srs_conformance.report import lossrows, timelines
from srs_conformance.writing import write_whole


@click.command(
    "check",
    epilog=examples(
        "check reports/latest/evidence/UPD-02/history.ndjson --losses",
        "check history.ndjson --buffer 3 --svg timelines.svg",
        "check history.ndjson --json",
    ),
)
@click.argument("path", metavar="HISTORY", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--losses", "with_losses", is_flag=True, help="Say what the viewers lost, too.")
@click.option("--buffer", type=click.FloatRange(min=0), default=1.0, show_default=True, help="Of the player, s.")
@click.option("--svg", type=click.Path(path_type=Path), help="Draw all viewers' timelines into this file.")
def command(*, path: Path, as_json: bool, with_losses: bool, buffer: float, svg: Path | None) -> int:
    """Run every check of a stored history again: what it gave, what it gives now, and whether that differs.

    Exit code 0: all hold; 1: one misses; 10: there is none, or one allows no verdict; 11: a check crashed.
    """
    history = read(path)
    found = judge_again(history)
    lost = losses(history, buffer) if with_losses else None
    if svg is not None:
        write_whole(svg, timelines.svg(history, buffer=buffer))
    if as_json:
        click.echo(json.dumps(_document(history, found, lost), indent=2, ensure_ascii=False))
    else:
        _tell(history, found, lost)
    return exit_code(found)


def exit_code(found: Sequence[Again]) -> ExitCode:
    """Return the exit code: an engine error outweighs a miss, and a miss what could not be tested."""
    outcomes = {each.now.outcome for each in found}
    if Outcome.CRASHED in outcomes:
        return ExitCode.ENGINE_ERROR
    if Outcome.MISSED in outcomes:
        return ExitCode.MISSED
    if Outcome.COULD_NOT_TEST in outcomes or not found:
        return ExitCode.COULD_NOT_TEST
    return ExitCode.HOLDS


def _tell(history: History, found: Sequence[Again], lost: Losses | None) -> None:
    click.echo(f"{history.path}: {history.until:.1f} s from {history.head.began}, by suite {history.head.suite}")
    for name, value in history.context.items():
        click.echo(f"  {name}: {value if isinstance(value, str) else json.dumps(value)}")
    for each in history.disturbances:
        proof = f"took effect: {each.proof}" if each.effect is not None else "nothing proves that it took effect"
        click.echo(f"  {each.at:.1f} s: {each.kind}; {proof}")
    if history.truncated:
        click.echo(f"  {history.truncated}; the rest is judged")
    elif history.ended is None:
        click.echo("  the run that wrote it did not come to its end")
    for again in found:
        judged = again.judged
        change = f"  (was: {judged.given.outcome})" if again.differs else ""
        given = ", ".join(f"{name}={json.dumps(value)}" for name, value in judged.parameters.items())
        click.echo(f"{again.now.outcome!s:15} {judged.requirement:8} {judged.check}({given}){change}")
        if again.now.expected:
            click.echo(f"    expected: {again.now.expected}")
        click.echo(f"    seen:     {again.now.seen}")
        for line in again.now.details if again.now.outcome is not Outcome.HOLDS else ():
            click.echo(f"              {line}")
    if not found:
        click.echo("no check was judged in it")
    if lost is not None:
        click.echo(lossrows.text(lost))


def _document(history: History, found: Sequence[Again], lost: Losses | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "history": str(history.path),
        "began": history.head.began,
        "suite": history.head.suite,
        "context": dict(history.context),
        "ended": history.ended,
        "truncated": history.truncated,
        "exit_code": int(exit_code(found)),
        "checks": [
            {
                "requirement": each.judged.requirement,
                "check": each.judged.check,
                "parameters": dict(each.judged.parameters),
                "then": each.judged.given.to_json(),
                "now": each.now.to_json(),
                "differs": each.differs,
            }
            for each in found
        ],
    }
    return document if lost is None else {**document, "losses": lost.to_json()}
