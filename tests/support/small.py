"""A chapter of two requirements, and runs of pytest over tests of it that are given as source."""

import json

import pytest

REQUIREMENTS = """
chapter: small
title: A Small Chapter
guide: "#small"
requirements:
  - {id: SM-00, level: MUST, profile: core, heading: h, text: the first promise}
  - {id: SM-01, level: SHOULD, profile: extended, heading: h, text: the second promise}
"""
HEAD = """
from fixtures.binding import requirement
from srs_conformance.errors import CouldNotTest, NotGiven, Starved
from srs_conformance.observing import Missed, Observation, Unsupported, must
good = Observation(True, "good", "good")
bad = Observation(False, "a good thing", "a bad thing")
"""


@pytest.fixture
def small(pytester):
    """A checkout with one chapter of two requirements; returns a function that runs tests given as source."""
    folder = pytester.mkpydir("suites") / "small"
    folder.mkdir()
    (folder / "requirements.yaml").write_text(REQUIREMENTS)
    plugins = [f"fixtures.{name}" for name in ("options", "binding", "again", "evidence", "verdicts", "recorder")]
    pytester.makeconftest(f"pytest_plugins = {plugins}")
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider --import-mode=importlib\n")

    def run(source, *arguments, path="suites"):
        (folder / "test_small.py").write_text(HEAD + source)
        result = pytester.runpytest_subprocess(path, *arguments)
        report = pytester.path / "reports" / "latest" / "conformance.json"
        return result, json.loads(report.read_text()) if report.exists() else None

    return run


def verdicts(report):
    return {each["id"]: each["verdict"] for each in report["chapters"][0]["requirements"]}


BOTH = """
@requirement("SM-00")
def test_first(): {first}

@requirement("SM-01")
def test_second(): {second}
"""
