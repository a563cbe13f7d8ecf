"""The files beside a conformance.json of which its page makes use: pictures of histories, and the bundles of evidence.

A report may come from elsewhere, and its page must stay one that needs no script: of a picture only the elements and
attributes that this suite draws with are taken over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

LARGEST = 600_000
"""Bytes of a picture; a larger one is linked."""
MOST_FILES = 60
"""Files of a bundle that are named; of more, the folder."""

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = frozenset(
    ("svg", "g", "defs", "pattern", "rect", "line", "path", "circle", "polyline", "text", "title", "desc")
)
_ATTRIBUTES = frozenset(
    (
        *("class", "id", "role", "viewBox", "aria-label", "width", "height", "x", "y", "x1", "y1", "x2", "y2"),
        *("cx", "cy", "r", "d", "points", "text-anchor", "patternUnits", "patternTransform"),
    )
)
_LOCAL = re.compile(r"[\w./,%()\[\]@+ -]*")
"""What an attribute may hold, besides words for readers: no `url(`, no colon of a scheme."""


@dataclass(frozen=True)
class Beside:
    """The folder of a report, or None where nothing is looked for."""

    folder: Path | None

    def files(self, evidence: str) -> list[str]:
        """Return the paths of a bundle's files, relative to the report, in order; none where it is not there."""
        bundle = self._inside(evidence)
        if self.folder is None or bundle is None or not bundle.is_dir():
            return []
        return [path.relative_to(self.folder).as_posix() for path in sorted(bundle.iterdir()) if path.is_file()]

    def has(self, path: str) -> bool:
        """Whether a file is there."""
        found = self._inside(path)
        return found is not None and found.is_file()

    def picture(self, path: str, prefix: str) -> str:
        """Return an SVG to put into the page, its IDs beginning with `prefix`; "" where there is none that can be."""
        file = self._inside(path)
        if file is None or not file.is_file() or file.stat().st_size > LARGEST:
            return ""
        return inline(file.read_text(encoding="utf-8", errors="replace"), prefix)

    def _inside(self, path: str) -> Path | None:
        if self.folder is None or not path:
            return None
        found = (self.folder / path).resolve()
        return self.folder / path if found.is_relative_to(self.folder.resolve()) else None


def inline(text: str, prefix: str) -> str:
    """Return an SVG document as an element of a page, without its styles; "" of what is no SVG, or a hostile one."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return ""
    try:
        root = ET.fromstring(text)  # noqa: S314 - what could expand is refused above
    except ET.ParseError:
        return ""
    if root.tag != f"{{{_SVG}}}svg":
        return ""
    _clean(root, prefix)
    ET.register_namespace("", _SVG)
    return ET.tostring(root, encoding="unicode").replace(f' xmlns="{_SVG}"', "", 1)


def _clean(element: ET.Element, prefix: str) -> None:
    for child in list(element):
        if child.tag.removeprefix(f"{{{_SVG}}}") in _ELEMENTS and child.tag.startswith("{"):
            _clean(child, prefix)
        else:
            element.remove(child)
    for name, value in list(element.attrib.items()):
        words = name == "aria-label"
        if name not in _ATTRIBUTES or not (words or _LOCAL.fullmatch(value)):
            del element.attrib[name]
    if element.get("id"):
        element.set("id", f"{prefix}-{element.get('id')}")
