"""How verdicts and issues are put for people; a verdict is never told by its colour alone."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A verdict: its sign, its word, and its mood: good, bad, doubt or quiet."""

    verdict: str
    sign: str
    text: str
    mood: str


WORDS = {
    word.verdict: word
    for word in (
        Word("fail", "✕", "failed", "bad"),
        Word("engine-error", "‼", "engine error", "bad"),
        Word("could-not-test", "?", "could not test", "doubt"),
        Word("warn", "!", "warned", "doubt"),
        Word("pass", "✓", "passed", "good"),
        Word("unsupported", "–", "unsupported", "quiet"),
        Word("disabled", "○", "disabled", "quiet"),
        Word("not-run", "·", "not run", "quiet"),
    )
}
_ISSUE = re.compile(r"SRS #(\d{1,6})")


@dataclass(frozen=True)
class Link:
    """Where something leads ("" for nowhere), and its words."""

    href: str
    words: str


def issue(name: str) -> Link:
    """Return the public page of an issue of SRS, "SRS #2911"; of another name only the words."""
    found = _ISSUE.fullmatch(name)
    return Link(f"https://github.com/ossrs/srs/issues/{found[1]}" if found else "", name)
