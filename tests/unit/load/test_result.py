"""Results: the verdict, the files, the summary."""

import json
from dataclasses import replace

import jsonschema
import pytest

from srs_conformance.errors import EngineError, ExitCode, UsageError
from srs_conformance.load.measures import Measures
from srs_conformance.load.result import Result, schema
from srs_conformance.load.slo import Judged
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending
from tests.unit.load.making import a_result

KEPT = Judged("cut", "0 %", "0 % (0 of 1 joined visits)", holds=True, figure=0.0)
MISSED = Judged("refused", "0 %", "50 % (1 of 2 visits)", holds=False, figure=50.0)


def measured(*visits):
    measures = Measures()
    for visit in visits:
        measures.visit(visit)
    return measures


JOINED = Visit(Kind.RTMP, "live/a", first_keyframe=0.1, watched=1, received=1000)
REFUSED = Visit(Kind.RTMP, "live/a", ending=Ending.REFUSED)
PUBLISHED = Visit(Kind.PUBLISHER, "live/a", first_keyframe=0.1)


def a_small(*visits, **fields):
    return Result(
        "watch",
        started="2026-03-01T10:00:00+00:00",
        finished="2026-03-01T10:00:10+00:00",
        measures=measured(*visits),
        **fields,
    )


@pytest.mark.parametrize(
    ("visits", "fields", "code"),
    [
        ([JOINED], {"slo": [KEPT]}, ExitCode.HOLDS),
        ([JOINED], {}, ExitCode.HOLDS),
        ([PUBLISHED], {}, ExitCode.HOLDS),
        ([JOINED], {"slo": [KEPT, MISSED]}, ExitCode.MISSED),
        ([REFUSED], {"slo": [MISSED]}, ExitCode.MISSED),
        ([REFUSED], {"slo": [KEPT]}, ExitCode.COULD_NOT_TEST),
        ([REFUSED, PUBLISHED], {}, ExitCode.COULD_NOT_TEST),
        ([], {}, ExitCode.COULD_NOT_TEST),
        ([JOINED], {"invalid": ["we lagged"]}, ExitCode.COULD_NOT_TEST),
        ([JOINED], {"slo": [MISSED], "invalid": ["we lagged"]}, ExitCode.COULD_NOT_TEST),
        ([JOINED], {"slo": [MISSED], "invalid": ["we lagged"], "engine_errors": ["KeyError"]}, ExitCode.ENGINE_ERROR),
    ],
)
def test_the_verdict(visits, fields, code):
    result = a_small(*visits, **fields)
    assert result.exit_code is code
    assert result.lines()[-1].startswith(code.name.replace("_", " ") + ": ")
    assert result.to_json()["exit_code"] == code


def test_a_result_is_written_and_read(tmp_path):
    result = a_result(visits=300)
    path = result.write(tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "result.json"
    content = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(content, schema())
    assert Result.read(path).to_json() == content == Result.read(path.parent).to_json()
    assert (path.parent / "index.html").read_text().startswith("<!doctype html>")


def test_what_breaks_the_schema_is_not_written(tmp_path):
    with pytest.raises(EngineError, match=r"breaks its own schema at \$\.urls\[0\]"):
        replace(a_small(JOINED), urls=[1]).write(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "srs-conformance/load-result", "version": 1}', "\udcff"])
def test_what_is_no_result_is_not_read(tmp_path, text):
    path = tmp_path / "result.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError, match="cannot be read as the result of a load"):
        Result.read(path)


def test_a_result_of_another_version_says_so(tmp_path):
    path = a_small(JOINED).write(tmp_path)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(UsageError, match="found 'srs-conformance/load-result' of version 2"):
        Result.read(path)


def test_damaged_histograms_are_not_read(tmp_path):
    path = a_small(JOINED).write(tmp_path)
    content = json.loads(path.read_text())
    content["measures"]["kinds"]["rtmp"]["measures"]["first keyframe"]["hdr"] = "damaged"
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError, match="no encoded HDR histogram"):
        Result.read(path)


def test_an_absent_result_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"result\.json: cannot be read"):
        Result.read(tmp_path)


def test_the_summary_tells_each_kind_then_what_was_missed_first():
    lines = a_result(visits=600).lines()
    text = "\n".join(lines)
    assert text.index("all viewers") < text.index("  rtmp ") < text.index("  http-flv ") < text.index("  hls ")
    marks = [line.split()[0] for line in lines if line.startswith(("  ok", "  MISSED"))]
    assert marks == sorted(marks)
    assert all(len(line) <= 120 for line in lines)
    assert lines[1] == "server: SRS/6.0.155(Hang)"


def test_the_summary_of_one_kind_has_one_row():
    lines = a_small(JOINED, JOINED).lines()
    assert not any("all viewers" in line for line in lines)
    (row,) = [line.split() for line in lines if line.startswith("  rtmp")]
    assert row == ["rtmp", "2", "2", "100", "ms", "100", "ms", "100", "ms", "0", "%", "0", "1.6", "kbit/s"]


def test_the_summary_names_what_makes_a_run_invalid():
    lines = a_small(JOINED, invalid=["a worker died"], engine_errors=["KeyError: 'x'"]).lines()
    assert "  not valid: a worker died" in lines
    assert "  engine error: KeyError: 'x'" in lines


def test_the_summary_of_nothing():
    assert Result("watch").lines()[-1] == "COULD NOT TEST: nothing joined"
