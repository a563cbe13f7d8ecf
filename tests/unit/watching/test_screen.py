"""Where a live view goes: a terminal is redrawn, anything else gets a line from time to time, or nothing."""

from __future__ import annotations

import io
import os

import pytest

from srs_conformance.watching.screen import LINE_EVERY, Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "4")
    assert os.environ["COLUMNS"] == "20"


def test_a_terminal_is_redrawn_in_place_and_within_its_size() -> None:
    stream = Terminal()
    screen = Screen(stream)
    screen.show(["a" * 30, "b"], "line", 0.0)
    assert stream.getvalue() == "a" * 19 + "\nb\n"
    screen.show(["1", "2", "3", "4", "5"], "line", 0.5)
    assert stream.getvalue().endswith("\x1b[2A\r\x1b[J1\n2\n3\n")
    screen.clear()
    screen.clear()
    assert stream.getvalue().endswith("3\n\x1b[3A\r\x1b[J")


def test_elsewhere_lines_stay_and_are_few() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    for now in (0.0, 0.5, LINE_EVERY - 0.1, LINE_EVERY, LINE_EVERY + 1):
        screen.show(["row"], f"at {now}", now)
    screen.clear()
    assert stream.getvalue() == f"at 0.0\nat {LINE_EVERY}\n"


def test_who_is_quiet_shows_nothing() -> None:
    for stream in (Terminal(), io.StringIO()):
        screen = Screen(stream, quiet=True)
        screen.show(["row"], "line", 0.0)
        screen.clear()
        assert stream.getvalue() == ""
