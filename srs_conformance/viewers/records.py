"""Lists of small records as JSON tables, one header and an array per record; times relative to a zero."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from srs_conformance.viewers.frames import Kind

Record = TypeVar("Record")
TIMES = frozenset({"at", "arrival"})
_KINDS = {kind.value: kind for kind in Kind}


def table(items: Iterable[object], record: type, zero: float) -> dict[str, object]:
    """Return the records as {"columns": names, "rows": arrays}; times in seconds after `zero`, to 0.1 ms."""
    names = _names(record)
    listed = list(items)
    columns = [_out(name, map(attrgetter(name), listed), zero) for name in names]
    return {"columns": names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def rows(content: Mapping[str, Any], record: type[Record], zero: float) -> list[Record]:
    """Return the records of a table.

    Raises:
        ValueError: its columns are not the record's fields.
    """
    try:
        names: Sequence[str] = content["columns"]
        found: Sequence[Sequence[Any]] = content["rows"]
        if not found:
            return []
        columns = [_in(name, column, zero) for name, column in zip(names, zip(*found, strict=True), strict=True)]
        if list(names) == _names(record):
            return [record(*row) for row in zip(*columns, strict=True)]
        return [record(**dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no table of {record.__name__}: {error}") from error


def _names(record: type) -> list[str]:
    return [field.name for field in dataclasses.fields(record)]


def _out(name: str, column: Iterable[Any], zero: float) -> list[object]:
    """Return a column for JSON. A watch has thousands of frames, so what is the same for all is looked up once."""
    if name in TIMES:
        return [round(value - zero, 4) if isinstance(value, float) else value for value in column]
    return [round(value, 3) if isinstance(value, float) else value for value in column]


def _in(name: str, column: Iterable[Any], zero: float) -> list[object]:
    if name in TIMES:
        return [value + zero for value in column]
    return [_KINDS[value] for value in column] if name == "kind" else list(column)
