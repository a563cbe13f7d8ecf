"""Lists of small records as JSON tables, one header and an array per record; times relative to a zero."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from srs_conformance.viewers.frames import Kind

Record = TypeVar("Record")
TIMES = frozenset({"at", "arrival"})


def table(items: Iterable[object], record: type, zero: float) -> dict[str, object]:
    """Return the records as {"columns": names, "rows": arrays}; times in seconds after `zero`, to 0.1 ms."""
    names = [field.name for field in dataclasses.fields(record)]
    rows = [[_out(name, getattr(item, name), zero) for name in names] for item in items]
    return {"columns": names, "rows": rows}


def rows(content: Mapping[str, Any], record: type[Record], zero: float) -> list[Record]:
    """Return the records of a table.

    Raises:
        ValueError: its columns are not the record's fields.
    """
    try:
        names: Sequence[str] = content["columns"]
        return [
            record(**{name: _in(name, value, zero) for name, value in zip(names, row, strict=True)})
            for row in content["rows"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no table of {record.__name__}: {error}") from error


def _out(name: str, value: object, zero: float) -> object:
    if name in TIMES and isinstance(value, float):
        return round(value - zero, 4)
    return round(value, 3) if isinstance(value, float) else value


def _in(name: str, value: Any, zero: float) -> object:
    if name in TIMES:
        return value + zero
    return Kind(value) if name == "kind" else value
