"""Faults: ways in which real deployments have been seen to break, to be switched on one by one.

A fault that is on changes what the server does from then on; the requirements that it breaks must then fail, and no
others of the two chapters. That is how the suite itself is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from srs_conformance.reference.catalogue import FAULTS, Fault, Role

__all__ = ["CATALOGUE", "Fault", "Role", "Switches", "UnknownFaultError", "faithful_to", "known"]


class UnknownFaultError(ValueError):
    """A name that is not in the catalogue; the text names the known ones."""


#: All faults by name.
CATALOGUE: Final[Mapping[str, Fault]] = {fault.name: fault for fault in FAULTS}


def known(names: Iterable[str]) -> frozenset[str]:
    """Return the names as a set.

    Raises:
        UnknownFaultError: one is not in the catalogue.
    """
    wanted = frozenset(names)
    unknown = sorted(wanted - CATALOGUE.keys())
    if unknown:
        raise UnknownFaultError(f"unknown fault(s) {', '.join(unknown)}; known are {', '.join(CATALOGUE)}")
    return wanted


def faithful_to(version: int) -> frozenset[str]:
    """Return the faults that a major version has by itself."""
    return frozenset(fault.name for fault in FAULTS if version in fault.faithful)


class Switches:
    """Which faults are on, now."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.on = known(names)

    def __contains__(self, name: str) -> bool:
        return name in self.on

    def __bool__(self) -> bool:
        return bool(self.on)

    def set(self, names: Iterable[str]) -> None:
        """Switch exactly these on, from now on.

        Raises:
            UnknownFaultError: one is not in the catalogue; nothing changes then.
        """
        self.on = known(names)
