"""The parts that are built from Go modules: what is in them, how, and where the finished programs lie.

Each part has a folder under `go/` whose go.mod and go.sum pin it whole. A part's version is read from its go.mod, the
one place where it stands. Finished programs lie in the cache, one by one; Go's own cache makes a broken-off build
resume.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.clusters.kind.build.host import locked
from srs_conformance.clusters.kind.build.toolchain import Toolchain, ensure_c, ensure_go
from srs_conformance.paths import cache_path
from srs_conformance.progress import Progress, run_logged

MODULES = Path(__file__).parent / "go"


@dataclass(frozen=True)
class Part:
    """A Go module and the programs that are built from it."""

    name: str
    """Of its folder under `go/`."""
    module: str
    """The module whose version is the part's."""
    programs: tuple[str, ...]
    """Packages to build; "." is the part's own main package."""
    about: float
    """Seconds of a cold build on two cores."""
    stamps: tuple[str, ...] = ()
    """Variables to set at link time; `{version}` stands for 1.2.3, `{major}` and `{minor}` for its beginning."""
    tags: str = ""
    cgo: bool = False

    @property
    def folder(self) -> Path:
        """Where its go.mod lies."""
        return MODULES / self.name

    @property
    def version(self) -> str:
        """Its version without the v, as its go.mod requires it."""
        return required_version((self.folder / "go.mod").read_text(), self.module)

    @property
    def flags(self) -> list[str]:
        """The arguments of `go build`."""
        major, minor, *_ = self.version.split(".")
        stamps = [f"-X {stamp.format(version=self.version, major=major, minor=minor)}" for stamp in self.stamps]
        static = ["-extldflags -static"] if self.cgo else []
        # Programs are stripped, so compiling without debug information changes nothing but a sixth of the time.
        return ["-tags", self.tags, "-gcflags=all=-dwarf=false", "-ldflags", " ".join(["-s -w", *stamps, *static])]

    @property
    def key(self) -> str:
        """What tells its programs from those of other inputs; the Go that compiles is left out."""
        digest = hashlib.sha256(repr((self.flags, self.cgo, self.programs)).encode())
        for path in sorted(path for path in self.folder.iterdir() if path.is_file()):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()[:12]


_K8S = "k8s.io/kubernetes"
_CONTAINERD = "github.com/containerd/containerd/v2"
_CNI = "github.com/containernetworking/plugins"

KUBERNETES = Part(
    "kubernetes",
    _K8S,
    tuple(
        f"{_K8S}/cmd/{name}"
        for name in (
            "kubectl",
            "kubeadm",
            "kubelet",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "kube-proxy",
        )
    ),
    about=360,
    # Without the version the components refuse each other.
    stamps=(
        "k8s.io/component-base/version.gitVersion=v{version}",
        "k8s.io/component-base/version.gitMajor={major}",
        "k8s.io/component-base/version.gitMinor={minor}",
        "k8s.io/client-go/pkg/version.gitVersion=v{version}",
    ),
)
ETCD = Part("etcd", "go.etcd.io/etcd/server/v3", (".",), about=20)
CONTAINERD = Part(
    "containerd",
    _CONTAINERD,
    tuple(f"{_CONTAINERD}/cmd/{name}" for name in ("containerd", "ctr", "containerd-shim-runc-v2")),
    about=65,
    stamps=(f"{_CONTAINERD}/version.Version=v{{version}}",),
    tags="no_btrfs,no_devmapper,no_zfs,no_tracing",
)
RUNC = Part(
    "runc",
    "github.com/opencontainers/runc",
    ("github.com/opencontainers/runc",),
    about=20,
    stamps=("main.version={version}",),
    tags="seccomp,netgo,osusergo",
    cgo=True,
)
CNI = Part(
    "cni",
    _CNI,
    tuple(f"{_CNI}/plugins/{name}" for name in ("main/ptp", "main/loopback", "ipam/host-local", "meta/portmap")),
    about=10,
)
COREDNS = Part("coredns", "github.com/coredns/coredns", ("github.com/coredns/coredns",), about=90)
KIND = Part("kind", "sigs.k8s.io/kind", ("sigs.k8s.io/kind",), about=15)

PARTS = (KUBERNETES, ETCD, CONTAINERD, RUNC, CNI, COREDNS, KIND)


def ensure_programs(part: Part, progress: Progress, names: Sequence[str] | None = None) -> dict[str, Path]:
    """Return where the part's programs (or only those of `names`) lie, built when they are not there yet.

    Raises:
        UsageError: the machine lacks a compiler that cannot be installed.
        EngineError: the build fails; names its log.
    """
    packages = {_program(part, package): package for package in part.programs}
    wanted = names or list(packages)
    home = _home(part)
    if not is_built(part, wanted):
        go = ensure_go(progress)
        if part.cgo:
            ensure_c(progress)
        with locked(home / "lock", part.name, progress):
            missing = [packages[name] for name in wanted if not (home / name).exists()]
            if missing:
                _build(part, missing, go, home, progress)
    return {name: home / name for name in wanted}


def is_built(part: Part, names: Sequence[str] | None = None) -> bool:
    """Tell whether the part's programs (or only those of `names`) are in the cache."""
    home = _home(part)
    return all((home / name).exists() for name in names or [_program(part, package) for package in part.programs])


def _build(part: Part, packages: Sequence[str], go: Toolchain, home: Path, progress: Progress) -> None:
    """Build packages of a part into `home`, all or nothing."""
    about = part.about * (0.5 + 0.5 * len(packages) / len(part.programs))
    for left in home.glob("building-*"):  # of a build that was killed
        shutil.rmtree(left)
    with (
        progress.step(f"{part.name} {part.version} from Go modules", about=about) as step,
        tempfile.TemporaryDirectory(prefix="building-", dir=home) as building,
    ):
        step.say(", ".join(_program(part, package) for package in packages))
        finished = Path(building) / "finished"
        environment = {**go.environment(cgo=part.cgo), "GOTMPDIR": building}
        argv = [str(go.go), "build", *part.flags, "-o", f"{finished}/", *packages]
        run_logged(argv, home / "build.log", cwd=part.folder, env=environment, tied=True)
        for program in finished.iterdir():
            program.rename(home / program.name)


def required_version(go_mod: str, module: str) -> str:
    """Return the version, without the v, at which a go.mod requires a module."""
    match = re.search(rf"^\s*(?:require )?{re.escape(module)} v(\S+)", go_mod, re.MULTILINE)
    if not match:
        raise ValueError(f"go.mod does not require {module}")
    return match[1]


def _home(part: Part) -> Path:
    return cache_path("parts", f"{part.name}-{part.version}-{part.key}")


def _program(part: Part, package: str) -> str:
    return part.name if package == "." else package.rpartition("/")[2]
