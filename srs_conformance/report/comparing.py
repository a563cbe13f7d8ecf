"""Two reports side by side: what fails newly, what is mended, what has changed otherwise, and what only one judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from srs_conformance.errors import ExitCode
from srs_conformance.report.words import WORDS

_BAD = ("fail", "warn")
_GOOD = "pass"
_UNJUDGED = ("not-run", "")


class Group(StrEnum):
    """What became of a requirement from one report to the other."""

    NEWLY_FAILING = "newly failing"
    MENDED = "mended"
    CHANGED = "changed"
    ONLY_BEFORE = "only in the first"
    ONLY_AFTER = "only in the second"


@dataclass(frozen=True)
class Change:
    """A requirement whose verdicts differ; "" where a report does not know it."""

    id: str
    level: str
    text: str
    before: str
    after: str

    @property
    def group(self) -> Group:
        """What became of it.

        What fails now and did not fail before is newly failing, also where it was not judged before: nothing is known
        that would speak for it. What was judged in one of them alone is neither mended nor changed.
        """
        if self.after in _BAD and self.before not in _BAD:
            return Group.NEWLY_FAILING
        if self.before in _UNJUDGED:
            return Group.ONLY_AFTER
        if self.after in _UNJUDGED:
            return Group.ONLY_BEFORE
        if self.before in _BAD and self.after == _GOOD:
            return Group.MENDED
        return Group.CHANGED


@dataclass(frozen=True)
class Comparison:
    """What differs between two reports, in the order of their requirements; `alike` is how many do not."""

    names: tuple[str, str]
    changes: tuple[Change, ...]
    alike: int

    @property
    def exit_code(self) -> ExitCode:
        """MISSED where a MUST fails newly."""
        worse = any(each.group is Group.NEWLY_FAILING and each.after == "fail" for each in self.changes)
        return ExitCode.MISSED if worse else ExitCode.HOLDS

    def lines(self) -> Iterator[str]:
        """Yield it as lines for the terminal."""
        yield f"first:  {self.names[0]}"
        yield f"second: {self.names[1]}"
        for group in Group:
            found = [each for each in self.changes if each.group is group]
            if found:
                yield ""
                yield f"{group} ({len(found)})"
            for each in found:
                change = f"{_told(each.before)} -> {_told(each.after)}"
                yield f"  {each.id:8} {each.level:6} {change:34} {each.text}"
        yield ""
        yield f"{self.alike} alike"


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two completed reports, requirement by requirement."""
    old, new = _verdicts(before), _verdicts(after)
    changes = []
    alike = 0
    for name in [*new, *(name for name in old if name not in new)]:
        known = new.get(name) or old[name]
        pair = [found[name]["verdict"] if name in found else "" for found in (old, new)]
        if pair[0] == pair[1] or all(each in _UNJUDGED for each in pair):
            alike += pair[0] not in _UNJUDGED
        else:
            changes.append(Change(name, known["level"], known["text"], *pair))
    return Comparison((name_of(before), name_of(after)), tuple(changes), alike)


def name_of(document: Mapping[str, Any]) -> str:
    """Return what a report is about, for a heading: image, what the server says it is, cluster and time."""
    cluster = document["cluster"] or {}
    on = f" on {cluster['backend']}" if cluster else ""
    return f"{image_of(document)}{on}, {document['started'][:16].replace('T', ' ')}"


def image_of(document: Mapping[str, Any]) -> str:
    """Return the image of a report and its version; the reference server is called by its name."""
    server = document["server"] or {}
    version = server.get("version") or ""
    if server.get("reference"):
        faults = document["options"].get("faults") or []
        return f"reference server {version}".strip() + (f" with {', '.join(map(str, faults))}" if faults else "")
    asked = server.get("asked") or "no server"
    return f"{asked} ({version})" if version and version not in asked else asked


def _verdicts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    chapters: Sequence[Mapping[str, Any]] = document["chapters"]
    return {each["id"]: each for chapter in chapters for each in chapter["requirements"]}


def _told(verdict: str) -> str:
    return WORDS[verdict].text if verdict else "unknown"
