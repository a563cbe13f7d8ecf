"""The gate: what a night's report comes to beside what is known to fail."""

from datetime import date

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.report.gating import Standing, before_of, gate, gravest, subject_of
from srs_conformance.report.known import Kind, Known
from tests.support.reports import chapter, document, promise, result

TODAY = date(2026, 11, 29)
SHOULD = {"level": "SHOULD"}


def known(requirement="A-01", **more):
    told = {"versions": ("6",), "until": TODAY, "why": "It is so.", "issue": "SRS #1"}
    return Known(more.pop("number", 1), requirement, **told | more)


def gated(*promises, known=(), today=TODAY, **more):
    settings = {name: more.pop(name) for name in ("before", "require_real_srs") if name in more}
    return gate(document(chapter("small", *promises), **more), known, today, **settings)


def standings(found):
    return [(item.id, item.standing) for item in found.items]


@pytest.mark.parametrize(
    ("verdict", "level", "standing", "code"),
    [
        ("fail", "MUST", Standing.NEW, ExitCode.MISSED),
        ("could-not-test", "MUST", Standing.UNTESTED, ExitCode.COULD_NOT_TEST),
        ("could-not-test", "SHOULD", Standing.UNTESTED, ExitCode.COULD_NOT_TEST),
        ("engine-error", "MUST", Standing.BROKEN, ExitCode.ENGINE_ERROR),
        ("warn", "SHOULD", Standing.WARNING, ExitCode.HOLDS),
    ],
)
def test_what_nobody_knows_of_is_new(verdict, level, standing, code):
    found = gated(promise("A-01", verdict, level=level), promise("A-02"), known=[known("A-02", versions=("5",))])
    assert standings(found) == [("A-01", standing)]
    assert found.exit_code is code


@pytest.mark.parametrize("verdict", ["pass", "unsupported", "disabled", "not-run"])
def test_what_holds_or_was_not_judged_is_nothing(verdict):
    assert gated(promise("A-01", verdict), promise("A-02")).items == ()


@pytest.mark.parametrize("verdict", ["fail", "warn"])
def test_what_is_known_to_be_missed_passes_and_is_told_with_its_entry(verdict):
    found = gated(promise("A-01", verdict), known=[known()])
    assert standings(found) == [("A-01", Standing.KNOWN)]
    assert found.items[0].entry.reference == "SRS #1"
    assert found.exit_code is ExitCode.HOLDS


def test_what_is_known_to_be_missed_is_not_known_to_be_untestable_and_the_other_way_round():
    assert (
        gated(promise("A-01", "could-not-test"), promise("A-02"), known=[known()]).items[0].standing
        is Standing.UNTESTED
    )
    kind = Kind.COULD_NOT_TEST
    assert gated(promise("A-01", "fail"), known=[known(kind=kind)]).exit_code is ExitCode.MISSED
    found = gated(promise("A-01", "could-not-test"), promise("A-02"), known=[known(kind=kind)])
    assert (standings(found), found.exit_code) == ([("A-01", Standing.KNOWN)], ExitCode.HOLDS)


def test_no_entry_excuses_an_engine_error():
    entries = [known(), known(kind=Kind.COULD_NOT_TEST)]
    assert gated(promise("A-01", "engine-error"), known=entries).exit_code is ExitCode.ENGINE_ERROR


def test_an_entry_of_another_version_excuses_nothing():
    assert gated(promise("A-01", "fail"), known=[known(versions=("5",))]).exit_code is ExitCode.MISSED


def test_what_holds_although_it_is_known_to_fail_is_mended():
    found = gated(promise("A-01"), known=[known()])
    assert standings(found) == [("A-01", Standing.MENDED)]
    assert "remove entry 1 (A-01)" in found.items[0].todo
    assert found.exit_code is ExitCode.HOLDS


def test_what_fails_sometimes_is_not_mended_by_one_night():
    assert gated(promise("A-01"), known=[known(sometimes=True)]).items == ()


@pytest.mark.parametrize("verdict", ["not-run", "unsupported", "disabled"])
def test_what_was_not_judged_is_neither_mended_nor_overdue(verdict):
    entries = [known(until=date(2026, 1, 1))]
    assert gated(promise("A-01", verdict), promise("A-02"), known=entries).items == ()


@pytest.mark.parametrize(
    ("verdict", "todo"),
    [
        ("fail", "it was known until 2026-11-28: see SRS #1, then mend it or give entry 1 (A-01) another day"),
        ("warn", "it was known until 2026-11-28: see SRS #1, then mend it or give entry 1 (A-01) another day"),
        ("pass", "it is known until 2026-11-28 only: remove entry 1 (A-01)"),
    ],
)
@pytest.mark.parametrize("sometimes", [False, True])
def test_an_entry_past_its_last_day_fails_the_gate_and_says_what_to_do(verdict, todo, sometimes):
    found = gated(promise("A-01", verdict), known=[known(until=date(2026, 11, 28), sometimes=sometimes)])
    assert standings(found) == [("A-01", Standing.OVERDUE)]
    assert found.items[0].todo == todo
    assert found.exit_code is ExitCode.MISSED


