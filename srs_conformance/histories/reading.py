"""The reader of a history: strict in all but a last line that the end of its writer cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from srs_conformance.errors import UsageError
from srs_conformance.histories import events
from srs_conformance.histories.history import Head, History

_HINT = "a history is the .ndjson file that a run leaves in a test's evidence"


class HistoryError(UsageError):
    """A file is no history, or a line of it no event; the message names both."""


def read(path: Path) -> History:
    """Read a history.

    A last line that is cut off is left out, and `History.truncated` tells of it.

    Raises:
        HistoryError: the file cannot be read, is no history or of another format, or a line is no event.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise HistoryError(f"{path}: cannot be read: {error.strerror}", hint=_HINT) from error
    lines = text.split("\n")
    whole, rest = lines[:-1], lines[-1]
    if not whole:
        raise HistoryError(f"{path}: {'its first line is cut off' if rest else 'is empty'}", hint=_HINT)
    head = _head(path, whole[0])
    found = []
    for number, line in enumerate(whole[1:], 2):
        try:
            found.append(events.from_json(_object(line), number))
        except ValueError as error:
            raise HistoryError(f"{path}:{number}: no event of a history: {error}") from error
    truncated = f"line {len(whole) + 1} is cut off after {len(rest)} characters" if rest else ""
    return History.of(head, found, path=path, truncated=truncated)


def _head(path: Path, line: str) -> Head:
    try:
        values = _object(line)
    except ValueError as error:
        raise HistoryError(f"{path}:1: no head of a history: {error}", hint=_HINT) from error
    if values.get("history") != events.FORMAT:
        known = f"this suite reads format {events.FORMAT}"
        if "history" not in values:
            raise HistoryError(f"{path}:1: no head of a history: no 'history'; {known}", hint=_HINT)
        raise HistoryError(f"{path}:1: a history of format {values['history']!r}; {known}")
    suite, began, context = (values.get(name) for name in ("suite", "began", "context"))
    if not isinstance(suite, str) or not isinstance(began, str) or not isinstance(context, dict):
        raise HistoryError(f"{path}:1: no head of a history: suite, began or context is missing", hint=_HINT)
    return Head(suite, began, context)


def _object(line: str) -> dict[str, Any]:
    values = json.loads(line)
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - of the file and not of our code
    return values
