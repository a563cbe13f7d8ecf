"""`srs-conformance proxy-image`: the fault proxy's image, for clusters that have a registry."""

from __future__ import annotations

from pathlib import Path

import click

from srs_conformance.commands.examples import examples
from srs_conformance.images import names, oci, proxy
from srs_conformance.progress import Console


@click.command(
    "proxy-image",
    epilog=examples("proxy-image proxy.tar", "proxy-image proxy.tar --name registry.example/srs/proxy:1"),
)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tar")
@click.option("--name", default=proxy.ARCHIVED_NAME, show_default=True, help="What the image is called in it.")
def image_command(out: Path, name: str) -> None:
    """Write the fault proxy's image to an archive, for `docker load` and a push to a registry."""
    full = str(names.parse(name))
    oci.with_name(proxy.build(Console()), out, full)
    click.echo(f"{full} is in {out}")
