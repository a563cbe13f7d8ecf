"""What a Deployment's controller would do next: pure decisions over counts of pods."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Strategy:
    """How a Deployment replaces pods: how many beyond the wanted ones may be there, how many of them may be missing."""

    surge: int
    unavailable: int
    recreate: bool = False

    @classmethod
    def of(cls, spec: Mapping[str, Any], wanted: int) -> Strategy:
        """Return what a Deployment's spec says for so many replicas; a quarter each where it says nothing.

        Shares are rounded up for the surge and down for what may be missing; both 0 means that one may be missing.
        """
        given = spec.get("strategy") or {}
        if given.get("type") == "Recreate":
            return cls(0, wanted, recreate=True)
        rolling = given.get("rollingUpdate") or {}
        surge = math.ceil(_count(rolling.get("maxSurge", "25%"), wanted))
        unavailable = math.floor(_count(rolling.get("maxUnavailable", "25%"), wanted))
        return cls(surge, unavailable if surge or unavailable else 1)


@dataclass(frozen=True)
class Replica:
    """A pod as the controller sees it; pods that are ending are not among them. `ready` is for minReadySeconds."""

    name: str
    new: bool  # of the newest template
    ready: bool


@dataclass(frozen=True)
class Step:
    """How many pods of the newest template to make, and which pods to end."""

    create: int
    end: tuple[str, ...]


def next_step(wanted: int, replicas: Sequence[Replica], strategy: Strategy, *, leaving: bool = False) -> Step:
    """Return what brings a Deployment nearer to `wanted` pods of its newest template.

    `leaving`: pods of an older template are still ending, which only `Recreate` waits for.
    """
    new = [each for each in replicas if each.new]
    old = sorted((each for each in replicas if not each.new), key=lambda each: each.ready)
    if strategy.recreate and (old or leaving):
        return Step(0, tuple(each.name for each in old))
    surplus = sorted(new, key=lambda each: each.ready)[: max(0, len(new) - wanted)]
    room = wanted + (strategy.surge if old else 0) - len(replicas)
    create = max(0, min(wanted - len(new), room))
    needed = wanted - strategy.unavailable
    spare = sum(each.ready for each in replicas) - sum(each.ready for each in surplus) - needed
    # As in Kubernetes (cleanupUnhealthyReplicas): old pods that are not ready go first, and wait for new ones as well.
    unready = max(0, len(replicas) - needed - sum(not each.ready for each in new))
    end = list(surplus)
    for each in old:
        if (spare if each.ready else unready) <= 0:
            continue
        spare -= each.ready
        unready -= not each.ready
        end.append(each)
    return Step(create, tuple(each.name for each in end))


def paused_step(wanted: int, replicas: Sequence[Replica]) -> Step:
    """Return what a paused Deployment does: it keeps the number of its pods and replaces none.

    One that was paused half way has pods of two templates, and more of them by its surge: they stay as they are.
    """
    if len({each.new for each in replicas}) > 1:
        return Step(0, ())
    surplus = sorted(replicas, key=lambda each: each.ready)[: max(0, len(replicas) - wanted)]
    return Step(max(0, wanted - len(replicas)), tuple(each.name for each in surplus))


def _count(stated: int | str, wanted: int) -> float:
    return wanted * int(stated.rstrip("%")) / 100 if isinstance(stated, str) else stated


def template_hash(template: Mapping[str, Any]) -> str:
    """Return a short name for a pod template's content."""
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]


def merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with a strategic merge patch: mappings merged, lists of named things by name, null deletes."""
    if patch.get("$patch") == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    merged = copy.deepcopy(dict(base))
    for key, value in patch.items():
        before = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(before, Mapping):
            merged[key] = merge(before, value)
        elif isinstance(value, list) and isinstance(before, list) and _named(value) and _named(before):
            merged[key] = _merge_named(before, value)
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def _named(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(each, Mapping) and "name" in each for each in items)


def _merge_named(base: Sequence[Mapping[str, Any]], patch: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    patches = {each["name"]: each for each in patch}
    merged = [merge(each, patches.pop(each["name"], {})) for each in base]
    return merged + [dict(each) for each in patches.values()]
