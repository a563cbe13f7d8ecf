"""Libraries from npm, those of the players first of all: versions and hashes as package-lock.json pins them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

from filelock import FileLock

from srs_conformance.errors import CouldNotTest
from srs_conformance.paths import cache_folder, cache_path

#: Where the package files stand.
_PINNED = Path(__file__).parent / "players"
_FILES = ("package.json", "package-lock.json")
#: The files that a page loads, in this order.
SCRIPTS = ("mpegts.js/dist/mpegts.js", "hls.js/dist/hls.min.js")
_INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
_SECONDS = 120.0
_DONE = ".installed"


def players() -> list[str]:
    """Return the texts of the libraries, installed into the cache on first use.

    Raises:
        CouldNotTest: there is no npm here, or it cannot have them.
    """
    return [(installed(_PINNED, "players") / name).read_text(encoding="utf-8") for name in SCRIPTS]


def installed(pinned: Path, name: str) -> Path:
    """Return the folder of modules that a package.json and its lock file pin, installed into the cache on first use.

    Args:
        pinned: the folder of the two files.
        name: what they are called in the cache.

    Raises:
        CouldNotTest: there is no npm here, or it cannot have them.
    """
    folder = cache_folder(name, _key(pinned))
    done = folder / _DONE
    with FileLock(folder / ".lock"):
        if not done.exists():
            _install(pinned, folder)
            done.touch()
    return folder / "node_modules"


def players_there() -> bool:
    """Return whether the players' libraries are in the cache."""
    return cache_path("players", _key(_PINNED), _DONE).exists()


def _key(pinned: Path) -> str:
    return hashlib.sha256(b"".join((pinned / file).read_bytes() for file in _FILES)).hexdigest()[:16]


def _install(pinned: Path, folder: Path) -> None:
    for name in _FILES:
        shutil.copyfile(pinned / name, folder / name)
    try:
        run = subprocess.run(_INSTALL, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CouldNotTest(
            f"libraries from npm cannot be installed: {error}", hint="install npm and Node.js 20 or newer"
        ) from error
    if run.returncode:
        raise CouldNotTest(f"npm cannot install its libraries: {run.stderr.strip()[-500:]}")
