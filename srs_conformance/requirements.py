"""The promises of the guide as data: one requirements.yaml beside each chapter's tests."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from srs_conformance.errors import UsageError

FILE_NAME = "requirements.yaml"
_ID = re.compile(r"^[A-Z]+-\d{2}$")
_FIELDS = {"id", "level", "profile", "heading", "text", "needs", "known", "unbound"}


class Level(StrEnum):
    """MUST: the guide says it or the scenario is meaningless without it; SHOULD: implied, or true of some versions."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True)
class Requirement:
    """One promise.

    `needs` names cluster capabilities; `known` the SRS issues that a failure may be; `unbound` says why no test is
    bound to it.
    """

    id: str
    level: Level
    profile: str
    heading: str
    text: str
    needs: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    unbound: str = ""


@dataclass(frozen=True)
class Chapter:
    """One chapter of the guide that is a scenario here, with its promises in the guide's order.

    `requirements` are those that tests are bound to; `unbound` those that none is, each with its reason.
    """

    name: str
    title: str
    guide: str
    requirements: tuple[Requirement, ...]
    unbound: tuple[Requirement, ...] = ()

    def ids(self) -> list[str]:
        """Return the IDs of the requirements that tests are bound to, in order."""
        return [requirement.id for requirement in self.requirements]


def load_chapter(folder: Path) -> Chapter:
    """Read a chapter's requirements.yaml.

    Raises:
        UsageError: the file is absent, is no YAML of the expected shape, or repeats an ID.
    """
    path = folder / FILE_NAME
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(document, dict) or not {"chapter", "title", "guide", "requirements"} <= set(document):
        raise UsageError(f"{path}: expected the keys chapter, title, guide and requirements")
    listed = tuple(_requirement(path, entry) for entry in document["requirements"])
    if twice := [name for name, count in Counter(each.id for each in listed).items() if count > 1]:
        raise UsageError(f"{path}: {', '.join(twice)} stands there twice")
    bound = tuple(each for each in listed if not each.unbound)
    unbound = tuple(each for each in listed if each.unbound)
    return Chapter(document["chapter"], document["title"], document["guide"], bound, unbound)


def load_all(suites: Path) -> list[Chapter]:
    """Read every chapter below `suites`, sorted by folder name.

    Raises:
        UsageError: as `load_chapter`, or two chapters have the same requirement.
    """
    chapters = [load_chapter(path.parent) for path in sorted(suites.glob(f"*/{FILE_NAME}"))]
    owners: dict[str, str] = {}
    for chapter in chapters:
        for each in (*chapter.requirements, *chapter.unbound):
            if each.id in owners:
                raise UsageError(f"{each.id} stands in the {FILE_NAME} of {owners[each.id]} and of {chapter.name}")
            owners[each.id] = chapter.name
    return chapters


def _requirement(path: Path, entry: Any) -> Requirement:
    if not isinstance(entry, dict) or not {"id", "level", "profile", "heading", "text"} <= set(entry):
        raise UsageError(f"{path}: expected id, level, profile, heading and text in each requirement, found {entry!r}")
    if unknown := set(entry) - _FIELDS:
        raise UsageError(f"{path}: {entry['id']}: unknown keys {sorted(unknown)}; known are {sorted(_FIELDS)}")
    if not _ID.match(str(entry["id"])):
        raise UsageError(f"{path}: {entry['id']!r} is no requirement ID; expected one like EDGE-03")
    if entry["level"] not in list(Level):
        raise UsageError(f"{path}: {entry['id']}: level {entry['level']!r}; expected MUST or SHOULD")
    if entry["profile"] not in ("core", "extended"):
        raise UsageError(f"{path}: {entry['id']}: profile {entry['profile']!r}; expected core or extended")
    if "unbound" in entry and not str(entry["unbound"] or "").strip():
        raise UsageError(f"{path}: {entry['id']}: unbound without a reason")
    return Requirement(
        id=entry["id"],
        level=Level(entry["level"]),
        profile=entry["profile"],
        heading=entry["heading"],
        text=" ".join(str(entry["text"]).split()),
        needs=tuple(entry.get("needs", ())),
        known=tuple(entry.get("known", ())),
        unbound=" ".join(str(entry.get("unbound", "")).split()),
    )
