"""The drawing of a deployment as it stood: who came from outside, Services, workloads with their pods, and pulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.report.drawings import short

WIDTH = 960.0
OUTSIDE, SERVICE, WORKLOAD = (0.0, 200.0), (262.0, 220.0), (544.0, 308.0)
"""Where each column begins, and how wide it is, in units of the view box."""
MOST_PODS = 12
"""Pods of a workload that are drawn; of more, how many there are besides."""
_LETTERS, _POD_NAME, _LEAST = 46, 26, 13
_HEAD, _POD, _SERVICE, _GAP, _ROW_GAP, _TOP = 30.0, 22.0, 46.0, 10.0, 22.0, 34.0


@dataclass(frozen=True)
class Box:
    """A rectangle with lines of text, each with its style; `title` is what there is to know besides."""

    x: float
    y: float
    width: float
    height: float
    style: str
    lines: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True)
class Arrow:
    """A curve from one point to another, with a style, and lines of a label where it bends."""

    path: str
    style: str
    label: tuple[str, ...] = ()
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Topology:
    """A drawing, ready; `text` says in words what it shows."""

    title: str
    text: str
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def drawn(title: str, found: Mapping[str, Any]) -> Topology | None:
    """Return the drawing of a deployment; None of one with no workload.

    Each workload is a row: what came from outside, the Services that lead to it, its pods. Those whose pods pull stand
    above those they pull from.
    """
    pods = _by_workload(found)
    if not pods:
        return None
    order = sorted(found["workloads"], key=lambda each: not _pulls(pods[each["name"]]))
    boxes: list[Box] = []
    arrows: list[Arrow] = []
    places: dict[str, Box] = {}
    y = _TOP
    for workload in order:
        own = pods[workload["name"]]
        names = {pod["name"] for pod in own}
        services = [each for each in found["services"] if names & set(each["pods"])]
        box = _workload(workload, own, y)
        places[workload["name"]] = box
        boxes.append(box)
        for place, service in enumerate(services):
            at = y + place * (_SERVICE + _GAP)
            beside = _service(service, at)
            boxes.append(beside)
            arrows.append(_arrow(beside, box, "route"))
            if words := _from_outside(service):
                outside = _outside(words, at)
                boxes.append(outside)
                arrows.append(_arrow(outside, beside, "traffic"))
        if words := _direct(own):
            outside = _outside([*words, "straight at the pods"], y + len(services) * (_SERVICE + _GAP))
            boxes.append(outside)
            arrows.append(_arrow(outside, box, "traffic", past=SERVICE[0] + SERVICE[1]))
        y = max(each.y + each.height for each in boxes) + _ROW_GAP
    arrows += _pull_arrows(order, pods, places)
    return Topology(title, _in_words(order, pods, found["services"]), y, tuple(boxes), tuple(arrows))


def _by_workload(found: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the pods of each workload; a ReplicaSet bears its Deployment's name and a hash."""
    names = sorted((each["name"] for each in found["workloads"]), key=len, reverse=True)
    pods: dict[str, list[Mapping[str, Any]]] = {name: [] for name in names}
    for pod in found["pods"]:
        owner = pod["owner"].rpartition("/")[2] or pod["name"]
        for name in names:
            if owner == name or owner.startswith(f"{name}-"):
                pods[name].append(pod)
                break
    return pods


def _workload(workload: Mapping[str, Any], pods: Sequence[Mapping[str, Any]], y: float) -> Box:
    lines = [(short(f"{workload['kind']} {workload['name']}", 42), "name")]
    for pod in pods[:MOST_PODS]:
        state = "" if pod["ready"] else ", not ready"
        state += f", {pod['restarts']} restarts" if pod["restarts"] else ""
        room = _LETTERS - min(len(pod["name"]), _POD_NAME) - len(state) - 2
        containers = short(", ".join(pod["containers"]), room) if room > _LEAST else f"{len(pod['containers'])}"
        lines.append((f"{short(pod['name'], _POD_NAME)}: {containers}{state}", "pod"))
    if more := len(pods) - MOST_PODS:
        lines += [(f"and {more} more pods", "pod")] if more > 0 else []
    height = _HEAD + _POD * (len(lines) - 1) + 6
    title = f"{workload['name']}: {workload['ready']} of {workload['wanted']} ready"
    return Box(WORKLOAD[0], y, WORKLOAD[1], height, "workload", tuple(lines), title)


