"""known-findings.yaml: what is known to fail of which SRS, for how long that is taken, and why; read strictly.

findings:
  - requirement: EDGE-00
    versions: [5, 6]           by major, or exactly as "6.0.157"
    image: example.com/srs     only of images of this name (of this tag, where it has one); default: any
    next: [6]                  only where updates go to these versions; default: wherever
    verdict: could-not-test    default: missed
    sometimes: true            it does not fail each time: that it holds once mends nothing
    issue: "SRS #2911"         or https://...; this or `defect`, the name of a patch, an overlay or a fault
    until: 2027-05-29          from the day after on it fails the gate, until somebody has looked at it again
    why: One sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

import yaml

from srs_conformance.errors import UsageError
from srs_conformance.images import names
from srs_conformance.report.model import Verdict
from srs_conformance.report.words import issue as issue_page

FILE_NAME = "known-findings.yaml"

_REQUIRED = ("requirement", "versions", "until", "why")
_OPTIONAL = ("issue", "defect", "image", "next", "verdict", "sometimes")
_ID = re.compile(r"[A-Z]+-[0-9]{2}")
_VERSION = re.compile(r"[1-9][0-9]*(\.[0-9]+\.[0-9]+)?")
_DEFECT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_URL = re.compile(r"https?://[^\s()<>|\"]+")
_HINT = (
    f"an entry has {', '.join(_REQUIRED)}, issue or defect, and if need be {', '.join(_OPTIONAL[2:])}; "
    "docs/nightly.md tells what they mean"
)


class Kind(StrEnum):
    """What an entry knows of: a promise that is missed, or one that cannot be tested; an engine error never is."""

    MISSED = "missed"
    COULD_NOT_TEST = "could-not-test"

    def covers(self, verdict: str) -> bool:
        """Whether a requirement's verdict is what the entry knows of."""
        return verdict in ((Verdict.FAIL, Verdict.WARN) if self is Kind.MISSED else (Verdict.COULD_NOT_TEST,))


@dataclass(frozen=True)
class Subject:
    """What a report is about: the image as it was asked for, its version, the version that updates go to ("": none)."""

    asked: str
    version: str
    next: str = ""


