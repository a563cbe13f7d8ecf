"""A night's reports held against what is known to fail: what is new, what is known, what is mended, and what follows.

Pure functions: documents as `reading.read` gives them, the entries of known-findings.yaml and a day come in.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from srs_conformance.errors import ExitCode, UsageError
from srs_conformance.images.names import parse
from srs_conformance.report.comparing import Comparison, compare, image_of, name_of
from srs_conformance.report.headline import optional
from srs_conformance.report.known import Known, Subject
from srs_conformance.report.model import Verdict
from srs_conformance.report.telling import taken_apart

_SEEN = 200
_GRAVEST = (ExitCode.ENGINE_ERROR, ExitCode.MISSED, ExitCode.COULD_NOT_TEST)
"""An engine error may hide misses, and a miss outweighs what was not tested, as in a run's own exit code."""
_CUT_SHORT = (ExitCode.INTERRUPTED, ExitCode.INTERNAL, ExitCode.USAGE, ExitCode.NOTHING_COLLECTED)


class Standing(StrEnum):
    """How a requirement stands; in the order in which they are told."""

    BROKEN = "engine error"
    NEW = "new"
    OVERDUE = "overdue"
    UNTESTED = "could not test"
    WARNING = "warning"
    MENDED = "mended"
    KNOWN = "known"

    @property
    def exit_code(self) -> ExitCode:
        """What it makes of the whole."""
        return _CODES.get(self, ExitCode.HOLDS)


_CODES = {
    Standing.BROKEN: ExitCode.ENGINE_ERROR,
    Standing.NEW: ExitCode.MISSED,
    Standing.OVERDUE: ExitCode.MISSED,
    Standing.UNTESTED: ExitCode.COULD_NOT_TEST,
}
_UNKNOWN = {
    Verdict.ENGINE_ERROR: Standing.BROKEN,
    Verdict.FAIL: Standing.NEW,
    Verdict.COULD_NOT_TEST: Standing.UNTESTED,
    Verdict.WARN: Standing.WARNING,
}


@dataclass(frozen=True)
class Item:
    """A requirement that did not hold, or of which it was known that it would not.

    Attributes:
        id: "" of a test that is bound to no requirement; `text` is its name then.
        seen: what its first failing test saw, in a line.
        entry: what was known of it, if anything was.
        todo: what is to be done, "" where nothing is.
    """

    standing: Standing
    id: str
    level: str
    text: str
    seen: str = ""
    entry: Known | None = None
    todo: str = ""


@dataclass(frozen=True)
class Gated:
    """What the gate says of one report.

    Attributes:
        judged: how many requirements have a verdict of pass, fail or warn.
        hindrances: why the report as a whole decides nothing.
        notes: what whoever reads it has to know besides.
        change: what is different from the report before; None where there is none.
    """

    name: str
    image: str
    reference: bool
    judged: int
    items: tuple[Item, ...]
    hindrances: tuple[str, ...]
    notes: tuple[str, ...]
    change: Comparison | None = None

    @property
    def exit_code(self) -> ExitCode:
        """ENGINE_ERROR, else MISSED, else COULD_NOT_TEST, else HOLDS."""
        hindered = [ExitCode.COULD_NOT_TEST] if self.hindrances else []
        return gravest([*(item.standing.exit_code for item in self.items), *hindered])

    def of(self, standing: Standing) -> list[Item]:
        """Return the items that stand so."""
        return [item for item in self.items if item.standing is standing]


