"""Chooses the images of a run, and puts them onto the nodes: the server under test, and nginx beside it.

The sources, in order: archives that the user gives, the nodes, the registry (or the engine of this machine). For the
server the suite's own reference server is the last resort, said aloud; for nginx one assembled from distribution
packages. What an image is, is decided by its digest and label, never by its tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from srs_conformance.errors import CouldNotTest, UsageError
from srs_conformance.images import nginx, reference, registry
from srs_conformance.images.archive import Found, find, plain, read
from srs_conformance.images.names import ImageName, parse
from srs_conformance.images.oci import architecture
from srs_conformance.progress import NullProgress, Progress
from srs_conformance.reference.personality import next_version

#: Every image that the suite loads gets a name below this one, with its digest in the tag. No registry answers there,
#: and the digest keeps what another run has loaded from passing for it.
OWN_NAMES = "localhost/srs-conformance"

LOAD_IMAGES = "load_images"  # Capability.LOAD_IMAGES and .KUBERNETES of clusters/base.py, a layer above
KUBERNETES = "kubernetes"
_HOW_TO_GET = (
    "give one with --image-archive FILE.tar (made by `docker pull IMAGE && docker save -o FILE.tar IMAGE` on a machine "
    "that can reach the registry)"
)


class Source(StrEnum):
    """Where an image came from."""

    ARCHIVE = "archive"
    NODE = "node"  # on the nodes already
    REGISTRY = "registry"
    ENGINE = "engine"  # docker or podman on this machine held it, and the registry did not answer
    CLUSTER = "cluster"  # the cluster's nodes pull for themselves
    REFERENCE = "reference"  # the suite's own server
    PACKAGES = "packages"  # assembled from the distribution's packages


class Nodes(Protocol):
    """What this module needs of a cluster; `clusters.base.Cluster` has it."""

    @property
    def capabilities(self) -> AbstractSet[str]:
        """What the cluster can do."""

    def image_digest(self, name: str) -> str | None:
        """Return the digest of an image that every node has under exactly this name."""

    def load_image(self, archive: Path, source: str, name: str) -> None:
        """Put an image of an archive onto every node under another name."""


@dataclass(frozen=True)
class ServerImage:
    """An image that a run uses: the server's or nginx's."""

    asked: str  # as the user said it: "ossrs/srs:3"
    name: str  # as the manifests must say it
    digest: str  # "" where the cluster pulls for itself, and for processes on this machine
    source: Source
    reference: bool  # the suite's own server, which proves the suite and never SRS
    archive: Path | None = None
    version_hint: int | None = None  # the major version that the name promises
    personality: int | None = None  # of the reference server: the SRS version it imitates
    notice: str = ""  # lines to say aloud before the run; "" for what was asked for

    def to_plain(self) -> dict[str, Any]:
        """Return what another process of the run must know, in values that can be sent to it."""
        names = ("asked", "name", "digest", "reference", "version_hint", "personality")
        return {**{name: getattr(self, name) for name in names}, "source": str(self.source)}

    @classmethod
    def of_plain(cls, values: Mapping[str, Any]) -> ServerImage:
        """Return it from such values."""
        return cls(**{**values, "source": Source(values["source"])})


def resolve(
    cluster: Nodes,
    asked: str,
    archives: Sequence[Path],
    *,
    require_real: bool,
    faults: Sequence[str] = (),
    faithful: bool = False,
    personality: int | None = None,
    progress: Progress | None = None,
) -> ServerImage:
    """Choose the server image and have it on the nodes.

    `faults`, `faithful` and `personality` are the reference server's, and so is a name like "reference:6", or
    "reference:6.0.158" for one that tells this version as its own; each of them asks for it instead of SRS.

    Raises:
        UsageError: no image name; an archive that is refused; an unknown fault; real SRS required and the reference
            asked for.
        CouldNotTest: real SRS required and nowhere to be had.
    """
    progress = progress or NullProgress()
    name = parse(asked)
    build = reference.Build.of(
        personality or _personality(name), faults, faithful=faithful, version=reference_release(name)
    )
    if faults or faithful or personality or _asks_reference(name):
        if require_real:
            raise UsageError("real SRS is required, and the reference server or a fault of it is asked for: drop one")
        return _reference(cluster, asked, build, "it was asked for, by its name or an option that is its own", progress)
    found, tried = _sought(cluster, asked, name, archives, progress)
    if found:
        if require_real and found.reference:
            raise UsageError(f"{asked} is the reference server by its label, but real SRS is required: give another")
        return found
    if require_real:
        raise CouldNotTest(f"real SRS is required, but {asked} cannot be had: {'; '.join(tried)}", hint=_HOW_TO_GET)
    return _reference(cluster, asked, build, f"{asked} cannot be had: {'; '.join(tried)}", progress)


def resolve_nginx(
    cluster: Nodes, asked: str, archives: Sequence[Path], *, progress: Progress | None = None
) -> ServerImage:
    """Choose the nginx image and have it on the nodes.

    Raises:
        UsageError: no image name; an archive that is refused; none to be had, and none can be assembled here.
    """
    progress = progress or NullProgress()
    name = parse(asked)
    found, tried = _sought(cluster, asked, name, archives, progress)
    if found:
        return found
    image = ServerImage(asked, asked, "", Source.PACKAGES, reference=False)
    if KUBERNETES not in cluster.capabilities:
        return image
    built = _built(nginx.build(progress))
    notice = f"nginx is assembled from the distribution's packages: {asked} cannot be had ({'; '.join(tried)})"
    return replace(_loaded(cluster, image, built, f"{nginx.NAME}:packages", progress), notice=notice)


def _sought(
    cluster: Nodes, asked: str, name: ImageName, archives: Sequence[Path], progress: Progress
) -> tuple[ServerImage | None, list[str]]:
    """Look for an image in all its sources; return it, or where it was looked for and not found."""
    image = ServerImage(asked, str(name), "", Source.NODE, reference=False, version_hint=name.major)
    if KUBERNETES not in cluster.capabilities:
        return None, ["this backend runs processes, not images"]
    found = find(archives, asked, architecture())
    if found:
        if LOAD_IMAGES not in cluster.capabilities:
            raise UsageError(
                f"{found.archive} cannot be put onto the nodes of this cluster",
                hint="push the image to a registry that the cluster pulls from, and give its name",
            )
        image = replace(image, source=Source.ARCHIVE)
        return _loaded(cluster, image, found, f"{name.slug}:{name.tag or 'digest'}", progress), []
    tried = [_not_in_archives(archives)]
    digest = cluster.image_digest(str(name))
    if digest:
        return replace(image, digest=digest), []
    if LOAD_IMAGES not in cluster.capabilities:
        return replace(image, source=Source.CLUSTER), []
    fetched = registry.fetch(asked, progress)
    found = find([fetched.archive], asked, architecture()) if fetched.archive else None
    if not found:
        return None, [*tried, "not on the nodes", fetched.words]
    image = replace(image, source=Source.REGISTRY if fetched.from_registry else Source.ENGINE)
    return _loaded(cluster, image, found, f"{name.slug}:{name.tag or 'digest'}", progress), []


def _not_in_archives(archives: Sequence[Path]) -> str:
    if not archives:
        return "no image archive was given"
    held = [name for path in archives for image in read(path) for name in image.names or ("an image without a name",)]
    return f"the archives hold {', '.join(held)}"


def _reference(cluster: Nodes, asked: str, build: reference.Build, why: str, progress: Progress) -> ServerImage:
    """Have the reference server in the place of SRS."""
    tag = f"{reference.NAME}:{build.told}"
    image = ServerImage(
        *(asked, tag, "", Source.REFERENCE),
        reference=True,
        version_hint=parse(asked).major,
        personality=build.personality,
        notice=_banner(build, why),
    )
    if KUBERNETES not in cluster.capabilities:
        return image
    if LOAD_IMAGES not in cluster.capabilities:
        raise UsageError(
            f"the reference server cannot be put onto the nodes of this cluster ({why})",
            hint="give the name of an SRS image that the cluster pulls, or use --cluster kind",
        )
    return _loaded(cluster, image, _built(reference.build(build, progress)), tag, progress)


def _banner(build: reference.Build, why: str) -> str:
    """Say in a way that nobody overlooks that this run says nothing about SRS."""
    extra = [*(f"fault {name}" for name in build.faults), *(["faithful to its version"] if build.faithful else [])]
    lines = [
        f"NOT SRS: this run tests the suite's own REFERENCE SERVER, which imitates SRS {build.personality}.",
        f"Reason: {why}.",
        *([f"Switched on: {', '.join(extra)}."] if extra else []),
        "Its report says nothing about SRS. --require-real-srs makes this an error.",
    ]
    bar = "=" * 100
    return "\n".join([bar, *lines, bar])


def _built(archive: Path) -> Found:
    """Return the one image of an archive of ours."""
    (image,) = read(archive)
    return Found(archive, image, image.names[0])


def _loaded(cluster: Nodes, image: ServerImage, found: Found, tag: str, progress: Progress) -> ServerImage:
    """Have an archive's image on the nodes under a name of ours that holds its digest."""
    digest = found.image.digest
    name = f"{OWN_NAMES}/{tag}-{digest.removeprefix('sha256:')[:12]}"
    if cluster.image_digest(name) is None:
        with progress.step(f"loading {found.name} onto the nodes", about=5), plain(found.archive) as archive:
            cluster.load_image(archive, found.name, name)
    labelled = found.image.labels.get(reference.LABEL) == "true"
    return replace(image, name=name, digest=digest, archive=found.archive, reference=labelled)


def _asks_reference(name: ImageName) -> bool:
    return name.slug == reference.NAME


def reference_release(name: ImageName) -> str:
    """Return the whole version that a name of the reference server gives it, else ""."""
    return name.tag if _asks_reference(name) and re.fullmatch(r"\d+\.\d+\.\d+", name.tag) else ""


def next_reference(image: ServerImage) -> str:
    """Return the name of the reference server of the version after an image's: where an update of it goes."""
    assert image.personality is not None
    return f"{reference.NAME}:{next_version(image.personality)}"


def reference_version(asked: str) -> int:
    """Return which SRS version the reference server imitates in the place of an image."""
    return _personality(parse(asked))


def _personality(name: ImageName) -> int:
    """Return the nearest version that it can."""
    return 3 if name.major is not None and name.major <= 4 else 6
