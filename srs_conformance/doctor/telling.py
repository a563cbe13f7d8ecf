"""What was found and what it comes to, for people and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from srs_conformance.doctor.finding import Finding
from srs_conformance.doctor.uses import Use

_WIDTH = 31


def lines(findings: Sequence[Finding], uses: Sequence[Use]) -> list[str]:
    """Return a table of all findings, and a line for each use."""
    told = []
    for part, group in groupby(findings, key=lambda each: each.part):
        told.append(str(part))
        for each in group:
            told.append(f"  {each.what:{_WIDTH}} {each.state:8}{each.found}".rstrip())
            if each.hint and not each.state.fine:
                told.append(f"  {'':{_WIDTH}} {'':8}hint: {each.hint}")
    return [*told, "", *(f"{use.name}: {use.words}" for use in uses)]


def document(findings: Sequence[Finding], uses: Sequence[Use], code: int) -> dict[str, Any]:
    """Return the same as JSON has it."""
    return {
        "exit_code": code,
        "uses": [{"use": each.name, "able": each.able, "words": each.words} for each in uses],
        "findings": [
            {
                "part": str(each.part),
                "what": each.what,
                "state": str(each.state),
                "found": each.found,
                "hint": each.hint if not each.state.fine else "",
                **({"amount": each.amount} if each.amount else {}),
                **({"names": list(each.names)} if each.names else {}),
            }
            for each in findings
        ],
    }
