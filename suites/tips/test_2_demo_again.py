"""What becomes of demo streams when their encoder, or the origin, is replaced. These disturb their deployment."""

from fixtures.binding import isolated, requirement
from fixtures.demo import AVATAR, LIVESTREAM, DemoStreams
from fixtures.evidence import Record
from srs_conformance.observing import Budget, must_hold

pytestmark = isolated("they kill the encoder and the origin, and apply another encoder")


@requirement("DEMO-02")
def test_the_stream_is_back_after_its_encoder_was_killed(own_demo_streams: DemoStreams, record: Record) -> None:
    before = own_demo_streams.wait_for(LIVESTREAM)
    killed = own_demo_streams.encoder_pod()
    own_demo_streams.namespace.delete("Pod", killed.name, grace=0)
    record.did(f"killed {killed.name}")
    own_demo_streams.must_have_encoder_after(killed)
    started = record.seconds()
    must_hold(lambda: own_demo_streams.another_than(before, LIVESTREAM), Budget.DEMO_BACK, times=2)
    record.measure("published after the encoder's start, s", round(record.seconds() - started, 1))


@requirement("DEMO-02")
def test_the_stream_is_back_after_the_origin_was_replaced(own_demo_streams: DemoStreams, record: Record) -> None:
    own_demo_streams.wait_for(LIVESTREAM)
    gone = own_demo_streams.origin_pod
    own_demo_streams.namespace.delete("Pod", gone.name)
    record.did(f"deleted {gone.name}")
    own_demo_streams.must_have_new_origin(gone)
    started = record.seconds()
    must_hold(lambda: own_demo_streams.listed(LIVESTREAM), Budget.DEMO_BACK, times=2)
    record.measure("published after the origin's return, s", round(record.seconds() - started, 1))


@requirement("DEMO-04")
def test_the_encoders_of_the_edges_take_the_place_of_the_one_of_the_origin(
    own_demo_streams: DemoStreams, record: Record
) -> None:
    own_demo_streams.apply_edge_variant()
    record.did("applied the guide's Deployment for the edges")
    must_hold(lambda: own_demo_streams.encoded_by(LIVESTREAM, AVATAR), Budget.DEMO_REPLACED)
    must_hold(lambda: own_demo_streams.listed(LIVESTREAM, AVATAR), Budget.DEMO_BACK)
