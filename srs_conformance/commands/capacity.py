"""`srs-conformance capacity`: how many viewers one server carries before an SLO breaks, and what gives out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from srs_conformance.capacity.finding import Finding, find
from srs_conformance.capacity.search import Search
from srs_conformance.capacity.trial import Crowd, Pod, Trial, attempt, must_be_empty, slo_of
from srs_conformance.clusters.base import Capability, Namespace
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.namespace import KubeNamespace
from srs_conformance.commands.examples import examples
from srs_conformance.commands.load import cluster_options, connected
from srs_conformance.errors import CouldNotTest, UsageError
from srs_conformance.images.checkout import Checkout
from srs_conformance.interrupts import terminable
from srs_conformance.load.visits import Kind
from srs_conformance.observing import Budget, Missed, Observation, must_hold, of_the_scene
from srs_conformance.srs import SrsApi
from srs_conformance.viewers import watch

KINDS = {"rtmp": (Kind.RTMP, "rtmp", 1935), "flv": (Kind.HTTP_FLV, "http", 8080), "hls": (Kind.HLS, "http", 8080)}
_LABEL = "app=srs-edge"

option = click.option


@click.command(
    "capacity",
    epilog=examples(
        "capacity flv --namespace live",
        "capacity rtmp --cluster kubeconfig --context ack-test --namespace live --pod srs-edge-0 --most 20000",
        "capacity hls --host http://203.0.113.7:8080 --stream live/livestream --slo slo.yaml",
    ),
)
@click.argument("kind", type=click.Choice(list(KINDS)))
@option("--namespace", default="", metavar="NS", help="Of the deployment under test.")
@option("--pod", "pod_name", default="", metavar="NAME", help=f"Which pod; default: the first with {_LABEL}.")
@option("--container", default="srs", show_default=True, metavar="NAME", help="Of the pod: the server.")
@option("--host", default="", metavar="URL", help="Where viewers go, instead of the pod's address.")
@option("--stream", default="", metavar="APP/NAME", help="A stream that is there; default: one is published.")
@option("--publish", default="", metavar="URL", help="rtmp://HOST:PORT to publish to; default: the pod.")
@option("--bitrate", default="530k", show_default=True, metavar="RATE", help="Of the picture of what is published.")
@option("--slo", type=click.Path(path_type=Path), metavar="FILE", help="What must hold; default: as docs/capacity.md.")
@option("--start", default=100, show_default=True, metavar="N", help="Viewers to begin with; then twice as many...")
@option("--most", default=5000, show_default=True, metavar="N", help="Never more.")
@option("--resolution", default=0.05, show_default=True, metavar="SHARE", help="How close is close enough.")
@option("--each", default=20.0, show_default=True, metavar="SECONDS", help="How long everybody stays, in each trial.")
@option("--rate", default=100, show_default=True, metavar="N", help="How many come in a second.")
@option("--processes", default=1, show_default=True, metavar="N", help="Of the load generator.")
@cluster_options
@option("--result", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER", help="Def. reports/capacity.")
def command(kind: str, **given: Any) -> int:
    """Find how many viewers one server carries: steps that double until the SLO breaks, then bisection.

    The viewers are on this machine, which must reach the server. Exit code 0: found (or all of --most hold). 10: not
    found, such as where this machine cannot make so many viewers.
    """
    checkout = Checkout.find()
    viewers, scheme, port = KINDS[kind]
    search = Search(given["start"], given["most"], given["resolution"])
    slo, text = slo_of(given["slo"], viewers)
    if given["host"] and not given["host"].startswith(f"{scheme}://"):
        raise UsageError(f"--host {given['host']}: {kind} viewers need a URL of the form {scheme}://HOST:PORT")
    if not given["host"] and not given["namespace"]:
        raise UsageError(
            "where to? give --namespace of the deployment under test, or --host",
            hint="kubectl apply -k fixtures/manifests/edge_cluster/documented --namespace NS brings one up",
        )
    folder = given["result"] or checkout.root / "reports" / "capacity"
    with terminable(), contextlib.ExitStack() as stack:
        pod = _pod(stack.enter_context(connected(given)), given) if given["namespace"] else None
        host = given["host"].rstrip("/") or f"{scheme}://{pod.address if pod else ''}:{port}"
        stream = given["stream"] or stack.enter_context(_published(given, pod, host))
        crowd = Crowd(kind, host, stream, given["each"], given["rate"], given["processes"], text)
        finding = Finding(_what(crowd, pod, given, slo.where))

        def tried(users: int) -> Trial:
            click.echo(f"{users} viewers: {users / crowd.rate + crowd.seconds:.0f} s ...", err=True)
            must_be_empty(pod, stream)
            return attempt(crowd, users, pod, checkout.root, folder / f"{len(finding.trials):02}-{users}")

        find(search, tried, finding, lambda trial: click.echo(f"  {_said(trial)}", err=True))
    click.echo("\n".join([*finding.lines(), f"result: {finding.write(folder)}"]))
    return int(finding.exit_code)


def _said(trial: Trial) -> str:
    return trial.invalid or ("kept" if trial.holds else f"missed: {'; '.join(trial.missed)}")


def _what(crowd: Crowd, pod: Pod | None, given: dict[str, Any], slo: str) -> dict[str, Any]:
    server = ""
    if pod:
        with contextlib.suppress(Missed):
            server = SrsApi(f"http://{pod.address}:1985").versions().text
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "viewers": crowd.kind,
        "host": crowd.host,
        "stream": crowd.stream,
        "bitrate": "" if given["stream"] else given["bitrate"],
        "seconds": crowd.seconds,
        "slo": crowd.slo,
        "slo_from": slo,
        "server": server,
        "pod": pod.name if pod else "",
    }


def _pod(cluster: KubeCluster, given: dict[str, Any]) -> Pod:
    if Capability.POD_ADDRESSES not in cluster.capabilities and not given["host"]:
        raise CouldNotTest(
            "this cluster's pods cannot be reached from here",
            hint="name an address of the server with --host, or run this on a machine inside the cluster's network",
        )
    namespace: Namespace = KubeNamespace(cluster.api, given["namespace"])
    key, _, value = _LABEL.partition("=")
    pods = [pod for pod in namespace.pods(None if given["pod_name"] else {key: value}) if not pod.terminating]
    found = [pod for pod in pods if not given["pod_name"] or pod.name == given["pod_name"]]
    if not found:
        wanted = given["pod_name"] or f"with {_LABEL}"
        names = ", ".join(pod.name for pod in namespace.pods()) or "none"
        raise UsageError(f"namespace {given['namespace']} has no pod {wanted}; it has {names}", hint="--pod NAME")
    containers = [each.name for each in found[0].containers]
    if given["container"] not in containers:
        raise UsageError(f"pod {found[0].name} has no container {given['container']}; it has {', '.join(containers)}")
    return Pod(namespace, found[0].name, given["container"], found[0].ip)


@contextlib.contextmanager
def _published(given: dict[str, Any], pod: Pod | None, host: str) -> Iterator[str]:
    """Publish the demo clip, and give the stream's name."""
    from srs_conformance.publisher import DemoClip, Publisher  # noqa: PLC0415 - takes a second

    base = given["publish"].rstrip("/") or (f"rtmp://{pod.address}:1935" if pod else host)
    if not base.startswith("rtmp://"):
        raise UsageError(
            f"nobody publishes at {host}: --publish rtmp://HOST:PORT says where to, or --stream names a stream"
        )
    stream = "live/capacity"
    with Publisher(f"{base}/{stream}", DemoClip(video_bitrate=given["bitrate"]), republish=1.0) as publisher:
        with watch(f"rtmp://{base.partition('://')[2]}/{stream}", label="probe") as probe:

            def playing() -> Observation:
                publisher.check()
                return Observation(
                    bool(probe.timeline.video), f"{stream} can be played where it is published", "no picture"
                )

            with of_the_scene(f"the stream cannot be published to {base}"):
                must_hold(playing, Budget.PUBLISH, times=1)
        yield stream
