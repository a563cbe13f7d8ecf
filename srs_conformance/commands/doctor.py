"""`srs-conformance doctor`: what this machine can run, and what is missing for the rest."""

from __future__ import annotations

import json

import click

from srs_conformance import doctor as looking
from srs_conformance.commands.examples import examples
from srs_conformance.doctor.uses import cluster
from srs_conformance.errors import ExitCode


@click.command(epilog=examples("doctor", "doctor --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(*, as_json: bool) -> int:
    """Say what this machine can run, and what is missing for the rest.

    Nothing is installed and nothing is changed: what has to be tried is undone at once. "later" is what the suite gets
    by itself when something needs it.

    Exit code 0: a kind cluster can be made. 4: it cannot; the other uses do not count.
    """
    findings = looking.look()
    code = ExitCode.HOLDS if cluster(findings).able else ExitCode.USAGE
    uses = looking.uses(findings)
    if as_json:
        click.echo(json.dumps(looking.document(findings, uses, int(code)), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(looking.lines(findings, uses)))
    return code
