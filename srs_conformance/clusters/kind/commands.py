"""Running other programs: the one seam through which this backend reaches the engine, kind and iproute2.

Everything takes a `Runner`, so that tests can play the programs' parts.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from srs_conformance.errors import EngineError

SHOWN = 1500
"""How many characters of a program's complaint an error shows."""


@dataclass(frozen=True)
class Result:
    """How a program ended and what it wrote."""

    argv: tuple[str, ...]
    code: int
    out: str = ""
    err: str = ""

    def checked(self) -> str:
        """Return what it wrote.

        Raises:
            EngineError: it ended with another code than 0; shows the end of its complaint.
        """
        if self.code:
            said = (self.err.strip() or self.out.strip())[-SHOWN:]
            raise EngineError(f"`{shlex.join(self.argv)}` ended with code {self.code}: {said or 'it said nothing'}")
        return self.out

    def json(self) -> Any:
        """Return what it wrote, read as JSON ([] for nothing); raises as `checked` does."""
        return json.loads(self.checked() or "[]")


class Runner(Protocol):
    """Something that runs a program to its end."""

    def __call__(self, *argv: str | Path, stdin: str | Path | None = None, timeout: float = 60) -> Result:
        """Run it with `stdin` as text, or from a file where it is a path.

        A missing program gives code 127, one that took longer than `timeout` seconds is ended and gives code 124.
        """


class Commands:
    """Runs real programs, with an environment of its own, and writes each into a log."""

    def __init__(self, environment: Mapping[str, str] | None = None, log: Path | None = None) -> None:
        self.environment = environment
        self.log = log

    def __call__(self, *argv: str | Path, stdin: str | Path | None = None, timeout: float = 60) -> Result:
        """Run a program; see `Runner`."""
        words = tuple(map(str, argv))
        began = time.monotonic()
        result = self._run(words, stdin, timeout)
        if self.log:
            self._write(result, time.monotonic() - began)
        return result

    def _run(self, words: tuple[str, ...], stdin: str | Path | None, timeout: float) -> Result:
        try:
            if isinstance(stdin, Path):
                with stdin.open("rb") as source:
                    done = subprocess.run(
                        words, stdin=source, capture_output=True, timeout=timeout, env=self._env(), check=False
                    )
            else:
                given = (stdin or "").encode()
                done = subprocess.run(
                    words, input=given, capture_output=True, timeout=timeout, env=self._env(), check=False
                )
        except subprocess.TimeoutExpired:
            return Result(words, 124, err=f"it did not end within {timeout:.0f} s")
        except OSError as error:
            return Result(words, 127, err=str(error))
        return Result(words, done.returncode, _text(done.stdout), _text(done.stderr))

    def _env(self) -> dict[str, str] | None:
        return dict(self.environment) if self.environment is not None else None

    def _write(self, result: Result, took: float) -> None:
        assert self.log
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {took:6.2f} s  code {result.code}  {shlex.join(result.argv)}\n")
            if result.code:
                log.write(_indented(result.err or result.out))


run: Runner = Commands()
"""Runs programs with this process's own environment and no log."""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.strip()[-SHOWN:].splitlines())


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")
