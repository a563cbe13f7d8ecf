"""`srs-conformance faults`: the catalogues of the reference server's faults and of those of manifests."""

from __future__ import annotations

import json

import click

from srs_conformance import manifest_faults
from srs_conformance.commands import completing
from srs_conformance.commands.examples import examples
from srs_conformance.commands.naming import named
from srs_conformance.manifest_faults import ManifestFault
from srs_conformance.reference.faults import CATALOGUE, Fault


@click.command(
    "faults",
    epilog=examples("faults", "faults edge-pulls-per-viewer", "faults --breaking EDGE-03 --json"),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=completing.faults)
@click.option(
    "--breaking",
    metavar="ID",
    shell_complete=completing.broken,
    help="Only faults that break this requirement, for example EDGE-03.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(*, names: tuple[str, ...], breaking: str | None, as_json: bool) -> None:
    """List the faults that can be switched on in the reference server and in manifests, and what each breaks.

    All of them, or those of these names.
    """
    everything: dict[str, Fault | ManifestFault] = {**CATALOGUE, **manifest_faults.CATALOGUE}
    listed = [everything[each] for each in named(names, everything, "fault")]
    faults = [fault for fault in listed if breaking is None or breaking.upper() in fault.breaks]
    if as_json:
        click.echo(json.dumps([_row(fault) for fault in faults], indent=2))
        return
    for fault in faults:
        where = "manifests" if isinstance(fault, ManifestFault) else fault.role
        click.echo(f"{fault.name}\n    {fault.summary} ({where})")
        click.echo(f"    breaks {', '.join(sorted(fault.breaks))}")
        versions = " and ".join(str(each) for each in sorted(getattr(fault, "faithful", ())))
        own = f"; SRS {versions} does so itself" if versions else ""
        click.echo(f"    seen in: {fault.seen_in}{own}")


def _row(fault: Fault | ManifestFault) -> dict[str, object]:
    if isinstance(fault, ManifestFault):
        about = {"name": fault.name, "summary": fault.summary, "role": "manifests"}
        return {**about, "seen_in": fault.seen_in, "breaks": sorted(fault.breaks)}
    return {
        "name": fault.name,
        "summary": fault.summary,
        "role": str(fault.role),
        "seen_in": fault.seen_in,
        "breaks": sorted(fault.breaks),
        "faithful": sorted(fault.faithful),
        "at_start": fault.at_start,
    }
