"""`srs-conformance report`: make a report's page again, and put reports side by side."""

from __future__ import annotations

from pathlib import Path

import click

from srs_conformance.report import comparing, page, reading
from srs_conformance.report import matrix as matrices

file = click.Path(path_type=Path)


@click.group()
def report() -> None:
    """Read the reports of runs: each is a conformance.json, or the folder that has one."""


@report.command()
@click.argument("path", metavar="REPORT", type=file)
@click.option("--out", type=file, metavar="FILE", help="Where to; default: index.html beside the report.")
def html(path: Path, out: Path | None) -> None:
    """Make the page of a report again.

    Pictures and evidence are taken from beside the report, and links lead there.
    """
    document = reading.read(path)
    folder = path if path.is_dir() else path.parent
    if out is None:
        out = page.write(document, folder)
    else:
        out.write_text(page.render(document, folder), encoding="utf-8")
    click.echo(out)


@report.command()
@click.argument("first", type=file)
@click.argument("second", type=file)
def compare(first: Path, second: Path) -> int:
    """Compare two runs: what fails newly, what is mended, what has changed, what only one of them judged.

    Exit code 1: a MUST fails in the second that did not fail in the first.
    """
    found = comparing.compare(reading.read(first), reading.read(second))
    click.echo("\n".join(found.lines()))
    return int(found.exit_code)


@report.command()
@click.argument("reports", nargs=-1, required=True, type=file)
@click.option("--html", "out", type=file, metavar="FILE", help="As a page, too.")
def matrix(reports: tuple[Path, ...], out: Path | None) -> None:
    """Show several runs as one table: requirement by image."""
    found = matrices.matrix([reading.read(path) for path in reports])
    if out is not None:
        out.write_text(found.html(), encoding="utf-8")
    click.echo("\n".join(found.lines()))
