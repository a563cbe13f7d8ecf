"""`srs-conformance report`: what it says and how it exits."""

import json
import re

import pytest

from srs_conformance import cli
from tests.support.reports import chapter, document, promise


@pytest.fixture
def reports(tmp_path):
    """Two runs, the second of which misses a MUST that the first keeps."""
    for name, verdict in (("first", "pass"), ("second", "fail")):
        (tmp_path / name).mkdir()
        made = document(chapter("quick_start", promise("QS-01", verdict), promise("QS-02")))
        (tmp_path / name / "conformance.json").write_text(json.dumps(made))
    return tmp_path


def test_compare_exits_with_1_where_a_must_fails_newly(reports, capsys):
    assert cli.run(["report", "compare", str(reports / "first"), str(reports / "second")]) == 1
    assert "newly failing (1)" in capsys.readouterr().out
    assert cli.run(["report", "compare", str(reports / "second"), str(reports / "first")]) == 0
    assert "mended (1)" in capsys.readouterr().out


def test_matrix_shows_all_and_writes_a_page(reports, capsys):
    out = reports / "matrix.html"
    every = [str(reports / name / "conformance.json") for name in ("first", "second")]
    assert cli.run(["report", "matrix", *every, "--html", str(out)]) == 0
    assert "QS-01    MUST   passed          failed" in capsys.readouterr().out
    assert "QS-01" in out.read_text()


def test_the_matrix_page_leads_to_the_reports_below_it_that_have_a_page(reports, tmp_path):
    cli.run(["report", "html", str(reports / "second")])
    every = [str(reports / name) for name in ("first", "second")]
    assert cli.run(["report", "matrix", *every, "--html", str(reports / "matrix.html")]) == 0
    links = re.findall('href="([^"]*)"', (reports / "matrix.html").read_text())
    assert links == ["second/index.html"]
    (tmp_path / "elsewhere").mkdir()
    assert cli.run(["report", "matrix", *every, "--html", str(tmp_path / "elsewhere" / "matrix.html")]) == 0
    assert "href" not in (tmp_path / "elsewhere" / "matrix.html").read_text()


def test_html_makes_the_page_again_beside_the_report_or_elsewhere(reports, capsys):
    assert cli.run(["report", "html", str(reports / "second")]) == 0
    page = reports / "second" / "index.html"
    assert capsys.readouterr().out.strip() == str(page)
    assert "Do not release" in page.read_text()
    assert cli.run(["report", "html", str(reports / "second"), "--out", str(reports / "a.html")]) == 0
    assert (reports / "a.html").read_text() == page.read_text()


@pytest.mark.parametrize("command", [["html"], ["matrix"], ["compare", "{}"]])
def test_what_is_no_report_is_an_error_of_usage_that_names_it(reports, capsys, command):
    (reports / "other.json").write_text('{"kind": "srs-conformance/report", "version": 3}')
    words = [word.format(reports / "first") for word in command]
    assert cli.run(["report", *words, str(reports / "other.json")]) == 4
    said = capsys.readouterr().err
    assert "other.json: is a report of version 3; this suite reads 1 and 2" in said


def test_what_was_spent_is_told_of_all_reports_below_a_folder(reports, capsys):
    assert cli.run(["report", "spent", str(reports)]) == 0
    assert "in 2 runs, beside what its budget allows" in capsys.readouterr().out
