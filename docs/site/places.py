"""Which file of the project becomes which page of the site, and where links between them lead there."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

DOCS = "docs"
HOME = {"README.md": "index.md"}
TREES = {DOCS: "", "reports/example": "example", "benchmarks/results": "benchmarks"}
"""Folders of the project that are in the site as they are -> their folders there; a README.md is the folder's page."""
FILES = "files"
"""The folder of the site for all other files that are linked to."""

_LINK = re.compile(r"(?<=\]\()(?P<target>[^)\s#:]+)(?P<anchor>#[^)\s]*)?(?=\))")


def place_of(file: str) -> str:
    """Return the place in the site of a file or folder of the project, both as paths from their tops."""
    if file in HOME:
        return HOME[file]
    for folder, place in TREES.items():
        if f"{file}/".startswith(f"{folder}/"):
            rest = posixpath.normpath(posixpath.join(place, posixpath.relpath(file, folder)))
            page = posixpath.join(posixpath.dirname(rest), "index.md")
            return page if posixpath.basename(rest) == "README.md" else rest
    return f"{FILES}/{file}"


def brought(root: Path) -> Iterator[str]:
    """Yield the files of the project that are in the site without lying in the folder of the documents."""
    yield from HOME
    for folder in TREES:
        if folder != DOCS:
            yield from (
                path.relative_to(root).as_posix() for path in sorted((root / folder).rglob("*")) if path.is_file()
            )


def relinked(text: str, file: str, root: Path) -> tuple[str, list[str]]:
    """Return a page with its links as the site needs them, and the files that it links to which are in no tree.

    Args:
        text: Markdown.
        file: of the project, which it comes from.
        root: the project's folder; what is not there is left as it stands.
    """
    here, linked = posixpath.dirname(place_of(file)), []

    def to(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), match["target"]))
        if target.startswith("..") or not (root / target).exists():
            return match[0]
        place = place_of(target)
        if (root / target).is_dir():
            place = posixpath.join(place, "index.md")
        if place.startswith(f"{FILES}/"):
            linked.append(target)
        return posixpath.relpath(place, here or ".") + (match["anchor"] or "")

    return _LINK.sub(to, text), linked
