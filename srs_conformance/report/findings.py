"""What did not hold, for the top of the page: what was expected and seen, the likely cause, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.reference.faults import CATALOGUE
from srs_conformance.report.beside import MOST_FILES, Beside
from srs_conformance.report.model import Verdict
from srs_conformance.report.telling import Told, sentence, taken_apart
from srs_conformance.report.words import WORDS, Link, Word, issue

_FOUND = (Verdict.FAIL, Verdict.ENGINE_ERROR, Verdict.COULD_NOT_TEST, Verdict.WARN)
"""In the order in which they stand."""


@dataclass(frozen=True)
class Case:
    """One test that did not pass.

    Attributes:
        name: a sentence.
        files: its bundle, where that lies beside the page; `evidence` names it in any case.
    """

    name: str
    verdict: Word
    told: Told
    evidence: str
    files: tuple[Link, ...]
    more: int


@dataclass(frozen=True)
class Finding:
    """A requirement that was missed or has no verdict; an ID of "" for tests of no requirement."""

    id: str
    level: str
    profile: str
    heading: str
    text: str
    chapter: str
    verdict: Word
    causes: tuple[str, ...]
    known: tuple[Link, ...]
    cases: tuple[Case, ...]


def findings(document: Mapping[str, Any], beside: Beside) -> list[Finding]:
    """Return the findings of a completed report, misses first, within a verdict in the order of its chapters.

    What was not tested for want of an option that nobody has to give is none.
    """
    found = [*_of_requirements(document, beside), *_of_others(document["other_tests"], beside)]
    places = {WORDS[verdict]: place for place, verdict in enumerate(_FOUND)}
    return sorted(found, key=lambda each: places[each.verdict])


def _of_requirements(document: Mapping[str, Any], beside: Beside) -> Iterator[Finding]:
    for chapter in document["chapters"]:
        for each in chapter["requirements"]:
            tests = [test for test in each["tests"] if test["verdict"] in _FOUND and not test["not_given"]]
            if each["verdict"] in _FOUND and tests:
                yield Finding(
                    **{key: str(each[key]) for key in ("id", "level", "profile", "heading", "text")},
                    chapter=chapter["title"],
                    verdict=WORDS[each["verdict"]],
                    causes=tuple(causes(each, tests, chapter["patches"], document["options"])),
                    known=tuple(issue(name) for name in each["known"]),
                    cases=tuple(_case(test, beside) for test in tests),
                )


def _of_others(tests: Sequence[Mapping[str, Any]], beside: Beside) -> Iterator[Finding]:
    for test in tests:
        if test["verdict"] in _FOUND:
            text = "A test that is bound to no requirement."
            yield Finding("", "", "", "", text, "", WORDS[test["verdict"]], (), (), (_case(test, beside),))


def causes(
    requirement: Mapping[str, Any],
    tests: Sequence[Mapping[str, Any]],
    patches: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> Iterator[str]:
    """Yield likely causes: faults that were switched on and break it, and defects of the manifests that were seen.

    A defect is a cause where the message tells of it, and for a chapter's first requirement, of which the patches are
    the consequence.
    """
    for name in options.get("faults") or []:
        fault = CATALOGUE.get(str(name))
        if fault and requirement["id"] in fault.breaks:
            yield f"the reference server's fault {name} is switched on: {fault.summary}"
    messages = "\n".join(test["message"] for test in tests)
    for patch in patches:
        if patch["cause"] in messages or requirement["id"].endswith("-00"):
            yield f"{patch['cause']} (patch {patch['name']} mends it)"


def _case(test: Mapping[str, Any], beside: Beside) -> Case:
    files = beside.files(test["evidence"])
    links = tuple(Link(path, path.rpartition("/")[2]) for path in files[:MOST_FILES])
    told = taken_apart(test["message"])
    more = max(0, len(files) - MOST_FILES)
    return Case(sentence(test["node"]), WORDS[test["verdict"]], told, test["evidence"], links, more)
