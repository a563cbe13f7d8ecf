"""Builds the image of the reference server from the distribution's packages and this source tree.

Two layers: Debian's Python and the shell tools that the guide's manifests call, and over it the server. The lower one
is cached by its packages, so a change of the source makes another image in a second. It is never tagged ossrs/srs.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from srs_conformance import media
from srs_conformance import reference as server
from srs_conformance.errors import UsageError
from srs_conformance.images import building, python
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.progress import Progress
from srs_conformance.reference import layout
from srs_conformance.reference.faults import UnknownFaultError, faithful_to, known
from srs_conformance.reference.personality import PERSONALITIES

NAME = "reference"
LABEL = "io.srs-conformance.reference"
#: What the guide's helper containers and grace scripts call, besides Python with asyncio.
PACKAGES = (
    *("bash", "dash", "coreutils", "procps", "grep", "sed", "mawk"),
    *("findutils", "hostname", "base-passwd", "usr-is-merged"),
)
ARCHIVED_NAME = f"localhost/srs-conformance/{NAME}"
_ENVIRONMENT_OF_6 = {"SRS_DAEMON": "off", "SRS_IN_DOCKER": "on"}  # as the images of 5 and 6 have it


@dataclass(frozen=True)
class Build:
    """Which reference server: the SRS version that it imitates, and what is switched on in it.

    `version` is the whole one that it tells as its own, "3.0.171"; "" for the one that was measured.
    """

    personality: int
    faults: tuple[str, ...] = ()
    faithful: bool = False
    version: str = ""

    @classmethod
    def of(cls, personality: int, faults: Iterable[str] = (), *, faithful: bool = False, version: str = "") -> Build:
        """Check the parts and put them in order.

        Raises:
            UsageError: an unknown fault or personality.
        """
        if personality not in PERSONALITIES:
            versions = " and ".join(str(number) for number in PERSONALITIES)
            raise UsageError(f"the reference server imitates SRS {versions}, not {personality}")
        try:
            return cls(personality, tuple(sorted(known(faults))), faithful, version)
        except UnknownFaultError as error:
            raise UsageError(str(error)) from error

    @property
    def told(self) -> str:
        """Return the version by which the server and its image are named: "3", or "3.0.171"."""
        return self.version or str(self.personality)

    @property
    def switched_on(self) -> list[str]:
        """Return all faults that are on, those that are the version's own included."""
        return sorted({*self.faults, *(faithful_to(self.personality) if self.faithful else ())})

    @property
    def shell(self) -> str:
        """Return what /bin/sh is: 3 stands on CentOS, and 6, by the fault that is its own, on Ubuntu."""
        return "dash" if "sh-is-dash" in self.switched_on else "bash"


def build(wanted: Build, progress: Progress) -> Path:
    """Return the archive of a reference server's image, from the cache or built now.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had, or Python does not run from them.
    """
    base = python.base(NAME, PACKAGES, progress)
    sources = [Path(package.__path__[0]) for package in (media, server)]
    out = building.archive_path(NAME, base.key, repr(wanted), building.digest_of_tree(*sources, _own_folder()))
    with FileLock(out.with_suffix(".lock")):
        if not out.exists():
            with (
                progress.step(f"image of the reference server ({wanted.told})", about=2),
                tempfile.TemporaryDirectory(prefix=".reference-", dir=out.parent) as folder,
            ):
                tree = Path(folder)
                tree.chmod(0o755)
                write_tree(tree, wanted)
                python.compile_tree(base.folder, tree, python.SITE)
                layers = [Layer(base.folder), Layer(tree)]
                write_image(out, name=f"{ARCHIVED_NAME}:{wanted.told}", layers=layers, config=config(wanted))
    return out


def config(wanted: Build) -> ImageConfig:
    """Return how a container starts: as the imitated release's image does."""
    environment = {
        "SRS_REFERENCE_VERSION": wanted.told,
        "SRS_REFERENCE_FAULTS": ",".join(wanted.switched_on),
        **(_ENVIRONMENT_OF_6 if wanted.personality == 6 else {}),
    }
    title = f"SRS conformance reference server, imitating SRS {wanted.personality}; this is not SRS"
    return ImageConfig(
        command=("./objs/srs", "-c", "conf/srs.conf" if wanted.personality == 3 else "conf/docker.conf"),
        environment={name: value for name, value in environment.items() if value},
        working_folder="/usr/local/srs",
        labels={LABEL: "true", "org.opencontainers.image.title": title},
    )


def write_tree(tree: Path, wanted: Build) -> None:
    """Write what lies over the packages: the server's code, the layout that the guide relies on, and /bin/sh."""
    code = tree / python.SITE / "srs_conformance"
    for package in (media, server):
        folder = Path(package.__path__[0])
        shutil.copytree(folder, code / folder.name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    shutil.copyfile(_own_folder().parent / "__init__.py", code / "__init__.py")
    layout.write_tree(tree / "usr/local/srs", wanted.personality)
    shell = tree / "usr/bin/sh"
    shell.parent.mkdir(parents=True, exist_ok=True)
    shell.symlink_to(wanted.shell)


def _own_folder() -> Path:
    return Path(__file__).parent
