"""Both copies of the HLS stream come from one volume: the same segments, the same bytes, whole at any time."""

from fixtures.binding import requirement
from fixtures.copies import NGINX, SRS, Copies
from fixtures.evidence import Record
from srs_conformance.checkers.copies import nothing_temporary, same_bytes, same_playlist, whole
from srs_conformance.observing import must


@requirement("SV-04")
def test_segments_are_the_same_bytes_on_both_ports(copies: Copies, record: Record) -> None:
    segments = copies.finished()
    record.measure("segments compared", len(segments))
    must(same_bytes(segments))


@requirement("SV-09")
def test_no_look_sees_half_a_playlist(copies: Copies, record: Record) -> None:
    looks = copies.looks()
    record.measure("looks", len(looks))
    must(whole(looks))


@requirement("SV-09")
def test_no_playlist_names_an_unfinished_segment(copies: Copies) -> None:
    must(nothing_temporary(copies.looks()))


@requirement("SV-10")
def test_both_playlists_name_the_same_segments(copies: Copies, record: Record) -> None:
    by_master = any(each.master for each in copies.reader.of(SRS))
    record.measure("playlist on 8080", "through a master playlist" if by_master else "as on the volume")
    must(same_playlist(copies.both(), NGINX, SRS))
