"""podman with configuration files, storage and state of our own, so that the machine's own stay as they are.

Every cluster has an engine folder in its state folder, which `down` deletes whole. Images are kept apart from it, in
the cache, as a read-only store that all clusters share: a second `up` finds them unpacked.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.clusters.kind import leftovers
from srs_conformance.clusters.kind.build.host import apt_install, may_install
from srs_conformance.clusters.kind.commands import Commands, Runner
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress

PACKAGES = ("podman", "netavark", "aardvark-dns", "runc", "iptables", "iproute2")
"""What a Debian system needs. netavark calls iptables; runc, since crun refuses control groups v1 with v2 beside it."""

HELPERS = tuple(
    Path(folder, "podman") for folder in ("/usr/lib", "/usr/libexec", "/usr/local/lib", "/usr/local/libexec")
)
"""Where podman looks for netavark."""

LOAD_TIMEOUT = 600.0
_LOADED = re.compile(r"^Loaded image(?:\(s\))?: (\S+)$", re.MULTILINE)

_CONTAINERS_CONF = """\
[containers]
default_ulimits = []
log_size_max = 10000000
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
static_dir = "{folder}/libpod"
tmp_dir = "{folder}/tmp"
volume_path = "{folder}/volumes"
runtime = "ours"
[engine.runtimes]
ours = ["{runtime}"]
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
"""

_STORAGE_CONF = """\
[storage]
driver = "overlay"
graphroot = "{graph}"
runroot = "{folder}/run"
[storage.options]
additionalimagestores = [{images}]
"""


@dataclass(frozen=True)
class PodmanHome:
    """The folder of one podman that shares nothing but images with any other."""

    folder: Path

    @property
    def graph(self) -> Path:
        """Where containers and their layers live."""
        return self.folder / "graph"

    @property
    def configuration(self) -> Path:
        """The containers.conf; every process of this podman has its path in its environment."""
        return self.folder / "containers.conf"

    @property
    def runtime(self) -> Path:
        """The OCI runtime that the written configuration names."""
        return Path(tomllib.loads(self.configuration.read_text())["engine"]["runtimes"]["ours"][0])

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which `podman` and `kind` use this folder."""
        return {
            **{name: value for name, value in os.environ.items() if name not in {"CONTAINER_HOST", "STORAGE_DRIVER"}},
            "CONTAINERS_CONF": str(self.configuration),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "TMPDIR": str(self.folder / "tmp"),
        }

    def write(self, runtime: Path, graph: Path | None = None, images: Path | None = None) -> None:
        """Write the configuration files; `images` is a store to read images from besides the own `graph`."""
        for part in ("tmp", "run", "networks"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        values = {
            "folder": self.folder,
            "runtime": runtime,
            "graph": graph or self.graph,
            "images": json.dumps(str(images)) if images else "",
        }
        self.configuration.write_text(_CONTAINERS_CONF.format(**values))
        (self.folder / "storage.conf").write_text(_STORAGE_CONF.format(**values))

    def name_bridge(self, network: str, bridge: str) -> None:
        """Name a network's bridge, before anything is in it.

        podman picks a name that no link has yet, and makes the link later: two that share nothing may pick the same. It
        has had no option for this before version 4.5.
        """
        path = self.folder / "networks" / f"{network}.json"
        described = json.loads(path.read_text())
        path.write_text(json.dumps({**described, "network_interface": bridge}, indent=5))


def image_store() -> Path:
    """Return the folder of the images that all clusters share."""
    return cache_folder("engine-images")


@contextmanager
def store(like: PodmanHome, log: Path) -> Iterator[Runner]:
    """Open the shared store for writing and give a runner for it; the caller holds the store's lock.

    Args:
        like: a podman that works here.
        log: takes the commands.
    """
    with tempfile.TemporaryDirectory(prefix="loading-", dir=cache_folder()) as folder:
        home = PodmanHome(Path(folder))
        home.write(like.runtime, graph=image_store())
        try:
            yield Commands(home.environment, log)
        finally:
            leftovers.unmount_below(image_store())
            leftovers.unmount_below(home.folder)


def load_into_store(command: Runner, archive: Path) -> str:
    """Unpack an image archive into the shared store and return the image's name; at once where it has been done.

    Args:
        command: of `store`.
        archive: in OCI layout or as `docker save` writes it.

    Raises:
        EngineError: podman refuses the archive.
    """
    record = image_store() / "loaded.json"
    known: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    mark = fingerprint(archive)
    if mark in known and not command("podman", "image", "exists", known[mark]).code:
        return known[mark]
    name = loaded_name(command("podman", "load", "--input", archive, timeout=LOAD_TIMEOUT).checked(), archive)
    record.write_text(json.dumps({mark: name}))
    return name


def loaded_name(said: str, archive: Path) -> str:
    """Return the image's name from what `load` printed.

    Raises:
        EngineError: no name stands there: the archive holds an image without one.
    """
    found = _LOADED.search(said)
    if not found:
        raise EngineError(f"{archive} holds no named image; the engine says {said.strip()[-200:]!r}")
    return found[1]


def claim(command: Runner, name: str, user: Path) -> None:
    """Note which image a cluster uses, and remove those that none uses.

    The notes lie in the store itself, since clusters of several state folders share it.

    Args:
        command: of `store`.
        name: of an image in the store.
        user: the cluster's folder.
    """
    image = command("podman", "image", "inspect", "--format", "{{.Id}}", name).checked().strip()
    note = _note_of(user)
    note.parent.mkdir(exist_ok=True)
    note.write_text(json.dumps({"cluster": str(user / "cluster.json"), "image": image}))
    _drop_unused(command)


def disclaim(user: Path) -> None:
    """Forget which image a cluster used."""
    _note_of(user).unlink(missing_ok=True)


def _note_of(user: Path) -> Path:
    return image_store() / "users" / f"{hashlib.sha256(str(user).encode()).hexdigest()[:16]}.json"


def _drop_unused(command: Runner) -> None:
    """Remove node images that no cluster uses: each takes a gigabyte."""
    used = set()
    for note in (image_store() / "users").glob("*.json"):
        noted = json.loads(note.read_text())
        if Path(noted["cluster"]).exists():
            used.add(noted["image"])
        else:
            note.unlink()
    listed = command("podman", "images", "--quiet", "--no-trunc").out.split()
    if unused := {image.removeprefix("sha256:") for image in listed} - used:
        command("podman", "rmi", "--force", *sorted(unused))


def fingerprint(archive: Path) -> str:
    """Return what tells an archive from a later one at the same place."""
    facts = archive.stat()
    return f"{archive.resolve()} {facts.st_size} {facts.st_mtime_ns}"


def is_complete() -> bool:
    """Return whether podman and the programs that it calls for networks are installed."""
    netavark = any((folder / "netavark").exists() for folder in HELPERS) or shutil.which("netavark")
    firewall = shutil.which("iptables") or shutil.which("nft")
    return bool(shutil.which("podman") and netavark and firewall)


def install(progress: Progress) -> None:
    """Install podman from the system's packages.

    Raises:
        UsageError: we may not, or the system has no apt; says what to install.
        EngineError: apt failed; names its log.
    """
    if not may_install():
        raise UsageError(
            "no container engine: Docker does not answer, and podman is not there or not complete",
            hint="start Docker, or install podman with netavark (Debian and Ubuntu: apt-get install "
            f"--no-install-recommends {' '.join(PACKAGES)}), or run this as root on a system with apt",
        )
    apt_install(PACKAGES, "the container engine podman", progress)
