"""Which resource gave out when a crowd broke the SLO, from what was used and what viewers were told. Pure."""

from __future__ import annotations

from typing import Final

from srs_conformance.capacity.usage import Usage
from srs_conformance.load.counts import Counts

FULL: Final = 0.85
"""Share of a resource from which on it counts as used up: bursts of 350 ms hide in an average."""
THROTTLED: Final = 0.05


def limiting(usage: Usage | None, counts: Counts, missed: list[str], ended: list[str]) -> str:
    """Return the resource that gave out, in words.

    Args:
        usage: of the server's container; None where nobody could look.
        counts: of the crowd.
        missed: the clauses that it broke.
        ended: how containers of the pod ended during the trial, such as "terminated: OOMKilled (137)".
    """
    if ended:
        what = "; ".join(ended)
        return f"memory: the server was killed for it ({what})" if "OOMKilled" in what else f"the server ended: {what}"
    if usage is None:
        away = f"; {_turned_away(counts)}" if counts.refused + counts.cut else ""
        return f"not known, since nobody could look into the server{away}"
    only_away = all("refused" in clause or "cut" in clause for clause in missed)
    found = _memory(usage) or _processor(usage) or (only_away and _connections(usage, counts)) or _node(usage)
    return found or f"neither processor ({usage.cores:.2f} in use) nor memory: look at the network before the server"


def _memory(usage: Usage) -> str:
    if not usage.memory_limit or usage.memory < FULL * usage.memory_limit:
        return ""
    return f"memory: {usage.memory / 2**20:.0f} of {usage.memory_limit / 2**20:.0f} MiB in use"


def _processor(usage: Usage) -> str:
    if usage.throttled > THROTTLED or (usage.cpu_limit and usage.cores >= FULL * usage.cpu_limit):
        limit = f"{usage.cpu_limit:g} processor(s)" if usage.cpu_limit else "a limit"
        held_back = f"held back {usage.throttled:.0%} of the time"
        return f"the pod's share of processor time: {usage.cores:.2f} in use of {limit}, {held_back}"
    if usage.cores >= FULL:
        return f"one processor: {usage.cores:.2f} in use, and SRS serves everybody from one thread"
    return ""


def _connections(usage: Usage, counts: Counts) -> str:
    return f"connections: {_turned_away(counts)}, with {usage.cores:.2f} processors in use (max_connections?)"


def _node(usage: Usage) -> str:
    if usage.node < FULL:
        return ""
    others = f"{usage.cores:.2f} of them by the server"
    return f"the node's processors: {usage.node:.0%} of {usage.processors} in use, {others}"


def _turned_away(counts: Counts) -> str:
    errors = "; ".join(f"{count} x {text}" for text, count in list(counts.errors.items())[:2])
    words = f"{counts.refused} of {counts.visits} turned away, {counts.cut} cut"
    return f"{words} ({errors})" if errors else words
