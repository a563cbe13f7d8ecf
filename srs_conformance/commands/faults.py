"""`srs-conformance faults`: the catalogue of the reference server's faults."""

from __future__ import annotations

import json

import click

from srs_conformance.reference.faults import CATALOGUE, Fault


@click.command("faults")
@click.option("--breaking", metavar="ID", help="Only faults that break this requirement, for example EDGE-03.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(*, breaking: str | None, as_json: bool) -> None:
    """List the faults that can be switched on in the reference server, and what each breaks."""
    faults = [fault for fault in CATALOGUE.values() if breaking is None or breaking.upper() in fault.breaks]
    if as_json:
        click.echo(json.dumps([_row(fault) for fault in faults], indent=2))
        return
    for fault in faults:
        click.echo(f"{fault.name}\n    {fault.summary} ({fault.role})")
        click.echo(f"    breaks {', '.join(sorted(fault.breaks))}")
        versions = " and ".join(str(each) for each in sorted(fault.faithful))
        own = f"; SRS {versions} does so itself" if versions else ""
        click.echo(f"    seen in: {fault.seen_in}{own}")


def _row(fault: Fault) -> dict[str, object]:
    return {
        "name": fault.name,
        "summary": fault.summary,
        "role": str(fault.role),
        "seen_in": fault.seen_in,
        "breaks": sorted(fault.breaks),
        "faithful": sorted(fault.faithful),
        "at_start": fault.at_start,
    }
