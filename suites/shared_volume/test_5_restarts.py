"""The life of the volume is the pod's: it outlasts its containers, and no pod inherits it. These disturb it."""

import pytest

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.roles import RTMP
from fixtures.volume_scene import SharedVolume
from fixtures.watch import Viewers, must_play
from srs_conformance.clusters.base import Pod
from srs_conformance.observing import Budget, Observation, must, must_hold

pytestmark = isolated("they end containers and delete the pod")


def must_serve(scene: SharedVolume, publisher: Publishing, viewers: Viewers) -> None:
    """Demand that a new stream can be published, and played from both servers."""
    stream = publisher.must_publish(scene.server, listed_by=scene.api, republish=Budget.REPUBLISH.seconds)
    with viewers.watching(stream.name, on=[scene.server], each=2) as watching:
        must_play(watching)
        scene.must_have_segments(stream.name)


def published_before(scene: SharedVolume, publisher: Publishing, record: Record) -> list[str]:
    """Publish until there is a segment, and return the paths of the playlist and what it names, and of pages."""
    stream = publisher.publish(scene.server, listed_by=scene.api)
    segments = scene.wait_for_segments(stream.name)
    paths = [scene.playlist(stream.name), *segments, *pages(scene)]
    must_hold(lambda: scene.answers(paths, 200), Budget.API, times=1)
    record.did(f"the volume has {', '.join(paths)}")
    return paths


def pages(scene: SharedVolume) -> list[str]:
    """Return the paths of pages that the helper copies, where there is one."""
    return ["index.html"] if "helper" in scene.roles else []


@requirement("SV-08")
@pytest.mark.parametrize("role", ["nginx", "server"])
def test_a_container_that_restarts_finds_the_volume_as_it_was(
    role: str, own_shared_volume: SharedVolume, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    paths = published_before(own_shared_volume, publisher, record)
    before, container = own_shared_volume.pod(), own_shared_volume.roles[role].container
    own_shared_volume.namespace.exec(before.name, ["/bin/sh", "-c", "kill -TERM 1"], container=container)
    record.did(f"ended {container} by SIGTERM from inside its container")

    def started_again() -> Observation:
        now = own_shared_volume.pod()
        again = now.uid == before.uid and now.ready and now.restarts == before.restarts + 1
        return Observation(again, "the same pod, ready, one restart more", f"{now.name}, {now.restarts} restarts")

    must_hold(started_again, Budget.RETURN)
    must_hold(lambda: own_shared_volume.answers(paths, 200), Budget.NGINX_BACK)
    must_serve(own_shared_volume, publisher, viewers)


@requirement("SV-07")
def test_a_new_pod_begins_with_an_empty_volume(
    own_shared_volume: SharedVolume, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    there = published_before(own_shared_volume, publisher, record)
    old = [path for path in there if path not in pages(own_shared_volume)]
    before, address = own_shared_volume.pod(), own_shared_volume.server.host
    own_shared_volume.namespace.delete("Pod", before.name)
    record.did(f"deleted {before.name}")
    must_hold(lambda: replaced(own_shared_volume, before), Budget.RETURN)
    must_hold(lambda: own_shared_volume.answers(old, 404), Budget.NGINX_BACK)
    if copied := pages(own_shared_volume):
        must_hold(lambda: own_shared_volume.answers(copied, 200), Budget.PAGES)
    now = own_shared_volume.address("server", RTMP)
    must(Observation(now == address, f"the address {address}", now))
    must_serve(own_shared_volume, publisher, viewers)


def replaced(scene: SharedVolume, old: Pod) -> Observation:
    """Look whether another pod is ready, and the only endpoint."""
    pods, ready = scene.alive("server"), scene.endpoints()
    alone = bool(pods) and all(addresses == [pods[0].ip] for addresses in ready.values())
    new = len(pods) == 1 and pods[0].uid != old.uid and pods[0].ready and alone
    names = [pod.name for pod in pods]
    return Observation(new, f"one pod in place of {old.name}, the only endpoint", f"{names}, endpoints {ready}")
