"""Debian's Python as the base of images that run code of ours: without its tests and tools, and compiled."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

from srs_conformance.errors import EngineError
from srs_conformance.images import building
from srs_conformance.progress import Progress

VERSION = "3.11"
"""Of Debian 12, which the packages come from."""
PACKAGES = ("python3-minimal", f"libpython{VERSION}-stdlib")
SITE = "usr/lib/python3/dist-packages"
"""Where Debian's Python looks for what is not its own."""
_PROGRAM = f"usr/bin/python{VERSION}"
_LIBRARY = f"usr/lib/python{VERSION}"
_UNUSED_MODULES = ("test", "pydoc_data", "idlelib", "ensurepip", "lib2to3", "unittest", "turtledemo")
_COMPILE_SECONDS = 120.0


def base(name: str, packages: Sequence[str], progress: Progress, *, keeps: Collection[str] = ()) -> building.Base:
    """Return a root file system of Python and further packages, from the cache or made now.

    Args:
        name: of the base; one name always keeps the same.
        packages: of Debian, besides Python's.
        progress: told of what takes time.
        keeps: modules of Python's own that are taken out otherwise.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had, or Python does not run from them.
    """
    return building.base(name, (*PACKAGES, *packages), progress, finish=partial(_finish, keeps))


def compile_tree(base_folder: Path, root: Path, folder: str) -> None:
    """Compile Python's files with the image's own Python, whose first start would take a second longer otherwise.

    The result is bound to nothing outside of it (no times, no paths of this machine), so the same sources give the same
    image. The image's loader starts the program, so this works on any Linux of the same architecture.

    Args:
        base_folder: the root file system that holds Python.
        root: of the tree that is compiled; it stands for / in the image.
        folder: below the root, what to compile.

    Raises:
        EngineError: Python does not run, or finds a file that is no Python.
    """
    (loader,) = [*base_folder.glob("usr/lib*/ld-linux-*.so.*"), *base_folder.glob("usr/lib/*/ld-linux-*.so.*")][:1]
    libraries = ":".join(str(path.parent) for path in base_folder.glob("usr/lib/*/libc.so.6"))
    modules = ("-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/")
    ended = subprocess.run(
        [loader, "--library-path", libraries, base_folder / _PROGRAM, *modules, root / folder],
        env={"PYTHONHOME": str(base_folder / "usr")},
        capture_output=True,
        text=True,
        timeout=_COMPILE_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise EngineError(f"Python of the image does not compile {folder}: {(ended.stderr or ended.stdout)[-500:]}")


def _finish(keeps: Collection[str], tree: Path) -> None:
    """Take Python's tests and tools out of the base, and compile the rest."""
    for name in set(_UNUSED_MODULES) - set(keeps):
        shutil.rmtree(tree / _LIBRARY / name, ignore_errors=True)
    compile_tree(tree, tree, _LIBRARY)
