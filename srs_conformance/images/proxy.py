"""Builds the image of the proxy that disturbs connections: Debian's Python, and over it the proxy's own code."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

import srs_conformance
from srs_conformance import proxy
from srs_conformance.images import building, python
from srs_conformance.images.layered import onto_nodes
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.images.server import KUBERNETES, Nodes
from srs_conformance.progress import Progress

NAME = "proxy"
ARCHIVED_NAME = f"localhost/srs-conformance/{NAME}:latest"
LABEL = "io.srs-conformance.proxy"
PACKAGES = ("dash", "coreutils", "base-passwd", "usr-is-merged")
"""Besides Python: a shell for those who want to look into a container."""


def available(nodes: Nodes, progress: Progress) -> str:
    """Have the image on all nodes, which must take images, and return its name there, which holds its digest.

    Raises:
        UsageError: this machine has no apt.
        CouldNotTest: the nodes refuse it.
        EngineError: it cannot be built.
    """
    if KUBERNETES not in nodes.capabilities:
        return NAME  # a backend that runs processes knows the proxy by this name
    return onto_nodes(nodes, build(progress), NAME, "proxy", progress)


def build(progress: Progress) -> Path:
    """Return the archive of the proxy's image, from the cache or built now.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had, or Python does not run from them.
    """
    base = python.base(NAME, PACKAGES, progress)
    out = building.archive_path(NAME, base.key, building.digest_of_tree(_code(), Path(__file__).parent))
    with FileLock(out.with_suffix(".lock")):
        if not out.exists():
            with (
                progress.step("image of the proxy", about=2),
                tempfile.TemporaryDirectory(prefix=".proxy-", dir=out.parent) as folder,
            ):
                tree = Path(folder)
                tree.chmod(0o755)
                write_tree(tree)
                python.compile_tree(base.folder, tree, python.SITE)
                write_image(out, name=ARCHIVED_NAME, layers=[Layer(base.folder), Layer(tree)], config=config())
    return out


def config() -> ImageConfig:
    """Return how a container starts; its arguments, the manifests say. It is nobody: its ports are not the low ones."""
    return ImageConfig(
        entrypoint=("python3", "-m", "srs_conformance.proxy"),
        command=("--help",),
        environment={"PYTHONUNBUFFERED": "1"},
        user="65534:65534",
        labels={LABEL: "true", "org.opencontainers.image.title": "fault proxy of srs-conformance"},
    )


def write_tree(tree: Path) -> None:
    """Write what lies over the packages: the proxy's code and nothing else of the suite."""
    package = tree / python.SITE / "srs_conformance"
    shutil.copytree(_code(), package / NAME, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    shutil.copyfile(Path(srs_conformance.__path__[0]) / "__init__.py", package / "__init__.py")


def _code() -> Path:
    return Path(proxy.__path__[0])
