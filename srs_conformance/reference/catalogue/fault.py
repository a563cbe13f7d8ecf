"""What a fault is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """On which server a fault shows."""

    ORIGIN = "origin"
    EDGE = "edge"
    BOTH = "origin and edge"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: how it is switched on.
        summary: what the server then does.
        role: on which server it shows.
        seen_in: where it was seen in the field.
        breaks: the requirements that must fail with it.
        faithful: the major versions that do so themselves.
        at_start: it acts when the process starts, so the fault port is too late for it.
    """

    name: str
    summary: str
    role: Role
    seen_in: str
    breaks: frozenset[str]
    faithful: frozenset[int] = frozenset()
    at_start: bool = False


#: What CLOUD-01 asks of every platform's template once more.
_ON_EVERY_PLATFORM: Final = frozenset(f"QS-{number:02}" for number in range(2, 10))


def fault(
    name: str,
    role: Role,
    breaks: str,
    summary: str,
    seen_in: str,
    *,
    faithful: int | tuple[int, ...] = (),
    at_start: bool = False,
) -> Fault:
    """Return a fault; `breaks` are names with spaces between, `faithful` one major version or several."""
    versions = frozenset({faithful} if isinstance(faithful, int) else faithful)
    broken = frozenset(breaks.split())
    on_platforms = {"CLOUD-01"} if broken & _ON_EVERY_PLATFORM else set()
    return Fault(name, summary, role, seen_in, broken | on_platforms, versions, at_start)
