"""Root file systems from Debian packages: small images without a container registry.

`debian_rootfs` resolves packages with the machine's own apt sources and settings, downloads them and unpacks them. No
maintainer script runs and nothing is installed on the machine: no root, no chroot, no mounts. What the scripts of the
packages in question would have done (users, library cache, alternatives) is done here.
"""

from __future__ import annotations

import contextlib
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.paths import cache_folder
from srs_conformance.progress import NullProgress, Progress, Step, last_lines, run_logged

NEEDED = ("apt-get", "dpkg-deb", "tar", "ldconfig")
MERGED = ("bin", "sbin", "lib", "lib64")
"""Folders that are links into /usr (Debian's merged /usr)."""

UNNEEDED = ("usr/share/man", "usr/share/info", "usr/share/locale", "usr/share/lintian", "usr/share/bash-completion")
DOCUMENTATION = "usr/share/doc"
"""Left out but for the copyright files."""

ALTERNATIVES = {
    "usr/bin/awk": ("mawk", "gawk"),
    "usr/bin/which": ("which.debianutils",),
    "usr/sbin/iptables": ("iptables-nft",),
    "usr/sbin/iptables-save": ("iptables-nft-save",),
    "usr/sbin/iptables-restore": ("iptables-nft-restore",),
    "usr/sbin/ip6tables": ("ip6tables-nft",),
    "usr/sbin/ip6tables-save": ("ip6tables-nft-save",),
    "usr/sbin/ip6tables-restore": ("ip6tables-nft-restore",),
}
"""Links that packages make by script, and which programs of the same folder they may lead to."""

_INSTALL = re.compile(
    r"^Inst (?P<name>\S+) (?:\[\S+\] )?\((?P<version>\S+) .*\[(?P<architecture>\S+)\]\)", re.MULTILINE
)


@dataclass(frozen=True)
class Package:
    """A package as apt chose it."""

    name: str
    version: str
    architecture: str

    @property
    def file(self) -> str:
        """Its file in apt's cache, where the epoch's colon is written %3a."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_{self.architecture}.deb"

    def __str__(self) -> str:
        return f"{self.name}={self.version}"


def debian_rootfs(folder: Path, packages: Sequence[str], progress: Progress | None = None) -> list[Package]:
    """Fill `folder`, which must not exist, with the packages and all that they depend on; return what went in.

    Packages are downloaded into the cache once. What belongs to the essential set of Debian is not there unless it is
    named or needed. A failure or an interrupt leaves no folder.

    Raises:
        UsageError: this machine has no apt.
        EngineError: a package is unknown or cannot be downloaded.
    """
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        raise UsageError(
            f"building an image needs {', '.join(missing)}, which this machine lacks",
            hint="run on Debian or Ubuntu, or use ready-made images",
        )
    if folder.exists():
        raise EngineError(f"the root file system's folder {folder} exists already")
    apt = _Apt(cache_folder("apt"))
    with (progress or NullProgress()).step(f"Debian packages for {folder.name}", about=10) as step:
        try:
            with FileLock(apt.home / "lock"):
                chosen = apt.download(packages, step)
                _unpack([apt.archives / package.file for package in chosen], folder, step)
            _settle(folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return chosen


def release() -> str:
    """Return the name of this machine's Debian (or Ubuntu) release, e.g. bookworm; "" where it has none."""
    try:
        return platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        return ""


