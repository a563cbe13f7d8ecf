"""Which PersistentVolume a claim gets on the local backend, where a volume is a folder, whatever its spec says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Live = Mapping[str, Any]


def bound(claims: Iterable[Live], volumes: Iterable[Live]) -> dict[str, str]:
    """Return claim -> volume, for the claims that have one; each volume goes to one claim, in the order given.

    A volume fits by its class, access modes and labels, and where it names a claim itself, by that.
    """
    found: dict[str, str] = {}
    for claim in claims:
        name = claim["metadata"]["name"]
        for volume in volumes:
            if volume["metadata"]["name"] not in found.values() and _fits(claim, volume):
                found[name] = volume["metadata"]["name"]
                break
    return found


def _fits(claim: Live, volume: Live) -> bool:
    wanted, given = claim["spec"], volume["spec"]
    reserved = (given.get("claimRef") or {}).get("name", claim["metadata"]["name"])
    labels = (wanted.get("selector") or {}).get("matchLabels") or {}
    return bool(
        wanted.get("storageClassName", "") == given.get("storageClassName", "")
        and set(wanted.get("accessModes") or ()) <= set(given.get("accessModes") or ())
        and labels.items() <= (volume["metadata"].get("labels") or {}).items()
        and reserved == claim["metadata"]["name"]
    )
