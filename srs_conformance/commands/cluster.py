"""`srs-conformance cluster`: the kind cluster of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import click

from srs_conformance.clusters.kind import lifecycle, node_image, published
from srs_conformance.clusters.kind.state import DEFAULT_NAME, ClusterState
from srs_conformance.clusters.kustomize import find_kubectl
from srs_conformance.commands import completing
from srs_conformance.commands.examples import examples
from srs_conformance.errors import CouldNotTest, ExitCode, UsageError
from srs_conformance.images import archive as archives
from srs_conformance.progress import Console

named = click.option(
    "--name",
    default=DEFAULT_NAME,
    show_default=True,
    metavar="NAME",
    shell_complete=completing.clusters,
    help="Which cluster; several can run side by side.",
)


@click.group(epilog=examples("cluster up", "cluster status --name second"))
def cluster() -> None:
    """Make, show and remove the kind cluster that suites use."""


@cluster.command(
    epilog=examples(
        "cluster up",
        "cluster up --name second --node-image offline",
        "cluster up --node-image node.tar",
        "cluster up --name several --nodes 3",
    )
)
@named
@click.option(
    "--node-image",
    default=node_image.AUTO,
    show_default=True,
    metavar="official|offline|NAME|FILE.tar",
    help="The node image of a new cluster; auto takes the official one where a registry answers, else builds one.",
)
@click.option(
    "--nodes",
    type=int,
    metavar="N",
    help="How many a new cluster has; several need the official node image. Default 1.",
)
def up(name: str, node_image: str, nodes: int | None) -> None:
    """See that the cluster runs; at once where it does."""
    state = lifecycle.up(name, Console(), image=node_image, nodes=nodes)
    click.echo(f"the cluster {name} is up; use it with: export KUBECONFIG={state.kubeconfig}")
    click.echo(f"remove it with: srs-conformance cluster down{_option(name)}")


@cluster.command(epilog=examples("cluster image", "cluster image --idle"))
@click.option("--idle", is_flag=True, help="Take for all but kubectl only the processor time that nobody else wants.")
def image(*, idle: bool) -> None:
    """Build ahead of time the node image that a new cluster will need; at once where it is in the cache."""
    find_kubectl()  # what runs beside this may wait for it
    if idle and hasattr(os, "SCHED_IDLE"):  # Linux; elsewhere no node image is built
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    built = node_image.prepare(Console())
    click.echo(f"the node image is {built}" if built else "a registry gives the official node image; none is built")


@cluster.command(epilog=examples("cluster down", "cluster down --name second"))
@named
def down(name: str) -> None:
    """Remove the cluster and all that belongs to it, but for the cache."""
    was = lifecycle.down(name, Console())
    click.echo(f"the cluster {name} is gone" if was else f"there is no cluster {name}")


@cluster.command(epilog=examples("cluster status", "cluster status --name second"))
@named
def status(name: str) -> int:
    """Show how the cluster is; exit code 10 where it does not run."""
    found = lifecycle.status(name)
    if found.state is None:
        click.echo(f"there is no cluster {name}")
        return ExitCode.COULD_NOT_TEST
    for label, value in _facts(found.state):
        click.echo(f"{label:14}{value}")
    for trouble in found.troubles:
        click.echo(f"{'trouble':14}{trouble}")
    click.echo(f"{'state':14}{'does not run as it should' if found.troubles else 'up'}")
    return ExitCode.COULD_NOT_TEST if found.troubles else ExitCode.HOLDS


@cluster.command(epilog=examples("cluster kubeconfig", "cluster kubeconfig --name second"))
@named
def kubeconfig(name: str) -> None:
    """Print the path of the cluster's kubeconfig."""
    click.echo(_existing(name).kubeconfig)


@cluster.command(epilog=examples("cluster load srs6.tar", "cluster load srs6.tar --name second"))
@named
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(name: str, image: Path) -> None:
    """Put all images of an archive (OCI layout or `docker save`) onto the cluster's node."""
    from srs_conformance.clusters.kind.backend import KindCluster  # noqa: PLC0415 - takes half a second

    names = [each for found in archives.read(image) for each in found.names]
    if not names:
        raise UsageError(f"{image} holds no image with a name", hint="save it by name: docker save NAME -o FILE.tar")
    with KindCluster.connect(name, up=False) as connected:
        for each in names:
            connected.load_image(image, each, each)
            click.echo(f"{each} {connected.image_digest(each)}")


def _existing(name: str) -> ClusterState:
    state = lifecycle.status(name).state
    if state is None:
        raise CouldNotTest(f"there is no cluster {name}", hint=f"srs-conformance cluster up{_option(name)}")
    return state


def _facts(state: ClusterState) -> list[tuple[str, str]]:
    ranges = state.ranges
    return [
        ("name", state.name),
        ("engine", state.engine),
        ("node image", state.image),
        ("node", f"{state.node} {state.address}"),
        *(("node", each) for each in state.workers),
        *([("published", ", ".join(published.addresses(ranges)))] if ranges and state.published else []),
        ("network", ranges.network if ranges else ""),
        ("Services", ranges.services if ranges else ""),
        ("Pods", ranges.pods if ranges else ""),
        ("kubeconfig", str(state.kubeconfig)),
        ("logs", str(state.logs)),
    ]


def _option(name: str) -> str:
    return "" if name == DEFAULT_NAME else f" --name {name}"
