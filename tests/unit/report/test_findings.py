"""Findings: what did not hold, the gravest first, with likely causes and the way to the evidence."""

from srs_conformance.report.beside import MOST_FILES, Beside
from srs_conformance.report.findings import findings
from tests.support.reports import chapter, document, promise, result

NOWHERE = Beside(None)


def found(*promises, beside=NOWHERE, patches=(), options=None, **more):
    made = document(chapter("small", *promises, patches=list(patches)), **more)
    return findings({**made, "options": options or {}}, beside)


def test_misses_come_before_what_could_not_be_tested_and_warnings_last():
    verdicts = {"A-01": "warn", "A-02": "pass", "A-03": "could-not-test", "A-04": "fail", "A-05": "engine-error"}
    every = found(*(promise(name, verdict) for name, verdict in verdicts.items()))
    assert [each.id for each in every] == ["A-04", "A-05", "A-03", "A-01"]


def test_of_a_requirement_only_the_tests_that_did_not_pass_are_told():
    each = promise("A-01", "fail", tests=[result("A-01"), result("A-01", "fail", "expected: a\nseen:     b")])
    (one,) = found(each)
    assert [case.told.seen for case in one.cases] == ["b"]


def test_what_nobody_had_to_give_is_no_finding():
    assert not found(promise("A-01", "could-not-test", tests=[result("A-01", "could-not-test", not_given="--it")]))


def test_a_test_of_no_requirement_is_one_where_it_failed():
    (one,) = found(other_tests=[result("", "engine-error", "KeyError"), result("", "pass")])
    assert one.id == ""
    assert one.cases[0].told.words == ("KeyError",)


def test_a_fault_that_is_on_is_the_cause_of_what_it_breaks_and_of_nothing_else():
    broken, other = found(
        promise("EDGE-03", "fail"),
        promise("QS-02", "fail"),
        options={"faults": ["edge-pulls-per-viewer", "unheard-of"]},
    )
    assert "edge-pulls-per-viewer" in broken.causes[0]
    assert not other.causes


def test_a_patch_is_the_cause_of_the_first_requirement_and_where_the_message_tells_of_its_defect():
    patch = {"name": "sv-d1", "cause": "nothing is copied", "reference": "", "text": ""}
    told = promise("A-05", "fail", tests=[result("A-05", "fail", "seen:     nothing is copied")])
    every = found(promise("A-00", "fail"), told, promise("A-06", "fail"), patches=[patch])
    assert [len(each.causes) for each in every] == [1, 1, 0]
    assert "sv-d1" in every[0].causes[0]


def test_known_issues_lead_to_their_public_page():
    (one,) = found(promise("A-01", "fail", known=["SRS #2911", "a book"]))
    assert [each.href for each in one.known] == ["https://github.com/ossrs/srs/issues/2911", ""]


def test_the_files_of_a_bundle_are_linked_where_they_are(tmp_path):
    bundle = tmp_path / "evidence" / "a"
    bundle.mkdir(parents=True)
    for number in range(MOST_FILES + 2):
        (bundle / f"{number:03}.log").touch()
    missed = [
        promise(name, "fail", tests=[result(name, "fail", evidence=where)])
        for name, where in (("A-01", "evidence/a"), ("A-02", "evidence/gone"), ("A-03", "../elsewhere"))
    ]
    here, gone, outside = (each.cases[0] for each in found(*missed, beside=Beside(tmp_path)))
    assert here.files[0].href == "evidence/a/000.log"
    assert (len(here.files), here.more) == (MOST_FILES, 2)
    assert not gone.files
    assert not outside.files
