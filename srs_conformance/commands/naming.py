"""Which of many things a user has named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from srs_conformance.errors import UsageError


def named(names: Sequence[str], there: Collection[str], what: str) -> list[str]:
    """Return those that were named, each once and in their own order; all of them where none was.

    Raises:
        UsageError: one is not there; names what is like it.
    """
    for name in names:
        if name not in there:
            near = get_close_matches(name, there, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else "without a name, all are listed"
            raise UsageError(f"there is no {what} {name}", hint=hint)
    return [each for each in there if not names or each in names]
