"""A publisher, or the cluster itself, that dies under a run: nobody's miss, told once, and nothing is left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import leftovers, runs
from tests.support.runs import Run, running
from tests.support.suites import chosen, verdicts
from tests.support.waiting import wait_for

TOLD = "hindered as suites/{} was"


def ended(run: Run) -> tuple[dict[str, str], dict[str, Any]]:
    """Wait for the end of a run that could not test all; return its verdicts and, by requirement, what it says."""
    assert run.wait() == 10, run.text
    wait_for(lambda: not run.processes(), "all its processes to end")
    assert leftovers.temporary_files(run.temporary) == []
    report = json.loads((run.report / "conformance.json").read_text())
    assert "Traceback" not in run.text
    found = {each["id"]: each["tests"] for chapter in report["chapters"] for each in chapter["requirements"]}
    judged = {name: verdict for name, verdict in verdicts(report).items() if verdict != "not-run"}
    return judged, {name: tests[0]["message"] for name, tests in found.items() if tests}


def test_a_publisher_that_is_killed_is_nobodys_miss_and_tests_beside_its_watch_have_others(tmp_path: Path) -> None:
    with running(("suites/quick_start", *chosen("QS-05", "QS-06", "QS-08", "QS-09")), tmp_path) as run:
        runs.kill(run.mark, runs.PUBLISHER)
        found, said = ended(run)
    assert found == {"QS-05": "could-not-test", "QS-06": "could-not-test", "QS-08": "pass", "QS-09": "pass"}
    assert "was ended by SIGKILL; its last words: " in said["QS-05"]
    assert run.text.count("was ended by SIGKILL") == 2, "the error, and the account of its verdict"
    first = "quick_start/test_6_play.py::test_rtmp_plays_from_a_keyframe_without_a_break"
    assert run.text.count(TOLD.format(first)) == 2


@pytest.mark.parametrize("command", [runs.SERVERS, runs.HELPER])
def test_a_local_cluster_that_is_killed_is_lost_for_all_tests_after_it(tmp_path: Path, command: str) -> None:
    """These tests have nothing before their watch."""
    wanted = ("EDGE-05", "EDGE-06", "EDGE-16")
    with running(("suites/edge_cluster", *chosen(*wanted)), tmp_path) as run:
        runs.kill(run.mark, command)
        found, said = ended(run)
    assert found == dict.fromkeys(wanted, "could-not-test")
    assert all("the scene broke: something outside of the local cluster" in words for words in said.values())
    first = "edge_cluster/test_5_play.py::test_every_edge_plays_what_is_published_at_the_origin"
    assert run.text.count(TOLD.format(first)) == 10, "each of the other five, where it fails and in its account"
