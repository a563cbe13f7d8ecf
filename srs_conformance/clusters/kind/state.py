"""What is known of a cluster of ours: one JSON file per name in the XDG state folder, shared by all checkouts.

The file is written before the things it names are made, so that the next `up` or `down` knows what a crash left behind.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from srs_conformance.errors import UsageError
from srs_conformance.paths import cache_folder, state_folder, state_path
from srs_conformance.progress import Progress

DEFAULT_NAME = "srs-conformance"
LONGEST_NAME = 40
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class Phase(StrEnum):
    """How far a cluster has come; a cluster in MAKING with nobody at it is a crash's left-over."""

    MAKING = "making"
    UP = "up"


@dataclass(frozen=True)
class Ranges:
    """The address ranges of one cluster, all parts of one block that nothing else on this machine uses."""

    block: str
    network: str
    services: str
    pods: str

    @property
    def gateway(self) -> str:
        """The machine's own address in the cluster's network."""
        return str(IPv4Network(self.network)[1])

    @property
    def link(self) -> str:
        """The name of the network's bridge: as unlike any other on this machine as the block is."""
        second, third = IPv4Network(self.block).network_address.packed[1:3]
        return f"srs-{second}-{third}"


@dataclass(frozen=True)
class Daemon:
    """A process of ours; the start time tells it from a later one with the same number."""

    pid: int
    started: int  # clock ticks since boot, field 22 of /proc/PID/stat

    @classmethod
    def of(cls, pid: int) -> Self:
        """Describe a process that runs now.

        Raises:
            ProcessLookupError: there is none.
        """
        started = start_time(pid)
        if started is None:
            raise ProcessLookupError(pid)
        return cls(pid, started)

    @property
    def alive(self) -> bool:
        """Whether that very process still runs."""
        return start_time(self.pid) == self.started


@dataclass
class ClusterState:
    """One cluster: what it is made of and where that is."""

    name: str
    engine: str  # "docker" or "podman"
    phase: Phase = Phase.MAKING
    boot: str = ""  # the kernel's boot ID: another one means that no process or mount of ours can be left
    ranges: Ranges | None = None
    network: str = ""  # the name of the engine's network
    image: str = ""
    node: str = ""  # the node container's name
    address: str = ""  # the node's address
    controller: Daemon | None = None
    routes: bool = False  # whether the machine has, or may have, routes to this cluster
    made: list[str] = field(default_factory=list)  # folders of the machine that were missing, in the order made
    ip_forward: str = ""  # the machine's setting from before
    workers: list[str] = field(default_factory=list)  # the containers of further nodes
    published: bool = False  # whether the machine reaches it by ports that the engine publishes, and not otherwise
    version: int = 1

    @property
    def nodes(self) -> list[str]:
        """The containers of all nodes, that of the control plane first."""
        return [self.node, *self.workers]

    @property
    def folder(self) -> Path:
        """The folder of everything that belongs to this cluster."""
        return folder_of(self.name)

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig, with the node's address in it."""
        return self.folder / "kubeconfig"

    @property
    def context(self) -> str:
        """The context in the kubeconfig, as kind names it."""
        return f"kind-{self.name}"

    @property
    def logs(self) -> Path:
        """The folder of all logs."""
        return logs_of(self.name)

    def save(self) -> None:
        """Write the file, in one step."""
        target = self.folder / "cluster.json"
        draft = target.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(self), indent=2) + "\n")
        draft.replace(target)

    @classmethod
    def load(cls, name: str) -> Self | None:
        """Read the state of a cluster, None where there is none; a broken file counts as a crash's left-over."""
        path = base() / name / "cluster.json"
        try:
            values: dict[str, Any] = json.loads(path.read_text())
            ranges, controller = values.pop("ranges"), values.pop("controller")
            values["phase"] = Phase(values["phase"])
            return cls(
                **values,
                ranges=Ranges(**ranges) if ranges else None,
                controller=Daemon(**controller) if controller else None,
            )
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            return cls(name=name, engine="podman", routes=True) if path.is_file() else None


def base() -> Path:
    """Return the folder that holds one folder per cluster; it is there where there has been one."""
    return state_path("clusters")


def folder_of(name: str) -> Path:
    """Return, and make, a cluster's folder."""
    return state_folder("clusters", name)


def logs_of(name: str) -> Path:
    """Return, and make, the folder of a cluster's logs."""
    return state_folder("clusters", name, "logs")


def all_states() -> list[ClusterState]:
    """Return the states of all clusters of this user, sorted by name."""
    names = sorted(path.parent.name for path in base().glob("*/cluster.json"))
    return [state for state in map(ClusterState.load, names) if state]


def checked_name(name: str) -> str:
    """Return the name if kind, the engine and Kubernetes all take it.

    Raises:
        UsageError: they do not.
    """
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"--name {name!r}: a cluster's name is 1 to {LONGEST_NAME} small letters, digits and hyphens,"
            " with a letter or digit at both ends"
        )
    return name


@contextmanager
def locked(what: str, progress: Progress) -> Iterator[None]:
    """Hold the lock named `what`; say so when somebody else holds it and wait for them."""
    lock = FileLock(cache_folder("locks") / f"{what}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        with progress.step(f"waiting for another process that is at work on {what}"):
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def boot_id() -> str:
    """Return the kernel's ID of this boot, on Linux and on macOS."""
    if _BOOT_ID.exists():
        return _BOOT_ID.read_text().strip()
    return subprocess.run(["sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=True).stdout


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None for one that has ended.

    Without /proc (macOS) it is another number that no later process with this ID has.
    """
    if not _BOOT_ID.exists():
        told = subprocess.run(
            ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        status, _, began = told.stdout.strip().partition(" ")
        return zlib.crc32(began.strip().encode()) if began and "Z" not in status else None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
