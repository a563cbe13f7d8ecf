"""HTTP-FLV, tracks and codecs: a response that keeps every rule, and for each rule one that breaks it."""

from dataclasses import replace

import pytest

from srs_conformance.requirements import Level
from srs_conformance.rules import codecs, flv_container, flv_delivery, flv_family
from srs_conformance.rules.codecs import Published
from srs_conformance.rules.flv_family import judge_flv
from srs_conformance.rules.rule import Outcome, broken
from srs_conformance.viewers.keeping import Response
from tests.support.kept import ASC, AUDIO, AVC, PAGE, flv_body, is_header, response, stream
from tests.unit.rules.broken_flv import CODECS, METADATA, RESPONSES, TRACKS, doubled_gop

PUBLISHED = Published(AVC, ASC)
NO_CORS = Response(PAGE.url, PAGE.at, PAGE.took, 200)
EXAMPLES = {
    **{f"FLV-{name}": (response(flv_body(media)), also) for name, (media, also) in {**TRACKS, **METADATA}.items()},
    **{name: (response(flv_body(media)), also) for name, (media, also) in CODECS.items()},
    **RESPONSES,
}


def ids(verdicts):
    return {each.rule.id for each in broken(verdicts)}


def test_a_response_in_order_breaks_no_rule_and_shows_all_but_what_it_has_not():
    verdicts = judge_flv(response(), PUBLISHED, PAGE)
    assert not ids(verdicts), broken(verdicts)
    unseen = {each.rule.id for each in verdicts if each.outcome is Outcome.NOT_SEEN}
    assert unseen == {"CODEC-HEVC-CONFIGURATION", "CODEC-IN-BAND"}
    assert [each.rule for each in verdicts] == [*flv_family.ALL_RULES, *codecs.RULES]


@pytest.mark.parametrize(("pause", "broken_rules"), [(10.0, set()), (0.0, {"FLV-PICTURE-ONCE"})])
def test_pictures_that_come_again_after_long_are_a_loop_where_the_publisher_may_send_one(pause, broken_rules):
    whole = response(flv_body(doubled_gop()))
    half = len(flv_body()) // 4000
    pieces = [replace(each, at=each.at + pause * (n >= half)) for n, each in enumerate(whole.pieces)]
    kept = replace(whole, pieces=pieces)
    looping = replace(PUBLISHED, again_after=9.0)
    assert ids(judge_flv(kept, looping, PAGE)) - {"FLV-FLOW"} == broken_rules
    assert "FLV-PICTURE-ONCE" in ids(judge_flv(kept, PUBLISHED, PAGE))


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_each_rule_is_broken_by_its_example_and_what_follows_from_it_alone(rule):
    kept, also = EXAMPLES[rule]
    found = ids(judge_flv(kept, PUBLISHED, PAGE))
    assert rule in found
    assert found <= {rule, *also, *(f"FLV-{name}" for name in also)}


def test_a_page_that_may_not_read_the_response_breaks_the_rule_for_pages():
    assert ids(judge_flv(response(), PUBLISHED, NO_CORS)) == {"FLV-CORS"}


def test_no_rule_lacks_an_example_that_breaks_it():
    rules = {rule.id for rule in (*flv_family.ALL_RULES, *codecs.RULES)}
    assert rules == {*EXAMPLES, "FLV-CORS"}


def test_the_rules_say_where_they_come_from_and_their_ids_are_their_own():
    rules = [*flv_container.RULES, *flv_family.RULES, *flv_delivery.RULES, *codecs.RULES]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.source
        assert rule.text.endswith(".")
        assert rule.level in Level


def test_a_timestamp_that_wraps_is_no_step_back():
    assert not ids(judge_flv(response(flv_body(stream(start=(1 << 32) - 1500))), PUBLISHED, PAGE))


def test_audio_alone_is_a_stream():
    media = [each for each in stream() if each.kind == AUDIO]
    verdicts = judge_flv(response(flv_body(media, b"FLV\1\4\0\0\0\x09\0\0\0\0")), PUBLISHED, PAGE)
    assert ids(verdicts) == {"FLV-METADATA-FIRST"}


def test_a_body_that_ends_in_the_middle_of_a_tag_is_judged_as_far_as_it_came():
    assert not ids(judge_flv(response(flv_body()[:-7]), PUBLISHED, PAGE))


def test_a_verdict_says_at_which_byte_and_time_the_rule_was_broken():
    kept, _ = EXAMPLES["FLV-PREVIOUS-TAG-SIZE"]
    (verdict,) = broken(judge_flv(kept, PUBLISHED, PAGE), level=Level.MUST)
    assert verdict.seen.startswith("1 of ")
    assert verdict.details[0].startswith("byte ")
    assert " ms: 7 after a tag of " in verdict.details[0]


def test_nothing_published_is_known_and_so_nothing_is_compared():
    verdicts = {each.rule.id: each for each in judge_flv(response())}
    assert verdicts["CODEC-AS-PUBLISHED"].outcome is Outcome.NOT_SEEN


def test_no_answer_is_no_delivery_to_judge():
    verdicts = judge_flv(Response("http://x/live/s.flv", 1.0))
    assert not ids(verdicts)
    assert not any(each.outcome is Outcome.KEPT for each in verdicts)


def test_the_configuration_of_a_later_publisher_is_judged_too():
    later = [each for each in stream() if not is_header(AUDIO)(each)]
    assert ids(judge_flv(response(flv_body([*stream(), *later])), PUBLISHED, PAGE))
