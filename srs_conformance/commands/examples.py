"""Examples at the end of a command's help."""

from __future__ import annotations

PROGRAM = "srs-conformance"


def examples(*lines: str) -> str:
    """Return the epilog of a command that shows how it is used: what stands after the program's name, line by line."""
    return "\n".join(["\b", "Examples:", *(f"  {PROGRAM} {line}" for line in lines)])
