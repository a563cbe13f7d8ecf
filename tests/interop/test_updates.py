"""Rolling updates of reference servers on the local backend, under players, with the guide's preStop hook and grace."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.base import Pod
from srs_conformance.clusters.local import LocalCluster
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.srs import SrsApi
from srs_conformance.viewers import watch
from tests.support.reference import make_clip, publish
from tests.support.waiting import wait_for

HOOK = {"preStop": {"exec": {"command": ["/usr/local/srs/etc/init.d/srs", "grace"]}}}
TOP = """
listen 1935; max_connections 1000; daemon off; srs_log_tank console;
http_api { enabled on; listen 1985; }
http_server { enabled on; listen 8080; }
"""
ORIGIN = TOP + "vhost __defaultVhost__ { http_remux { enabled on; } }"
EDGE = TOP + "vhost __defaultVhost__ { cluster { mode remote; origin origin; } http_remux { enabled on; } }"
GRACEFUL = EDGE + "grace_start_wait 700; grace_final_wait 800; force_grace_quit on;"
UNFORCED = EDGE + "grace_start_wait 700; grace_final_wait 800;"


def deployment(name: str, config: str, *, replicas: int = 1, grace: int = 30, **container: Any) -> list[dict[str, Any]]:
    one = {
        "name": "srs",
        "image": "reference:3",
        "ports": [{"containerPort": port} for port in (1935, 1985, 8080)],
        "volumeMounts": [{"name": "config", "mountPath": "/usr/local/srs/conf"}],
        **container,
    }
    spec = {
        "containers": [one],
        "volumes": [{"name": "config", "configMap": {"name": name}}],
        "terminationGracePeriodSeconds": grace,
    }
    template = {"metadata": {"labels": {"app": name}}, "spec": spec}
    wanted = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    ports = [{"name": f"p{port}", "port": port} for port in (1935, 8080)]
    meta = {"name": name}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"srs.conf": config}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": wanted},
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": {"app": name}, "ports": ports}},
    ]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    made = LocalCluster.connect("updates")
    yield made
    made.close()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.flv")


@pytest.fixture
def namespace(cluster: LocalCluster, request: pytest.FixtureRequest, clip: Path) -> Iterator[LocalNamespace]:
    """An origin with a stream."""
    made = cluster.namespace(request.node.name.replace("_", "-"), {})
    made.apply(deployment("origin", ORIGIN))
    settle(made, "origin")
    with publish(clip, f"rtmp://{made.service('origin').cluster_ip}/live/a"):
        yield made
    made.destroy()


def settle(namespace: LocalNamespace, name: str = "edge") -> list[Pod]:
    wait_for(lambda: namespace.workload(name).settled, f"{name} to be settled")
    return [pod for pod in namespace.pods({"app": name}) if not pod.terminating]


def connects(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((address, port)) == 0


def test_players_of_draining_edges_stay_until_they_leave(namespace: LocalNamespace) -> None:
    namespace.apply(deployment("edge", GRACEFUL, replicas=2, lifecycle=HOOK))
    old, mark = settle(namespace), namespace.ended_pods().mark
    urls = [url for pod in old for url in (f"rtmp://{pod.ip}/live/a", f"http://{pod.ip}:8080/live/a.flv")]
    viewers = [watch(url).start() for url in urls]
    wait_for(lambda: all(each.timeline.frames for each in viewers), "frames for all")
    namespace.set_image("edge", "reference:3.0.171")
    new = settle(namespace)
    assert {SrsApi(f"http://{pod.ip}:1985").versions().text for pod in new} == {"3.0.171"}
    address = namespace.service("edge").cluster_ip
    with watch(f"rtmp://{address}/live/a") as newcomer:
        wait_for(lambda: newcomer.timeline.frames, "frames for a newcomer")
    draining = [pod for pod in namespace.pods({"app": "edge"}) if pod.terminating]
    assert {pod.uid for pod in draining} == {pod.uid for pod in old}
    for port in (1935, 1985, 8080):
        wait_for(lambda port=port: not any(connects(pod.ip, port) for pod in old), "the listeners to be closed")
    assert all(each.alive for each in viewers)
    seen = [each.stop() for each in viewers]
    assert [timeline.gaps(1) for timeline in seen] == [[]] * 4
    wait_for(lambda: len(namespace.ended_pods(mark).pods) == 2, "the old pods' end")
    assert [each.containers[0].exit_code for each in namespace.ended_pods(mark).pods] == [0, 0]


def test_who_stays_is_cut_when_the_grace_is_over(namespace: LocalNamespace) -> None:
    namespace.apply(deployment("edge", GRACEFUL, grace=4, lifecycle=HOOK))
    (pod,) = settle(namespace)
    mark = namespace.ended_pods().mark
    with watch(f"rtmp://{pod.ip}/live/a") as viewer:
        wait_for(lambda: viewer.timeline.frames, "frames")
        began = time.monotonic()
        namespace.rollout_restart("edge")
        wait_for(lambda: viewer.timeline.ended, "the cut")
        assert 4 <= (viewer.timeline.ended or 0) - began < 8
    wait_for(lambda: namespace.ended_pods(mark).pods, "the pod's end")
    assert namespace.ended_pods(mark).pods[0].containers[0].exit_code == 137


def test_a_hook_without_force_lets_players_be_cut(namespace: LocalNamespace) -> None:
    namespace.apply(deployment("edge", UNFORCED, lifecycle=HOOK))
    (pod,) = settle(namespace)
    with watch(f"rtmp://{pod.ip}/live/a") as viewer:
        wait_for(lambda: viewer.timeline.frames, "frames")
        began = time.monotonic()
        namespace.delete("Pod", pod.name)
        wait_for(lambda: viewer.timeline.ended, "the cut")
        assert 1 < (viewer.timeline.ended or 0) - began < 6


def test_a_changed_config_map_is_reloaded_and_players_stay(namespace: LocalNamespace) -> None:
    config = "inotify_auto_reload on;" + EDGE
    namespace.apply(deployment("edge", config))
    (pod,) = settle(namespace)
    with watch(f"rtmp://{pod.ip}/live/a") as viewer:
        wait_for(lambda: viewer.timeline.frames, "frames")
        changed = config.replace("max_connections 1000", "max_connections 900")
        namespace.patch("ConfigMap", "edge", {"data": {"srs.conf": changed}})
        wait_for(lambda: "reload max_connections 1000=>900 success" in namespace.logs(pod.name), "the reload")
        count = len(viewer.timeline.frames)
        wait_for(lambda: len(viewer.timeline.frames) > count + 20, "frames after it")
        assert viewer.alive
