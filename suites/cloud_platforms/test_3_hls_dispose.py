"""What the templates configure beyond the Quick Start: HLS files go when their stream has ended."""

from fixtures.binding import requirement
from fixtures.cloud_platforms import Watched
from fixtures.evidence import Record
from srs_conformance.checkers.disposing import disposed
from srs_conformance.errors import CouldNotTest
from srs_conformance.observing import Budget, must


@requirement("CLOUD-02")
def test_the_playlist_of_a_stream_that_has_ended_goes(templates_watched: Watched, record: Record) -> None:
    playlist = templates_watched.playlist
    if not playlist.existed:
        raise CouldNotTest(f"{playlist.url} was not there while its stream was")
    looks = playlist.wait()
    record.did(f"looked at {playlist.url} {len(looks)} times after its stream had ended")
    if looks:
        record.measure("last look at the playlist, s after the stream's end", round(looks[-1][0], 1))
    must(disposed(looks, Budget.DISPOSE, Budget.DISPOSED))
