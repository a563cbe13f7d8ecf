"""How a load stands, on the terminal: a live line, or plain ones from time to time where there is no terminal."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from srs_conformance.load import figures
from srs_conformance.load.moment import Moment, Phase

PLAIN_EVERY = 2.0
"""Seconds between two lines where they all stay."""
_CLEAR = "\r\x1b[K"


class Display:
    """Shows moments and sentences on a stream (default: standard error)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._open = False
        self._shown: tuple[Phase | None, str, float] = (None, "", 0.0)

    def show(self, moment: Moment, workers: int) -> None:
        """Show how it stands, unless it has ended; `workers` is how many there should be."""
        if moment.phase is Phase.ENDED:
            return
        text = words(moment, workers)
        phase, last, at = self._shown
        if self._live:
            self._write(_CLEAR + text[: shutil.get_terminal_size().columns - 1])
            self._open = True
        elif text != last and (moment.phase is not phase or time.monotonic() - at >= PLAIN_EVERY):
            self._write(text + "\n")
            self._shown = moment.phase, text, time.monotonic()

    def say(self, text: str) -> None:
        """Say something that stays."""
        self._write((_CLEAR if self._open else "") + text + "\n")
        self._open = False

    def close(self) -> None:
        """Leave the live line as it is, and end it."""
        if self._open:
            self._write("\n")
        self._open = False

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def words(moment: Moment, workers: int) -> str:
    """Return a moment in one line."""
    if moment.phase is Phase.WAITING:
        return f"waiting: {moment.workers} of {workers} workers are connected"
    parts = [
        f"{moment.at:4.0f} s",
        f"users {moment.users}",
        f"viewers {moment.viewers}",
        *([f"joining {moment.joining}"] if moment.joining else []),
        f"stalled {moment.stalled}",
        figures.bits(moment.rate),
        f"first keyframe p99 {figures.seconds(moment.keyframe_p99)}",
    ]
    if moment.lag >= 0.1:
        parts.append(f"late by {figures.seconds(moment.lag)}")
    if moment.phase is Phase.RUNNING and (moment.missing or moment.workers < workers):
        missing = f" ({moment.missing} missing)" if moment.missing else ""
        parts.append(f"{moment.workers} of {workers} workers{missing}")
    if moment.phase is Phase.ENDING:
        parts.append("everybody leaves")
    return "  ".join(parts)
