"""Cleanup for DVR/HLS temporary files: the guide's CronJob, run by hand over a volume that a server writes to."""

from fixtures.binding import requirement
from fixtures.cleanup import EMPTY, KEPT, TEMPORARY, Cleaned, HlsFiles
from srs_conformance.checkers import hls
from srs_conformance.observing import Observation, must


@requirement("CLN-00")
def test_a_server_that_cleans_up_by_itself_rolls_out(hls_files: HlsFiles) -> None:
    must(hls_files.deployed.documented)


@requirement("CLN-01")
def test_old_temporary_files_are_gone(cleaned: Cleaned) -> None:
    must(cleaned.gone(TEMPORARY))


@requirement("CLN-02")
def test_young_files_recordings_and_pages_stay(cleaned: Cleaned) -> None:
    young = tuple(f"young/{name.rpartition('/')[2]}" for name in TEMPORARY)
    must(cleaned.kept((*young, *KEPT)))


@requirement("CLN-03")
def test_empty_folders_are_gone_and_a_live_stream_plays_on(cleaned: Cleaned) -> None:
    must(cleaned.gone((*EMPTY, "nested", "old")))
    must(cleaned.kept(("dvr", "players", "console", "young", "live")))
    must(cleaned.goes_on)
    must(hls.segments(cleaned.timeline))


@requirement("CLN-04")
def test_the_job_succeeds_and_is_scheduled_for_the_night(cleaned: Cleaned) -> None:
    must(cleaned.completed())
    spec = cleaned.cronjob["spec"]
    seen = f"{spec['schedule']}, time zone {spec.get('timeZone', 'of the controller')}, suspended {spec['suspend']}"
    right = spec["schedule"] == "15 1 * * *" and "timeZone" not in spec and not spec["suspend"]
    must(Observation(right, "every day at 01:15 of the controller", seen))


@requirement("CLN-05")
def test_the_cronjob_can_be_run_by_hand(cleaned: Cleaned) -> None:
    must(Observation(TEMPORARY[0] in cleaned.log, "a log of what was deleted", cleaned.log[:200]))
