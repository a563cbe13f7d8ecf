"""What came of a watch, its exit code, and how it is told: each reason not to hold has a watch in which it does."""

from __future__ import annotations

import json

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.viewers import Ending, Keeping, Protocol, Timeline
from srs_conformance.viewers.keeping import Piece, Response
from srs_conformance.viewers.timeline import PlaylistFetch
from srs_conformance.watching import judging
from srs_conformance.watching.conclusion import Outcome
from srs_conformance.watching.document import document
from srs_conformance.watching.telling import lines
from tests.support import kept, timelines
from tests.support.timelines import STARTED
from tests.unit.rules import making as hls_making
from tests.unit.rules.broken_flv import TRACKS
from tests.unit.watching.making import concluded, over


def flv(body: bytes | None = None) -> Keeping:
    return Keeping(responses=[kept.response(body)])


def flv_timeline() -> Timeline:
    return over(timelines.good(8.0, Protocol.HTTP_FLV), 8.02)


def hls_timeline() -> Timeline:
    return over(timelines.good_hls(), 6.5)


def test_a_sound_stream_plays() -> None:
    conclusion = concluded(flv_timeline(), flv())
    assert (conclusion.outcome, conclusion.exit_code, conclusion.reasons) == (Outcome.PLAYS, ExitCode.HOLDS, ())


def test_a_broken_must_is_missed_and_a_broken_should_where_strict() -> None:
    must = flv(kept.flv_body(TRACKS["TIMESTAMP-ORDER"][0]))
    conclusion = concluded(flv_timeline(), must)
    assert conclusion.exit_code == ExitCode.MISSED
    assert "MUST broken: FLV-TIMESTAMP-ORDER" in conclusion.reasons[0]

    should = flv(kept.flv_body(TRACKS["KEYFRAME-FIRST"][0]))
    assert concluded(flv_timeline(), should).exit_code == ExitCode.HOLDS
    conclusion = concluded(flv_timeline(), should, strict=True)
    assert conclusion.exit_code == ExitCode.MISSED
    assert conclusion.reasons == ("SHOULD broken: FLV-KEYFRAME-FIRST",)


def test_a_file_is_told_to_be_one() -> None:
    told = kept.response(headers=[*kept.HEADERS[:1], ("content-length", "99999999")])
    conclusion = concluded(flv_timeline(), Keeping(responses=[told]))
    assert conclusion.reasons == ("MUST broken: FLV-CONTENT-LENGTH",)
    assert "is this a recording?" in conclusion.hint


def test_a_stall_is_missed() -> None:
    conclusion = concluded(over(timelines.good(4.0), 9.0))
    assert conclusion.exit_code == ExitCode.MISSED
    assert conclusion.reasons == ("a player that waits for 3 s of media stood still once, for 1.99 s",)


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.RESET, Ending.PROTOCOL_ERROR, Ending.TIMEOUT])
def test_a_stream_that_is_cut_is_missed(ending: Ending) -> None:
    conclusion = concluded(over(timelines.good(8.0), 8.0, ending, "gone"))
    assert conclusion.exit_code == ExitCode.MISSED
    assert conclusion.reasons == ("the stream was cut after 8 s: gone",)


def test_a_stream_that_says_that_it_is_complete_is_not_cut() -> None:
    timeline = over(timelines.good_hls(), 6.5, Ending.FINISHED, "the playlist is complete")
    assert concluded(timeline).exit_code == ExitCode.HOLDS


def test_a_playlist_that_has_gone_is_a_cut_and_one_missing_look_is_none() -> None:
    timeline = hls_timeline()
    gone = PlaylistFetch("http://127.0.0.1/live/a.m3u8", STARTED + 6.0, 0.01, 404)
    timeline.playlists.append(gone)
    assert concluded(timeline).exit_code == ExitCode.HOLDS
    timeline.playlists.append(gone)
    conclusion = concluded(timeline)
    assert conclusion.exit_code == ExitCode.MISSED
    assert conclusion.reasons == ("its playlist was gone at the end: status 404",)


def test_without_a_frame_it_could_not_be_tested() -> None:
    timeline = over(Timeline("v", "rtmp://a/live/b", Protocol.RTMP, STARTED, 1.7e9), 0.1, Ending.REFUSED, "refused")
    conclusion = concluded(timeline)
    assert conclusion.exit_code == ExitCode.COULD_NOT_TEST
    assert lines(conclusion) == [
        "rtmp://a/live/b: could not be tested",
        "  nobody listens there: refused",
        f"  hint: {conclusion.hint}",
    ]


def test_who_breaks_a_must_is_missed_though_no_frame_came() -> None:
    timeline = over(Timeline("v", hls_making.URL, Protocol.HLS, STARTED, 1.7e9, connected=STARTED), 3.0)
    timeline.playlists.append(PlaylistFetch(hls_making.URL, STARTED, 0.01, 200, problem="line 1: no #EXTM3U"))
    broken = Response(hls_making.URL, STARTED, 0.01, 200, (), [Piece(STARTED, b"#EXTINF:2,\na.ts\n")])
    conclusion = concluded(timeline, Keeping(responses=[broken]))
    assert conclusion.exit_code == ExitCode.MISSED
    assert "HLS-EXTM3U" in conclusion.reasons[0]
    assert conclusion.reasons[-1] == "no playlist that can be played: line 1: no #EXTM3U"


@pytest.mark.parametrize("body", [b"<html></html>", b""])
def test_a_page_is_judged_by_no_rule_of_playlists_or_flv(body: bytes) -> None:
    page = Response(hls_making.URL, STARTED, 0.01, 200, (), [Piece(STARTED, body)])
    for protocol in (Protocol.HLS, Protocol.HTTP_FLV):
        assert judging.judged(Timeline("v", hls_making.URL, protocol), Keeping(responses=[page])) == ()


