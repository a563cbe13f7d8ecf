"""Service-level objectives: a YAML file of limits, read strictly, and what became of each.

    first-keyframe p99: 1 s
    stalled-seconds: 0.1 %
    cut: 0
    hls:
      behind-live p95: 8 s

At top level a clause is about all viewers together; the sections rtmp, http-flv, hls and publisher limit one kind.
Times are `connect`, `first-byte`, `first-keyframe`, `stall`, `behind-live`, `playlist` or `segment`, each followed by
p50, p75, p90, p95, p99, p99.9 or max. Shares are `refused` (of all visits), `cut`, `stalled-viewers`, `stalls`, `gaps`
and `jumps` (of joined visits) and `stalled-seconds` (of viewer-seconds); instead of a percentage a plain number limits
how many there are in the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NoReturn

import yaml

from srs_conformance.errors import UsageError
from srs_conformance.load.clauses import KNOWN, SHARES, STATISTICS, TIMES, Clause, Judged, Unit
from srs_conformance.load.measures import Measures
from srs_conformance.load.visits import Kind

__all__ = ["DEFAULT", "DEFAULT_TEXT", "Judged", "Slo"]

_LIMIT = re.compile(r"(?P<sign>[-+]?)(?P<number>[0-9]{1,12}(?:\.[0-9]+)?|\.[0-9]+)\s*(?P<unit>\S*)")
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_NULLS = ("", "~", "null", "Null", "NULL")

_HINT_CLAUSES = (
    f"known are {', '.join(TIMES)} (each with {', '.join(STATISTICS)}), and {', '.join(SHARES)}; "
    f"and the sections {', '.join(Kind)}"
)
_HINT_TIME = "a time is a number and a unit (us, ms, s, min, h), such as 1 s or 200 ms"
_HINT_SHARE = "a share is a percentage such as 0.1 %, or how many there may be in the whole run, such as 0"
_HINT_SECONDS = "stalled-seconds is a percentage of all viewer-seconds, such as 0.1 %"
_HINT_FILE = (
    "an SLO file is a YAML mapping of clause to limit, such as\n        first-keyframe p99: 1 s\n        refused: 0 %"
)


@dataclass(frozen=True)
class Slo:
    """The clauses of an SLO in the order of its file, and where it came from."""

    clauses: tuple[Clause, ...]
    where: str

    @classmethod
    def load(cls, path: Path) -> Slo:
        """Read an SLO file.

        Raises:
            UsageError: it cannot be read, or `parse` does not understand it.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"SLO file {path}: cannot be read: {error}", hint=_HINT_FILE) from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, where: str) -> Slo:
        """Read the text of an SLO; `where` stands before each message.

        Raises:
            UsageError: it is no YAML mapping of clauses to limits, names an unknown clause, repeats one, or has a limit
                that the clause cannot have.
        """
        try:
            # The nodes and not the values: they know their lines, and YAML 1.1 makes something else of yes and 1:30.
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise UsageError(f"{where}: no YAML: {error}", hint=_HINT_FILE) from error
        if root is None or _is_null(root):
            raise UsageError(f"{where}: it is empty", hint=_HINT_FILE)
        if not isinstance(root, yaml.MappingNode):
            raise UsageError(f"{where}: expected a mapping, found {_found(root)}", hint=_HINT_FILE)
        clauses = tuple(_clauses(root, None, where))
        if not clauses:
            raise UsageError(f"{where}: it has no clause", hint=_HINT_FILE)
        return cls(clauses, where)

    def judge(self, measures: Measures) -> list[Judged]:
        """Hold every clause against what was measured, in the order of the file."""
        return [clause.judge(measures) for clause in self.clauses]


