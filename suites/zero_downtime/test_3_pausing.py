"""Pause and resume, with the readiness probe that the guide's manifests lack."""

from fixtures.audience import OVER
from fixtures.binding import requirement
from fixtures.changing import Stage
from srs_conformance.observing import Budget, Observation, must


@requirement("UPD-08")
def test_a_paused_update_goes_no_further_and_leaves_both_versions(paused_update: Stage) -> None:
    paused_update.must("UPD-08", "stands_still", pause="pause", resume="resume")
    counts = {each.name: each.total for each in paused_update.replica_sets["paused"] if each.total}
    must(Observation(len(counts) == 2, "pods of both revisions", f"{counts}"))


@requirement("UPD-08")
def test_a_resumed_update_is_completed(paused_update: Stage) -> None:
    paused_update.must_have_finished()
    counts = [each.total for each in paused_update.replica_sets["after"]]
    must(Observation(not any(counts[:-1]), "pods of the newest revision only", f"{counts}"))


@requirement("UPD-08")
def test_nobody_who_stays_is_cut(paused_update: Stage) -> None:
    paused_update.must("UPD-08", "uncut", roles=["stays", "control"], until_grace=paused_update.scene.grace)
    paused_update.must("UPD-08", "no_gap", over=Budget.GAP.seconds, roles=["stays"], protocols=OVER, until_cut=True)


@requirement("UPD-03")
def test_no_new_viewer_is_refused_with_a_readiness_probe(paused_update: Stage) -> None:
    paused_update.must("UPD-03", "greeted")
    paused_update.must("UPD-03", "none_refused", within=Budget.JOINED.seconds)
