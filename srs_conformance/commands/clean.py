"""`srs-conformance clean`: remove the namespaces that runs left on a cluster."""

from __future__ import annotations

from pathlib import Path

import click

from srs_conformance.clusters.base import RUN_LABEL
from srs_conformance.clusters.kubeconfig import KubeconfigCluster
from srs_conformance.commands import completing
from srs_conformance.commands.examples import examples


@click.command(
    "clean",
    epilog=examples(
        "clean --context my-cluster", "clean --context my-cluster --kubeconfig ci.kubeconfig --run 3f9a --yes"
    ),
)
@click.option(
    "--context",
    required=True,
    metavar="NAME",
    shell_complete=completing.contexts,
    help="The kubeconfig context; the current one is never used.",
)
@click.option(
    "--kubeconfig",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="The kubeconfig; default as kubectl has it.",
)
@click.option("--run", metavar="ID", help="Only what this run made; its ID is the end of its namespaces' names.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(context: str, kubeconfig: Path | None, run: str | None, *, yes: bool) -> None:
    """Delete the namespaces that runs left on a cluster: those that carry the suite's label, and no others."""
    with KubeconfigCluster.connect(context, kubeconfig) as cluster:
        found = cluster.owned({RUN_LABEL: run} if run else {})
        for namespace in found:
            click.echo(namespace.name)
        of_run = f" of run {run}" if run else ""
        if not found:
            click.echo(f"context {context} has no namespace{of_run} that the suite made")
            return
        if not yes:
            click.confirm(f"delete these {len(found)} namespaces of context {context}?", abort=True)
        for namespace in found:
            namespace.destroy()
            click.echo(f"deleted {namespace.name}")
