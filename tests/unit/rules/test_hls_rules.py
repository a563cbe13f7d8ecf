"""Every rule of HLS and MPEG-TS: kept by a sound stream, and broken, it alone, by a stream that breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from srs_conformance.requirements import Level
from srs_conformance.rules import hls, hls_delivery, hls_media, hls_playlists, hls_time, ts_streams, ts_tables
from srs_conformance.rules.rule import Outcome, Verdict, broken
from tests.unit.rules import broken_playlists, broken_segments
from tests.unit.rules.making import Stream, good

BROKEN = {**broken_playlists.BROKEN, **broken_segments.BROKEN}
#: What cannot be broken without another rule: a playlist that nothing identifies has a wrong Content-Type, too.
ALONG = {"HLS-IDENTIFIED": {"HLS-PLAYLIST-TYPE"}}
RULES = (
    *hls_playlists.RULES,
    *hls_time.RULES,
    *hls_delivery.RULES,
    *hls_media.RULES,
    *ts_tables.RULES,
    *ts_streams.RULES,
)


def names(verdicts: list[Verdict]) -> set[str]:
    return {each.rule.id for each in verdicts}


def test_a_sound_stream_keeps_every_rule() -> None:
    verdicts = hls.judge(good().responses()).all
    assert [str(each) for each in broken(verdicts)] == []
    assert {each.rule.id for each in verdicts if each.outcome is Outcome.NOT_SEEN} == {"HLS-ENDED"}


def test_a_stream_that_has_ended_keeps_every_rule() -> None:
    stream = good()
    stream.playlists[-1] += "#EXT-X-ENDLIST\n"
    stream.looks[len(stream.playlists) - 1] = (0.0, 1.0, 60.0)
    assert [str(each) for each in broken(hls.judge(stream.responses()).all)] == []


def test_every_rule_has_one_verdict() -> None:
    assert [each.rule for each in hls.judge(good().responses()).all] == list(RULES)
    assert [each.rule for each in hls.judge([]).all] == list(RULES)


def test_no_rule_lacks_a_broken_example() -> None:
    assert [rule.id for rule in RULES if rule.id not in BROKEN] == []
    assert BROKEN.keys() == {rule.id for rule in RULES}


@pytest.mark.parametrize("name", BROKEN)
def test_a_stream_that_breaks_a_rule_breaks_it_alone(name: str) -> None:
    verdicts = broken(hls.judge(BROKEN[name]().responses()).all)
    assert names(verdicts) == {name} | ALONG.get(name, set()), [str(each) for each in verdicts]
    assert all(each.details for each in verdicts)


def test_nothing_is_judged_where_nothing_was_seen() -> None:
    assert {each.outcome for each in hls.judge([]).all} == {Outcome.NOT_SEEN}


def test_a_late_segment_is_told_by_how_late_it_is() -> None:
    (late,) = (each for each in hls.judge(BROKEN["HLS-IN-TIME"]().responses()).all if each.rule.id == "HLS-IN-TIME")
    assert "no new segment for 5.0 s, 3 s due" in late.details[0]


def test_should_and_must_are_told_apart() -> None:
    assert {rule.level for rule in RULES} == {Level.MUST, Level.SHOULD}
    assert not any(each.missed for each in hls.judge(BROKEN["HLS-CODECS"]().responses()).all)
    assert any(each.missed for each in hls.judge(BROKEN["HLS-EXTM3U"]().responses()).all)


@pytest.mark.parametrize("beside", [True, False])
def test_answers_that_cross_on_their_way_to_two_players_have_no_order(beside: bool) -> None:
    """The older one is asked for later, and comes first where both were under way at a time."""
    responses = good().responses()
    looks = [each for each in responses if each.url == good().url]
    newer = next(each for each in looks if each.body == looks[-1].body)
    older = replace(looks[looks.index(newer) - 1], at=newer.at + 0.3, took=0.1)
    newer.took = 0.6 if beside else 0.2
    verdicts = hls.judge([*responses, older]).time
    assert ("HLS-SEQUENCE-FORWARD" in names(broken(verdicts))) is not beside


def stream_published_anew(*, told: bool) -> Stream:
    """A stream whose numbers begin anew, with or without an answer of 404 between."""
    stream = good()
    again = good()
    again.times = {version: 40.0 + 2 * version for version in range(len(again.playlists))}
    responses = [*stream.responses(), *again.responses()]
    if told:
        gone = next(each for each in stream.responses() if each.url == stream.url)
        gone.at, gone.status, gone.pieces = 30.0, 404, []
        responses.append(gone)
    stream.responses = lambda: responses
    return stream


@pytest.mark.parametrize("told", [True, False])
def test_a_playlist_may_begin_anew_after_an_answer_that_says_it_is_gone(told: bool) -> None:
    verdicts = hls.judge(stream_published_anew(told=told).responses()).time
    assert ("HLS-SEQUENCE-FORWARD" not in names(broken(verdicts))) is told


def test_an_answer_that_a_playlist_is_gone_counts_also_beside_another_that_was_under_way() -> None:
    responses = stream_published_anew(told=True).responses()
    gone = next(each for each in responses if each.status == 404)
    last = max((each for each in responses if each.url == gone.url and each.at < gone.at), key=lambda each: each.at)
    beside = replace(last, at=gone.at - 0.1, took=0.1 + gone.took / 2)
    verdicts = hls.judge([*responses, beside]).time
    assert "HLS-SEQUENCE-FORWARD" not in names(broken(verdicts))
