"""One line that a release manager can act on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMED = 8
"""So many requirements are named; of more, how many there are besides."""


@dataclass(frozen=True)
class Headline:
    """The verdict of a run: `mood` is good, bad or doubt; `ids` are the requirements that decide it."""

    mood: str
    word: str
    text: str
    ids: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The whole line."""
        return f"{self.word}: {self.text}"

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The text in parts, those that are one of its requirements' IDs marked."""
        if not self.ids:
            return [(self.text, False)]
        names = "|".join(map(re.escape, sorted(self.ids, key=len, reverse=True)))
        found = re.split(rf"\b({names})\b", self.text)
        return [(part, bool(place % 2)) for place, part in enumerate(found) if part]


def headline(document: Mapping[str, Any]) -> Headline:
    """Return the verdict of a completed report.

    An engine error outweighs a miss, as in the exit code, since it may hide some. A run on the reference server never
    says anything about SRS, whatever it found.
    """
    found = _judged(document)
    if (document["server"] or {}).get("reference"):
        return Headline(found.mood, "No verdict on SRS", f"this was the reference server ({found.text})", found.ids)
    return found


def _judged(document: Mapping[str, Any]) -> Headline:
    every = [each for chapter in document["chapters"] for each in chapter["requirements"]]
    others = document["other_tests"]
    broken = _ids(every, "engine-error")
    if broken or any(test["verdict"] == "engine-error" for test in others):
        text = f"the suite itself failed, at {_names(broken)}" if broken else "the suite itself failed"
        missed = _ids(every, "fail")
        text += f"; missed besides: {_names(missed)}" if missed else ""
        return Headline("doubt", "No verdict", text, broken + missed)
    failed = [each for each in every if each["verdict"] == "fail"]
    if failed:
        return _missed(failed)
    untested = tuple(each["id"] for each in every if each["verdict"] == "could-not-test" and not optional(each))
    if untested:
        text = f"{_count(untested, every)} could not be tested: {_names(untested)}"
        return Headline("doubt", "No verdict", text, untested)
    passed = [each for each in every if each["verdict"] in ("pass", "warn")]
    if not passed:
        return Headline("doubt", "No verdict", "nothing was tested")
    return _holds(every, passed)


def _missed(failed: Sequence[Mapping[str, Any]]) -> Headline:
    core = tuple(each["id"] for each in failed if each["profile"] == "core")
    extended = tuple(each["id"] for each in failed if each["profile"] != "core")
    also = f"; and {len(extended)} of extended: {_names(extended)}" if extended else ""
    if core:
        return Headline(
            "bad", "Do not release", f"{len(core)} MUST of core missed: {_names(core)}{also}", core + extended
        )
    text = f"core has no miss, {len(extended)} MUST of extended missed: {_names(extended)}"
    return Headline("bad", "Do not release what needs extended promises", text, extended)


def _holds(every: Sequence[Mapping[str, Any]], passed: Sequence[Mapping[str, Any]]) -> Headline:
    warned = _ids(every, "warn")
    left_out = sum(each["verdict"] not in ("pass", "warn") for each in every)
    good = len(passed) - len(warned)
    text = f"all {good} promises that were tested are kept" if not warned else f"{good} promises are kept"
    text += f", {len(warned)} SHOULD missed: {_names(warned)}" if warned else ""
    text += f"; {left_out} were not tested" if left_out else ""
    return Headline("doubt" if left_out > len(passed) else "good", "Holds", text, warned)


def _ids(every: Sequence[Mapping[str, Any]], verdict: str) -> tuple[str, ...]:
    return tuple(each["id"] for each in every if each["verdict"] == verdict)


def optional(requirement: Mapping[str, Any]) -> bool:
    """Whether a requirement was not tested only for want of an option that nobody has to give."""
    return all(test["not_given"] or test["verdict"] != "could-not-test" for test in requirement["tests"])


def _count(ids: Sequence[str], every: Sequence[Mapping[str, Any]]) -> str:
    must = sum(each["id"] in ids and each["level"] == "MUST" for each in every)
    return f"{must} MUST" + (f" and {len(ids) - must} SHOULD" if len(ids) > must else "")


def _names(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")
