"""How the server itself cleans up: hls_cleanup while a stream is published, hls_dispose when it has ended."""

from fixtures.binding import requirement
from fixtures.cleanup import CHURNS, HlsFiles
from fixtures.evidence import Record
from fixtures.publish import Publishing
from srs_conformance.observing import Budget, must_hold, must_stay, pause


@requirement("CLN-06")
def test_no_more_is_kept_than_the_window_while_publishers_come_and_go(
    hls_files: HlsFiles, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(hls_files.server, listed_by=hls_files.api)
    must_hold(lambda: hls_files.full_window(stream.name), Budget.BROADCAST, times=1)
    must_stay(lambda: hls_files.bounded(stream.name), Budget.QUIET)
    for _ in range(CHURNS):
        publisher.stop(stream)
        hls_files.must_be_free(stream.name)
        stream = publisher.publish(hls_files.server, stream.name, listed_by=hls_files.api)
        pause(Budget.CHURNED)
        hls_files.playlist(stream.name)  # for what its segments last, some of which will have left the next one
    must_hold(lambda: hls_files.bounded(stream.name), Budget.HLS_UPDATE)
    must_stay(lambda: hls_files.bounded(stream.name), Budget.QUIET)
    record.measure("segments on the volume", len(hls_files.segments(stream.name)))


@requirement("CLN-07")
def test_what_is_left_of_a_stream_goes_when_hls_dispose_is_over(
    hls_files: HlsFiles, publisher: Publishing, record: Record
) -> None:
    stream = publisher.publish(hls_files.server, listed_by=hls_files.api)
    must_hold(lambda: hls_files.written(stream.name, 2), Budget.HLS_UPDATE, times=1)
    publisher.stop(stream)
    started = record.seconds()
    there = hls_files.segments(stream.name)
    must_stay(lambda: hls_files.still_there(stream.name, there), Budget.KEPT_BEFORE_DISPOSE)
    must_hold(lambda: hls_files.left(stream.name), Budget.DISPOSED_SOON, times=2)
    record.measure("gone after the stream's end, s", round(record.seconds() - started, 1))
