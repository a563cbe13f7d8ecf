"""Which test judges which requirement, read from the tests' source; and which requirement is nowhere to be found."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.errors import UsageError
from srs_conformance.requirements import Chapter, Requirement, load_all

MARK = "requirement"
#: The specification's requirements: prefix -> its first and last number. Those of our own (LOAD, FLT, RLD, SOAK, WEB)
#: have no end that was set in advance. TIP-00, that the manifests of a tip roll out, is the first of each tip.
SPECIFIED = {
    "QS": (0, 13),
    "SV": (0, 10),
    "EDGE": (0, 17),
    "OC": (0, 13),
    "DEP": (1, 4),
    "UPD": (0, 11),
    "RB": (1, 5),
    "CAN": (0, 7),
    "ACK": (1, 3),
    "DEMO": (0, 4),
    "CLN": (0, 5),
    "SLB": (0, 4),
    "RES": (0, 5),
    "INO": (1, 6),
    "CLOUD": (0, 4),
}


@dataclass(frozen=True)
class Binding:
    """A requirement of a chapter, and the tests that judge it: "suites/quick_start/test_2_service.py::test_it"."""

    chapter: Chapter
    requirement: Requirement
    tests: tuple[str, ...]


def bindings(suites: Path) -> list[Binding]:
    """Return every requirement of every chapter: by chapter, and there by ID.

    Raises:
        UsageError: a requirements.yaml or a test file cannot be read.
    """
    tests = judges(suites)
    return [
        Binding(chapter, each, tuple(tests.get(each.id, ())))
        for chapter in load_all(suites)
        for each in _in_order((*chapter.requirements, *chapter.unbound))
    ]


def judges(suites: Path) -> dict[str, list[str]]:
    """Return the tests that are bound to each requirement by `@requirement("XX-nn", ...)`.

    Raises:
        UsageError: a test file is no Python.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(suites.glob("*/test_*.py")):
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (OSError, SyntaxError) as error:
            raise UsageError(f"{path}: cannot be read as Python: {error}") from error
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for name in _marked(node):
                    found.setdefault(name, []).append(f"{path.relative_to(suites.parent)}::{node.name}")
    return found


def missing(listed: Iterable[str]) -> list[str]:
    """Return the IDs of the specification, and those left out of a row of our own, that are in no chapter."""
    numbers: dict[str, set[int]] = {}
    for name in listed:
        prefix, _, number = name.partition("-")
        numbers.setdefault(prefix, set()).add(int(number))
    wanted = {prefix: set(range(min(found), max(found) + 1)) for prefix, found in numbers.items()}
    for prefix, (first, last) in SPECIFIED.items():
        wanted[prefix] = wanted.get(prefix, set()) | set(range(first, last + 1))
    return [
        f"{prefix}-{number:02}"
        for prefix, all_numbers in wanted.items()
        for number in sorted(all_numbers - numbers.get(prefix, set()))
    ]


def _marked(function: ast.FunctionDef) -> list[str]:
    return [
        argument.value
        for mark in function.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == MARK
        for argument in mark.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def _in_order(requirements: tuple[Requirement, ...]) -> list[Requirement]:
    """Sort by number, and let the kinds stand in the order in which they first come."""
    kinds = list(dict.fromkeys(each.id.partition("-")[0] for each in requirements))
    return sorted(requirements, key=lambda each: (kinds.index(each.id.partition("-")[0]), each.id))
