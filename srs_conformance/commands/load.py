"""`srs-conformance load`: a load from within a cluster; `load-image`: its image, for clusters that have a registry."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from srs_conformance.clusters.kind.state import DEFAULT_NAME
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.kinds import path_of
from srs_conformance.commands import completing
from srs_conformance.commands.acking import access, ack_options
from srs_conformance.commands.examples import examples
from srs_conformance.errors import UsageError
from srs_conformance.images import load as images
from srs_conformance.images import oci
from srs_conformance.images.checkout import Checkout
from srs_conformance.interrupts import terminable
from srs_conformance.loadrun import addresses, image
from srs_conformance.loadrun.plan import Kind, Plan, plan
from srs_conformance.loadrun.run import Place, run
from srs_conformance.loadrun.terminal import Display
from srs_conformance.progress import Console

BITRATE = "530k"
"""Of the clip's picture, as the locustfiles have it: 600 kbit/s with the sound and all framing."""
URLS = ("host", "rtmp_url", "flv_url", "hls_url")
PASSED = ("stream", "zipf", "watch", "rest", "deep", "seed")
"""Options that the locustfiles have under the same names."""

ACK_MINUTES = 12 * 60
"""How long an ACK cluster's kubeconfig lives: longer than a load or a search takes."""

option = click.option


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that `connected` takes."""
    for each in (
        ack_options,
        option("--kubeconfig", type=click.Path(path_type=Path), metavar="FILE", help="Default as kubectl has it."),
        option(
            "--context",
            default="",
            metavar="NAME",
            shell_complete=completing.contexts,
            help="kubeconfig: which context; the current one is never used.",
        ),
        option(
            "--cluster-name",
            default=DEFAULT_NAME,
            show_default=True,
            metavar="NAME",
            shell_complete=completing.clusters,
            help="kind: which cluster.",
        ),
        option(
            "--cluster",
            "backend",
            type=click.Choice(["kind", "kubeconfig", "ack"]),
            default="kind",
            show_default=True,
            help="Where: a kind cluster of this machine, one of ACK by its ID, or any other by its context.",
        ),
    ):
        command = each(command)
    return command


@click.command(
    "load",
    epilog=examples(
        "load flv --namespace live --users 1000 --for 2m --slo loadtests/slo.yaml",
        "load mixed --namespace live --users 600 --workers 4 --stream 'live/s[1-20]' --zipf 1",
        "load rtmp --cluster kubeconfig --context ack-test --namespace live --shape flash:users=500,within=5s,hold=60s",
        "load flv --cluster ack --ack-cluster c1a2b3 --ack-region cn-beijing --namespace live --users 500",
    ),
)
@click.argument("kind", type=click.Choice([str(each) for each in Kind]))
@option("--users", type=int, metavar="N", help="How many viewers or publishers.")
@option("--workers", type=int, default=2, show_default=True, metavar="N", help="Pods that share them.")
@option("--for", "time", metavar="TIME", help="How long, their coming included (60s, 10m); default 60s.")
@option("--spawn-rate", type=float, metavar="N", help="How many come in a second; default: all within 10 s.")
@option(
    "--shape", metavar="SPEC", help="Instead of these: ramp:users=1000,over=60s,hold=60s, or steps:, flash:, diurnal:"
)
@option("--namespace", metavar="NS", help="Of the deployment under test: its Services say where to go.")
@option("--host", default="", metavar="URL", help="Where to go, as pods reach it: http://SERVICE.NAMESPACE:8080")
@option("--rtmp-url", default="", metavar="URL", help="mixed: where RTMP viewers go.")
@option("--flv-url", default="", metavar="URL", help="mixed: where HTTP-FLV viewers go.")
@option("--hls-url", default="", metavar="URL", help="mixed: where HLS viewers go.")
@option(
    "--stream", default="live/livestream", show_default=True, help="app/name, several with commas, or live/s[1-20]."
)
@option("--zipf", metavar="EXPONENT", help="Popularity of several streams by rank; 0: all alike.")
@option("--watch", metavar="TIME", help="How long one stays: 60s, exponential:60s, ...; default: to the end.")
@option("--rest", metavar="TIME", help="How long one stays away before coming again.")
@option("--deep", metavar="RATIO", help="Share of viewers followed frame by frame; the rest is only drained.")
@option("--seed", metavar="NUMBER", help="Of all draws.")
@option("--slo", type=click.Path(path_type=Path), metavar="FILE", help="YAML of what must hold.")
@option(
    "--clip", type=click.Path(path_type=Path), metavar="FILE.flv", help="publish: send this instead of the demo clip."
)
@option("--image", "image_name", metavar="NAME", help="Of the load generator, where the cluster pulls it by itself.")
@option("--web", is_flag=True, help="Serve Locust's page while it runs.")
@cluster_options
@option("--result", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Default reports/load.")
@option("--keep", is_flag=True, help="Leave master and workers where they are.")
def command(kind: str, **given: Any) -> int:
    """Run a load from pods of a cluster: Locust's master, and workers that share the users.

    Exit code 0: all holds. 1: a clause of --slo was missed. 10: it could not be tested, or its figures are not valid.
    """
    checkout = Checkout.find()
    wanted = Kind(kind)
    urls = addresses.given(wanted, {name.replace("_", "-"): given[name] for name in URLS})
    if not urls and not given["namespace"]:
        raise UsageError(
            "where to? give --namespace of the deployment under test, or its URL",
            hint="--rtmp-url, --flv-url and --hls-url"
            if wanted is Kind.MIXED
            else "--host http://SERVICE.NAMESPACE:8080",
        )
    if given["clip"] and given["image_name"]:
        raise UsageError("--clip becomes part of an image that is built: it cannot go into --image")
    planned = _plan(wanted, urls, given)
    there = image.named(given["image_name"]) if given["image_name"] else ""
    sent = None if there else clip(given["clip"])
    progress = Console()
    with connected(given) as cluster:
        if not urls:
            services = _services(cluster, given["namespace"])
            planned = _plan(wanted, addresses.of_services(wanted, services, given["namespace"]), given)
        ready = image.loaded(cluster, checkout, sent, progress) if sent else there
        folder = given["result"] or checkout.root / "reports" / "load"
        manifests = checkout.loadtests / "kubernetes" / "base"
        result = run(planned, Place(cluster, ready, manifests, folder, given["keep"]), progress, Display())
    click.echo("\n".join([*result.lines(), f"result: {folder / 'result.json'}"]))
    return int(result.exit_code)


@click.command(
    "load-image",
    epilog=examples("load-image load.tar", "load-image load.tar --name registry.example/srs/load:1 --clip mine.flv"),
)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tar")
@option("--name", default=images.ARCHIVED_NAME, show_default=True, help="What the image is called in it.")
@option("--clip", "clip_file", type=click.Path(path_type=Path), metavar="FILE.flv", help="What publishers send.")
def image_command(out: Path, name: str, clip_file: Path | None) -> None:
    """Write the load generator's image to an archive, for `docker load` and a push to a registry."""
    full = image.named(name)
    oci.with_name(images.build(Checkout.find(), clip(clip_file), Console()), out, full)
    click.echo(f"{full} is in {out}")


