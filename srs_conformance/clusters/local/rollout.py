"""What a Deployment's controller would do next: pure decisions over counts of pods."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.clusters.base import Workload

#: maxSurge and maxUnavailable of a rolling update that says nothing of them; surge is rounded up, unavailable down.
QUARTER = 0.25


@dataclass(frozen=True)
class Replica:
    """A pod as the controller sees it; pods that are ending are not among them."""

    name: str
    new: bool  # of the newest template
    ready: bool


@dataclass(frozen=True)
class Step:
    """How many pods of the newest template to make, and which pods to end."""

    create: int
    end: tuple[str, ...]


def next_step(wanted: int, replicas: Sequence[Replica]) -> Step:
    """Return what brings a Deployment nearer to `wanted` pods of its newest template, by a rolling update."""
    new = [each for each in replicas if each.new]
    old = sorted((each for each in replicas if not each.new), key=lambda each: each.ready)
    surplus = sorted(new, key=lambda each: each.ready)[: max(0, len(new) - wanted)]
    room = wanted + (math.ceil(wanted * QUARTER) if old else 0) - len(replicas)
    create = max(0, min(wanted - len(new), room))
    needed = wanted - math.floor(wanted * QUARTER)
    spare = sum(each.ready for each in replicas) - sum(each.ready for each in surplus) - needed
    end = list(surplus)
    for each in old:
        if each.ready and spare <= 0:
            break
        spare -= each.ready
        end.append(each)
    return Step(create, tuple(each.name for each in end))


def workload(name: str, wanted: int, replicas: Sequence[Replica], *, observed: bool) -> Workload:
    """Return what the cluster protocol says of a Deployment."""
    updated = sum(each.new for each in replicas)
    ready = sum(each.ready for each in replicas)
    return Workload(
        kind="Deployment",
        name=name,
        wanted=wanted,
        ready=ready,
        updated=updated,
        available=ready,
        total=len(replicas),
        settled=observed and wanted == updated == ready == len(replicas),
    )


def template_hash(template: Mapping[str, Any]) -> str:
    """Return a short name for a pod template's content."""
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]


def merge(base: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with a strategic merge patch: mappings merged, lists of named things by name, null deletes."""
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
