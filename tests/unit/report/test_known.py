"""known-findings.yaml: what is read, what is refused and how, and the file of this checkout."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from fixtures.defects import DEFECTS
from srs_conformance.errors import UsageError
from srs_conformance.reference.faults import CATALOGUE
from srs_conformance.report.known import FILE_NAME, Kind, Subject, load, parse
from srs_conformance.requirements import load_all

ROOT = Path(__file__).parents[3]
ENTRY = {
    "requirement": "EDGE-00",
    "versions": [5, "6.0.157"],
    "issue": "SRS #2911",
    "until": date(2027, 5, 29),
    "why": "It does not start.",
}


def text(*entries):
    return yaml.safe_dump({"findings": list(entries)})


def known(**more):
    (entry,) = parse(text(ENTRY | more), "a.yaml")
    return entry


def test_an_entry_is_read_with_all_that_it_says():
    entry = known(image="ossrs/srs", next=[6], verdict="could-not-test", sometimes=True, defect="edge-d9")
    assert (entry.number, entry.requirement, entry.versions, entry.next) == (1, "EDGE-00", ("5", "6.0.157"), ("6",))
    assert (entry.until, entry.why, entry.kind) == (date(2027, 5, 29), "It does not start.", Kind.COULD_NOT_TEST)
    assert (entry.image, entry.sometimes, entry.defect) == ("ossrs/srs", True, "edge-d9")
    assert entry.place == "entry 1 (EDGE-00)"


def test_a_file_may_know_of_nothing():
    assert parse("findings: []", "a.yaml") == ()


@pytest.mark.parametrize(
    ("version", "applies"),
    [
        ("5.0.216", True),
        ("5", True),
        ("6.0.157", True),
        ("6.0.158", False),
        ("6", False),
        ("50.0.1", False),
        ("", False),
    ],
)
def test_an_entry_is_about_majors_and_exact_versions(version, applies):
    assert known().applies_to(Subject("ossrs/srs:5", version)) is applies


@pytest.mark.parametrize(
    ("image", "asked", "applies"),
    [
        ("ossrs/srs", "ossrs/srs:5", True),
        ("docker.io/ossrs/srs", "ossrs/srs:5", True),
        ("ossrs/srs:5", "ossrs/srs:5", True),
        ("ossrs/srs:5", "ossrs/srs:v5.0-r3", False),
        ("example.com:5000/media/srs", "example.com:5000/media/srs:5", True),
        ("example.com:5000/media/srs", "ossrs/srs:5", False),
        ("ossrs/srs", "", False),
    ],
)
def test_an_entry_of_an_image_is_about_that_image_alone(image, asked, applies):
    assert known(image=image).applies_to(Subject(asked, "5.0.216")) is applies


@pytest.mark.parametrize(("following", "applies"), [("6", True), ("6.0.157", True), ("4", False), ("", False)])
def test_an_entry_of_updates_is_about_the_version_that_they_go_to(following, applies):
    assert known(next=[6]).applies_to(Subject("ossrs/srs:5", "5.0.216", following)) is applies


def test_an_entry_covers_what_it_knows_of_and_never_an_engine_error():
    assert {verdict for verdict in VERDICTS if Kind.MISSED.covers(verdict)} == {"fail", "warn"}
    assert {verdict for verdict in VERDICTS if Kind.COULD_NOT_TEST.covers(verdict)} == {"could-not-test"}


VERDICTS = ("engine-error", "fail", "could-not-test", "warn", "unsupported", "disabled", "not-run", "pass")


def test_an_entry_leads_to_its_issue():
    assert known().page == "https://github.com/ossrs/srs/issues/2911"
    assert known(issue="https://example.com/7").page == "https://example.com/7"
    nameless = {name: value for name, value in ENTRY.items() if name != "issue"} | {"defect": "edge-d9"}
    (entry,) = parse(text(nameless), "a.yaml")
    assert (entry.page, entry.reference) == ("", "defect edge-d9")


def test_the_last_day_is_one_on_which_it_is_still_known():
    assert not known().is_overdue(date(2027, 5, 29))
    assert known().is_overdue(date(2027, 5, 30))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"requirement": "edge 3"},
            "a.yaml: entry 1: requirement: expected a requirement such as EDGE-03; found 'edge 3'",
        ),
        ({"versions": 6}, "entry 1 (EDGE-00): versions: expected a list of versions of SRS, .*; found 6$"),
        ({"versions": []}, "versions: expected a list of versions"),
        ({"versions": [6.0]}, 'versions: expected .* by major as 6 or exactly as "6.0.157"; found 6.0'),
        ({"versions": ["6.x"]}, "versions: expected .*; found '6.x'"),
        ({"versions": [True]}, "versions: expected .*; found True"),
        ({"next": [6.0]}, "entry 1 (EDGE-00): next: expected a list of versions"),
        ({"until": "2027-05-29"}, "until: expected a day such as 2027-05-29, without quotes; found '2027-05-29'"),
        ({"until": "soon"}, "until: expected a day"),
        ({"why": "because"}, "why: expected a sentence that says why this fails; found 'because'"),
        ({"why": None}, "why: expected a sentence"),
        ({"issue": 2911}, 'issue: expected "SRS #2911", in quotes, or an address .*; found 2911'),
        ({"issue": "javascript:alert(1)"}, "issue: expected"),
        ({"issue": "https://example.com/)[x"}, "issue: expected"),
        ({"defect": "Edge D9"}, "defect: expected the name of a patch, .* such as edge-d9; found 'Edge D9'"),
        ({"image": "Ossrs/SRS"}, "image: 'Ossrs/SRS' is not an image name"),
        ({"image": 6}, "image: expected the name of an image"),
        ({"verdict": "engine-error"}, "verdict: expected missed or could-not-test; found 'engine-error'"),
        ({"sometimes": "often"}, "sometimes: expected true or false; found 'often'"),
        ({"untill": 1}, "a.yaml: entry 1: unknown key untill"),
    ],
)
def test_what_an_entry_cannot_say_is_refused_with_file_entry_and_what_was_expected(more, said):
    with pytest.raises(UsageError) as error:
        known(**more)
    assert re.search(said.replace("(", r"\(").replace(")", r"\)"), error.value.message), error.value.message


@pytest.mark.parametrize("name", ["requirement", "versions", "until", "why", "issue"])
def test_an_entry_that_lacks_something_says_what(name):
    with pytest.raises(UsageError, match=f"a.yaml: entry 1.*: expected {name}"):
        parse(text({key: value for key, value in ENTRY.items() if key != name}), "a.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("findings: [", "a.yaml: no YAML"),
        ("findings: [{until: 2027-02-30}]", "a.yaml: no YAML: day"),
        ("", "a.yaml: expected the one key findings with a list, found None"),
        ("findings: {}", "expected the one key findings with a list"),
        ("findings: []\nother: 1", "expected the one key findings with a list"),
        ("findings: [EDGE-00]", "a.yaml: entry 1: expected a mapping with requirement"),
    ],
)
def test_what_is_no_file_of_findings_is_refused(content, said):
    with pytest.raises(UsageError, match=said):
        parse(content, "a.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read: .*No such file"):
        load(tmp_path / "none.yaml")


def test_the_same_is_not_said_twice_but_of_another_version_image_or_verdict_it_may_be():
    with pytest.raises(UsageError, match=r"entry 2 \(EDGE-00\): stands there for version 5 already, as entry 1"):
        parse(text(ENTRY, ENTRY | {"versions": [4, 5]}), "a.yaml")
    others = ({"versions": [4]}, {"image": "ossrs/srs"}, {"verdict": "could-not-test"}, {"next": [6]})
    assert len(parse(text(ENTRY, *(ENTRY | each for each in others)), "a.yaml")) == 5


def test_the_entries_of_this_checkout_are_about_requirements_that_there_are():
    requirements = {each.id for chapter in load_all(ROOT / "suites") for each in chapter.requirements}
    assert {entry.requirement for entry in load(ROOT / FILE_NAME)} <= requirements


def test_the_defects_of_this_checkout_have_a_patch_an_overlay_or_a_fault():
    overlays = {path.name for path in ROOT.glob("fixtures/manifests/*/*/*") if path.is_dir()}
    there = {defect.name for defect in DEFECTS} | overlays | set(CATALOGUE)
    assert {entry.defect for entry in load(ROOT / FILE_NAME) if entry.defect} <= there
