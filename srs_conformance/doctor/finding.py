"""What was found out about one part of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a finding belongs to, and a row of the table under its name."""

    KIND = "kind cluster"
    IMAGE = "node image"
    BUILD = "building it"
    KUBECTL = "manifests"
    OTHERS = "other clusters"
    STREAMS = "streams"
    BROWSER = "browser"
    LOAD = "load"
    CHECKOUT = "suites"


class State(StrEnum):
    """Whether something is there."""

    OK = "ok"
    LATER = "later"  # not there, and the suite gets it by itself when something needs it
    NOTE = "note"  # to know of: it decides nothing
    MISSING = "missing"

    @property
    def fine(self) -> bool:
        """Whether there is nothing to do about it."""
        return self in {State.OK, State.LATER}


@dataclass(frozen=True)
class Finding:
    """One thing that the suite needs, as it was found here.

    Attributes:
        part: what it belongs to.
        what: its name, of which a part has only one.
        state: whether it is there.
        found: in words, what is there or why nothing is.
        hint: what to do where it is missing.
        amount: a number that a use reckons with, in the unit of the words.
        names: what there is to choose from, such as the contexts of a kubeconfig.
    """

    part: Part
    what: str
    state: State
    found: str
    hint: str = ""
    amount: int = 0
    names: tuple[str, ...] = ()

    @property
    def missing(self) -> bool:
        """Whether it is not there, nor comes by itself."""
        return self.state is State.MISSING
