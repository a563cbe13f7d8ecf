"""Several observations as one."""

from __future__ import annotations

from collections.abc import Sequence

from srs_conformance.observing import Observation


def all_of(what: str, parts: Sequence[Observation]) -> Observation:
    """Return an observation that holds when all parts hold; where not, it says what was expected and seen instead."""
    wrong = [part for part in parts if not part.holds]
    expected = f"{what}: " + "; ".join(dict.fromkeys(part.expected for part in wrong or parts))
    seen = "; ".join(part.seen for part in wrong) or "so"
    details = tuple(detail for part in wrong for detail in part.details)
    late = all(part.waits for part in wrong)
    return Observation(not wrong, expected, seen, details, tuple(each for part in wrong for each in part.waits if late))
