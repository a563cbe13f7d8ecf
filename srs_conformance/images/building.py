"""What images that are built on this machine share: a cached base of Debian packages, and names by content.

A finished base or image is never changed: its name in the cache holds what it was made from, so anything else gets
another name. The cache may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from srs_conformance.images.debian import Package, debian_rootfs
from srs_conformance.images.oci import architecture
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress
from srs_conformance.writing import write_whole

#: Raised when the same packages shall give another base, so that old caches are not taken for it.
_FORM = 1

_UNNEEDED = (
    "usr/share/doc",
    "usr/share/zoneinfo",
    "usr/games",
    "usr/lib/x86_64-linux-gnu/gconv",
    "usr/lib/aarch64-linux-gnu/gconv",
    "var/cache",
    "var/lib/dpkg",
)
_LICENCES = "copyright"


@dataclass(frozen=True)
class Base:
    """A root file system in the cache; `key` stands for its content."""

    folder: Path
    key: str
    packages: tuple[str, ...]  # "bash=5.2.15-2+b13"


def base(
    name: str,
    packages: Sequence[str],
    progress: Progress,
    *,
    finish: Callable[[Path], None] | None = None,
    resolve: Callable[[Path, Sequence[str], Progress], Iterable[Package]] = debian_rootfs,
) -> Base:
    """Return a root file system of Debian packages, from the cache or made now; `finish` may change it once.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had.
    """
    folder = cache_folder("images", "bases") / f"{name}-{architecture()}-{digest(str(_FORM), *packages)}"
    record = folder.with_suffix(".json")
    with FileLock(folder.with_suffix(".lock")):
        if not record.exists():
            with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary:
                tree = Path(temporary) / name
                chosen = [str(package) for package in resolve(tree, packages, progress)]
                _slim(tree)
                if finish:
                    finish(tree)
                shutil.rmtree(folder, ignore_errors=True)
                tree.rename(folder)
            write_whole(record, json.dumps(chosen))
        made_of = tuple(json.loads(record.read_text(encoding="utf-8")))
    return Base(folder, digest(folder.name, *made_of), made_of)


def archive_path(name: str, *contents: str) -> Path:
    """Return where the archive of an image with these contents stands, or will stand."""
    return cache_folder("images") / f"{name}-{digest(architecture(), *contents)}.tar"


def digest(*texts: str) -> str:
    """Return twelve characters that stand for all the texts in their order."""
    whole = hashlib.sha256()
    for text in texts:
        data = text.encode()
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()[:12]


def digest_of_tree(*folders: Path) -> str:
    """Return what stands for the names and contents of all files below some folders, compiled Python left out."""
    parts: list[str] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                parts += [str(path.relative_to(folder)), content, oct(path.stat().st_mode & 0o111)]
    return digest(*parts)


def _slim(tree: Path) -> None:
    """Take out what no container needs; the licences stay."""
    for path in _UNNEEDED:
        for folder, _, files in os.walk(tree / path, topdown=False):
            for file in files:
                if file != _LICENCES:
                    Path(folder, file).unlink()
            if not any(Path(folder).iterdir()):
                Path(folder).rmdir()
