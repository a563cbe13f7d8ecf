"""`srs-conformance check`: what it says and how it exits."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from srs_conformance import cli
from srs_conformance.checkers.histories import CHECKS
from srs_conformance.errors import ExitCode
from srs_conformance.histories import History, Outcome, events
from srs_conformance.histories.events import Event, Given
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Ending
from tests.support.histories import history, numbered, session, update, write

STAYS = [numbered(), *update(), session("a", 3, 30)]
CUT = [*STAYS, session("b", 3, 12, Ending.CLOSED, until=30)]


def judged(check: str, outcome: Outcome, **parameters: object) -> Event:
    given = Given(outcome, "expected", "seen")
    return events.Judged(at=31, requirement="UPD-02", check=check, parameters=parameters, given=given)


def checked(path: Path, made: History, *options: str) -> int:
    return cli.run(["check", str(write(made, path / "history.ndjson")), *options])


def crashing(_: History) -> Observation:
    raise ZeroDivisionError("a defect")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([*STAYS, judged("uncut", Outcome.HOLDS), judged("no_gap", Outcome.HOLDS, over=2)], ExitCode.HOLDS),
        ([*CUT, judged("effective", Outcome.HOLDS), judged("uncut", Outcome.MISSED)], ExitCode.MISSED),
        ([*STAYS], ExitCode.COULD_NOT_TEST),
        ([*STAYS, judged("uncut", Outcome.HOLDS), judged("merged_throughout", Outcome.HOLDS)], ExitCode.COULD_NOT_TEST),
        ([*STAYS, judged("of another suite", Outcome.HOLDS)], ExitCode.COULD_NOT_TEST),
        ([*STAYS, judged("uncut", Outcome.HOLDS, unheard=1)], ExitCode.COULD_NOT_TEST),
        ([*CUT, judged("uncut", Outcome.MISSED), judged("shares", Outcome.HOLDS, expected={})], ExitCode.MISSED),
        ([*CUT, judged("uncut", Outcome.MISSED), judged("crashing", Outcome.HOLDS)], ExitCode.ENGINE_ERROR),
    ],
)
def test_the_exit_code_says_what_became_of_it(
    found: list[Event], code: ExitCode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHECKS, "crashing", crashing)
    assert checked(tmp_path, history(found)) == code


def test_it_says_what_was_then_and_what_is_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = history(CUT, judged("uncut", Outcome.HOLDS, roles=["stays"]), judged("effective", Outcome.HOLDS), ended=32)
    checked(tmp_path, made, "--losses")
    said = capsys.readouterr().out
    assert 'missed          UPD-02   uncut(roles=["stays"])  (was: holds)' in said
    assert "b (rtmp) closed at 12.00 s at edge-1" in said
    assert "holds           UPD-02   effective()\n" in said
    assert "10.0 s: update; took effect: new pods edge-3, edge-4" in said
    assert "image: ossrs/srs:3" in said
    assert "all viewers" in said
    assert "did not come to its end" not in said


def test_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checked(tmp_path, history(CUT, judged("uncut", Outcome.HOLDS)), "--json", "--losses")
    said = json.loads(capsys.readouterr().out)
    assert said["exit_code"] == 1
    assert said["ended"] is None
    (check,) = said["checks"]
    assert (check["check"], check["differs"], check["now"]["outcome"]) == ("uncut", True, "missed")
    assert check["then"]["seen"] == "seen"
    assert said["losses"]["total"]["lost"] > 10


def test_a_picture(tmp_path: Path) -> None:
    checked(tmp_path, history(CUT), "--svg", str(tmp_path / "timelines.svg"))
    assert ET.parse(tmp_path / "timelines.svg").getroot().tag.endswith("svg")


def test_a_history_that_is_cut_off_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(history(CUT, judged("uncut", Outcome.MISSED), ended=32), tmp_path / "history.ndjson")
    path.write_bytes(path.read_bytes()[:-5])
    assert cli.run(["check", str(path)]) == ExitCode.MISSED
    assert "is cut off after" in capsys.readouterr().out


def test_what_is_no_history_is_the_user_s_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x").write_text('{"history": 9}\n')
    assert cli.run(["check", str(tmp_path / "x")]) == ExitCode.USAGE
    assert f"{tmp_path / 'x'}:1: a history of format 9" in capsys.readouterr().err
    assert cli.run(["check", str(tmp_path / "none")]) == ExitCode.USAGE
