"""`srs-conformance doctor`: whether this machine can run the default cluster."""

from __future__ import annotations

import click

from srs_conformance.clusters.kind import preflight
from srs_conformance.clusters.kind.engine import choose_kind
from srs_conformance.errors import ExitCode


@click.command()
def doctor() -> int:
    """Try what a kind cluster needs of this machine; exit code 4 where something is missing."""
    engine = choose_kind()
    click.echo(f"{'engine':34}{engine}")
    tried = preflight.checks(engine)
    for check in tried:
        click.echo(f"{check.what:34}{check.trouble or 'ok'}")
        if check.trouble and check.hint:
            click.echo(f"{'':34}hint: {check.hint}")
    return ExitCode.HOLDS if all(check.ok for check in tried) else ExitCode.USAGE
