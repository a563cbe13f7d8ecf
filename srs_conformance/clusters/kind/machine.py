"""What an engine changes on the machine outside our own folders, noted before and put back after."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from srs_conformance.clusters.kind import leftovers
from srs_conformance.clusters.kind.state import ClusterState, all_states

MODULES = Path("/lib/modules")
NAMESPACES = Path("/run/netns")
IP_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")

# Folders that the engine makes at places which cannot be configured, with what of ours they may hold.
FOLDERS: dict[str, tuple[str, ...]] = {
    "/lib/modules": (),
    "/run/containers": ("networks/ipam.db", "networks"),
    "/var/lib/containers": ("cache/blob-info-cache-v1.boltdb", "cache"),
    "/run/runc": (),
    "/run/crun": (),
    "/run/netns": (),
}
MOUNTED = "mount of /run/netns"


def note(state: ClusterState) -> None:
    """Write into the state how the machine is before the engine touches it."""
    state.ip_forward = IP_FORWARD.read_text().strip()
    state.made = [folder for folder in FOLDERS if not Path(folder).exists()]
    if NAMESPACES not in leftovers.mounts():
        state.made.append(MOUNTED)
    state.save()


def prepare() -> None:
    """Make the folder that kind mounts into its nodes, on machines whose kernel has no modules."""
    MODULES.mkdir(parents=True, exist_ok=True)


def restore(state: ClusterState) -> None:
    """Put the machine back as noted, unless another cluster of ours still needs it so: then that one takes it over."""
    others = [other for other in all_states() if other.engine == "podman" and other.name != state.name]
    if others:
        heir = others[0]
        heir.made = list(dict.fromkeys([*heir.made, *state.made]))
        heir.ip_forward = min(filter(None, (heir.ip_forward, state.ip_forward)), default="")
        heir.save()
        return
    if MOUNTED in state.made and NAMESPACES.is_dir() and not any(NAMESPACES.iterdir()):
        leftovers.unmount(NAMESPACES)
    for folder in state.made:
        if folder in FOLDERS:
            _remove(Path(folder))
    if state.ip_forward == "0":
        IP_FORWARD.write_text("0")


def _remove(folder: Path) -> None:
    """Remove a folder that was not there, if it holds nothing but what we know."""
    known = [folder / name for name in FOLDERS[str(folder)]]
    if set(folder.rglob("*")) <= set(known):
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
