"""Builds the image of the load generator: Locust, our cheap viewers and publishers, and the clip that these send.

Three layers, so that a change of the source makes another image in a second: Debian's Python, the Python packages, and
over them the code. It can neither decode nor encode: no viewer of a load looks at pictures, and the clip comes ready.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

import srs_conformance
from srs_conformance.errors import UsageError
from srs_conformance.images import building, pinned, python
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress

NAME = "load"
ARCHIVED_NAME = f"localhost/srs-conformance/{NAME}:latest"
LABEL = "io.srs-conformance.load"
DEBIAN_PACKAGES = ("libstdc++6", "dash", "coreutils", "base-passwd", "usr-is-merged")
"""What compiled Python packages need, and a shell for those who want to look into a container."""
PYTHON_PACKAGES = (
    *("locust", "configargparse", "flask", "flask-cors", "flask-login", "werkzeug", "itsdangerous", "blinker", "click"),
    *("gevent", "greenlet", "zope-event", "zope-interface", "geventhttpclient", "brotli", "certifi", "urllib3"),
    *("requests", "charset-normalizer", "idna", "msgpack", "psutil", "pyzmq", "typing-extensions"),
    *("jinja2", "markupsafe", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs"),
    *("h11", "hdrhistogram", "m3u8", "pyyaml"),
)
"""What Locust and `CODE` import; a test holds it against what they really do."""
CODE = ("__init__.py", "errors.py", "writing.py", "load", "media", "viewers")
"""Of srs_conformance."""
HOME = "load"
"""The folder of the image where code and clip lie, and where a container starts."""
CLIP = "clip.flv"
_NOBODY = "65534"
_UNCOPIED = shutil.ignore_patterns("__pycache__", "*.pyc", "kubernetes")


@dataclass(frozen=True)
class Checkout:
    """The project's sources: the locustfiles and the list of pinned packages come only with them."""

    root: Path

    @classmethod
    def find(cls) -> Checkout:
        """Return the checkout that this code runs from.

        Raises:
            UsageError: it does not run from one.
        """
        root = Path(srs_conformance.__file__).resolve().parent.parent
        for path in (root / "loadtests" / "driver", root / "loadtests" / "kubernetes", root / "requirements.txt"):
            if not path.exists():
                raise UsageError(
                    f"{path} is not there: load tests need the project's checkout, which an installed package lacks",
                    hint="clone the project, run `make environment` in it, and use .venv/bin/srs-conformance",
                )
        return cls(root)

    @property
    def loadtests(self) -> Path:
        """The locustfiles, and the manifests beside them."""
        return self.root / "loadtests"

    @property
    def requirements(self) -> Path:
        """The pinned packages."""
        return self.root / "requirements.txt"


def build(checkout: Checkout, clip: Path, progress: Progress) -> Path:
    """Return the archive of the load generator's image, from the cache or built now.

    Args:
        checkout: whose code goes in.
        clip: the FLV file that publishers send.
        progress: told of what takes time.

    Raises:
        UsageError: this machine has no apt.
        EngineError: packages cannot be had, or Python does not run from them.
    """
    base = python.base(NAME, DEBIAN_PACKAGES, progress)
    packages = pinned.installed(f"{NAME}-python", checkout.requirements, PYTHON_PACKAGES, base, progress)
    with tempfile.TemporaryDirectory(prefix=".load-", dir=cache_folder("images")) as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        write_tree(tree, checkout, clip)
        out = building.archive_path(NAME, base.key, packages.name, building.digest_of_tree(tree), repr(config()))
        with FileLock(out.with_suffix(".lock")):
            if not out.exists():
                with progress.step("image of the load generator", about=3):
                    python.compile_tree(base.folder, tree, HOME)
                    layers = [Layer(base.folder), Layer(packages), Layer(tree)]
                    write_image(out, name=ARCHIVED_NAME, layers=layers, config=config())
    return out


def config() -> ImageConfig:
    """Return how a container starts; what it does there, the manifests say."""
    return ImageConfig(
        command=("python3", "-m", "locust", "--help"),
        environment={"PYTHONPATH": f"/{HOME}", "PYTHONUNBUFFERED": "1"},
        working_folder=f"/{HOME}",
        user=f"{_NOBODY}:{_NOBODY}",
        labels={LABEL: "true", "org.opencontainers.image.title": "load generator of srs-conformance"},
    )


def write_tree(tree: Path, checkout: Checkout, clip: Path) -> None:
    """Write what lies over the packages: the code, what says its version, and the clip."""
    home = tree / HOME
    for name in CODE:
        _copy(checkout.root / "srs_conformance" / name, home / "srs_conformance" / name)
    _copy(checkout.loadtests, home / "loadtests")
    about = home / "srs_conformance-0.dist-info" / "METADATA"  # importlib.metadata takes the version from the content
    about.parent.mkdir()
    about.write_text(f"Metadata-Version: 2.1\nName: srs-conformance\nVersion: {version('srs-conformance')}\n")
    shutil.copyfile(clip, home / CLIP)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=_UNCOPIED)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
