"""RTMP: a connection that keeps every rule, and for each rule one that breaks it."""

import pytest

from srs_conformance.media.rtmp.messages import PingRequest, PingResponse, control_message
from srs_conformance.rules import rtmp_refusals
from srs_conformance.rules.codecs import Published
from srs_conformance.rules.rtmp_family import ALL_RULES, PLAY_RULES, judge_play, judge_refused
from srs_conformance.rules.rtmp_reading import read_talk
from srs_conformance.rules.rule import Outcome, broken
from srs_conformance.viewers.keeping import Conversation
from tests.support.kept import ASC, AVC, GREETINGS, Talking, conversation, messages, stream, without
from tests.unit.rules.broken_rtmp import (
    ACKED,
    BUSY,
    CONVERSATIONS,
    KEPT_REFUSALS,
    MEDIA,
    REFUSALS,
    refused,
    small_chunks,
)

PUBLISHED = Published(AVC, ASC)


def ids(verdicts):
    return {each.rule.id for each in broken(verdicts)}


def test_a_connection_in_order_breaks_no_rule_and_shows_all_but_what_it_has_not():
    verdicts = judge_play(conversation(), PUBLISHED)
    assert not ids(verdicts), broken(verdicts)
    unseen = {each.rule.id for each in verdicts if each.outcome is Outcome.NOT_SEEN}
    unseen -= {"CODEC-HEVC-CONFIGURATION", "CODEC-IN-BAND"}
    assert unseen == {"RTMP-CHUNK-CONTINUATION", "RTMP-ACKNOWLEDGEMENT", "RTMP-PING"}
    assert {each.rule for each in verdicts} >= set(PLAY_RULES)


@pytest.mark.parametrize("rule", sorted(CONVERSATIONS))
def test_each_rule_is_broken_by_its_example_and_what_follows_from_it_alone(rule):
    kept, also = CONVERSATIONS[rule]
    found = ids(judge_play(kept, PUBLISHED))
    assert rule in found
    assert found <= {rule, *also}


@pytest.mark.parametrize("rule", sorted(REFUSALS))
def test_each_rule_of_refusals_is_broken_by_its_example(rule):
    assert ids(judge_refused(REFUSALS[rule])) == {rule}


def test_no_rule_lacks_an_example_that_breaks_it():
    assert {rule.id for rule in ALL_RULES} == {*CONVERSATIONS, *REFUSALS}
    assert len({rule.id for rule in ALL_RULES}) == len(ALL_RULES)


def test_refusals_that_are_told_break_no_rule():
    verdicts = judge_refused(KEPT_REFUSALS)
    assert [each.rule for each in verdicts] == list(rtmp_refusals.RULES)
    assert all(each.outcome is Outcome.KEPT for each in verdicts), verdicts


def test_a_redirect_that_came_after_the_play_had_begun_is_no_lie():
    assert not ids(judge_refused([KEPT_REFUSALS[2]]))


def test_who_is_refused_among_others_is_named():
    (verdict,) = broken(judge_refused([refused(BUSY), refused(asked="play")]))
    assert verdict.details == ("play: ended without a word",)


def test_a_handshake_with_digests_is_taken_for_an_answer():
    kept = conversation(talking=Talking(digest=True))
    assert not ids(judge_play(kept, PUBLISHED))


def test_chunks_of_128_bytes_are_put_together():
    verdicts = {each.rule.id: each for each in judge_play(small_chunks(), PUBLISHED)}
    assert not ids(verdicts.values())
    assert verdicts["RTMP-CHUNK-CONTINUATION"].outcome is Outcome.KEPT


def test_chunks_that_nobody_announced_are_read_as_they_were_sent():
    kept, _ = CONVERSATIONS["RTMP-CHUNK-SIZE"]
    assert len(read_talk(kept).media) == len(stream()) - 1


def test_chunks_that_become_larger_after_some_that_were_cut_are_told_from_there_on():
    talking = Talking()
    kept = conversation(talking=talking, greetings=without(GREETINGS, "chunk size"), media=MEDIA[:2])
    talking.chunks[False].chunk_size = 60000
    before = len(kept.received)
    for message in MEDIA[2:]:
        talking.say(message)
    verdicts = {each.rule.id: each for each in judge_play(kept, PUBLISHED)}
    assert ids(verdicts.values()) == {"RTMP-CHUNK-SIZE"}
    assert int(verdicts["RTMP-CHUNK-SIZE"].details[0].split()[1].rstrip(":")) >= before


def test_timestamps_behind_the_header_are_repeated_by_each_chunk_of_a_message():
    media = messages(stream(start=0xFFFFF0))
    kept = conversation(media=media, greetings=without(GREETINGS, "chunk size"))
    assert not ids(judge_play(kept, PUBLISHED))


def test_a_timestamp_that_a_chunk_does_not_repeat_is_told():
    talking = Talking()
    kept = conversation(talking=talking, greetings=without(GREETINGS, "chunk size"), media=[])
    start = b"\x06\xff\xff\xff\0\1\0\x09\1\0\0\0" + b"\1\0\0\0"
    talking.raw(start + b"\x27\2\0\0\0" + bytes(123) + b"\xc6" + bytes(128))
    assert "RTMP-EXTENDED-TIMESTAMP" in ids(judge_play(kept))


def test_pings_that_are_answered_and_acknowledgements_of_what_was_sent_are_in_order():
    talking = Talking()
    kept = conversation(talking=talking)
    talking.say(PingRequest(7))
    talking.say(PingResponse(7), sent=True)
    for message in [*ACKED, *[control_message(PingRequest(8 + n)) for n in range(3)]]:
        talking.say(message)
    verdicts = {each.rule.id: each for each in judge_play(kept, PUBLISHED)}
    assert not ids(verdicts.values())
    assert verdicts["RTMP-ACKNOWLEDGEMENT"].outcome is Outcome.KEPT


def test_a_stream_that_nobody_publishes_is_a_play_without_media():
    verdicts = {each.rule.id: each for each in judge_play(conversation(media=[]))}
    assert not ids(verdicts.values())
    assert verdicts["RTMP-PLAY-START"].outcome is Outcome.KEPT
    assert verdicts["RTMP-MEDIA-STREAM"].outcome is Outcome.NOT_SEEN


def test_a_connection_without_a_byte_is_judged_as_nothing_seen():
    verdicts = judge_play(Conversation("127.0.0.1", 1935))
    assert {each.outcome for each in verdicts} == {Outcome.NOT_SEEN}
