"""Rollback: `kubectl rollout undo`, under viewers who leave soon after it."""

from fixtures.audience import OVER
from fixtures.binding import requirement
from fixtures.changing import Stage
from srs_conformance.observing import Budget, Observation, must


@requirement("RB-02")
def test_undo_gives_the_old_template_a_new_highest_revision(update: Stage, rollback: Stage) -> None:
    rollback.must_have_finished()
    wanted = update.replica_sets["before"][-1]
    updated = rollback.replica_sets["before"][-1]
    after = rollback.replica_sets["after"]
    newest = after[-1]
    same = (newest.uid, newest.template_hash) == (wanted.uid, wanted.template_hash)
    right = same and newest.revision == updated.revision + 1
    expected = f"{wanted.name} as revision {updated.revision + 1}"
    must(Observation(right, expected, f"{newest.name} as revision {newest.revision}"))
    numbers = [each.revision for each in after]
    must(Observation(wanted.revision not in numbers, f"no revision {wanted.revision} any more", f"{numbers}"))


@requirement("RB-03")
def test_all_edges_run_the_old_version_again(update: Stage, rollback: Stage) -> None:
    rollback.must_have_finished()
    before, after = update.versions["before"], rollback.versions["after"]
    expected = f"{len(before)} edges of {sorted(set(before.values()))}"
    must(Observation(sorted(before.values()) == sorted(after.values()), expected, f"{after}"))


@requirement("RB-03")
def test_nobody_who_stays_is_cut(rollback: Stage) -> None:
    rollback.must("RB-03", "uncut", roles=["stays", "control"], until_grace=rollback.scene.grace)


@requirement("RB-03")
def test_who_stays_gets_the_stream_without_a_gap(rollback: Stage) -> None:
    rollback.must("RB-03", "no_gap", over=Budget.GAP.seconds, roles=["stays"], protocols=OVER, until_cut=True)


@requirement("RB-03")
def test_every_edge_pulls_once(rollback: Stage) -> None:
    rollback.must("RB-03", "merged_throughout")


@requirement("UPD-04")
def test_an_edge_ends_soon_after_its_last_viewer_left(rollback: Stage) -> None:
    rollback.must("UPD-04", "drained_within", seconds=Budget.DRAINED.seconds, phase="drain")