def gravest(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the gravest of exit codes, HOLDS where there is none."""
    found = set(codes)
    return next((code for code in _GRAVEST if code in found), ExitCode.HOLDS)


def gate(
    document: Mapping[str, Any],
    known: Sequence[Known],
    today: date,
    *,
    before: Mapping[str, Any] | None = None,
    require_real_srs: bool = False,
) -> Gated:
    """Hold a report against what is known.

    Nothing that is known of SRS says anything about the reference server: to its reports no entry applies.

    Args:
        document: a completed report.
        known: the entries of known-findings.yaml.
        today: by which entries are overdue.
        before: the report of the same image that this one is compared with.
        require_real_srs: whether a report of the reference server decides nothing.
    """
    subject, reference = subject_of(document), bool((document["server"] or {}).get("reference"))
    applying = [] if reference else [entry for entry in known if entry.applies_to(subject)]
    promises = [each for chapter in document["chapters"] for each in chapter["requirements"]]
    items = [*_of_promises(promises, applying, today), *_of_others(document["other_tests"])]
    judged = sum(each["verdict"] in (Verdict.PASS, Verdict.FAIL, Verdict.WARN) for each in promises)
    places = {standing: place for place, standing in enumerate(Standing)}
    return Gated(
        name_of(document),
        image_of(document),
        reference,
        judged,
        tuple(sorted(items, key=lambda item: places[item.standing])),
        tuple(_hindrances(document, judged, reference=reference and require_real_srs)),
        tuple(_notes(subject, {each["id"] for each in promises}, applying, reference=reference)),
        compare(before, document) if before is not None else None,
    )


def subject_of(document: Mapping[str, Any]) -> Subject:
    """Return what a report is about; what the server did not say itself is taken from the image's tag."""
    server, options = document["server"] or {}, document["options"]
    asked = str(server.get("asked") or "")
    return Subject(
        asked, str(server.get("version") or _of_tag(asked)), _of_tag(str(options.get("srs_image_next") or ""))
    )


def before_of(document: Mapping[str, Any], reports: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the newest of the older reports on the same image, updates and kind of cluster; None if there is none."""
    alike = [each for each in reports if _what(each) == _what(document) and each["started"] < document["started"]]
    return max(alike, key=lambda each: str(each["started"]), default=None)


def _what(document: Mapping[str, Any]) -> tuple[Any, ...]:
    server, cluster = document["server"] or {}, document["cluster"] or {}
    options = document["options"]
    faults = tuple(options.get("faults") or ())
    following = options.get("srs_image_next") or ""
    return server.get("asked"), bool(server.get("reference")), cluster.get("backend"), following, faults


def _of_tag(image: str) -> str:
    try:
        tag = parse(image).tag.removeprefix("v")
    except UsageError:  # none was asked for, or the report was made by hand
        return ""
    return tag if tag[:1].isdigit() else ""


def _of_promises(promises: Sequence[Mapping[str, Any]], applying: Sequence[Known], today: date) -> Iterator[Item]:
    for each in promises:
        own = [entry for entry in applying if entry.requirement == each["id"]]
        if each["verdict"] == Verdict.PASS:
            yield from (_held(each, entry, today) for entry in own if not entry.sometimes or entry.is_overdue(today))
        elif each["verdict"] in _UNKNOWN and not (each["verdict"] == Verdict.COULD_NOT_TEST and optional(each)):
            covering = [entry for entry in own if entry.kind.covers(each["verdict"])]
            yield _broken(each, min(covering, key=lambda entry: entry.is_overdue(today), default=None), today)


def _held(promise: Mapping[str, Any], entry: Known, today: date) -> Item:
    told = (promise["id"], promise["level"], promise["text"], "it holds", entry)
    if entry.is_overdue(today):
        return Item(Standing.OVERDUE, *told, f"it is known until {entry.until} only: remove {entry.place}")
    return Item(Standing.MENDED, *told, f"remove {entry.place}, or say in it that it fails sometimes")


def _broken(promise: Mapping[str, Any], entry: Known | None, today: date) -> Item:
    tests = [test for test in promise["tests"] if test["verdict"] == promise["verdict"] and not test["not_given"]]
    told = (promise["id"], promise["level"], promise["text"], _seen(tests), entry)
    if entry is None:
        return Item(_UNKNOWN[Verdict(promise["verdict"])], *told)
    if entry.is_overdue(today):
        todo = (
            f"it was known until {entry.until}: see {entry.reference}, then mend it or give {entry.place} another day"
        )
        return Item(Standing.OVERDUE, *told, todo)
    return Item(Standing.KNOWN, *told)


def _of_others(tests: Sequence[Mapping[str, Any]]) -> Iterator[Item]:
    for test in tests:
        if test["verdict"] in _UNKNOWN and not test["not_given"]:
            yield Item(_UNKNOWN[Verdict(test["verdict"])], "", "", test["node"], _seen([test]))


def _seen(tests: Sequence[Mapping[str, Any]]) -> str:
    if not tests:
        return ""
    told = taken_apart(tests[0]["message"])
    return textwrap.shorten(told.seen or " ".join(told.words), _SEEN, placeholder=" ...")


def _hindrances(document: Mapping[str, Any], judged: int, *, reference: bool) -> Iterator[str]:
    if document["exit_code"] in _CUT_SHORT:
        yield f"the run did not come to its end ({document['result']}): what it did not get to may fail"
    elif not judged:
        yield "no requirement was judged"
    if reference:
        asked = (document["server"] or {}).get("asked", "")
        yield f"this was the reference server in the place of {asked}: real SRS was required, and nothing is said of it"


def _notes(subject: Subject, promises: set[str], applying: Sequence[Known], *, reference: bool) -> Iterator[str]:
    if reference:
        yield "the reference server: this says nothing about SRS, and nothing that is known of SRS excuses it"
    elif not subject.version:
        yield "of which version the server is was not to be learned: no known finding applies"
    for entry in applying:
        if entry.requirement not in promises:
            yield f"{entry.place} names a requirement that this report does not have"
