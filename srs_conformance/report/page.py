"""index.html: the report for people, one file that needs nothing else, no script either."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from srs_conformance.load import charts
from srs_conformance.report import drawings, topology, view
from srs_conformance.report.beside import Beside
from srs_conformance.writing import write_whole

FILE_NAME = "index.html"


def render(document: Mapping[str, Any], folder: Path | None = None) -> str:
    """Return the page of a completed report; whatever came from outside is escaped in it.

    Args:
        document: as `reading.read` or `reading.completed` give it.
        folder: of the report, where pictures and evidence are looked for; None: nowhere.
    """
    return ENVIRONMENT.get_template("report.html.j2").render(
        page=view.page(document, Beside(folder)), geometry=charts, drawings=drawings, topology=topology
    )


def write(document: Mapping[str, Any], folder: Path) -> Path:
    """Write the page into the report's folder, whole or not at all, and return its path."""
    path = folder / FILE_NAME
    write_whole(path, render(document, folder))
    return path


ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("srs_conformance.report"),
    autoescape=True,  # names, addresses and the servers' words come from outside
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
