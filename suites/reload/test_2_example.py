"""The guide's example: a ConfigMap is edited, and the server takes the edit over by itself."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.publish import Publishing
from fixtures.reload_example import WITHOUT_HTTP, Example
from fixtures.watch import RTMP, Viewers, watch_undisturbed
from srs_conformance.observing import Budget, must, must_hold

pytestmark = isolated("it edits the configuration of running servers")


@requirement("RLD-02", "INO-01")
def test_an_edit_is_taken_over_without_a_restart(
    reload_example: Example, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(reload_example.playable, listed_by=reload_example.api)
    reload_example.cell.stream = stream.name
    reload_example.edit(reload_example.cell.after, record)
    started = record.seconds()
    must_hold(reload_example.full, Budget.RELOADED, times=1)
    record.measure("in force after the file's change, s", round(record.seconds() - started, 1))
    must(reload_example.unrestarted())


@requirement("RLD-03", "INO-02", "INO-03")
def test_the_example_closes_ports_and_opens_them_again(
    watched_example: Example, publisher: Publishing, viewers: Viewers, record: Record
) -> None:
    stream = publisher.publish(watched_example.playable, listed_by=watched_example.api)
    with viewers.watching(stream.name, on=[watched_example.playable], over=[RTMP]) as watching:
        watch_undisturbed(watching)
        watched_example.edit(WITHOUT_HTTP, record)
        must_hold(watched_example.closed, Budget.RELOADED, times=2)
        watched_example.edit(watched_example.cell.before, record)
        must_hold(watched_example.open, Budget.RELOADED, times=2)
        stream.publisher.check()
        must(watched_example.kept(watching[0]))
