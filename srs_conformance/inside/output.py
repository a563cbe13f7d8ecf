"""The output of the suite, read from its container's log piece by piece, each line once. Pure.

The API server gives a log from a whole second on, with the time of each line: what was read before is passed over. So
a connection that breaks loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d) (.*)", re.DOTALL)
_Moment = tuple[datetime, str]


class Output:
    """What of a log was read.

    Attributes:
        since: from when the log is to be asked for next, as the API takes it; "" for all of it.
    """

    def __init__(self) -> None:
        self.since = ""
        self._last: _Moment | None = None
        self._read = 0  # lines of that moment

    def new(self, text: str) -> list[str]:
        """Return the lines of a piece of the log that were not read before."""
        found = []
        seen = 0
        for moment, second, line in _lines(text):
            if self._last is not None and moment < self._last:
                continue
            if moment == self._last:
                seen += 1
                if seen <= self._read:
                    continue
                self._read += 1
            else:
                self._last, self._read, seen = moment, 1, 1
            self.since = second
            found.append(line)
        return found


def _lines(text: str) -> Iterator[tuple[_Moment, str, str]]:
    """Yield the moment of each line, its second as the API takes it, and what the line says."""
    for line in text.split("\n"):  # a line may hold anything else at which Python would split
        if match := _LINE.fullmatch(line):
            second = match[1] + match[3]
            yield (datetime.fromisoformat(second), (match[2] or "").ljust(9, "0")), second, match[4]
