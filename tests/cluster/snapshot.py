"""What a machine holds that a cluster could leave behind: compared before `up` and after `down`.

The machine need not be idle: what belongs to containers that somebody else runs meanwhile is left out.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any

from srs_conformance.clusters.kind import leftovers

PLACES = ("/run", "/var/lib/containers", "/var/lib/cni", "/etc/containers", "/etc/cni", "/lib/modules")
ENGINE_PLACES = ("/run/containers", "/run/netns", "/run/runc", "/run/crun", "/var/lib/c", "/lib/modules", "/etc/c")


@dataclass(frozen=True)
class Snapshot:
    """Each field is a set of things that can be told apart."""

    mounts: frozenset[str]
    cgroups: frozenset[str]
    links: frozenset[str]
    routes: frozenset[str]
    rules: frozenset[str]
    settings: frozenset[str]
    processes: frozenset[str]
    files: frozenset[str]

    @classmethod
    def take(cls, marks: tuple[str, ...], state: Path) -> "Snapshot":
        """Take one; of processes and files in shared places only those count that carry one of the marks."""
        foreign = Foreign(marks)
        return cls(
            mounts=foreign.leave_out(
                path for path in map(str, leftovers.mounts()) if path.startswith(("/run", str(state)))
            ),
            cgroups=foreign.leave_out(_cgroups()),
            links=frozenset(link["ifname"] for link in _json("ip", "-j", "link")) - foreign.links,
            routes=frozenset(
                json.dumps(route, sort_keys=True) for route in _routes() if route.get("dev") not in foreign.links
            ),
            rules=frozenset(_output("nft", "list", "ruleset").splitlines() + _iptables()),
            settings=frozenset([f"ip_forward {Path('/proc/sys/net/ipv4/ip_forward').read_text().strip()}"]),
            processes=frozenset(_processes(marks)),
            files=foreign.leave_out(_files(marks, state)),
        )

    def left_over(self, before: "Snapshot") -> dict[str, list[str]]:
        """Return what is here and was not before, by kind."""
        added = {field.name: sorted(getattr(self, field.name) - getattr(before, field.name)) for field in fields(self)}
        added["routes"] = [route for route in added["routes"] if not _black_hole_of_others(route)]
        return {name: values for name, values in added.items() if values}


class Foreign:
    """The containers that others run now, told by their monitors: their IDs, name spaces and links."""

    def __init__(self, marks: tuple[str, ...]) -> None:
        self.marks: set[str] = set()
        for words, environment in _monitors():
            if any(mark in environment for mark in marks):
                continue
            bundle = Path(words[words.index("-b") + 1])
            self.marks.add(words[words.index("-c") + 1])
            self.marks.update(path.name for path in leftovers.namespaces_of(bundle.parents[2]))
        self.links = frozenset(_links_in_use())

    def leave_out(self, paths: Iterator[str] | list[str]) -> frozenset[str]:
        return frozenset(path for path in paths if not any(mark in path for mark in self.marks))


def _monitors() -> Iterator[tuple[list[str], str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            if words[0].endswith("conmon") and "-b" in words:
                yield words, (folder / "environ").read_text()
        except OSError:
            continue


def _links_in_use() -> Iterator[str]:
    """Name the bridges that somebody's running container hangs on; ours have none any more."""
    for link in _json("ip", "-j", "link"):
        if link.get("master"):
            yield link["master"]
            yield link["ifname"]


def _black_hole_of_others(route: str) -> bool:
    """Tell whether a black hole belongs to a cluster that runs: then its network is there."""
    found = json.loads(route)
    networks = [
        ip_interface(f"{address['local']}")
        for link in _json("ip", "-j", "-4", "address")
        for address in link["addr_info"]
    ]
    return found.get("type") == "blackhole" and any(each.ip in ip_network(found["dst"]) for each in networks)


def _json(*argv: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_output(*argv) or "[]")
    return found


def _output(*argv: str) -> str:
    if not shutil.which(argv[0]):
        return ""
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def _iptables() -> list[str]:
    return [line for line in _output("iptables-save").splitlines() if not line.startswith("#")]


def _routes() -> list[dict[str, Any]]:
    return [*_json("ip", "-j", "route", "show", "table", "all"), *_json("ip", "-j", "rule")]


def _cgroups() -> Iterator[str]:
    """Name the control groups, those of a container without the ones within."""
    for folder, folders, _ in os.walk(leftovers.CGROUPS):
        yield folder
        if "libpod-" in folder:
            folders.clear()


def _processes(marks: tuple[str, ...]) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            text = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
            zombie = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        if not zombie and int(folder.name) != os.getpid() and any(mark.encode() in text for mark in marks):
            yield f"{folder.name} {text[:200]!r}"


def _files(marks: tuple[str, ...], state: Path) -> Iterator[str]:
    yield from (str(path) for path in state.glob("srs-conformance/*/**/*"))
    for place in PLACES:
        for folder, folders, files in os.walk(place):
            for path in (f"{folder}/{name}" for name in (*folders, *files)):
                if path.startswith(ENGINE_PLACES) or any(mark in path for mark in marks):
                    yield path
