"""How the pod stands, by what the API server says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from srs_conformance.inside.places import KEEPER, SUITE
from srs_conformance.loadrun.noticing import HOPELESS

OUT_OF_MEMORY = "OOMKilled"


@dataclass(frozen=True)
class State:
    """The pod at one moment.

    Attributes:
        running: the suite runs.
        code: its exit code; None while it has not ended.
        reason: why it ended, as the kubelet says.
        waits: why it does not run yet, in the cluster's words; "" where nobody says.
        hopeless: waiting longer does not help.
        lost: why the pod is none any more (evicted, its node is gone, deleted); "" while it is one.
        keeper: the report can be fetched.
    """

    running: bool = False
    code: int | None = None
    reason: str = ""
    waits: str = ""
    hopeless: bool = False
    lost: str = ""
    keeper: bool = False

    @classmethod
    def of(cls, live: Mapping[str, Any]) -> State:
        """Return it from the live pod."""
        status = live.get("status", {})
        containers = {each["name"]: each.get("state") or {} for each in status.get("containerStatuses") or ()}
        suite = containers.get(SUITE, {})
        ended = suite.get("terminated")
        waiting = suite.get("waiting") or {}
        gone = "deletionTimestamp" in live["metadata"]
        lost = _words(status) if status.get("phase") == "Failed" and status.get("reason") else ""
        return cls(
            running="running" in suite,
            code=int(ended.get("exitCode", 0)) if ended else None,
            reason=str(ended.get("reason") or "") if ended else "",
            waits=_words(waiting) or _unscheduled(status),
            hopeless=waiting.get("reason") in HOPELESS,
            lost="it is being deleted" if gone else lost,
            keeper="running" in containers.get(KEEPER, {}),
        )


def _words(told: Mapping[str, Any]) -> str:
    return ": ".join(str(told[key]).strip() for key in ("reason", "message") if told.get(key))


def _unscheduled(status: Mapping[str, Any]) -> str:
    for each in status.get("conditions") or ():
        if each.get("type") == "PodScheduled" and each.get("status") == "False":
            return _words(each)
    return ""