def test_of_two_entries_the_one_that_is_not_overdue_counts():
    entries = [known(until=date(2026, 1, 1)), known(number=2, versions=("6.0.157",))]
    assert gated(promise("A-01", "fail"), known=entries).items[0].entry.number == 2


def test_what_was_not_tested_for_want_of_an_option_hinders_nothing():
    test = result("A-01", "could-not-test", not_given="--helm-chart")
    found = gated(promise("A-01", "could-not-test", tests=[test]), promise("A-02"))
    assert (found.items, found.exit_code) == ((), ExitCode.HOLDS)


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("fail", ExitCode.MISSED), ("engine-error", ExitCode.ENGINE_ERROR), ("could-not-test", ExitCode.COULD_NOT_TEST)],
)
def test_a_test_of_no_requirement_counts_too(verdict, code):
    found = gated(promise("A-01"), other_tests=[result("X-01", verdict)])
    assert found.exit_code is code
    assert found.items[0].text.endswith("::test_of_X_01")


@pytest.mark.parametrize(
    ("result", "code"), [("interrupted", 2), ("internal", 3), ("usage", 4), ("nothing-collected", 5)]
)
def test_a_run_that_was_cut_short_decides_nothing(result, code):
    found = gated(promise("A-01"), result=result, exit_code=code)
    assert found.exit_code is ExitCode.COULD_NOT_TEST
    assert f"({result})" in found.hindrances[0]


def test_a_run_that_judged_nothing_decides_nothing():
    assert gated(promise("A-01", "not-run")).hindrances == ("no requirement was judged",)
    assert gated(promise("A-01", "unsupported")).exit_code is ExitCode.COULD_NOT_TEST


def test_the_reference_server_is_never_srs():
    found = gated(promise("A-01", "fail"), promise("A-02"), reference=True, known=[known(), known("A-02")])
    assert standings(found) == [("A-01", Standing.NEW)]
    assert "says nothing about SRS" in found.notes[0]
    assert gated(promise("A-01"), reference=True).exit_code is ExitCode.HOLDS


def test_where_real_srs_is_required_the_reference_server_decides_nothing():
    found = gated(promise("A-01"), reference=True, require_real_srs=True)
    assert found.exit_code is ExitCode.COULD_NOT_TEST
    assert "in the place of ossrs/srs:6" in found.hindrances[0]
    assert gated(promise("A-01"), require_real_srs=True).exit_code is ExitCode.HOLDS


def test_an_engine_error_outweighs_a_miss_and_a_miss_what_was_not_tested():
    assert gravest([]) is ExitCode.HOLDS
    assert gravest([ExitCode.COULD_NOT_TEST, ExitCode.MISSED]) is ExitCode.MISSED
    assert gravest([ExitCode.MISSED, ExitCode.ENGINE_ERROR]) is ExitCode.ENGINE_ERROR
    found = gated(promise("A-01", "fail"), promise("A-02", "could-not-test"), promise("A-03", "engine-error"))
    assert [item.id for item in found.items] == ["A-03", "A-01", "A-02"]


@pytest.mark.parametrize(
    ("server", "options", "told"),
    [
        ({"asked": "ossrs/srs:6", "version": "6.0.157"}, {}, ("6.0.157", "")),
        ({"asked": "ossrs/srs:v5.0-r3", "version": None}, {"srs_image_next": "ossrs/srs:6"}, ("5.0-r3", "6")),
        ({"asked": "example.com/srs:nightly", "version": None}, {"srs_image_next": ""}, ("", "")),
        (None, {}, ("", "")),
    ],
)
def test_the_version_is_what_the_server_said_else_its_tag(server, options, told):
    found = subject_of(document(server=server, options=options))
    assert (found.version, found.next) == told


def test_a_version_that_nobody_knows_has_no_entry_and_that_is_said():
    server = {"asked": "example.com/srs:nightly", "version": None, "reference": False}
    found = gated(promise("A-01", "fail"), server=server, known=[known()])
    assert found.exit_code is ExitCode.MISSED
    assert "no known finding applies" in found.notes[0]


def test_an_entry_whose_requirement_the_report_does_not_have_is_told():
    found = gated(promise("A-01"), known=[known("B-09")])
    assert found.notes == ("entry 1 (B-09) names a requirement that this report does not have",)


def test_a_report_is_compared_with_the_newest_older_one_of_the_same_image():
    own = document(chapter("small", promise("A-01", "fail")), started="2026-11-29T02:00:00+00:00")
    nights = [
        document(chapter("small", promise("A-01")), started=f"2026-11-{day}T02:00:00+00:00") for day in (27, 28, 30)
    ]
    other = document(started="2026-11-28T03:00:00+00:00", options={"srs_image_next": "ossrs/srs:5"})
    faulty = document(started="2026-11-28T04:00:00+00:00", options={"faults": ["join-race"]})
    stand_in = document(started="2026-11-28T05:00:00+00:00", reference=True)
    assert before_of(own, [*nights, other, faulty, stand_in, own]) is nights[1]
    assert before_of(own, [other]) is None
    change = gate(own, [], TODAY, before=nights[1]).change
    assert [each.id for each in change.changes] == ["A-01"]
