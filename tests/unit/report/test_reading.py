"""Reports read back: each version that was written, and nothing else."""

import json

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.report import reading
from tests.support.reports import chapter, document, promise, result


def written(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def first_version():
    """Return a report as version 1 had it."""
    test = result("A-01", "fail", evidence="/home/user/reports/latest/evidence/test-a")
    made = document(chapter("small", promise("A-01", "fail", tests=[test])), version=1)
    made.pop("times")
    made.pop("waits", None)
    small = made["chapters"][0]
    del small["topologies"], small["histories"], test["plots"], test["not_given"], test["earlier"]
    small["patches"] = [{"name": "qs-d1", "cause": "why"}]
    return made


def test_a_report_is_read_from_its_file_or_its_folder(tmp_path):
    made = document(chapter("small", promise("A-01")))
    path = written(tmp_path / "conformance.json", made)
    assert reading.read(path) == reading.read(tmp_path) == made


def test_the_first_version_gets_what_it_did_not_have(tmp_path):
    found = reading.read(written(tmp_path / "old.json", first_version()))
    assert found["times"] == found["waits"] == {}
    (small,) = found["chapters"]
    assert (small["histories"], small["topologies"]) == ({}, {})
    assert small["patches"] == [{"name": "qs-d1", "cause": "why", "reference": "", "text": ""}]
    (test,) = small["requirements"][0]["tests"]
    assert (test["plots"], test["not_given"], test["earlier"], test["evidence"]) == ([], "", "", "evidence/test-a")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no JSON", "cannot be read as JSON"),
        ([], "is no conformance report: expected kind 'srs-conformance/report', found 'list'"),
        ({"kind": "srs-conformance/load-result"}, "found 'srs-conformance/load-result'"),
        ({"kind": "srs-conformance/report", "version": 9}, "of version 9; this suite reads 1 and 2"),
        ({"kind": "srs-conformance/report", "version": 2}, "breaks the schema of a report at"),
        (document(chapter("small", promise("no ID"))), "requirements[0].id"),
    ],
)
def test_what_is_none_is_refused_and_said_why(tmp_path, content, words):
    with pytest.raises(UsageError) as refused:
        reading.read(written(tmp_path / "a.json", content))
    assert words in str(refused.value)
    assert "a.json" in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.json"):
        reading.read(tmp_path / "gone.json")
