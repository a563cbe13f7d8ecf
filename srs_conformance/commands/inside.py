"""`srs-conformance inside`: the suite from a pod of the cluster; `probe-image`: the pod's image, to be pushed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from srs_conformance.commands.examples import examples
from srs_conformance.commands.load import cluster_options, connected
from srs_conformance.images import choosing, oci, probe
from srs_conformance.images.names import parse
from srs_conformance.inside import arguments, image
from srs_conformance.inside.given import pack
from srs_conformance.inside.run import Place, Terminal, run
from srs_conformance.progress import Console
from srs_conformance.report import conformance, page

option = click.option


@click.command(
    "inside",
    context_settings={"ignore_unknown_options": True},
    epilog=examples(
        "inside",
        "inside --context my-cluster --probe-image registry.example/srs/probe:1 -- --srs-image ossrs/srs:6 -n 4",
        "inside --context my-cluster --probe-image registry.example/srs/probe:1 -- suites/edge_cluster",
        "inside --cluster-name second --keep -- --requirement EDGE-03",
    ),
)
@cluster_options
@option("--probe-image", default="", metavar="NAME", help="Of the pod, where the cluster pulls it by itself.")
@option("--report", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Default reports/latest.")
@option("--keep", is_flag=True, help="Leave the pod and what the suite deploys where they are.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED, metavar="[--] [PYTEST ARGUMENT]...")
@click.pass_context
def command(ctx: click.Context, /, pytest_arguments: tuple[str, ...], **given: Any) -> int:
    """Run the suite from a pod of the cluster: where its pods cannot be reached from here.

    The report comes back, and the exit code is that of pytest in the pod.
    """
    if given["context"] and ctx.get_parameter_source("backend") is ParameterSource.DEFAULT:
        given["backend"] = "kubeconfig"
    checkout = probe.checkout()
    asked = arguments.read(pytest_arguments, checkout.root)
    parcel = pack(asked.files)
    keep = given["keep"] or asked.keep
    folder = (given["report"] or checkout.root / "reports" / "latest").absolute()
    progress = Console()
    terminal = Terminal(click.echo, _said, progress, shutil.get_terminal_size((120, 50)).columns)
    with connected(given) as cluster:
        there = image.on_nodes(cluster, given["probe_image"], progress)
        ready, more = image.prepared(cluster, asked, progress)
        for notice in choosing.notices(ready.images):
            _said(notice)
        passed = ["-v", *_color(), *asked.passed, *more, *(["--keep"] if keep else [])]
        code = run(passed, ready, Place(cluster, there, folder, keep, parcel), terminal)
    for name, file in (("page:  ", page.FILE_NAME), ("report:", conformance.FILE_NAME)):
        if (folder / file).exists():
            click.echo(f"{name} {folder / file}")
    return code


@click.command(
    "probe-image", epilog=examples("probe-image probe.tar", "probe-image probe.tar --name registry.example/srs/probe:1")
)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tar")
@option("--name", default=probe.ARCHIVED_NAME, show_default=True, help="What the image is called in it.")
def image_command(out: Path, name: str) -> None:
    """Write the image of the pod of `inside` to an archive, for `docker load` and a push to a registry."""
    full = str(parse(name))
    oci.with_name(image.archive(Console()), out, full)
    click.echo(f"{full} is in {out}")


def _said(text: str) -> None:
    click.echo(text, err=True)


def _color() -> list[str]:
    return ["--color", "yes"] if sys.stdout.isatty() else []
