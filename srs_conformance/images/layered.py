"""Images of three layers: Debian's Python, Python packages, and over them code of ours.

A change of the code makes another image in a second: the layers below it are kept in the cache.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from srs_conformance.images import building, pinned, python
from srs_conformance.images.archive import read
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.images.server import OWN_NAMES, Nodes
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress

KEEP = 86400.0
"""Seconds after which an archive of other code is deleted when a new one is made."""


@dataclass(frozen=True)
class Recipe:
    """How an image is made.

    Attributes:
        name: of the image, below OWN_NAMES.
        title: what it is, for people.
        debian: packages besides Python's.
        packages: Python packages that `requirements` pins.
        requirements: a file as `pip --require-hashes` reads it.
        write: writes the upper layer into a folder, which stands for / in the image.
        home: the folder of the image whose Python is compiled.
        config: how a container starts.
        keeps: modules of Python's own that other images do without.
    """

    name: str
    title: str
    debian: tuple[str, ...]
    packages: tuple[str, ...]
    requirements: Path
    write: Callable[[Path], None]
    home: str
    config: ImageConfig
    keeps: tuple[str, ...] = ()

    @property
    def archived_name(self) -> str:
        """What the image is called in its archive."""
        return f"{OWN_NAMES}/{self.name}:latest"

    def build(self, progress: Progress) -> Path:
        """Return the archive of the image, from the cache or built now.

        Raises:
            UsageError: this machine has no apt.
            EngineError: packages cannot be had, or Python does not run from them.
        """
        base = python.base(self.name, self.debian, progress, keeps=self.keeps)
        packages = pinned.installed(f"{self.name}-python", self.requirements, self.packages, base, progress)
        with tempfile.TemporaryDirectory(prefix=f".{self.name}-", dir=cache_folder("images")) as folder:
            tree = Path(folder)
            tree.chmod(0o755)
            self.write(tree)
            contents = (base.key, packages.name, building.digest_of_tree(tree), repr(self.config))
            out = building.archive_path(self.name, *contents)
            with FileLock(out.with_suffix(".lock")):
                if not out.exists():
                    with progress.step(f"image of the {self.title}", about=3):
                        python.compile_tree(base.folder, tree, self.home)
                        layers = [Layer(base.folder), Layer(packages), Layer(tree)]
                        write_image(out, name=self.archived_name, layers=layers, config=self.config)
                    self._forget(out)
        return out

    def _forget(self, new: Path) -> None:
        """Delete archives of other code: each change of the sources makes one, and a younger one may be in use."""
        for old in new.parent.glob(f"{self.name}-*.tar"):
            if old != new and time.time() - old.stat().st_mtime > KEEP:
                old.unlink(missing_ok=True)


def onto_nodes(nodes: Nodes, archive: Path, name: str, title: str, progress: Progress) -> str:
    """Have the one image of an archive of ours on all nodes, and return its name there, which holds its digest.

    Raises:
        CouldNotTest: the nodes refuse it.
    """
    (image,) = read(archive)
    there = f"{OWN_NAMES}/{name}:{image.digest.removeprefix('sha256:')[:12]}"
    if nodes.image_digest(there) is None:
        with progress.step(f"loading the {title} onto the nodes", about=5):
            nodes.load_image(archive, image.names[0], there)
    return there
