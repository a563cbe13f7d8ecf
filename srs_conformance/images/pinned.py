"""Python packages for an image: those that requirements.txt pins, checked by its hashes, as a folder of their own."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from filelock import FileLock

from srs_conformance.errors import EngineError
from srs_conformance.images import building, python
from srs_conformance.images.oci import architecture
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress, run_logged

#: Raised when the same lines shall give another folder.
_FORM = 2
_UNNEEDED_FOLDERS = ("tests", "test", "testing", "bin", "__pycache__")
_UNNEEDED_FILES = (".c", ".cc", ".cpp", ".h", ".pyx", ".pxd", ".pyi")
_KEPT = re.compile(r"^METADATA$|^entry_points\.txt$|LICEN[CS]E", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_FOR_VERSION = re.compile(r" ; python_full_version (<|>=) '(\d+(?:\.\d+)*)'")


def installed(name: str, requirements: Path, wanted: Collection[str], base: building.Base, progress: Progress) -> Path:
    """Return a folder with the wanted packages at `python.SITE` in it, compiled; from the cache or made now.

    Args:
        name: begins the folder's name in the cache.
        requirements: a file as `pip --require-hashes` reads it.
        wanted: which packages of it; what they depend on must be among them.
        base: what the image's Python is taken from.
        progress: told of what takes time.

    Raises:
        EngineError: the file lacks one of them, or pip cannot have them.
    """
    lines = "".join(selected(requirements.read_text(encoding="utf-8"), wanted))
    folder = cache_folder("images", "bases") / f"{name}-{architecture()}-{building.digest(str(_FORM), lines, base.key)}"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            with (
                progress.step(f"Python packages of {name}", about=15) as step,
                tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as temporary,
            ):
                file, tree = Path(temporary) / "requirements.txt", Path(temporary) / "tree"
                file.write_text(lines, encoding="utf-8")
                run_logged(_pip(file, tree / python.SITE), cache_folder("logs") / f"{name}-pip.log", step=step)
                _slim(tree / python.SITE)
                python.compile_tree(base.folder, tree, python.SITE)
                tree.chmod(0o755)
                tree.rename(folder)
    return folder


def selected(text: str, wanted: Collection[str]) -> Iterator[str]:
    """Yield the lines of the wanted packages, hashes included; of a package pinned by version of Python, the image's.

    pip would judge such a marker by the Python that runs here.

    Raises:
        EngineError: one of them is not there.
    """
    names = {normal(name) for name in wanted}
    missing, chosen = set(names), False
    for line in text.splitlines(keepends=True):
        match = _NAME.match(line)  # what belongs to a package is indented
        if match:
            name = normal(match[0])
            chosen = name in names and _fits(line)
            if chosen:
                missing.discard(name)
        if chosen and not line.lstrip().startswith("#"):
            yield _FOR_VERSION.sub("", line)
    if missing:
        raise EngineError(f"requirements.txt has no {', '.join(sorted(missing))}", hint="pin what the image needs")


def _fits(line: str) -> bool:
    match = _FOR_VERSION.search(line)
    if not match:
        return True
    ours, bound = (tuple(int(part) for part in text.split(".")) for text in (python.VERSION, match[2]))
    return ours < bound if match[1] == "<" else ours >= bound


def normal(name: str) -> str:
    """Return a package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _pip(file: Path, target: Path) -> list[str]:
    """Return pip's arguments: wheels for the image's Python, whatever Python runs here, and nothing that is built."""
    return [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--implementation", "cp"),
        *("--python-version", python.VERSION, "--target", str(target), "--requirement", str(file)),
    ]


def _slim(site: Path) -> None:
    """Take out what runs nothing; of what a package says of itself metadata, entry points and licences stay."""
    for path in sorted(site.rglob("*")):
        about = path.parent.name.endswith(".dist-info")
        if path.is_dir():
            if path.name in _UNNEEDED_FOLDERS and not about:
                shutil.rmtree(path)
        elif path.exists() and (path.suffix in _UNNEEDED_FILES or (about and not _KEPT.search(path.name))):
            path.unlink()
