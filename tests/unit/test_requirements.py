"""Every requirement is judged by a test or says why none judges it; and the command that lists them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from srs_conformance import cli
from srs_conformance.bindings import SPECIFIED, bindings, judges, missing
from srs_conformance.errors import ExitCode, UsageError
from srs_conformance.requirements import load_all, load_chapter

SUITES = Path(__file__).parents[2] / "suites"
ONE = "{id: SM-01, level: MUST, profile: core, heading: the place, text: a promise%s}"


@pytest.fixture
def suites(tmp_path):
    """Chapters given as lists of requirements; returns the folder."""

    def write(**chapters):
        for name, requirements in chapters.items():
            folder = tmp_path / "suites" / name
            folder.mkdir(parents=True, exist_ok=True)
            lines = [f"chapter: {name}", f"title: {name.title()}", "guide: '#it'", "requirements:"]
            text = "\n".join([*lines, *(f"  - {each}" for each in requirements)])
            (folder / "requirements.yaml").write_text(text)
        return tmp_path / "suites"

    return write


def test_no_requirement_is_both_judged_and_excused_and_none_is_neither():
    for each in bindings(SUITES):
        assert bool(each.tests) != bool(each.requirement.unbound), each.requirement.id


def test_no_test_is_bound_to_a_requirement_that_is_nowhere():
    assert set(judges(SUITES)) == {name for chapter in load_all(SUITES) for name in chapter.ids()}


def test_every_requirement_of_the_specification_is_in_a_chapter():
    listed = {each.requirement.id for each in bindings(SUITES)}
    assert missing(listed) == []


def test_what_is_missing_is_found():
    whole = {f"{kind}-{number:02}" for kind, (first, last) in SPECIFIED.items() for number in range(first, last + 1)}
    assert missing(whole) == []
    assert set(missing(whole - {"OC-13", "QS-05"} | {"WEB-01", "WEB-03"})) == {"QS-05", "OC-13", "WEB-02"}


def test_the_table_has_the_tests_or_the_reason(suites):
    folder = suites(small=[ONE % "", ONE.replace("01", "00") % ", unbound: nobody can", ONE.replace("01", "02") % ""])
    (folder / "small" / "test_it.py").write_text('@requirement("SM-01")\ndef test_it(): pass\n')
    result = CliRunner().invoke(cli.cli, ["requirements", "--suites", str(folder)])
    lines = [line.strip() for line in result.output.splitlines()]
    assert lines[0] == "Small (#it)"
    assert lines[1].split() == ["SM-00", "MUST", "core", "a", "promise"]
    assert lines[2:4] == ["the place", "no test: nobody can"]
    assert lines[6] == "suites/small/test_it.py::test_it"
    assert lines[9] == "no test: and no reason given"
    assert lines[10].startswith("3 requirements: 1 judged by tests")
    assert lines[11].startswith("in no chapter: QS-00, ")


def test_the_table_as_json(suites):
    folder = suites(small=[ONE % ", unbound: nobody can"])
    result = CliRunner().invoke(cli.cli, ["requirements", "--json", "--suites", str(folder)])
    document = json.loads(result.output)
    assert document["requirements"] == [
        {
            "id": "SM-01",
            "level": "MUST",
            "profile": "core",
            "text": "a promise",
            "chapter": "small",
            "guide": "#it",
            "heading": "the place",
            "known": [],
            "tests": [],
            "unbound": "nobody can",
        }
    ]
    assert "CLOUD-04" in document["missing"]


def test_a_folder_without_chapters_is_wrong_use(tmp_path):
    assert cli.run(["requirements", "--suites", str(tmp_path)]) == ExitCode.USAGE


def test_two_chapters_cannot_have_the_same_requirement(suites):
    with pytest.raises(UsageError, match=r"SM-01 stands in the requirements\.yaml of one and of two"):
        load_all(suites(one=[ONE % ""], two=[ONE % ""]))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (ONE % ", unbound: ''", "unbound without a reason"),
        (ONE.replace("MUST", "MAY") % "", "expected MUST or SHOULD"),
        (ONE.replace("SM-01", "SM-1") % "", "no requirement ID"),
        (ONE % ", color: red", "unknown keys"),
    ],
)
def test_a_requirement_that_is_written_wrongly_is_refused(suites, entry, message):
    with pytest.raises(UsageError, match=message):
        load_chapter(suites(small=[entry]) / "small")


def test_a_test_file_that_is_no_python_is_named(suites):
    folder = suites(small=[ONE % ""])
    (folder / "small" / "test_it.py").write_text("def")
    with pytest.raises(UsageError, match=r"test_it\.py: cannot be read as Python"):
        bindings(folder)
