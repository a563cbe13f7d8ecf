"""All images of a run together: the server under test, nginx beside it, and the version to which updates go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from srs_conformance.images.server import Nodes, ServerImage, next_reference, resolve, resolve_nginx
from srs_conformance.progress import Progress


@dataclass(frozen=True)
class Wanted:
    """What the user asks for; see the options of the same names."""

    srs_image: str = "ossrs/srs:3"
    srs_image_next: str = ""
    nginx_image: str = "nginx"
    archives: tuple[Path, ...] = ()
    require_real_srs: bool = False
    faults: tuple[str, ...] = ()
    faithful: bool = False


def choose(nodes: Nodes, wanted: Wanted, progress: Progress) -> tuple[ServerImage, ...]:
    """Have the images on the nodes, and return them: the server, nginx, and the next version where there is one.

    Raises:
        UsageError, CouldNotTest: as `server.resolve`.
    """
    resolved = partial(resolve, nodes, archives=wanted.archives, faults=wanted.faults, faithful=wanted.faithful)
    server = resolved(asked=wanted.srs_image, require_real=wanted.require_real_srs, progress=progress)
    nginx = resolve_nginx(nodes, wanted.nginx_image, wanted.archives, progress=progress)
    asked = wanted.srs_image_next or (next_reference(server) if server.reference else "")
    # an update from SRS to our own server would say nothing of either
    following = resolved(asked=asked, require_real=not server.reference, progress=progress) if asked else None
    return (server, nginx, *([following] if following else []))


def notices(images: tuple[ServerImage, ...]) -> list[str]:
    """Return what is to be said aloud of them before a run."""
    return [image.notice for image in images[:2] if image.notice]
