"""`srs-conformance requirements`: the promises of the guide, and what judges each of them."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import click

from srs_conformance.bindings import Binding, bindings, missing
from srs_conformance.commands import completing
from srs_conformance.commands.examples import examples
from srs_conformance.commands.naming import named
from srs_conformance.errors import UsageError


@click.command(
    "requirements",
    epilog=examples("requirements", "requirements EDGE-03 EDGE-17", "requirements --suites ../srs/suites --json"),
)
@click.argument("ids", metavar="[ID]...", nargs=-1, shell_complete=completing.requirements)
@click.option(
    "--suites",
    type=click.Path(path_type=Path),
    default=Path("suites"),
    show_default=True,
    help="The folder of the suites.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(*, ids: tuple[str, ...], suites: Path, as_json: bool) -> None:
    """List every requirement: ID, level, profile, words, where the guide promises it, and the tests that judge it.

    All of them, or those of these IDs. Where no test can judge one, its reason stands there instead.
    """
    found = bindings(suites)
    if not found:
        raise UsageError(
            f"{suites.resolve()}: no chapters there", hint="run it in the project's checkout, or name its suites folder"
        )
    every = {each.requirement.id: each for each in found}
    nowhere = missing(every)
    found = [every[each] for each in named([each.upper() for each in ids], every, "requirement")]
    if as_json:
        document = {"requirements": [_row(each) for each in found], "missing": nowhere}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for chapter, group in groupby(found, key=lambda each: each.chapter):
        click.echo(f"{chapter.title} ({chapter.guide})")
        for each in group:
            _print(each)
    bound = sum(bool(each.tests) for each in found)
    if ids:
        return
    click.echo(
        f"{len(found)} requirements: {bound} judged by tests, {len(found) - bound} by none, each with its reason"
    )
    if nowhere:
        click.echo(f"in no chapter: {', '.join(nowhere)}")


def _print(each: Binding) -> None:
    known = "; known: " + ", ".join(each.requirement.known) if each.requirement.known else ""
    click.echo(
        f"  {each.requirement.id:8} {each.requirement.level:6} {each.requirement.profile:8} {each.requirement.text}"
    )
    for line in (f"{each.requirement.heading}{known}", *(each.tests or (_without(each),))):
        click.echo(f"  {'':8} {line}")


def _without(each: Binding) -> str:
    return f"no test: {each.requirement.unbound or 'and no reason given'}"


def _row(each: Binding) -> dict[str, object]:
    return {
        "id": each.requirement.id,
        "level": str(each.requirement.level),
        "profile": each.requirement.profile,
        "text": each.requirement.text,
        "chapter": each.chapter.name,
        "guide": each.chapter.guide,
        "heading": each.requirement.heading,
        "known": list(each.requirement.known),
        "tests": list(each.tests),
        "unbound": each.requirement.unbound,
    }
