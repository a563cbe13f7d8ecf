"""Image names as Docker reads them: `nginx` is `docker.io/library/nginx:latest`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from srs_conformance.errors import UsageError

DEFAULT_REGISTRY = "docker.io"

_NAME = re.compile(
    r"""
    (?: (?P<registry> localhost(?::\d+)? | \[[0-9A-Fa-f:]+\](?::\d+)? | [A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?
                    | [A-Za-z0-9-]+:\d+ ) / )?
    (?P<repository> [a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)* (?: / [a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)* )* )
    (?: : (?P<tag> [A-Za-z0-9_][A-Za-z0-9_.-]{0,127} ) )?
    (?: @ (?P<digest> sha256:[0-9a-f]{64} ) )?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class ImageName:
    """The parts of an image's full name; `tag` or `digest` is set, or both."""

    registry: str
    repository: str
    tag: str
    digest: str

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.registry}/{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")

    @property
    def slug(self) -> str:
        """Return the repository as one path component: `ossrs-srs`, `nginx`."""
        return self.repository.removeprefix("library/").replace("/", "-")

    @property
    def major(self) -> int | None:
        """Return the major version that the tag says: 3 of `3`, 4 of `v4.0.5`, 6 of `6.0-r0`; None of `latest`."""
        match = re.match(r"v?(\d+)(?![0-9A-Za-z])", self.tag)
        return int(match[1]) if match else None


def parse(name: str) -> ImageName:
    """Read an image name and complete it as Docker does: registry `docker.io`, folder `library`, tag `latest`.

    Raises:
        UsageError: it is none.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise UsageError(
            f"{name!r} is not an image name; expected [REGISTRY/]REPOSITORY[:TAG] in lower case, such as ossrs/srs:6"
        )
    registry, repository = match["registry"] or DEFAULT_REGISTRY, match["repository"]
    if registry == "index.docker.io":
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    digest = match["digest"] or ""
    return ImageName(registry, repository, match["tag"] or ("" if digest else "latest"), digest)


def major_of(name: str) -> int | None:
    """Return the major version that an image name's tag says, or None."""
    return parse(name).major
