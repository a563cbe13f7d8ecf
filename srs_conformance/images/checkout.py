"""The project's sources, for images that are made of them: what an installed package lacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import srs_conformance
from srs_conformance.errors import UsageError

_NEEDED = ("loadtests/driver", "loadtests/kubernetes", "requirements.txt")


@dataclass(frozen=True)
class Checkout:
    """A folder with the suites, the locustfiles and the list of pinned packages."""

    root: Path

    @classmethod
    def find(cls, who: str = "load tests", more: Iterable[str] = ()) -> Checkout:
        """Return the checkout that this code runs from.

        Args:
            who: needs it.
            more: files and folders that it must have besides.

        Raises:
            UsageError: it does not run from one.
        """
        root = Path(srs_conformance.__file__).resolve().parent.parent
        for path in (root / each for each in (*_NEEDED, *more)):
            if not path.exists():
                raise UsageError(
                    f"{path} is not there: {who} need the project's checkout, which an installed package lacks",
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


def copy(source: Path, target: Path, *, without: Iterable[str] = ()) -> None:
    """Copy a file, or a folder without compiled Python and without what has one of these names."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", *without))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def write_version(folder: Path) -> None:
    """Leave what tells the project's version where it is not installed: importlib.metadata reads the content."""
    about = folder / "srs_conformance-0.dist-info" / "METADATA"
    about.parent.mkdir(parents=True)
    about.write_text(f"Metadata-Version: 2.1\nName: srs-conformance\nVersion: {version('srs-conformance')}\n")
