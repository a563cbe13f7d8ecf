"""What findings come to, and how that is told."""

from __future__ import annotations

import pytest

from srs_conformance.doctor import Finding, Part, State, document, lines, uses
from srs_conformance.doctor.uses import cluster

ALL = (
    Finding(Part.KIND, "engine", State.OK, "Docker answers"),
    Finding(Part.IMAGE, "node image", State.OK, "built"),
    Finding(Part.BUILD, "Go", State.MISSING, "no Go", "install Go"),
    Finding(Part.KUBECTL, "kubectl", State.OK, "/usr/bin/kubectl"),
    Finding(Part.OTHERS, "config", State.OK, "contexts: a, b", names=("a", "b")),
    Finding(Part.STREAMS, "ffmpeg", State.OK, "7.1"),
    Finding(Part.BROWSER, "chromium", State.OK, "/usr/bin/chromium"),
    Finding(Part.LOAD, "open files", State.OK, "20000", amount=20000),
    Finding(Part.LOAD, "processors", State.OK, "2", amount=2),
    Finding(Part.CHECKOUT, "checkout", State.OK, "/srs"),
)


def said(*others: Finding) -> dict[str, str]:
    """Judge a machine that has everything but for what is given here."""
    instead = {(each.part, each.what): each for each in others}
    return {use.name: use.words for use in uses([instead.get((each.part, each.what), each) for each in ALL])}


def lacking(part: Part, what: str, hint: str = "get it") -> Finding:
    return Finding(part, what, State.MISSING, "not here", hint)


def test_a_machine_that_has_everything_runs_everything() -> None:
    assert all(use.able for use in uses(ALL))
    assert said() == {
        "kind cluster": "can run",
        "conformance on kind": "can run",
        "conformance on another cluster": "can run: --cluster kubeconfig --context a | b (none was asked)",
        "watch and publish": "can run",
        "browser chapter": "can run",
        "load tests": "can run: about 4000 HTTP-FLV viewers of 600 kbit/s in a process, 8000 with --processes 2",
    }


@pytest.mark.parametrize(
    ("finding", "stopped"),
    [
        (lacking(Part.KIND, "engine"), {"kind cluster", "conformance on kind"}),
        (lacking(Part.IMAGE, "node image"), {"kind cluster", "conformance on kind"}),
        (lacking(Part.KUBECTL, "kubectl"), {"conformance on kind", "conformance on another cluster"}),
        (
            lacking(Part.STREAMS, "ffmpeg"),
            {"conformance on kind", "conformance on another cluster", "watch and publish", "browser chapter"},
        ),
        (
            lacking(Part.CHECKOUT, "checkout"),
            {"conformance on kind", "conformance on another cluster", "browser chapter", "load tests"},
        ),
        (lacking(Part.BROWSER, "chromium"), {"browser chapter"}),
        (lacking(Part.OTHERS, "config"), {"conformance on another cluster"}),
        (lacking(Part.BUILD, "Go"), set()),
    ],
)
def test_what_is_missing_stops_what_needs_it_and_nothing_else(finding: Finding, stopped: set[str]) -> None:
    instead = [finding if (each.part, each.what) == (finding.part, finding.what) else each for each in ALL]
    assert {use.name for use in uses(instead) if not use.able} == stopped
    assert cluster(instead).able is ("kind cluster" not in stopped)


def test_what_is_missing_is_named_with_what_to_do() -> None:
    told = said(lacking(Part.BROWSER, "chromium", "apt-get install chromium"), lacking(Part.KIND, "engine"))
    assert told["browser chapter"] == "chromium is missing: apt-get install chromium"
    assert told["kind cluster"] == "engine is missing: not here (get it)"


def test_what_comes_by_itself_hinders_nothing_and_is_said() -> None:
    told = said(Finding(Part.IMAGE, "node image", State.LATER, "one is built"))
    assert told["conformance on kind"] == "can run (got on first use: node image)"


def test_a_low_limit_of_open_files_is_what_a_load_is_reckoned_by() -> None:
    told = said(Finding(Part.LOAD, "open files", State.NOTE, "1024", amount=1024))["load tests"]
    assert (
        told == "can run: the limit of open files, 1024, gives about 824 viewers in a process, 1648 with --processes 2"
    )


def test_the_table_names_each_part_once_and_hints_only_where_something_is_to_do() -> None:
    text = lines(ALL, uses(ALL))
    assert text.count("load") == 1
    assert text[-1].startswith("load tests: can run")
    assert [line.strip() for line in text if "hint: " in line] == ["hint: install Go"]


def test_the_document_holds_the_same() -> None:
    told = document(ALL, uses(ALL), 0)
    assert told["uses"][0] == {"use": "kind cluster", "able": True, "words": "can run"}
    assert told["findings"][4]["names"] == ["a", "b"]
    assert {each["state"] for each in told["findings"]} == {"ok", "missing"}
