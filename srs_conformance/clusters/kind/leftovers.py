"""What a crashed or killed podman leaves on the machine, found without podman's help, and its removal.

After a SIGKILL in the wrong place podman itself cannot be trusted to know its containers. What belongs to a cluster is
told by the kernel: processes by the containers.conf in their environment or by their control group, mounts by their
place, network namespaces and control groups by the bundles that podman wrote.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.clusters.kind.state import start_time
from srs_conformance.errors import EngineError

CGROUPS = Path("/sys/fs/cgroup")
NAMESPACES = Path("/run/netns")
RUNTIME_STATES = (Path("/run/runc"), Path("/run/crun"))
GONE_WITHIN = 10.0
_ESCAPE = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Traces:
    """What podman's bundles say of its containers; to be read before podman is let loose on them."""

    containers: tuple[str, ...]
    namespaces: tuple[Path, ...]


def traces(graph: Path) -> Traces:
    """Read the traces below a graph root."""
    return Traces(tuple(container_ids(graph)), tuple(namespaces_of(graph)))


def sweep(configuration: Path, graph: Path, found: Traces) -> None:
    """Remove all that one podman home may have on the machine but its own files.

    Raises:
        EngineError: processes or mounts of it do not go away.
    """
    end_processes(lambda: processes_of(configuration))
    groups = [group for container in found.containers for group in cgroups_named(f"libpod-{container}")]
    end_processes(lambda: processes_in(groups))
    for namespace in found.namespaces:
        drop_namespace(namespace)
    unmount_below(graph.parent)
    for group in groups:
        remove_cgroup(group)
    remove_empty_parents()
    for container in found.containers:
        for folder in RUNTIME_STATES:
            shutil.rmtree(folder / container, ignore_errors=True)


def processes_of(configuration: Path) -> list[int]:
    """Return the processes that use a containers.conf: podman, conmon, and kind above them."""
    mark = f"CONTAINERS_CONF={configuration}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return [pid for pid in found if pid != os.getpid()]


def processes_in(groups: Iterable[Path]) -> list[int]:
    """Return the processes of control groups and all groups in them."""
    found: set[int] = set()
    for group in groups:
        for listing in group.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found.update(map(int, listing.read_text().split()))
    return sorted(found - {0})


def end_processes(find: Callable[[], list[int]]) -> None:
    """Kill processes until none is found any more, since some start others.

    Raises:
        EngineError: some outlive SIGKILL.
    """
    deadline = time.monotonic() + GONE_WITHIN
    while alive := [pid for pid in find() if start_time(pid) is not None]:
        if time.monotonic() > deadline:
            raise EngineError(f"the processes {alive} do not end on SIGKILL")
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def container_ids(graph: Path) -> list[str]:
    """Return the IDs of all containers that have a bundle below a graph root."""
    return sorted(path.parent.name for path in graph.glob("*-containers/*/userdata"))


def namespaces_of(graph: Path) -> list[Path]:
    """Return the network namespaces that podman made for the containers below a graph root."""
    found: set[Path] = set()
    for bundle in graph.glob("*-containers/*/userdata/config.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            listed = json.loads(bundle.read_text())["linux"]["namespaces"]
            found.update(Path(entry["path"]) for entry in listed if entry["type"] == "network" and entry.get("path"))
    return sorted(path for path in found if path.parent.name == "netns")


def drop_namespace(path: Path) -> None:
    """Remove a named network namespace; its links go with it."""
    unmount(path)
    path.unlink(missing_ok=True)


def mounts() -> list[Path]:
    """Return all mount points of this mount namespace, in the order of mounting; none where there is no /proc."""
    listing = Path("/proc/self/mountinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    return [Path(_ESCAPE.sub(lambda match: chr(int(match[1], 8)), line.split()[4])) for line in lines]


def unmount_below(folder: Path) -> None:
    """Unmount everything in a folder, the last mounted first.

    Raises:
        EngineError: something stays mounted.
    """
    within = folder.resolve()
    for point in reversed(mounts()):
        if point.is_relative_to(within):
            unmount(point)
    left = [str(point) for point in mounts() if point.is_relative_to(within)]
    if left:
        raise EngineError(f"cannot unmount {', '.join(left)}", hint="see which process uses it: fuser -vm PATH")


def unmount(point: Path) -> None:
    """Unmount lazily: nothing of ours that could still write is alive."""
    subprocess.run(["umount", "--lazy", str(point)], capture_output=True, check=False)


def cgroup_roots() -> list[Path]:
    """Return the roots of all control group hierarchies."""
    return [CGROUPS, *(path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink())]


def cgroups_named(name: str) -> list[Path]:
    """Return a container's control groups in all hierarchies, wherever its engine puts them."""
    return sorted({found for root in cgroup_roots() for found in root.glob(f"*/{name}") if found.is_dir()})


def remove_cgroup(group: Path) -> None:
    """Remove a control group and those in it; one that still holds a process stays."""
    for path in [*_folders(group), group]:
        with contextlib.suppress(OSError):
            path.rmdir()


def remove_empty_parents() -> None:
    """Remove the groups that podman keeps containers and its monitors in, where nobody's container is left."""
    for root in cgroup_roots():
        for path in (root / "libpod_parent" / "conmon", root / "libpod_parent"):
            with contextlib.suppress(OSError):
                path.rmdir()


def _folders(group: Path) -> Iterator[Path]:
    """Walk bottom up."""
    for folder, _, _ in os.walk(group, topdown=False):
        if Path(folder) != group:
            yield Path(folder)


def delete_folder(folder: Path) -> None:
    """Delete a folder that held mounts, but never through a mount.

    Raises:
        EngineError: something is mounted in it, or it does not go.
    """
    unmount_below(folder)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise EngineError(f"cannot delete {folder}: {error}") from error
