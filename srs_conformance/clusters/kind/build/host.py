"""What the machine has to offer: programs, rights, disk space and, when we are root, packages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from srs_conformance.errors import UsageError
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress, run_logged

GIGABYTE = 10**9


def may_install() -> bool:
    """Return whether we are root on a system with apt."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: Sequence[str], why: str, progress: Progress) -> None:
    """Install Debian packages on this machine.

    Raises:
        UsageError: we are not root, or there is no apt.
        EngineError: apt fails; names its log.
    """
    names = " ".join(packages)
    if not may_install():
        raise UsageError(
            f"{why} needs the package(s) {names}, which this machine lacks", hint=f"as root: apt-get install {names}"
        )
    log = cache_folder("logs") / "apt-install.log"
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # one of ours after the other: apt waits for dpkg's lock, but not for that of its lists
    with (
        FileLock(log.with_suffix(".lock")),
        progress.step(f"Debian packages for {why}: {names}", about=20) as step,
    ):
        run_logged([*apt, "update"], log, env=environment, step=step)
        run_logged([*apt, "install", "-y", "--no-install-recommends", *packages], log, env=environment, step=step)


def require_programs(programs: Iterable[str], why: str) -> None:
    """See that programs are on PATH.

    Raises:
        UsageError: names those that are not.
    """
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise UsageError(
            f"{why} needs {', '.join(missing)}, which this machine lacks",
            hint="build on Debian or Ubuntu, or let the suite use Docker and the official node image",
        )


def require_disk(folder: Path, needed: int, why: str) -> None:
    """See that the disk under `folder` has `needed` bytes left.

    Raises:
        UsageError: says how much there is and how much is needed.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise UsageError(
            f"{why} needs {needed / GIGABYTE:.0f} GB of disk under {folder}, {free / GIGABYTE:.1f} GB are free",
            hint="make room, or set XDG_CACHE_HOME to a folder on a larger disk",
        )


@contextmanager
def locked(lock: Path, what: str, progress: Progress) -> Iterator[None]:
    """Be the only process that makes something; say so while another one does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    file_lock = FileLock(lock)
    try:
        file_lock.acquire(blocking=False)
    except Timeout:
        with progress.step(f"waiting for another process that makes {what}"):
            file_lock.acquire()
    try:
        yield
    finally:
        file_lock.release()
