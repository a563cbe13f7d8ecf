"""Where the suite keeps files on this machine (XDG base directories).

The cache may be deleted at any time; the state describes clusters that run now.
"""

from __future__ import annotations

import os
from pathlib import Path

APPLICATION = "srs-conformance"


def cache_folder(*parts: str) -> Path:
    """Return, and make, a folder of the cache: finished builds, images, demo clips."""
    return _made(cache_path(*parts))


def state_folder(*parts: str) -> Path:
    """Return, and make, a folder of the state: one per cluster name, with its kubeconfig, logs and locks."""
    return _made(state_path(*parts))


def cache_path(*parts: str) -> Path:
    """Return where a folder or file of the cache is, whether it is there or not."""
    return _base("XDG_CACHE_HOME", ".cache") / Path(*parts)


def state_path(*parts: str) -> Path:
    """Return where a folder or file of the state is, whether it is there or not."""
    return _base("XDG_STATE_HOME", ".local/state") / Path(*parts)


def nearest(path: Path) -> Path:
    """Return the path where it is there, else the nearest folder above it that is: it lies on the same disk."""
    return next(each for each in (path, *path.parents) if each.exists())


def _base(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / fallback) / APPLICATION


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