def _clauses(mapping: yaml.MappingNode, kind: Kind | None, where: str) -> Iterator[Clause]:
    seen: dict[str, int] = {}
    for key, value in mapping.value:
        line = key.start_mark.line + 1
        place = f"{where}:{line}"
        if not isinstance(key, yaml.ScalarNode):
            raise UsageError(f"{place}: expected the name of a clause, found {_found(key)}", hint=_HINT_CLAUSES)
        name = " ".join(key.value.split())
        if name in seen:
            raise UsageError(
                f"{place}: {name!r} stands there twice, first in line {seen[name]}", hint="remove one of them"
            )
        seen[name] = line
        if kind is None and name in list(Kind):
            yield from _section(value, Kind(name), place, where)
        elif name in KNOWN:
            yield _clause(name, kind, value, place)
        else:
            _unknown(name, kind, place)


def _section(value: yaml.Node, kind: Kind, place: str, where: str) -> Iterator[Clause]:
    if _is_null(value):
        raise UsageError(f"{place}: the section {kind} is empty", hint=_HINT_FILE)
    if not isinstance(value, yaml.MappingNode):
        raise UsageError(f"{place}: expected clauses below {kind}, found {_found(value)}", hint=_HINT_FILE)
    yield from _clauses(value, kind, where)


def _unknown(name: str, kind: Kind | None, place: str) -> NoReturn:
    candidates = [*KNOWN, *(map(str, Kind) if kind is None else ())]
    near = get_close_matches(name, candidates, 1)
    if not near and name in TIMES:
        near = [f"{name} p99"]
    suggestion = f"; did you mean {near[0]!r}?" if near else ""
    section = f" in the section {kind}" if kind else ""
    raise UsageError(f"{place}: unknown clause {name!r}{section}{suggestion}", hint=_HINT_CLAUSES)


def _clause(name: str, kind: Kind | None, value: yaml.Node, place: str) -> Clause:
    share = SHARES.get(name)
    hint = _HINT_TIME if share is None else _HINT_SECONDS if share.seconds else _HINT_SHARE
    if not isinstance(value, yaml.ScalarNode) or _is_null(value):
        raise UsageError(f"{place}: {name}: expected a limit, found {_found(value)}", hint=hint)
    text = " ".join(value.value.split())
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise UsageError(f"{place}: {name}: {text!r} is no limit", hint=hint)
    if match["sign"] == "-":
        raise UsageError(f"{place}: {name}: {text!r} is negative", hint=hint)
    limit, unit = float(match["number"]), match["unit"]
    if share is None:
        if unit not in _SECONDS:
            raise UsageError(f"{place}: {name}: {text!r} {_wrong(unit, 'a time')}", hint=hint)
        return Clause(name, kind, limit * _SECONDS[unit], Unit.SECONDS, text)
    if unit not in ("%", "") or (share.seconds and not unit):
        raise UsageError(f"{place}: {name}: {text!r} {_wrong(unit, 'a share')}", hint=hint)
    if unit and limit > 100 and not share.unbounded:
        raise UsageError(f"{place}: {name}: {text!r} is more than 100 %, so it would always hold", hint=hint)
    return Clause(name, kind, limit, Unit(unit), text)


def _wrong(unit: str, expected: str) -> str:
    what = "a percentage" if unit == "%" else "a time" if unit in _SECONDS else f"of the unknown unit {unit!r}"
    return f"is {what if unit else 'without a unit'}; expected {expected}"


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _NULLS


def _found(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return "a mapping" if isinstance(node, yaml.MappingNode) else "a list"
    return "nothing" if _is_null(node) else repr(node.value)


DEFAULT_TEXT: Final = """\
first-keyframe p99: 1 s
stalled-seconds: 0.1 %
refused: 0 %
cut: 0 %
"""
"""What a live service is commonly expected to keep: whoever comes sees a picture within a second, playback stands still
for less than a thousandth of the time, and nobody is turned away or cut off."""

DEFAULT: Final = Slo.parse(DEFAULT_TEXT, "the default SLO")
"""What a load is held against when no SLO file is named."""
