"""SLO files: strictly read, plainly judged."""

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.load.clauses import KNOWN
from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.slo import DEFAULT, DEFAULT_TEXT, Slo
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending


def measured():
    """99 good visits of 10 s, one of which stalled for a second, and one that was refused."""
    measures = Measures()
    for number in range(99):
        visit = Visit(Kind.RTMP, "live/a", connect=0.01, first_byte=0.02, first_keyframe=0.5, watched=10)
        if number == 0:
            visit.stalls, visit.stalled, visit.gaps = 1, 1.0, 2
        measures.visit(visit)
    measures.visit(Visit(Kind.HLS, "live/a", ending=Ending.TIMEOUT))
    return measures


def judged(text, measures=None):
    (only,) = Slo.parse(text, "slo.yaml").judge(measures or measured())
    return only


@pytest.mark.parametrize(
    ("text", "holds", "figure", "seen"),
    [
        ("first-keyframe p99: 1 s", True, 0.5, "500 ms (99 measured)"),
        ("first-keyframe p99: 200ms", False, 0.5, "500 ms (99 measured)"),
        ("connect max: 0.001 min", True, 0.01, "10 ms (99 measured)"),
        ("refused: 0 %", False, 1.0, "1 % (1 of 100 visits)"),
        ("refused: 1%", True, 1.0, "1 % (1 of 100 visits)"),
        ("refused: 0", False, 1.0, "1 in 100 visits"),
        ("cut: 0 %", True, 0.0, "0 % (0 of 99 joined visits)"),
        ("stalled-viewers: 1 %", False, 1.0101, "1.01 % (1 of 99 joined visits)"),
        ("stalled-viewers: .5 %", False, 1.0101, "1.01 % (1 of 99 joined visits)"),
        ("stalled-seconds: 0.1 %", False, 0.10101, "0.101 % (1.0 s of 990 viewer-seconds)"),
        ("gaps: 2", True, 2.0, "2 in 99 joined visits"),
        ("gaps: 300 %", True, 2.0202, "2.02 % (2 of 99 joined visits)"),
        ("jumps: 0", True, 0.0, "0 in 99 joined visits"),
        ("stall p99: 100 ms", True, 0.0, "no stall in 99 visits"),
    ],
)
def test_clauses_are_held_against_what_was_measured(text, holds, figure, seen):
    found = judged(text)
    assert (found.holds, found.seen) == (holds, seen)
    assert found.figure == pytest.approx(figure, rel=0.001)
    assert text == f"{found.clause}: {found.limit}"


@pytest.mark.parametrize("clause", KNOWN)
def test_every_clause_is_judged_and_none_holds_where_nothing_was_measured(clause):
    limit = "100 %" if " " not in clause else "1 h"
    found = judged(f"{clause}: {limit}", Measures())
    assert (found.holds, found.seen, found.figure) == (False, "nothing measured", None)


def test_a_section_is_about_one_kind():
    rtmp, hls, keyframe = Slo.parse(
        "rtmp:\n  refused: 0 %\nhls:\n  refused: 0 %\n  first-keyframe p99: 1 s", "x"
    ).judge(measured())
    assert (rtmp.clause, rtmp.holds) == ("rtmp: refused", True)
    assert (hls.clause, hls.holds, hls.figure) == ("hls: refused", False, 100.0)
    assert keyframe.seen == "nothing measured"


def test_the_publisher_has_a_section_and_is_not_among_the_viewers():
    measures = Measures()
    measures.visit(Visit(Kind.PUBLISHER, "live/a", first_keyframe=9))
    ours, theirs = Slo.parse("first-keyframe p99: 1 s\npublisher: {first-keyframe p99: 10 s}", "x").judge(measures)
    assert not ours.holds
    assert theirs.holds