@pytest.mark.parametrize("tag", ['#EXT-X-MAP:URI="a.mp4"', '#EXT-X-KEY:METHOD=AES-128,URI="key"'])
def test_segments_that_are_no_ts_in_the_clear_are_judged_by_no_rule_of_it(tag: str) -> None:
    stream = hls_making.edited("#EXTM3U\n", f"#EXTM3U\n#EXT-X-VERSION:6\n{tag}\n")
    stream.bodies = [b"\0" * 2000 for _ in stream.bodies]
    verdicts = judging.judged(hls_timeline(), Keeping(responses=stream.responses()))
    assert verdicts
    assert not [each for each in verdicts if each.rule.id.startswith("TS-")]


def test_a_key_that_ends_encryption_is_none() -> None:
    stream = hls_making.edited("#EXT-X-TARGETDURATION", "#EXT-X-KEY:METHOD=NONE\n#EXT-X-TARGETDURATION")
    verdicts = judging.judged(hls_timeline(), Keeping(responses=stream.responses()))
    assert [each for each in verdicts if each.rule.id.startswith("TS-")]


def test_another_protocol_and_a_refusal_are_judged_by_no_rule_of_play() -> None:
    timeline = Timeline("v", "rtmp://a/live/b", Protocol.RTMP, playing=STARTED)
    conversation = kept.conversation()
    assert judging.judged(timeline, Keeping(conversations=[conversation]))
    timeline.playing = None
    assert judging.judged(timeline, Keeping(conversations=[conversation])) == ()
    timeline.playing = STARTED
    conversation.pieces = [Piece(STARTED, b"SSH-2.0" * 1000)]
    assert judging.judged(timeline, Keeping(conversations=[conversation])) == ()


def test_what_could_not_be_kept_breaks_no_rule() -> None:
    responses = hls_making.good().responses()
    whole = Keeping(responses=responses)
    assert {each.outcome for each in judging.judged(hls_timeline(), whole)} >= {"kept"}
    late = max(each.at for each in responses)
    for each in responses:
        if each.at >= late / 2:
            each.pieces = []
    full = Keeping(responses=responses, full=True, full_since=late / 2)
    conclusion = concluded(hls_timeline(), full)
    assert not [each for each in conclusion.verdicts if each.missed]
    assert "rules (of the first part of the watch" in "\n".join(lines(conclusion))
    assert [each for each in judging.judged(hls_timeline(), Keeping(responses=responses)) if each.missed]


def test_a_keeping_knows_since_when_it_is_full() -> None:
    keeping, pieces = Keeping(limit=10), []
    for at in (1.0, 2.0, 3.0, 4.0):
        keeping.keep(pieces, at, b"12345")
    assert (keeping.full, keeping.full_since, len(pieces)) == (True, 3.0, 2)


def test_the_account_has_the_verdict_first_then_facts_then_rules() -> None:
    timeline = flv_timeline()
    timeline.server, timeline.received = "SRS/6.0.157", 500_000
    text = lines(concluded(timeline, flv(kept.flv_body(TRACKS["TIMESTAMP-ORDER"][0]))))
    assert text[0] == "http-flv://127.0.0.1/live/a: does not hold"
    assert text[3:12] == [
        "  watched       8.02 s over HTTP-FLV from SRS/6.0.157; stopped",
        (
            "  at first      connected after 10 ms; first byte after 20 ms; playing after 30 ms; "
            "frame after 50 ms, a keyframe"
        ),
        "  video         AVC profile 77 level 3 640x360; 200 pictures, 25 a second, 4 keyframes, every 2 s at the end",
        "  audio         AAC object type 2 44100 Hz 2 channel(s); 344 frames",
        "  bytes         500,000 received; 464 kbit/s of media at the end",
        "  A/V skew      40 ms at worst",
        "  gaps          none of more than 1.5 s",
        "  stalls        none in a player that waits for 3 s of media",
        "  jumps         none of timestamps",
    ]
    (broken,) = [at for at, each in enumerate(text) if "MUST broken: FLV-TIMESTAMP-ORDER (" in each]
    assert text[broken + 1].startswith("    byte ")
    assert any(each.startswith("  MUST kept: FLV-SIGNATURE, ") for each in text)


def test_every_rule_is_told_where_asked_for() -> None:
    text = "\n".join(lines(concluded(flv_timeline(), flv()), every_rule=True))
    assert "  MUST kept: FLV-SIGNATURE (FLV 10.1 E.2): " in text
    assert "  MUST not seen: CODEC-HEVC-CONFIGURATION (" in text


def test_gaps_stalls_and_jumps_are_told_with_their_places() -> None:
    timeline = timelines.good(8.0)
    for frame in timeline.frames:
        if frame.arrival > STARTED + 3.5:
            frame.arrival += 5.0
            frame.dts += 5000
    text = "\n".join(lines(concluded(over(timeline, 13.0))))
    assert "gaps          1 of more than 1.5 s: at 3.5 s for 5.0" in text
    assert "stalls        1 in a player that waits for 3 s of media: at 6." in text
    assert "jumps         2 of timestamps: video at 8." in text


def test_json_has_all_that_is_told() -> None:
    conclusion = concluded(flv_timeline(), flv())
    made = json.loads(json.dumps(document(conclusion, 0)))
    assert (made["outcome"], made["exit_code"], made["first_frame"]) == ("plays", 0, 0.05)
    assert made["figures"]["pictures"] == 200
    assert made["rules"][0]["id"] == "FLV-SIGNATURE"
    assert made["playlists"] == {"asked": 0, "last": None}
    of_hls = document(concluded(hls_timeline()), 0)
    assert of_hls["playlists"]["last"]["media_sequence"] == 2
