"""What others ask for: finished tools and a finished node image, from the cache or built now."""

from __future__ import annotations

import hashlib
import platform
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from srs_conformance.clusters.kind.build import parts
from srs_conformance.clusters.kind.build.host import GIGABYTE, locked, require_disk, require_programs
from srs_conformance.clusters.kind.build.node_image import write_node_image
from srs_conformance.clusters.kind.build.toolchain import ensure_c, ensure_go
from srs_conformance.errors import UsageError
from srs_conformance.images import debian, oci
from srs_conformance.paths import cache_folder, cache_path
from srs_conformance.progress import NullProgress, Progress

Tool = Literal["kind", "kubectl", "runc"]

TOOLS = {"kind": parts.KIND, "kubectl": parts.KUBERNETES, "runc": parts.RUNC}

DISK = 3 * GIGABYTE
"""What the image takes while it is put together: root file systems and archives."""

DISK_COLD = 9 * GIGABYTE
"""What it takes with everything before that: sources, Go's build cache and the programs."""

KEEP = 86400.0
"""Seconds after which an archive of other inputs is deleted when a new one is made."""

INPUTS = (Path(__file__).parent, Path(oci.__file__), Path(debian.__file__))
"""Files and folders whose contents decide what the node image holds."""


def ensure_tool(name: Tool, progress: Progress | None = None) -> Path:
    """Return a program built from Go modules, without the rest of the node image.

    Raises:
        UsageError: there is no such tool, or the machine lacks a compiler that cannot be installed.
        EngineError: the build fails; names its log.
    """
    if name not in TOOLS:
        raise UsageError(f"there is no tool {name!r}; expected one of {', '.join(TOOLS)}")
    return parts.ensure_programs(TOOLS[name], progress or NullProgress(), [name])[name]


def ensure_node_image(progress: Progress | None = None) -> Path:
    """Return the archive of the node image, from the cache or built now; two processes build it once.

    A build that breaks off leaves finished programs and Go's own cache, and goes on from there.

    Raises:
        UsageError: the machine lacks disk space, a program, or the rights to install one; nothing was started.
        EngineError: a build fails; names its log.
    """
    progress = progress or NullProgress()
    archive = node_image_archive()
    if archive.exists():
        return archive
    folder = cache_folder("node-image")
    require_programs([*debian.NEEDED, "update-alternatives"], "building the node image")
    require_disk(folder, disk_needed(), "building the node image")
    with locked(folder / "lock", "the node image", progress):
        if not archive.exists():
            _build(archive, progress)
    return archive


def node_image_archive() -> Path:
    """Return where the archive of the node image is, once it has been built."""
    return cache_path("node-image", f"node-{cache_key()}.tar")


def disk_needed() -> int:
    """Return how many bytes of disk a build of the node image takes, by what is built already."""
    return DISK if all(parts.is_built(part) for part in parts.PARTS) else DISK_COLD


def node_image_name() -> str:
    """Return the name of the image in the archive; it differs when the inputs do."""
    return f"docker.io/kindest/node:v{parts.KUBERNETES.version}-offline-{cache_key()}"


def cache_key(inputs: Sequence[Path] = INPUTS) -> str:
    """Return twelve hexadecimal digits that stand for all inputs of the node image.

    They cover this package with its go.sum files, the image writers, the architecture and the Debian release; not the
    versions of the Debian packages, nor that of Go: a finished image is not built again for those.
    """
    digest = hashlib.sha256(f"{platform.machine()} {debian.release()}".encode())
    for source in inputs:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(source.parent)} {content}\n".encode())
    return digest.hexdigest()[:12]


def _build(archive: Path, progress: Progress) -> None:
    for old in archive.parent.glob("building-*"):  # of a build that was killed
        shutil.rmtree(old)
    ensure_c(progress)
    go = ensure_go(progress)
    programs: dict[str, Path] = {}
    for part in parts.PARTS:
        programs |= parts.ensure_programs(part, progress)
    with tempfile.TemporaryDirectory(prefix="building-", dir=archive.parent) as work:
        write_node_image(archive, node_image_name(), programs, go=go, work=Path(work), progress=progress)
    for old in archive.parent.glob("node-*.tar"):
        if time.time() - old.stat().st_mtime > KEEP:  # a younger one may just be being loaded
            old.unlink()
