"""How a load stands, in words, on a terminal and elsewhere."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace

import pytest

from srs_conformance.load.moment import Moment, Phase
from srs_conformance.loadrun import terminal
from srs_conformance.loadrun.terminal import Display, words
from tests.unit.loadrun.making import CONNECTED, ENDED, RUNNING


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (CONNECTED, "waiting: 2 of 3 workers are connected"),
        (
            replace(RUNNING, workers=3),
            "   3 s  users 4  viewers 4  stalled 0  8 Mbit/s  first keyframe p99 40 ms",
        ),
        (
            replace(RUNNING, missing=1, stalled=2, keyframe_p99=None),
            "   3 s  users 4  viewers 4  stalled 2  8 Mbit/s  first keyframe p99 -  2 of 3 workers (1 missing)",
        ),
        (
            replace(RUNNING, phase=Phase.ENDING, workers=0, keyframe_p99=1, lag=0.6),
            "   3 s  users 4  viewers 4  stalled 0  8 Mbit/s  first keyframe p99 1 s  late by 600 ms  everybody leaves",
        ),
    ],
)
def test_words(moment: Moment, text: str) -> None:
    assert words(moment, 3) == text


def test_a_terminal_has_one_line_that_lives_and_sentences_that_stay() -> None:
    stream = Terminal()
    display = Display(stream)
    display.show(RUNNING, 2)
    display.say("not valid any more")
    display.show(RUNNING, 2)
    display.close()
    display.close()
    live = words(RUNNING, 2)[:79]
    assert stream.getvalue() == f"\r\x1b[K{live}\r\x1b[Knot valid any more\n\r\x1b[K{live}\n"


def test_elsewhere_lines_stay_and_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: now))
    stream = io.StringIO()
    display = Display(stream)
    for now in (0.0, 1.0, 2.0, 3.0, 4.0):
        display.show(replace(RUNNING, at=now), 2)
    display.show(replace(RUNNING, at=4.0), 2)
    display.show(replace(RUNNING, at=4.0, phase=Phase.ENDING), 2)
    display.show(ENDED, 2)
    display.close()
    assert [line.split()[0] for line in stream.getvalue().splitlines()] == ["0", "2", "4", "4"]
