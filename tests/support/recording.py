"""A hand-written stand-in for the programs that the kind backend runs: records command lines, answers from a list."""

import shlex
from collections.abc import Callable
from pathlib import Path

from srs_conformance.clusters.kind.commands import Result

Answer = str | int | Result | Callable[[tuple[str, ...]], Result]


class RecordingRunner:
    """Answers a command line with that of the first entry whose words stand in it, in this order.

    A text is what the program writes, a number the code it ends with; what is not listed succeeds and says nothing.
    """

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[tuple[str, ...]] = []
        self.given: list[str | Path | None] = []

    def __call__(self, *argv: str | Path, stdin: str | Path | None = None, timeout: float = 60) -> Result:  # noqa: ARG002 - what it stands in for has it
        words = tuple(map(str, argv))
        self.calls.append(words)
        self.given.append(stdin)
        for pattern, answer in self.answers.items():
            if _stand_in(pattern.split(), words):
                return _result(answer, words)
        return Result(words, 0)

    def lines(self, beginning: str = "") -> list[str]:
        """Return the recorded command lines that begin so."""
        return [line for line in map(shlex.join, self.calls) if line.startswith(beginning)]


def _stand_in(wanted: list[str], words: tuple[str, ...]) -> bool:
    rest = iter(words)
    return all(word in rest for word in wanted)


def _result(answer: Answer, words: tuple[str, ...]) -> Result:
    match answer:
        case str():
            return Result(words, 0, answer)
        case int():
            return Result(words, answer, "", "refused")
        case Result():
            return answer
        case _:
            return answer(words)