def test_a_figure_just_over_its_limit_is_told_precisely():
    measures = Measures()
    measures.record(Kind.RTMP, Measure.CONNECT, 1.0)
    found = judged("connect p50: 1 s", measures)
    assert (found.holds, found.seen) == (False, "1.0004 s (1 measured)")
    measures.merge({"rtmp": {"counts": {"visits": 1_000_000, "refused": 10_001}}})
    assert judged("refused: 1 %", measures).seen == "1.0001 % (10,001 of 1,000,000 visits)"


def test_shallow_visits_do_not_dilute_stalls():
    measures = measured()
    for _ in range(99):
        measures.visit(Visit(Kind.RTMP, "live/a", deep=False, first_keyframe=0.5, watched=1000))
    assert judged("stalled-seconds: 0.1 %", measures).figure == pytest.approx(0.101, rel=0.01)


def test_the_default_says_what_it_is():
    assert [clause.label for clause in DEFAULT.clauses] == ["first-keyframe p99", "stalled-seconds", "refused", "cut"]
    assert Slo.parse(DEFAULT_TEXT, DEFAULT.where) == DEFAULT


def test_a_file_is_read(tmp_path):
    path = tmp_path / "slo.yaml"
    path.write_text("# ours\nconnect p95: 200 ms\n")
    assert Slo.load(path).clauses[0].limit == 0.2
    with pytest.raises(UsageError, match=r"absent\.yaml: cannot be read"):
        Slo.load(tmp_path / "absent.yaml")
    path.write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UsageError, match="cannot be read"):
        Slo.load(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "slo.yaml: it is empty"),
        ("# only a comment", "it is empty"),
        ("{}", "it has no clause"),
        ("a: [", "no YAML"),
        ("- refused: 0 %", "expected a mapping, found a list"),
        ("refused", "expected a mapping, found 'refused'"),
        ("cut: 0\nfirst-keyframes p99: 1 s", r"slo.yaml:2: unknown clause .* did you mean 'first-keyframe p99'\?"),
        ("first keyframe p99: 1 s", "did you mean 'first-keyframe p99'"),
        ("connect: 1 s", "unknown clause 'connect'; did you mean 'connect p"),
        ("connect p98: 1 s", "unknown clause 'connect p98'; did you mean 'connect p9"),
        ("http_flv: {cut: 0}", "did you mean 'http-flv'"),
        ("hls: {rtmp: {cut: 0}}", "unknown clause 'rtmp' in the section hls"),
        ("[a]: 1", "expected the name of a clause, found a list"),
        ("connect p50: about 5 s", "'about 5 s' is no limit"),
        ("connect p50: 5 pc", "of the unknown unit 'pc'; expected a time"),
        ("connect p50: 5", "is without a unit; expected a time"),
        ("connect p50: 5 %", "is a percentage; expected a time"),
        ("refused: 1 s", "is a time; expected a share"),
        ("stalled-seconds: 5", "is without a unit; expected a share"),
        ("connect p50: -5 ms", "is negative"),
        ("refused: -1 %", "is negative"),
        ("refused: 101 %", "more than 100 %"),
        ("refused: yes", "'yes' is no limit"),
        ("refused: .inf", "'.inf' is no limit"),
        ("refused:", "refused: expected a limit, found nothing"),
        ("refused: [1]", "expected a limit, found a list"),
        ("refused: {a: 1}", "expected a limit, found a mapping"),
        ("hls:", "the section hls is empty"),
        ("hls: 1 s", "expected clauses below hls, found '1 s'"),
        ("cut: 0\nrefused: 0\ncut: 1", "slo.yaml:3: 'cut' stands there twice, first in line 1"),
        ("hls:\n  cut: 0\n  cut: 1", "slo.yaml:3: 'cut' stands there twice"),
        ("hls: {cut: 0}\nhls: {cut: 1}", "'hls' stands there twice"),
        ("cut: 0\n---\ncut: 1", "no YAML"),
    ],
)
def test_what_is_no_slo_is_named(text, message):
    with pytest.raises(UsageError, match=message) as caught:
        Slo.parse(text, "slo.yaml")
    assert caught.value.hint
