"""Which OCI runtime podman uses on this machine, found by trying, with a wrapper where limits cannot be raised."""

from __future__ import annotations

import shlex
import shutil
import stat
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from srs_conformance.clusters.kind import build, runtime_wrapper
from srs_conformance.progress import Progress

CGROUPS = Path("/sys/fs/cgroup")
_CAP_SYS_RESOURCE = 24  # capability(7)
_RAISE_LIMIT = (
    "import resource as r; n = r.RLIMIT_NOFILE; hard = r.getrlimit(n)[1];"
    "hard == r.RLIM_INFINITY or r.setrlimit(n, (hard, hard + 1))"
)


class CgroupLayout(StrEnum):
    """How control groups are mounted: crun takes UNIFIED and LEGACY, runc takes all three."""

    UNIFIED = "v2"
    LEGACY = "v1"
    HYBRID = "v1 with v2 beside it"


def cgroup_layout() -> CgroupLayout:
    """Look at how control groups are mounted."""
    if (CGROUPS / "cgroup.controllers").exists():
        return CgroupLayout.UNIFIED
    return CgroupLayout.HYBRID if (CGROUPS / "unified" / "cgroup.controllers").exists() else CgroupLayout.LEGACY


def can_raise_limits() -> bool:
    """Try whether a process of ours may raise its resource limits and holds CAP_SYS_RESOURCE."""
    status = Path("/proc/self/status").read_text()
    effective = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:"))
    if not effective >> _CAP_SYS_RESOURCE & 1:
        return False
    return subprocess.run([sys.executable, "-ISc", _RAISE_LIMIT], capture_output=True, check=False).returncode == 0


def find_runtime(progress: Progress) -> Path:
    """Return the OCI runtime to use; runc is built where the machine has none that takes its control groups.

    Raises:
        EngineError: runc had to be built and that failed.
    """
    return own_runtime() or build.ensure_tool("runc", progress)


def own_runtime() -> Path | None:
    """Return the machine's OCI runtime that takes its control groups, None where there is none."""
    candidates = ("runc",) if cgroup_layout() is CgroupLayout.HYBRID else ("crun", "runc")
    found = next(filter(None, map(shutil.which, candidates)), None)
    return Path(found) if found else None


def prepared_runtime(folder: Path, progress: Progress) -> Path:
    """Return the program that podman is to start containers with; a wrapper in `folder` where it needs one."""
    runtime = find_runtime(progress)
    return runtime if can_raise_limits() else write_wrapper(folder / "oci-runtime", runtime)


def write_wrapper(path: Path, runtime: Path) -> Path:
    """Write `runtime_wrapper` as a program that becomes `runtime`."""
    source = Path(runtime_wrapper.__file__).read_text()
    body = source.replace('REAL_RUNTIME = "runc"', f"REAL_RUNTIME = {str(runtime)!r}")
    # Not "#!/path/to/python -IS": the kernel cuts a long first line, and a path may hold a space.
    starter = f"#!/bin/sh\n''':'\nexec {shlex.quote(sys.executable)} -IS \"$0\" \"$@\"\n'''\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(starter + body)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path
