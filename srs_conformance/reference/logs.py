"""The server's log, in the form of SRS, to the console or to a file."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Final

from srs_conformance.reference.context import log
from srs_conformance.reference.personality import Personality

_LEVELS: Final = {"warn": logging.WARNING, "error": logging.ERROR, "disabled": logging.CRITICAL}
_WORDS: Final = {logging.WARNING: "WARN", logging.ERROR: "ERROR", logging.DEBUG: "DEBUG"}


class _Formatter(logging.Formatter):
    def __init__(self, personality: Personality) -> None:
        super().__init__()
        self._level = personality.level

    def format(self, record: logging.LogRecord) -> str:
        stamp = self.formatTime(record, "%Y-%m-%d %H:%M:%S")
        word = _WORDS.get(record.levelno, self._level)
        text = f"[{stamp}.{int(record.msecs):03d}][{word}][{os.getpid()}] {record.getMessage()}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def set_level(name: str) -> None:
    """Tell no more than `srs_log_level` says; there is nothing below `trace`."""
    log.setLevel(_LEVELS.get(name, logging.INFO))


class Log:
    """Where the lines go. The first one says that this is not SRS."""

    def __init__(self, personality: Personality, file: Path | None, level: str = "trace") -> None:
        self._personality = personality
        self._file = file
        self._handler: logging.Handler | None = None
        log.propagate = False
        set_level(level)

    def open(self) -> None:
        """Begin to write, to the console as well where the file is only just begun.

        Raises:
            OSError: the file cannot be written.
        """
        formatter = _Formatter(self._personality)
        first = (
            f"this is the reference server of srs-conformance, not SRS; it behaves like SRS {self._personality.version}"
        )
        handler: logging.Handler = logging.StreamHandler(sys.stdout)
        if self._file is not None:
            print(first, f"the log is in {self._file}", sep="\n", flush=True)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handler = logging.FileHandler(self._file)
        handler.setFormatter(formatter)
        log.addHandler(handler)
        self._handler = handler
        log.info(first)

    def reopen(self) -> None:
        """Write to the file of that name anew, after a rotation."""
        self.close()
        self.open()

    def close(self) -> None:
        """Write no more."""
        if self._handler is not None:
            log.removeHandler(self._handler)
            self._handler.close()
            self._handler = None
