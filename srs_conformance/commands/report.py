"""`srs-conformance report`: make a report's page again, and put reports side by side."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click

from srs_conformance.commands.examples import examples
from srs_conformance.errors import UsageError
from srs_conformance.report import comparing, gatewords, gating, known, page, reading, spending
from srs_conformance.report import matrix as matrices

file = click.Path(path_type=Path)


@click.group(epilog=examples("report compare reports/before reports/latest", "report html reports/latest"))
def report() -> None:
    """Read the reports of runs: each is a conformance.json, or the folder that has one."""


@report.command(epilog=examples("report html reports/latest", "report html conformance.json --out page.html"))
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


@report.command(
    epilog=examples(
        "report compare reports/before reports/latest",
        "report compare reports/example/passing reports/example/failing",
    )
)
@click.argument("first", type=file)
@click.argument("second", type=file)
def compare(first: Path, second: Path) -> int:
    """Compare two runs: what fails newly, what is mended, what has changed, what only one of them judged.

    Exit code 1: a MUST fails in the second that did not fail in the first.
    """
    found = comparing.compare(reading.read(first), reading.read(second))
    click.echo("\n".join(found.lines()))
    return int(found.exit_code)


@report.command(
    epilog=examples(
        "report matrix reports/srs-3 reports/srs-6",
        "report matrix reports/srs-3 reports/srs-6 --html reports/index.html",
    )
)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...", type=file)
@click.option(
    "--html",
    "out",
    type=file,
    metavar="FILE",
    help="As a page, too; it leads to the reports that lie below its folder.",
)
def matrix(reports: tuple[Path, ...], out: Path | None) -> None:
    """Show several runs as one table: requirement by image."""
    found = matrices.matrix([reading.read(path) for path in reports])
    if out is not None:
        out.write_text(found.html([_link(path, out.parent) for path in reports]), encoding="utf-8")
    click.echo("\n".join(found.lines()))


@report.command(epilog=examples("report spent reports/latest", "report spent site"))
@click.argument("reports", nargs=-1, required=True, metavar="REPORT|FOLDER...", type=file)
def spent(reports: tuple[Path, ...]) -> None:
    """Tell in Markdown what runs waited for beside what their budgets allow, and where their time went."""
    documents = [document for path in reports for document in reading.read_below(path)]
    click.echo("\n".join(spending.lines(documents)))


@report.command(
    epilog=examples(
        "report gate reports/latest",
        "report gate site/srs-3 site/srs-6 --known known-findings.yaml --before before --require-real-srs",
        "report gate reports/latest --summary summary.md --badge badge.json",
    )
)
@click.argument("reports", nargs=-1, required=True, metavar="REPORT...", type=file)
@click.option(
    "--known", "findings", type=file, metavar="FILE", help="What is known to fail; default: known-findings.yaml here."
)
@click.option(
    "--before",
    multiple=True,
    type=file,
    metavar="REPORT|FOLDER",
    help="The last night's report, or a folder with several below it; tells what has changed (repeatable).",
)
@click.option(
    "--require-real-srs", is_flag=True, help="A report of the reference server decides nothing: exit code 10."
)
@click.option("--summary", type=file, metavar="FILE.md", help="The same as Markdown, for the page of a CI job.")
@click.option("--badge", type=file, metavar="FILE.json", help="As a badge, by the schema of shields.io's endpoints.")
def gate(
    reports: tuple[Path, ...],
    findings: Path | None,
    before: tuple[Path, ...],
    *,
    require_real_srs: bool,
    summary: Path | None,
    badge: Path | None,
) -> int:
    """Pass a night's reports where nothing fails but what is known to fail.

    Exit code 1: a MUST fails that is not known to, or an entry is past its last day. 10: something could not be
    tested. 11: an engine error, which no entry excuses.
    """
    default = Path(known.FILE_NAME)
    entries = known.load(findings or default) if findings or default.exists() else ()
    documents = [reading.read(path) for path in reports]
    earlier = [document for path in before for document in reading.read_below(path)]
    today = datetime.now(UTC).date()
    found = [
        gating.gate(
            document,
            entries,
            today,
            before=gating.before_of(document, earlier),
            require_real_srs=require_real_srs,
        )
        for document in documents
    ]
    click.echo("\n".join(gatewords.lines(found)))
    if summary is not None:
        _write(summary, gatewords.markdown(found))
    if badge is not None:
        _write(badge, json.dumps(gatewords.badge(found), indent=2) + "\n")
    return int(gatewords.exit_code(found))


def _link(report: Path, folder: Path) -> str:
    """Return the address of a report's page as a page in `folder` has it, "" where it has none or lies elsewhere."""
    index = ((report if report.is_dir() else report.parent) / page.FILE_NAME).resolve()
    if not index.is_file() or not index.is_relative_to(folder.resolve()):
        return ""
    return quote(index.relative_to(folder.resolve()).as_posix())


def _write(path: Path, text: str) -> None:
    """Write into the file itself: the page of a CI job is one that its runner has made."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from error
