"""The same update without grace, and without force_grace_quit: what these are good for."""

from fixtures.audience import OVER
from fixtures.binding import isolated, requirement
from fixtures.changing import Stage
from srs_conformance.observing import Budget

pytestmark = isolated("it updates edges that cut their viewers, and replaces the origin's pod")


@requirement("UPD-06")
def test_without_force_grace_quit_an_update_cuts_all_viewers(unforced_update: Stage) -> None:
    unforced_update.must_have_finished()
    unforced_update.must("UPD-06", "all_cut", roles=["stays"], before=unforced_update.scene.grace)


@requirement("UPD-06")
def test_without_any_grace_an_update_cuts_all_viewers(plain_update: Stage) -> None:
    plain_update.must_have_finished()
    plain_update.must("UPD-06", "all_cut", roles=["stays"], before=plain_update.scene.grace)


@requirement("UPD-10")
def test_a_rollout_of_the_origin_cuts_nobody_at_the_edges(origin_rollout: Stage) -> None:
    origin_rollout.must_have_finished()
    origin_rollout.must("UPD-10", "uncut", roles=["stays"])


@requirement("UPD-10")
def test_edges_get_the_stream_again_from_the_new_origin(origin_rollout: Stage) -> None:
    origin_rollout.must("UPD-10", "no_gap", over=Budget.ORIGIN_GAP.seconds, roles=["stays"], protocols=OVER)
    origin_rollout.must("UPD-10", "merged_throughout")
