"""Where a live view goes: redrawn in place on a terminal, a line from time to time elsewhere, or nowhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TextIO

LINE_EVERY = 5.0
"""Seconds between two lines where they all stay."""
_UP = "\x1b[{}A"
_CLEAR_BELOW = "\r\x1b[J"


class Screen:
    """Shows a view on a stream.

    Args:
        stream: where to; on a terminal rows are redrawn, elsewhere lines are added.
        quiet: show nothing.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._live = stream.isatty()
        self._drawn = 0
        self._last: float | None = None

    def show(self, rows: Sequence[str], line: str, now: float) -> None:
        """Show how it stands at a time (s): the rows on a terminal, else the line, unless one was shown just now."""
        if self._quiet:
            return
        if self._live:
            width, height = shutil.get_terminal_size()
            shown = [row[: width - 1] for row in rows][: height - 1]
            self._write(self._back() + "".join(f"{row}\n" for row in shown))
            self._drawn = len(shown)
        elif self._last is None or now - self._last >= LINE_EVERY:
            self._last = now
            self._write(f"{line}\n")

    def clear(self) -> None:
        """Take the rows away, for what stays to be written in their place."""
        if self._drawn:
            self._write(self._back())
        self._drawn = 0

    def _back(self) -> str:
        return (_UP.format(self._drawn) + _CLEAR_BELOW) if self._drawn else ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