@dataclass(frozen=True)
class Known:
    """One entry; `number` is its place in the file, from 1."""

    number: int
    requirement: str
    versions: tuple[str, ...]
    until: date
    why: str
    issue: str = ""
    defect: str = ""
    image: str = ""
    next: tuple[str, ...] = ()
    kind: Kind = Kind.MISSED
    sometimes: bool = False

    def applies_to(self, subject: Subject) -> bool:
        """Whether the entry is about what was tested; of an unknown version nothing is known."""
        return (
            _among(subject.version, self.versions)
            and (not self.next or _among(subject.next, self.next))
            and (not self.image or _is_named(subject.asked, self.image))
        )

    def is_overdue(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.until

    @property
    def reference(self) -> str:
        """The issue, or the defect's name."""
        return self.issue or f"defect {self.defect}"

    @property
    def page(self) -> str:
        """Where the issue stands, "" for a defect."""
        return self.issue if _URL.fullmatch(self.issue) else issue_page(self.issue).href

    @property
    def place(self) -> str:
        """How a message calls it."""
        return f"entry {self.number} ({self.requirement})"


def load(path: Path) -> tuple[Known, ...]:
    """Read a file of known findings.

    Raises:
        UsageError: it cannot be read, is no YAML of this shape, or says the same twice; names file and entry, what was
            expected and what was found.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint=_HINT) from error
    return parse(text, str(path))


def parse(text: str, where: str) -> tuple[Known, ...]:
    """Read the text of such a file; `where` stands before each message.

    Raises:
        UsageError: as `load`.
    """
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # a date such as 2027-02-30 is a ValueError
        raise UsageError(f"{where}: no YAML: {error}", hint=_HINT) from error
    if not isinstance(document, dict) or set(document) != {"findings"} or not isinstance(document["findings"], list):
        raise UsageError(
            f"{where}: expected the one key findings with a list, found {_shown(document)}",
            hint="a file that knows of nothing says `findings: []`",
        )
    found = tuple(_entry(entry, number, where) for number, entry in enumerate(document["findings"], 1))
    _no_entry_twice(found, where)
    return found


def _entry(entry: Any, number: int, where: str) -> Known:
    place = f"{where}: entry {number}"
    if not isinstance(entry, dict):
        _refuse(place, f"a mapping with {', '.join(_REQUIRED)}", entry)
    if unknown := sorted(map(str, set(entry) - {*_REQUIRED, *_OPTIONAL})):
        raise UsageError(f"{place}: unknown key {', '.join(unknown)}", hint=_HINT)
    if missing := [name for name in _REQUIRED if name not in entry]:
        raise UsageError(f"{place}: expected {', '.join(missing)}, found {', '.join(map(str, entry))}", hint=_HINT)
    requirement = _text(entry, "requirement", _ID, "a requirement such as EDGE-03", place)
    place = f"{place} ({requirement})"
    if "issue" not in entry and "defect" not in entry:
        raise UsageError(f"{place}: expected issue or defect, by which others find what it is", hint=_HINT)
    return Known(
        number,
        requirement,
        versions=_versions(entry["versions"], "versions", place),
        until=_day(entry["until"], place),
        why=_sentence(entry["why"], place),
        issue=_issue(entry, place),
        defect=_text(entry, "defect", _DEFECT, "the name of a patch, an overlay or a fault such as edge-d9", place),
        image=_image(entry, place),
        next=_versions(entry["next"], "next", place) if "next" in entry else (),
        kind=_kind(entry.get("verdict", Kind.MISSED.value), place),
        sometimes=_flag(entry.get("sometimes", False), place),
    )


def _text(entry: Mapping[str, Any], name: str, form: re.Pattern[str], expected: str, place: str) -> str:
    value = entry.get(name, "")
    if name in entry and not (isinstance(value, str) and form.fullmatch(value)):
        _refuse(f"{place}: {name}", expected, value)
    return str(value)


def _versions(value: Any, name: str, place: str) -> tuple[str, ...]:
    expected = 'a list of versions of SRS, by major as 6 or exactly as "6.0.157"'
    if not isinstance(value, list) or not value:
        _refuse(f"{place}: {name}", expected, value)
    for each in value:
        # YAML makes numbers of 6 and 6.0; of the latter nobody can tell which version was meant
        if not isinstance(each, int | str) or not _VERSION.fullmatch(str(each)):
            _refuse(f"{place}: {name}", expected, each)
    return tuple(map(str, value))


def _day(value: Any, place: str) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        _refuse(f"{place}: until", "a day such as 2027-05-29, without quotes", value)
    return value


def _sentence(value: Any, place: str) -> str:
    if not isinstance(value, str) or len(value.split()) < 2:
        _refuse(f"{place}: why", "a sentence that says why this fails", value)
    return " ".join(value.split())


def _issue(entry: Mapping[str, Any], place: str) -> str:
    value = entry.get("issue", "")
    if "issue" in entry and not (isinstance(value, str) and (_URL.fullmatch(value) or issue_page(value).href)):
        _refuse(f"{place}: issue", '"SRS #2911", in quotes, or an address that begins with https://', value)
    return str(value)


def _image(entry: Mapping[str, Any], place: str) -> str:
    value = entry.get("image", "")
    if "image" not in entry:
        return ""
    if not isinstance(value, str):
        _refuse(f"{place}: image", "the name of an image such as ossrs/srs", value)
    try:
        names.parse(value)
    except UsageError as error:
        raise UsageError(f"{place}: image: {error.message}") from error
    return value


def _kind(value: Any, place: str) -> Kind:
    if value not in list(Kind):
        _refuse(f"{place}: verdict", " or ".join(Kind), value)
    return Kind(value)


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        _refuse(f"{place}: sometimes", "true or false", value)
    return value


def _no_entry_twice(found: Sequence[Known], where: str) -> None:
    seen: dict[tuple[str, str, str, str, Kind], Known] = {}
    for entry in found:
        for key in _said(entry):
            if key in seen:
                first = seen[key].number
                raise UsageError(
                    f"{where}: {entry.place}: stands there for version {key[1]} already, as entry {first}",
                    hint="make one of the two",
                )
            seen[key] = entry


def _said(entry: Known) -> Iterator[tuple[str, str, str, str, Kind]]:
    for version in dict.fromkeys(entry.versions):
        for following in dict.fromkeys(entry.next or ("",)):
            yield entry.requirement, version, following, entry.image, entry.kind


def _among(version: str, versions: Sequence[str]) -> bool:
    return version in versions or version.partition(".")[0] in versions


def _is_named(asked: str, wanted: str) -> bool:
    try:
        one, other = names.parse(asked), names.parse(wanted)
    except UsageError:
        return False
    if (one.registry, one.repository) != (other.registry, other.repository):
        return False
    has_tag = ":" in wanted.rpartition("/")[2] or "@" in wanted
    return not has_tag or one == other


def _refuse(place: str, expected: str, found: Any) -> NoReturn:
    raise UsageError(f"{place}: expected {expected}; found {_shown(found)}", hint=_HINT)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
