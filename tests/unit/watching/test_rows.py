"""The live view at fixed times, row by row, and its one line."""

from __future__ import annotations

from srs_conformance.viewers import Ending, Protocol, Timeline
from srs_conformance.viewers.frames import Kind
from srs_conformance.viewers.timeline import Config, Note, PlaylistFetch
from srs_conformance.watching.rows import described, line, playlist, rows, state
from srs_conformance.watching.wording import count, plain, row
from tests.support import timelines
from tests.support.timelines import STARTED
from tests.unit.watching.making import look, over

URL = "http://127.0.0.1/live/a.m3u8"


def named(timeline: Timeline) -> Timeline:
    timeline.server, timeline.received = "SRS/6.0.157", 601_234
    timeline.notes.append(Note(STARTED + 0.03, "NetStream.Play.Start: Start live"))
    return timeline


def hls(*playlists: PlaylistFetch) -> Timeline:
    timeline = Timeline("v", URL, Protocol.HLS, STARTED, 1.7e9)
    timeline.playlists += playlists
    return timeline


def fetched(at: float, sequence: int | None = 7, count: int = 3, **more: object) -> PlaylistFetch:
    values = {"status": 200, "media_sequence": sequence, "segments": count, "target_duration": 2, **more}
    return PlaylistFetch(URL, STARTED + at, 0.01, **values)


def test_the_view_of_a_sound_stream() -> None:
    assert rows(look(named(timelines.good(8.0)), 8.0)) == [
        "rtmp://127.0.0.1/live/a  RTMP  8 s",
        "  server        SRS/6.0.157",
        "  state         frames come",
        "  video         AVC profile 77 level 3 640x360",
        "  audio         AAC object type 2 44100 Hz 2 channel(s)",
        "  frames        199 pictures, 343 of sound; 4 keyframes, the last 2 s after the one before",
        "  rate          25.0 pictures/s, 464 kbit/s, 601 kB in all",
        "  A/V skew      -21 ms",
        "  buffer        3.0 s in a player that waits for 3 s; no stall",
        "  last said     NetStream.Play.Start: Start live",
    ]


def test_the_view_before_anything_has_come() -> None:
    timeline = Timeline("v", "rtmp://127.0.0.1/live/a", Protocol.RTMP, STARTED, 1.7e9)
    assert rows(look(timeline, 1.2)) == [
        "rtmp://127.0.0.1/live/a  RTMP  1 s",
        "  server        -",
        "  state         connecting",
        "  video         -",
        "  audio         -",
        "  frames        -",
        "  rate          - pictures/s, -, 0 B in all",
        "  A/V skew      -",
        "  buffer        0.0 s in a player that waits for 3 s, which has not begun; no stall",
    ]


def test_one_line_says_the_same() -> None:
    good = line(look(timelines.good(8.0), 8.0))
    assert good == "   8 s  frames come  199 pictures  25.0 pictures/s  464 kbit/s  skew -21 ms  buffer 3.0 s"
    timeline = Timeline("v", URL, Protocol.RTMP, STARTED, 1.7e9, connected=STARTED + 0.1)
    assert line(look(timeline, 2.0)) == "   2 s  connected; no answer yet"


def test_a_stall_and_a_silence_show() -> None:
    timeline = timelines.good(4.0)
    seen = look(timeline, 9.0)
    assert state(seen) == "silent for 5.0 s"
    assert "1 stall, 1.99 s" in line(seen)
    assert "which stands still; 1 stall" in "\n".join(rows(seen))


def test_each_state_has_its_words() -> None:
    timeline = Timeline("v", URL, Protocol.RTMP, STARTED, 1.7e9)
    timeline.connected = STARTED
    timeline.first_byte = STARTED
    assert state(look(timeline, 1.0)) == "connected; it does not play yet"
    timeline.playing = STARTED
    assert state(look(timeline, 1.0)) == "the server plays; no frame yet"
    assert state(look(over(timeline, 1.0, Ending.CLOSED), 1.0)) == "ended: closed"


def test_the_playlist_of_hls_has_a_row_and_silence_between_segments_is_none() -> None:
    timeline = timelines.good_hls(3)
    seen = look(timeline, 5.5)
    assert state(seen) == "frames come"
    assert rows(seen)[-1] == "  playlist      segments 2 to 4, target 2 s, grew 1 s ago; 3 segments fetched"
    assert line(seen).endswith("playlist: segments 2 to 4, target 2 s, grew 1 s ago; 3 segments fetched")


def test_a_playlist_is_as_old_as_its_last_segment() -> None:
    same = [fetched(1.0), fetched(3.0), fetched(4.0)]
    assert "grew 4 s ago" in playlist(hls(fetched(0.0, 6), *same), STARTED + 5.0)
    assert "grew 1 s ago" in playlist(hls(*same, fetched(4.5, 8)), STARTED + 5.9)
    assert playlist(hls(fetched(0.0, count=0)), STARTED) == "no segment, target 2 s, grew 0 s ago; 0 segments fetched"
    assert "complete" in playlist(hls(fetched(0.0, finished=True)), STARTED)


def test_a_playlist_that_is_not_there_is_told_with_the_last_good_one() -> None:
    assert playlist(hls(), STARTED) == "-"
    missing = fetched(3.0, None, status=404)
    assert playlist(hls(missing), STARTED + 5) == "status 404"
    assert playlist(hls(fetched(1.0), missing), STARTED + 5) == "status 404, the last good one 4 s ago"
    assert playlist(hls(fetched(1.0, None, status=None, problem="timed out")), STARTED + 5) == "timed out"
    assert playlist(hls(fetched(1.0, None, master=True)), STARTED + 5) == "a master playlist"


def test_changes_of_a_configuration_are_counted() -> None:
    timeline = timelines.good(1.0)
    timeline.configs.append(Config(Kind.VIDEO, STARTED + 1, 9, "AVC", "profile 100 level 3 640x360"))
    assert described(timeline, Kind.VIDEO) == "AVC profile 100 level 3 640x360 (1 change)"


def test_what_a_peer_wrote_does_nothing_to_a_terminal() -> None:
    assert plain("a\x1b[2Jb\nc\u202e") == "a\\x1b[2Jb\\nc\\u202e"
    assert plain("für") == "für"
    assert len(plain("x" * 1000)) == 303


def test_numbers_have_their_nouns() -> None:
    assert (count(1, "picture"), count(1200, "picture")) == ("1 picture", "1,200 pictures")
    assert row("audio", "") == "  audio"
