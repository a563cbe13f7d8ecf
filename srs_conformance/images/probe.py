"""Builds the image of the probe pod: the whole suite, for a cluster whose pods can be reached from within alone.

ffmpeg is that of the imageio-ffmpeg package, kubectl the caller's. There is no browser in it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from srs_conformance.images import load
from srs_conformance.images.checkout import Checkout, copy, write_version
from srs_conformance.images.layered import Recipe
from srs_conformance.images.oci import ImageConfig
from srs_conformance.progress import Progress

NAME = "probe"
ARCHIVED_NAME = f"localhost/srs-conformance/{NAME}:latest"
LABEL = "io.srs-conformance.probe"
PYTHON_PACKAGES = (
    *load.PYTHON_PACKAGES,
    *("pytest", "pytest-timeout", "pytest-xdist", "execnet", "pluggy", "iniconfig", "packaging", "pygments"),
    *("kubernetes", "durationpy", "oauthlib", "requests-oauthlib", "python-dateutil", "websocket-client"),
    *("kubernetes-validate", "importlib-resources", "pydantic", "pydantic-core", "annotated-types"),
    *("typing-inspection", "httpx", "httpcore", "anyio", "cryptography", "cffi", "pycparser"),
    *("av", "ffmpeg-python", "future", "imageio-ffmpeg", "filelock"),
)
"""What the suites import, and the load tests that they run; a test holds it against what they really do."""
KEEPS = ("unittest",)
"""Of Python's own modules, what pytest imports."""
CODE = ("conftest.py", "pyproject.toml", "requirements.txt", "fixtures", "loadtests", "srs_conformance", "suites")
"""Of the checkout."""
HOME = "suite"
"""The folder of the image where the checkout lies, and where a container starts."""
PROGRAMS = "usr/local/bin"
_NOBODY = "65534:65534"


def checkout() -> Checkout:
    """Return the checkout that this code runs from.

    Raises:
        UsageError: it does not run from one.
    """
    return Checkout.find("the suites", CODE)


def build(source: Checkout, kubectl: Path, progress: Progress) -> Path:
    """Return the archive of the image, from the cache or built now.

    Args:
        source: the checkout that goes in.
        kubectl: the program that renders manifests there; it may need the C library and no other.
        progress: told of what takes time.

    Raises:
        UsageError: this machine has no apt.
        EngineError: packages cannot be had, or Python does not run from them.
    """
    return Recipe(
        NAME,
        "probe pod",
        debian=load.DEBIAN_PACKAGES,
        packages=PYTHON_PACKAGES,
        requirements=source.requirements,
        write=lambda tree: write_tree(tree, source, kubectl),
        home=HOME,
        config=config(),
        keeps=KEEPS,
    ).build(progress)


def config() -> ImageConfig:
    """Return how a container starts; what it does, the pod says. It is nobody, and writes where the pod lets it."""
    return ImageConfig(
        command=("python3", "-m", "pytest", "--version"),
        environment={"PYTHONPATH": f"/{HOME}", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        working_folder=f"/{HOME}",
        user=_NOBODY,
        labels={LABEL: "true", "org.opencontainers.image.title": "probe pod of srs-conformance"},
    )


def write_tree(tree: Path, source: Checkout, kubectl: Path) -> None:
    """Write what lies over the packages: the checkout, what says its version, and kubectl."""
    home = tree / HOME
    for name in CODE:
        copy(source.root / name, home / name)
    write_version(home)
    there = tree / PROGRAMS / "kubectl"
    there.parent.mkdir(parents=True)
    shutil.copyfile(kubectl, there)
    there.chmod(0o755)
