"""`srs-conformance requirements`: the promises of the guide that the suites judge."""

from __future__ import annotations

from pathlib import Path

import click

from srs_conformance.errors import UsageError
from srs_conformance.requirements import load_all


@click.command()
@click.option("--suites", type=click.Path(path_type=Path), default=Path("suites"), show_default=True)
def command(*, suites: Path) -> None:
    """List every requirement: ID, level, profile, text, and where the guide promises it."""
    chapters = load_all(suites)
    if not chapters:
        raise UsageError(
            f"{suites.resolve()}: no chapters there", hint="run it in the project's checkout, or name its suites folder"
        )
    for chapter in chapters:
        click.echo(f"{chapter.title} ({chapter.guide})")
        for each in chapter.requirements:
            click.echo(f"  {each.id:8} {each.level:6} {each.profile:8} {each.text}")
            click.echo(f"  {'':8} {each.heading}{'; known: ' + ', '.join(each.known) if each.known else ''}")
