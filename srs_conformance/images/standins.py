"""Images that stand in for public ones beside the server: the guide's demo encoder, and a shell with `find`.

Both are Debian packages. The encoder has over them this machine's ffmpeg of the imageio-ffmpeg package, which needs
nothing but the C library, and a demo clip as ./doc/source.flv: what ossrs/srs:encoder has at that place.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from filelock import FileLock

from srs_conformance.images import building
from srs_conformance.images.layered import onto_nodes
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.images.server import KUBERNETES, OWN_NAMES, Nodes
from srs_conformance.progress import Progress
from srs_conformance.publisher import DemoClip

ENCODER, SHELL = "encoder", "shell"
PACKAGES = ("dash", "coreutils", "findutils", "base-passwd", "usr-is-merged", "libc6", "libgcc-s1")
ENCODER_FOLDER = "/usr/local/srs"
CLIP_FILE = "doc/source.flv"
CLIP = DemoClip(seconds=20)
"""So short that a test sees it end and begin anew."""

PROGRAM_FOLDER = "usr/local/bin"
"""Below the root, where the encoder has ffmpeg; it is in every PATH."""
_BASE = "shell"


def available(name: str, nodes: Nodes, progress: Progress) -> str:
    """Have an image, ENCODER or SHELL, on all nodes, which must take images, and return its name there.

    Raises:
        UsageError: this machine has no apt.
        CouldNotTest: the nodes refuse it.
        EngineError: it cannot be built.
    """
    if KUBERNETES not in nodes.capabilities:
        return name  # a backend that runs processes knows it by this name
    return onto_nodes(nodes, build(name, progress), name, f"{name} image", progress)


def build(name: str, progress: Progress) -> Path:
    """Return the archive of an image, ENCODER or SHELL, from the cache or built now.

    Raises:
        UsageError: this machine has no apt.
        EngineError: the packages cannot be had, or the clip cannot be encoded.
    """
    kind = _KINDS[name]
    base = building.base(_BASE, PACKAGES, progress)
    out = building.archive_path(name, base.key, *kind.contents(), repr(kind.config))
    with FileLock(out.with_suffix(".lock")):
        if not out.exists():
            with (
                progress.step(f"{name} image", about=5),
                tempfile.TemporaryDirectory(prefix=f".{name}-", dir=out.parent) as folder,
            ):
                tree = Path(folder)
                tree.chmod(0o755)
                kind.write(tree)
                archived = f"{OWN_NAMES}/{name}:latest"
                write_image(out, name=archived, layers=[Layer(base.folder), Layer(tree)], config=kind.config)
    return out


def program() -> Path:
    """Return the ffmpeg that the encoder has."""
    return Path(imageio_ffmpeg.get_ffmpeg_exe())


def copied(source: Path, to: Path) -> None:
    """Copy a file, with the rights that everybody needs to run it."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, to)
    to.chmod(0o755)


def write_encoder(tree: Path, put: Callable[[Path, Path], None] = copied) -> None:
    """Put what lies over the packages of the encoder: ffmpeg, and the clip in its working folder."""
    put(program(), tree / PROGRAM_FOLDER / "ffmpeg")
    put(CLIP.ensure_flv(), tree / ENCODER_FOLDER.lstrip("/") / CLIP_FILE)


@dataclass(frozen=True)
class _Kind:
    """An image: what lies over its packages, by what that is known, and how it starts."""

    write: Callable[[Path], None]
    contents: Callable[[], tuple[str, ...]]
    config: ImageConfig


def _labels(title: str) -> dict[str, str]:
    return {"org.opencontainers.image.title": f"{title} of srs-conformance"}


_KINDS = {
    ENCODER: _Kind(
        write_encoder,
        lambda: (program().name, CLIP.ensure_flv().name),
        ImageConfig(command=("/bin/sh",), working_folder=ENCODER_FOLDER, labels=_labels("demo encoder")),
    ),
    SHELL: _Kind(lambda _: None, tuple, ImageConfig(command=("/bin/sh",), labels=_labels("shell"))),
}