def _service(service: Mapping[str, Any], y: float) -> Box:
    ports = ", ".join(f"{port}" for port in service["ports"])
    lines = ((short(service["name"], 30), "name"), (short(f"{service['type']}, {ports}", 38), "muted"))
    return Box(SERVICE[0], y, SERVICE[1], _SERVICE, "service", lines, f"Service {service['name']} {service['address']}")


def _outside(words: Sequence[str], y: float) -> Box:
    lines = tuple((short(each, 30), "muted") for each in words)
    height = 28.0 + 18 * (len(lines) - 1)
    return Box(OUTSIDE[0], y, OUTSIDE[1], height, "outside", lines, ", ".join(words))


def _from_outside(server: Mapping[str, Any]) -> list[str]:
    words = []
    if server["streams"]:
        words.append(f"publishers of {server['streams']} {'stream' if server['streams'] == 1 else 'streams'}")
    if viewers := {name: many for name, many in server["viewers"].items() if many}:
        words.append("viewers: " + ", ".join(f"{many} {name}" for name, many in sorted(viewers.items())))
    return words


def _direct(pods: Sequence[Mapping[str, Any]]) -> list[str]:
    viewers: dict[str, int] = {}
    for pod in pods:
        for name, many in pod["viewers"].items():
            viewers[name] = viewers.get(name, 0) + many
    return _from_outside({"streams": sum(pod["streams"] for pod in pods), "viewers": viewers})


def _pulls(pods: Sequence[Mapping[str, Any]]) -> int:
    return max((pod["pulls"] for pod in pods), default=0)


def _pull_arrows(
    order: Sequence[Mapping[str, Any]], pods: Mapping[str, Sequence[Mapping[str, Any]]], places: Mapping[str, Box]
) -> list[Arrow]:
    """Return a curve from each workload that pulls to the first one that does not."""
    target = next((places[each["name"]] for each in order if not _pulls(pods[each["name"]])), None)
    if target is None:
        return []
    found = []
    for workload in order:
        most = _pulls(pods[workload["name"]])
        if most:
            box = places[workload["name"]]
            x = box.x + box.width
            start, end = box.y + box.height / 2, target.y + target.height / 2
            path = f"M{x:g} {start:g}C{x + 44:g} {start:g} {x + 44:g} {end:g} {x + 4:g} {end:g}"
            label = (f"{most} {'pull' if most == 1 else 'pulls'}", "at most")
            style = "pull" if most == 1 else "pulls"
            found.append(Arrow(path, style, label, x + 42, round((start + end) / 2, 1)))
    return found


def _arrow(left: Box, right: Box, style: str, past: float = 0.0) -> Arrow:
    """Return an arrow that bends only when it is past what stands between."""
    x, end = left.x + left.width, right.x - 2
    y = left.y + left.height / 2
    to = min(max(y, right.y + 12), right.y + right.height - 12)
    bent = max(x, past)
    bend = (end - bent) / 2
    return Arrow(f"M{x:g} {y:g}H{bent:g}C{bent + bend:g} {y:g} {end - bend:g} {to:g} {end:g} {to:g}", style)


def _in_words(
    order: Sequence[Mapping[str, Any]],
    pods: Mapping[str, Sequence[Mapping[str, Any]]],
    services: Sequence[Mapping[str, Any]],
) -> str:
    told = [f"{each['kind']} {each['name']} with {len(pods[each['name']])} pods" for each in order]
    told += [f"Service {each['name']} leads to {len(each['pods'])} pods" for each in services]
    told += [
        f"each pod of {each['name']} had {_pulls(pods[each['name']])} pull of a stream at most"
        for each in order
        if _pulls(pods[each["name"]])
    ]
    return "; ".join(told)
