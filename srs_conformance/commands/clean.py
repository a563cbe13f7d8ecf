"""`srs-conformance clean`: remove the namespaces that runs left on a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from srs_conformance.clusters.ack.access import SHORTEST
from srs_conformance.clusters.ack.cluster import AckCluster
from srs_conformance.clusters.base import RUN_LABEL
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kubeconfig import KubeconfigCluster
from srs_conformance.commands import completing
from srs_conformance.commands.acking import access, ack_options
from srs_conformance.commands.examples import examples
from srs_conformance.errors import EngineError
from srs_conformance.interrupts import terminable

#: How long an ACK cluster's kubeconfig lives (min): releasing SLBs takes minutes, and so may an answer to the question.
MINUTES = 4 * SHORTEST


@click.command(
    "clean",
    epilog=examples(
        "clean --context my-cluster",
        "clean --context my-cluster --kubeconfig ci.kubeconfig --run 3f9a --yes",
        "clean --ack-cluster c1a2b3 --ack-region cn-beijing",
    ),
)
@click.option(
    "--context",
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
@ack_options
@click.option("--run", metavar="ID", help="Only what this run made; its ID is the end of its namespaces' names.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(context: str | None, kubeconfig: Path | None, run: str | None, *, yes: bool, **given: Any) -> None:
    """Delete the namespaces that runs left on a cluster: those that carry the suite's label, and no others.

    With them goes what belongs to no namespace and was made for one: volumes, and the rights of a pod of `inside`.

    On an ACK cluster their load balancers go first: it ends when Alibaba Cloud has released them.
    """
    if bool(context) == bool(given["ack_cluster"]):
        raise click.UsageError("name the cluster: either --context NAME or --ack-cluster ID")
    if kubeconfig and not context:
        raise click.UsageError("--kubeconfig goes with --context, not with --ack-cluster")
    with terminable():
        if context:
            with KubeconfigCluster.connect(context, kubeconfig) as cluster:
                _clean(cluster, f"context {context}", run, yes=yes)
        else:
            with AckCluster.of(access(given), MINUTES) as cluster:
                _clean(cluster, f"ACK cluster {cluster.name}", run, yes=yes)


def _clean(cluster: KubeCluster, called: str, run: str | None, *, yes: bool) -> None:
    found = cluster.owned({RUN_LABEL: run} if run else {})
    for namespace in found:
        click.echo(namespace.name)
    bereft = [each for each in cluster.bereft() if not run or each.name.endswith(f"-{run}")]
    for namespace in bereft:
        click.echo(f"{namespace.name}, which is gone, but not what belongs to no namespace and was made for it")
    found += bereft
    of_run = f" of run {run}" if run else ""
    if not found:
        click.echo(f"{called} has no namespace{of_run} that the suite made")
        return
    if not yes:
        click.confirm(f"delete these {len(found)} namespaces of {called}?", abort=True)
    stuck: list[EngineError] = []
    for namespace in found:
        try:
            namespace.destroy()
        except EngineError as error:  # what others hold may still go
            click.echo(f"{namespace.name} is still there", err=True)
            stuck.append(error)
        else:
            click.echo(f"deleted {namespace.name}")
    if stuck:
        raise stuck[0]
