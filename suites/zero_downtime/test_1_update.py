"""Rolling update: `kubectl set image` on edges with graceful quit, under viewers who stay, return, and come and go."""

from fixtures.audience import OVER
from fixtures.binding import requirement
from fixtures.changing import Stage
from fixtures.deploying import Deployer
from fixtures.evidence import Record
from fixtures.images import Images
from fixtures.places import API_PORT, HTTP_PORT, RTMP_PORT
from fixtures.releasing import CHAPTER, GRACEFUL, Releases
from srs_conformance.observing import Budget, Observation, must


@requirement("UPD-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER, "graceful", GRACEFUL))


@requirement("UPD-00")
def test_the_documented_manifests_roll_out_with_the_next_version(deployer: Deployer, releases: Releases) -> None:
    must(deployer.documented(CHAPTER, "next", releases.trial()))


@requirement("UPD-01")
def test_all_edges_run_the_next_version_and_the_old_revision_is_kept(update: Stage, images: Images) -> None:
    update.must_have_finished()
    before, after = update.replica_sets["before"], update.replica_sets["after"]
    old, new = before[-1], after[-1]
    must(Observation(new.images[0] == images.next.name, f"the newest revision runs {images.next.name}", new.images[0]))
    kept = [each for each in after if each.uid == old.uid]
    counts = [(each.wanted, each.total) for each in kept]
    must(Observation(counts == [(0, 0)], f"{old.name} kept with no pods", f"{counts}"))
    edges, versions = update.versions["before"], update.versions["after"]
    must(Observation(len(versions) == len(edges), f"{len(edges)} edges", f"{sorted(versions)}"))
    must(Observation(len(set(versions.values())) == 1, "one version on all edges", f"{versions}"))
    changed = not set(versions.values()) & set(edges.values())
    must(Observation(changed, f"another version than {sorted(set(edges.values()))}", f"{versions}"))


@requirement("UPD-02")
def test_who_stays_is_not_cut_before_the_grace_is_over(update: Stage, record: Record) -> None:
    record.measure("grace, s", update.scene.grace)
    update.must("UPD-02", "uncut", roles=["stays", "control"], until_grace=update.scene.grace)


@requirement("UPD-02")
def test_who_stays_gets_the_stream_without_a_gap(update: Stage) -> None:
    update.must("UPD-02", "no_gap", over=Budget.GAP.seconds, roles=["stays"], protocols=OVER, until_cut=True)


@requirement("UPD-02")
def test_every_edge_pulls_once_also_while_old_and_new_ones_serve(update: Stage) -> None:
    update.must("UPD-02", "merged_throughout")


@requirement("UPD-02")
def test_who_is_cut_when_the_grace_is_over_is_back_soon(update: Stage) -> None:
    update.must("UPD-02", "returns_within", seconds=Budget.RETURNED.seconds)


@requirement("UPD-03")
def test_an_edge_on_its_way_out_gets_no_new_viewers(update: Stage) -> None:
    update.must("UPD-03", "out_of_service", within=Budget.OUT_OF_SERVICE.seconds)


@requirement("UPD-04")
def test_an_edge_that_is_watched_ends_when_its_grace_is_over(update: Stage) -> None:
    update.must("UPD-04", "gone_within", seconds=update.scene.grace + Budget.KILLED.seconds)


@requirement("UPD-05")
def test_an_edge_listens_for_grace_start_wait_and_no_longer(update: Stage) -> None:
    update.must(
        "UPD-05",
        "stops_listening",
        open_for=Budget.START_WAIT.seconds,
        closed_after=Budget.LISTENERS_CLOSED.seconds,
        ports=[RTMP_PORT, API_PORT, HTTP_PORT],
    )


@requirement("UPD-09")
def test_an_edges_log_tells_of_its_graceful_quit(update: Stage) -> None:
    update.must("UPD-09", "quits_gracefully")


@requirement("UPD-12")
def test_no_new_viewer_is_refused_without_a_readiness_probe(update: Stage) -> None:
    update.must("UPD-12", "greeted")
    update.must("UPD-12", "none_refused", within=Budget.JOINED.seconds)


@requirement("RB-01")
def test_the_history_lists_the_update_with_its_cause(update: Stage, images: Images) -> None:
    before, after = update.replica_sets["before"][-1], update.replica_sets["after"][-1]
    must(
        Observation(
            after.revision == before.revision + 1 and images.next.name in after.cause,
            f"revision {before.revision + 1} because of `kubectl set image ... {images.next.name}`",
            f"revision {after.revision} because of {after.cause!r}",
        )
    )
    kept = next((each for each in update.replica_sets["after"] if each.uid == before.uid), None)
    seen = "gone" if kept is None else f"revision {kept.revision} because of {kept.cause!r}"
    right = kept is not None and kept.revision == before.revision and bool(kept.cause)
    must(Observation(right, f"revision {before.revision} with its change-cause", seen))
