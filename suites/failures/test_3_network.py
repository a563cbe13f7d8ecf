"""Names that cannot be looked up, and a node whose network is away for a while."""

from fixtures.binding import isolated, requirement
from fixtures.failing import Failure
from srs_conformance.observing import Budget

pytestmark = isolated("they cut pods off from each other and from the name service")


@requirement("FLT-07")
def test_viewers_do_not_notice_that_names_cannot_be_looked_up(lost_names: Failure) -> None:
    lost_names.must("FLT-07", "uncut")
    lost_names.must("FLT-07", "no_gap", over=Budget.BREAK.seconds)


@requirement("FLT-08")
def test_a_short_pause_of_the_nodes_network_loses_no_frame(paused_network: Failure) -> None:
    paused_network.must("FLT-08", "uncut")
    paused_network.must("FLT-08", "no_gap", over=Budget.NETWORK_PAUSE_GAP.seconds)
    paused_network.must("FLT-08", "frames_accounted")


@requirement("FLT-09")
def test_viewers_outlast_a_long_outage_of_the_nodes_network(lost_network: Failure) -> None:
    lost_network.must("FLT-09", "uncut")
    lost_network.must("FLT-09", "no_gap", over=Budget.NETWORK_OUTAGE_GAP.seconds)
