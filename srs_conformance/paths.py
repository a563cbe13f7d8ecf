"""Where the suite keeps files on this machine (XDG base directories).

The cache may be deleted at any time; the state describes clusters that run now.
"""

from __future__ import annotations

import os
from pathlib import Path

APPLICATION = "srs-conformance"


def cache_folder(*parts: str) -> Path:
    """Return, and make, a folder of the cache: finished builds, images, demo clips."""
    return _folder("XDG_CACHE_HOME", ".cache", parts)


def state_folder(*parts: str) -> Path:
    """Return, and make, a folder of the state: one per cluster name, with its kubeconfig, logs and locks."""
    return _folder("XDG_STATE_HOME", ".local/state", parts)


def _folder(variable: str, fallback: str, parts: tuple[str, ...]) -> Path:
    base = Path(os.environ.get(variable) or Path.home() / fallback)
    folder = base / APPLICATION / Path(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