class _Apt:
    """apt with the machine's sources, settings and keys, but with a state of its own and nothing installed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.archives = home / "archives"
        self._log = home / "apt.log"
        for part in ("archives/partial", "lists/partial"):
            (home / part).mkdir(parents=True, exist_ok=True)
        (home / "status").touch()
        self._options = [
            f"-oDir::State={home}",
            f"-oDir::State::lists={home / 'lists'}",
            f"-oDir::State::status={home / 'status'}",
            f"-oDir::Cache={home}",
            f"-oDir::Cache::archives={self.archives}",
            "-oDebug::NoLocking=true",
            "-oAPT::Sandbox::User=",
            "-oAPT::Install-Recommends=false",
            "-oAPT::Get::List-Cleanup=false",
            "-oAPT::Update::Post-Invoke-Success=",
            "-qq",
        ]

    def download(self, packages: Sequence[str], step: Step) -> list[Package]:
        """Have all packages in the archives; the lists are brought up to date when they do not do."""
        self._log.unlink(missing_ok=True)
        step.say("resolving")
        try:
            return self._fetch(packages, step)
        except EngineError:
            step.say("apt-get update")
            # A source of the machine's that has nothing to do with us may be down: what counts is the download below.
            with contextlib.suppress(EngineError):
                run_logged(self._argv("update"), self._log)
            return self._fetch(packages, step)

    def _fetch(self, packages: Sequence[str], step: Step) -> list[Package]:
        chosen = self._resolve(packages)
        wanted = [package for package in chosen if not (self.archives / package.file).exists()]
        if wanted:
            step.say(f"downloading {len(wanted)} packages")
            run_logged(self._argv("install", "--download-only", "-y", *packages), self._log)
        return chosen

    def _resolve(self, packages: Sequence[str]) -> list[Package]:
        result = subprocess.run(
            self._argv("install", "--simulate", "-y", *packages),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        with self._log.open("a") as log:
            log.write(result.stdout + result.stderr)
        chosen = parse_simulation(result.stdout)
        if result.returncode or not chosen:
            raise EngineError(f"apt cannot resolve {' '.join(packages)}:\n{last_lines(self._log)}")
        return chosen

    def _argv(self, command: str, *words: str) -> list[str]:
        return ["apt-get", *self._options, command, *words]


def parse_simulation(text: str) -> list[Package]:
    """Return the packages that `apt-get --simulate install` would install, sorted by name."""
    found = (Package(match["name"], match["version"], match["architecture"]) for match in _INSTALL.finditer(text))
    return sorted(found, key=lambda package: package.name)


def _unpack(files: Sequence[Path], folder: Path, step: Step) -> None:
    for name in MERGED:
        (folder / "usr" / name).mkdir(parents=True)
        (folder / name).symlink_to(f"usr/{name}")
    leave_out = [f"--exclude=./{path}/*" for path in UNNEEDED]
    for file in files:
        step.say(f"unpacking {file.name.split('_')[0]}")
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file], stdout=subprocess.PIPE) as source:
            target = subprocess.run(
                ["tar", "-xp", "--no-same-owner", "--keep-directory-symlink", "-C", folder, *leave_out],
                stdin=source.stdout,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        if source.returncode or target.returncode:
            raise EngineError(f"{file} cannot be unpacked: {target.stderr.strip() or 'dpkg-deb failed'}")


def _settle(folder: Path) -> None:
    """Do what the packages' scripts would have done."""
    for path in (folder / DOCUMENTATION).rglob("*"):
        if not path.is_dir() and path.name != "copyright":
            path.unlink()
    etc = folder / "etc"
    etc.mkdir(exist_ok=True)
    for name in ("passwd", "group"):
        master = folder / "usr/share/base-passwd" / f"{name}.master"
        text = master.read_text() if master.exists() else _MINIMAL[name]
        (etc / name).write_text(text)
    for name in ("tmp", "var/tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name).chmod(0o1777)
    for name in ("root", "proc", "sys", "dev", "run"):
        (folder / name).mkdir(exist_ok=True)
    if not (etc / "nsswitch.conf").exists():
        (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
    for link, targets in ALTERNATIVES.items():
        for target in targets:
            path = folder / link
            if path.with_name(target).exists() and not path.is_symlink():
                path.symlink_to(target)
    subprocess.run(["ldconfig", "-X", "-r", folder], check=True, capture_output=True)


_MINIMAL = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": "root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n",
}
