"""What Kubernetes gives: watchdog, migration, declarative deployment. These disturb their deployment."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.quick_start import QuickStart
from fixtures.roles import RTMP as RTMP_WAY
from fixtures.watch import HTTP_FLV, RTMP, Viewers, must_play, watch_undisturbed
from srs_conformance.checkers import playback
from srs_conformance.clusters.base import Pod
from srs_conformance.observing import Budget, Observation, must, must_hold, must_stay

#: By the same process as the others: the watch that the next tests judge goes on meanwhile.
pytestmark = isolated("they end the server's process, delete its pod and apply its manifests again", apart=False)


def must_work(quick_start: QuickStart, publisher: Publishing, viewers: Viewers) -> None:
    """Demand that a new stream can be published and played.

    The guide's manifests have no readiness probe, so the Service sends players and encoders to a server that has
    started and does not listen yet: an encoder that tries again gets through, and how often it had to stands in the
    account.
    """
    stream = publisher.must_publish(quick_start.server, listed_by=quick_start.api, republish=Budget.REPUBLISH.seconds)
    with viewers.watching(stream.name, on=[quick_start.server], each=2) as watching:
        must_play(watching)


@requirement("QS-11")
def test_a_server_that_ends_is_started_again(
    own_quick_start: QuickStart, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    before = own_quick_start.pod()
    server = own_quick_start.roles["server"].container
    own_quick_start.namespace.exec(before.name, ["kill", "-TERM", "1"], container=server)
    record.did("ended the server's process by SIGTERM from inside its container")

    def started_again() -> Observation:
        now = own_quick_start.pod()
        again = now.uid == before.uid and now.ready and now.restarts == before.restarts + 1
        return Observation(again, f"the same pod, ready, {before.restarts + 1} restart(s)", _state(now))

    must_hold(started_again, Budget.RETURN)
    must_work(own_quick_start, publisher, viewers)


@requirement("QS-12")
def test_a_deleted_pod_is_replaced_behind_the_same_address(
    own_quick_start: QuickStart, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    before, address = own_quick_start.pod(), own_quick_start.server.host
    way = own_quick_start.roles["server"].way(RTMP_WAY)
    own_quick_start.namespace.delete("Pod", before.name)
    record.did(f"deleted {before.name}")

    def replaced() -> Observation:
        pods = own_quick_start.alive("server")
        ready = own_quick_start.endpoints()[f"{way.service}:{way.port}"]
        new = len(pods) == 1 and pods[0].uid != before.uid and pods[0].ready and ready == [pods[0].ip]
        return Observation(
            new, "one new pod, ready, the only endpoint", f"{[_state(pod) for pod in pods]}, endpoints {ready}"
        )

    must_hold(replaced, Budget.RETURN)
    now = own_quick_start.namespace.service(way.service).address
    must(Observation(now == address, f"the address {address}", now))
    must_work(own_quick_start, publisher, viewers)


@requirement("QS-13")
def test_applying_again_changes_nothing(
    own_quick_start: QuickStart, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    stream = publisher.publish(own_quick_start.server, listed_by=own_quick_start.api)
    before = own_quick_start.pod()
    with viewers.watching(stream.name, on=[own_quick_start.server], each=2, over=(RTMP, HTTP_FLV)) as watching:
        watch_undisturbed(watching)
        own_quick_start.namespace.apply(own_quick_start.deployed.objects)
        record.did("applied the same manifests again")

        def unchanged() -> Observation:
            now = own_quick_start.pod()
            same = (now.uid, now.restarts) == (before.uid, before.restarts)
            return Observation(same, f"still {_state(before)}", _state(now))

        must_stay(unchanged, Budget.STEADY)
        for viewer in watching:
            must(playback.uninterrupted(viewer.timeline))


def _state(pod: Pod) -> str:
    return f"{pod.name} ({pod.uid[:8]}): {'ready' if pod.ready else 'not ready'}, {pod.restarts} restart(s)"