def clip(file: Path | None) -> Path:
    """Return what publishers send: the user's file, else the demo clip.

    Raises:
        UsageError: the file is no FLV of H.264 and AAC.
    """
    if file is None:
        from srs_conformance.publisher import DemoClip  # noqa: PLC0415 - takes a second

        return DemoClip(video_bitrate=BITRATE).ensure_flv()
    from srs_conformance.load.prepared import Clip  # noqa: PLC0415 - only where it is asked for

    try:
        Clip(file)
    except UsageError as error:
        raise UsageError(f"--clip: {error.message}", hint=error.hint) from error
    return file


def _plan(kind: Kind, urls: dict[str, str], given: dict[str, Any]) -> Plan:
    taken = {name: given[name] for name in ("users", "workers", "time", "spawn_rate", "shape", "slo", "web")}
    return plan(kind, addresses=urls, **taken, options={name: given[name] for name in PASSED if given[name]})


@contextlib.contextmanager
def connected(given: dict[str, Any]) -> Iterator[KubeCluster]:
    """Give the cluster that is asked for; it must be up, since what is tested runs on it."""
    if given["backend"] == "kubeconfig":
        from srs_conformance.clusters.kubeconfig import KubeconfigCluster  # noqa: PLC0415 - only where it is asked for

        cluster: KubeCluster = KubeconfigCluster.connect(given["context"], given["kubeconfig"])
    elif given["backend"] == "ack":
        from srs_conformance.clusters.ack.cluster import AckCluster  # noqa: PLC0415 - only where it is asked for

        cluster = AckCluster.of(access(given), ACK_MINUTES)
    else:
        from srs_conformance.clusters.kind.backend import KindCluster  # noqa: PLC0415 - only where it is asked for

        cluster = KindCluster.connect(given["cluster_name"], up=False)
    with terminable(), cluster:
        yield cluster


def _services(cluster: KubeCluster, namespace: str) -> list[addresses.Service]:
    return [addresses.Service.of(each) for each in cluster.api.call("GET", path_of("Service", namespace))["items"]]
