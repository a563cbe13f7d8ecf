"""A test's message taken apart: what was promised, done, expected and seen, as `verdicts` and `Missed` put it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROMISE = re.compile(r"^[A-Z]+-\d{2} (MUST|SHOULD): ")
_LABELS = {"did:": "did", "expected:": "expected", "seen:": "seen", "hint:": "hint"}
_LABEL = re.compile(r"^\s*(did:|expected:|seen:|hint:)\s*(.*)$")


@dataclass(frozen=True)
class Told:
    """What a message says.

    Attributes:
        words: what came before the expectation: which budget ran out, or the words of an error.
        details: the lines after what was seen.
    """

    did: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    expected: str = ""
    seen: str = ""
    details: tuple[str, ...] = ()
    hint: str = ""


def sentence(node: str) -> str:
    """Return a test's name as the sentence that it is, and its parameters."""
    name, _, parameters = node.rpartition("::")[2].partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words} ({parameters.removesuffix(']')})" if parameters else words


def taken_apart(message: str) -> Told:
    """Return the parts of a message; what bears no label stands among its words, so that nothing is lost."""
    did: list[str] = []
    words: list[str] = []
    details: list[str] = []
    found = {"expected": "", "seen": "", "hint": ""}
    current = ""
    for line in message.splitlines():
        if _PROMISE.match(line) and not current:
            continue
        label = _LABEL.match(line)
        name = _LABELS[label[1]] if label else ""
        if label and name == "did":
            did.append(label[2])
        elif label and not found[name]:
            found[name], current = label[2], name
        elif label:
            details.append(line.strip())
        elif current == "hint":
            found["hint"] += f"\n{line}"
        elif current == "seen":
            details.append(line)
        elif current:
            found[current] += f"\n{line}"
        elif line.strip():
            words.append(line)
    return Told(tuple(did), tuple(words), found["expected"], found["seen"], tuple(details), found["hint"])
