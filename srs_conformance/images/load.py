"""Builds the image of the load generator: Locust, our cheap viewers and publishers, and the clip that these send.

It can neither decode nor encode: no viewer of a load looks at pictures, and the clip comes ready.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from srs_conformance.images.checkout import Checkout, copy, write_version
from srs_conformance.images.layered import Recipe
from srs_conformance.images.oci import ImageConfig
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
    return Recipe(
        NAME,
        "load generator",
        debian=DEBIAN_PACKAGES,
        packages=PYTHON_PACKAGES,
        requirements=checkout.requirements,
        write=lambda tree: write_tree(tree, checkout, clip),
        home=HOME,
        config=config(),
    ).build(progress)


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
        copy(checkout.root / "srs_conformance" / name, home / "srs_conformance" / name)
    copy(checkout.loadtests, home / "loadtests", without=["kubernetes"])
    write_version(home)
    shutil.copyfile(clip, home / CLIP)
