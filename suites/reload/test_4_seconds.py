"""How long an edit takes when nobody hurries it, and what several edits at a time do; under viewers who stay."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.reload_example import Example
from fixtures.watch import Viewers, watch_undisturbed
from srs_conformance.checkers import playback
from srs_conformance.observing import Budget, must, must_hold, pause

pytestmark = isolated("it edits the configuration of a running server")


@requirement("INO-06")
def test_edits_of_a_moment_are_taken_over_together(
    timed_example: Example, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(timed_example.playable, listed_by=timed_example.api)
    timed_example.cell.stream = stream.name
    edits = [timed_example.commented("1"), timed_example.commented("2"), timed_example.without_gop_cache("3")]
    before = timed_example.edit_quickly(edits, record)
    timed_example.must_start_late()
    pause(Budget.SLEPT)
    reloads = timed_example.reloads() - before
    record.measure("reloads", reloads)
    must(timed_example.taken_together(reloads, len(edits)))
    must(timed_example.unrestarted())


@requirement("INO-04")
def test_an_edit_comes_by_itself_and_cuts_nobody(
    timed_example: Example, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    timed_example.edit(timed_example.cell.before, record)
    stream = publisher.publish(timed_example.playable, listed_by=timed_example.api)
    timed_example.cell.stream = stream.name
    timed_example.wait_for_prompt_start()
    with viewers.watching(stream.name, on=[timed_example.playable], each=2) as watching:
        watch_undisturbed(watching)
        seconds = timed_example.edit_unhurried(timed_example.without_gop_cache(), record)
        record.measure("in the pod, s", round(seconds, 1))
        started = record.seconds()
        must_hold(timed_example.late_start, Budget.RELOADED, times=1)
        record.measure("in force after that, s", round(record.seconds() - started, 1))
        for viewer in watching:
            must(timed_example.kept(viewer))
            must(playback.uninterrupted(viewer.timeline, gap=Budget.BESIDE.seconds))
