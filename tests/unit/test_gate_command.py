"""`srs-conformance report gate`: how it exits, and what it leaves for the CI job."""

import json

import pytest

from srs_conformance import cli
from tests.support.reports import chapter, document, promise

ENTRY = "{requirement: QS-01, versions: [6], issue: 'SRS #7', until: %s, why: It is so.}"


@pytest.fixture
def night(tmp_path, monkeypatch):
    """A folder to be in, and a function that puts a report with the verdict of QS-01 below it."""
    monkeypatch.chdir(tmp_path)

    def report(name, verdict="pass", **more):
        (tmp_path / name).mkdir(parents=True)
        made = document(chapter("quick_start", promise("QS-01", verdict), promise("QS-02")), **more)
        (tmp_path / name / "conformance.json").write_text(json.dumps(made))
        return name

    return report


def knows(folder, until="2999-01-01", name="known-findings.yaml"):
    (folder / name).write_text(f"findings: [{ENTRY % until}]")


@pytest.mark.parametrize(("verdict", "code"), [("pass", 0), ("fail", 1), ("could-not-test", 10), ("engine-error", 11)])
def test_it_exits_as_the_gravest_of_the_reports(night, verdict, code):
    assert cli.run(["report", "gate", night("good"), night("other", verdict)]) == code


def test_what_is_known_passes_and_its_last_day_ends_that(night, tmp_path, capsys):
    knows(tmp_path)
    assert cli.run(["report", "gate", night("a", "fail")]) == 0
    assert "SRS #7, until 2999-01-01: It is so." in capsys.readouterr().out
    knows(tmp_path, "2000-01-01")
    assert cli.run(["report", "gate", "a"]) == 1
    assert "give entry 1 (QS-01) another day" in capsys.readouterr().out


def test_another_file_is_read_where_it_is_named_and_has_to_be_there(night, tmp_path, capsys):
    knows(tmp_path, name="own.yaml")
    assert cli.run(["report", "gate", night("a", "fail"), "--known", "own.yaml"]) == 0
    assert cli.run(["report", "gate", "a"]) == 1
    assert cli.run(["report", "gate", "a", "--known", "none.yaml"]) == 4
    assert "none.yaml: cannot be read" in capsys.readouterr().err


def test_an_entry_that_is_none_is_an_error_of_usage_that_names_it(night, tmp_path, capsys):
    knows(tmp_path, "soon")
    assert cli.run(["report", "gate", night("a")]) == 4
    assert "known-findings.yaml: entry 1 (QS-01): until: expected a day" in capsys.readouterr().err


def test_a_report_that_is_missing_passes_no_gate(night):
    assert cli.run(["report", "gate", night("a"), "srs-4"]) == 4


def test_the_last_nights_reports_are_found_below_a_folder_which_may_be_empty(night, tmp_path, capsys):
    night("before/srs-6", started="2026-10-31T10:00:00+00:00")
    night("before/srs-5", "fail", started="2026-10-31T11:00:00+00:00", options={"srs_image_next": "ossrs/srs:6"})
    assert cli.run(["report", "gate", night("a", "fail"), "--before", "before"]) == 1
    assert "since ossrs/srs:6 (6.0.157) on kind, 2026-10-31 10:00: 1 newly failing, 1 alike" in capsys.readouterr().out
    (tmp_path / "empty").mkdir()
    assert cli.run(["report", "gate", "a", "--before", "empty"]) == 1
    assert "since" not in capsys.readouterr().out
    assert cli.run(["report", "gate", "a", "--before", "nowhere"]) == 4


def test_real_srs_can_be_required(night, capsys):
    assert cli.run(["report", "gate", night("a", reference=True)]) == 0
    assert cli.run(["report", "gate", "a", "--require-real-srs"]) == 10
    assert "real SRS was required" in capsys.readouterr().out


def test_summary_and_badge_are_written_whatever_the_verdict(night, tmp_path):
    (tmp_path / "page.md").write_text("what a step before has left")
    assert cli.run(["report", "gate", night("a", "fail"), "--summary", "page.md", "--badge", "badge.json"]) == 1
    assert (tmp_path / "page.md").read_text().startswith("## MISSED: 1 new")
    assert json.loads((tmp_path / "badge.json").read_text())["message"] == "1 new"


@pytest.mark.parametrize("option", ["--summary", "--badge"])
def test_a_page_that_cannot_be_written_is_named(night, capsys, option):
    assert cli.run(["report", "gate", night("a"), option, "no/folder/page"]) == 4
    assert "no/folder/page: cannot be written: No such file or directory" in capsys.readouterr().err
