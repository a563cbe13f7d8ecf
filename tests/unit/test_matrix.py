"""The matrix of faults and requirements tells what is caught, by what, and what is accused wrongly."""

from types import SimpleNamespace

import pytest

from tests.mutation.matrix import ROW, Matrix, alarms, joined, lines, read, uncaught


def row(fault, breaks, **verdicts):
    return {"fault": fault, "breaks": breaks, "verdicts": {name.replace("_", "-"): v for name, v in verdicts.items()}}


def taken(matrix, *rows):
    for each in rows:
        matrix.pytest_runtest_logreport(SimpleNamespace(user_properties=[(ROW, each)], when="call"))


def test_what_is_not_missed_where_it_should_be_is_uncaught_and_what_could_not_be_tested_is_not():
    frozen = row("frozen", ["QS-05", "QS-06", "QS-07"], QS_05="fail", QS_06="pass", QS_07="could-not-test")
    assert uncaught(frozen) == ["QS-06"]
    assert alarms(frozen) == []


def test_a_miss_that_a_fault_is_not_said_to_cause_is_a_false_alarm():
    assert alarms(row("frozen", ["QS-05"], QS_05="fail", QS_09="warn", QS_10="pass")) == ["QS-09"]


def test_each_fault_gets_a_line_and_all_together_one():
    rows = [
        row("frozen", ["QS-05", "QS-06"], QS_05="fail", QS_06="pass"),
        row("silent", ["QS-07", "QS-08"], QS_07="could-not-test", QS_01="fail"),
        row("", [], QS_05="pass"),
    ]
    assert list(lines(rows)) == [
        "frozen  found by QS-05; UNCAUGHT: QS-06",
        "silent  found by nothing; could-not-test: QS-07; FALSE ALARM: QS-01",
        "(none)  everything holds",
        "1 of 2 faults found, 1 rows with false alarms, 5 verdicts",
    ]


def test_a_matrix_goes_on_with_its_file_and_the_newer_verdict_counts(tmp_path):
    path = tmp_path / "deep/detection.json"
    taken(Matrix(path), row("frozen", ["QS-05"], QS_05="pass", QS_06="pass"), row("silent", ["QS-07"], QS_07="fail"))
    taken(Matrix(path), row("frozen", ["QS-05"], QS_05="fail", EDGE_01="pass"))
    assert read(path)["frozen"]["verdicts"] == {"EDGE-01": "pass", "QS-05": "fail", "QS-06": "pass"}
    assert set(read(path)) == {"frozen", "silent"}


def test_a_row_that_is_joined_takes_the_newer_declaration():
    assert joined(row("a", ["QS-05"], QS_05="fail"), row("a", ["QS-06"]))["breaks"] == ["QS-06"]


@pytest.mark.parametrize("content", ["", "[]", '{"format": 0, "rows": []}', '{"format": 1, "rows": [{}]}'])
def test_a_file_that_is_no_matrix_is_refused_and_kept(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(pytest.UsageError, match=r"no matrix of format 1.*; name another file"):
        Matrix(path)
    assert path.read_text() == content


def test_a_run_without_a_file_prints_only(tmp_path):
    matrix, said = Matrix(), []
    taken(matrix, row("frozen", ["QS-05"], QS_05="fail"))
    matrix.pytest_terminal_summary(SimpleNamespace(section=said.append, write_line=said.append))
    assert said[1:] == [
        "frozen  found by QS-05",
        "1 of 1 faults found, 0 rows with false alarms, 1 verdicts",
    ]
