"""Pages that are made from the project itself whenever the site is built, so that none can be out of date."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from pathlib import Path

from srs_conformance import manifest_faults
from srs_conformance.bindings import Binding, bindings
from srs_conformance.manifest_faults import ManifestFault
from srs_conformance.reference.faults import CATALOGUE, Fault

REQUIREMENTS = "requirements.md"
FAULTS = "faults.md"
_REQUIREMENTS = """\
# Requirements

The {count}, each with its reason. A **MUST** is said by the guide, or the scenario means nothing without it; a
**SHOULD** is implied, or true of some versions. A [fault]({faults}) is how the suite is tested: switched on, it breaks
the promise, and the suite must say so.
"""
_FAULTS = """\
# Faults

Ways in which real deployments have been seen to break. Each can be switched on, alone, and then exactly the
[requirements]({requirements}) that it breaks must fail: that is how the suite itself is tested.

## Of the server

    pytest suites/edge_cluster --reference-fault edge-pulls-per-viewer

The [reference server](reference-server.md) does these where it is asked to; `--reference-faithful` switches on those
that a release of SRS has by itself.

{servers}

## Of manifests

    pytest suites/quick_start --manifest-fault service-lacks-http

Put over a chapter's manifests just before they are applied; they work with any image.

{manifests}
"""


def requirements(suites: Path) -> str:
    """Return the page of all requirements, chapter by chapter; `suites` is the folder of the suites."""
    found = bindings(suites)
    breaking = _breaking()
    chapters = dict.fromkeys(each.chapter for each in found)
    bound = sum(bool(each.tests) for each in found)
    count = f"{len(found)} promises that the suite judges: {bound} by tests, {len(found) - bound} by none"
    lines = _REQUIREMENTS.format(count=count, faults=FAULTS).splitlines()
    for chapter in chapters:
        lines += ["", f"## {_text(chapter.title)}", "", f"In the guide: `{chapter.guide}`", ""]
        lines += ["| ID | promise |", "| --- | --- |"]
        lines += [
            _requirement(each, breaking.get(each.requirement.id, ())) for each in found if each.chapter == chapter
        ]
    return "\n".join(lines) + "\n"


def faults() -> str:
    """Return the page of all faults, of the reference server and of manifests."""
    return _FAULTS.format(
        requirements=REQUIREMENTS,
        servers="\n".join(_table(CATALOGUE.values())),
        manifests="\n".join(_table(manifest_faults.CATALOGUE.values())),
    )


def decisions(pages: Iterable[tuple[str, str]]) -> str:
    """Return the list of decisions; `pages` are file names and texts."""
    lines = ["# Decisions", "", "What was decided, in which situation, and what follows from it.", ""]
    return "\n".join([*lines, *(f"- [{title_of(text)}]({name})" for name, text in pages)]) + "\n"


def title_of(text: str) -> str:
    """Return the heading of a Markdown page."""
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))


def _requirement(binding: Binding, breaking: Iterable[str]) -> str:
    found = binding.requirement
    known = f"; known: {_text(', '.join(found.known))}" if found.known else ""
    about = f"in the guide: {_text(found.heading)}{known}"
    judged = [f"`{test}`" for test in binding.tests] or [f"no test: {_text(found.unbound)}"]
    broken = [f"broken by {', '.join(f'[{name}]({FAULTS}#{name})' for name in breaking)}"] if breaking else []
    small = "<br>".join([about, *judged, *broken])
    name = f'<span id="{found.id}">{found.id}</span><br><small>{found.level}<br>{found.profile}</small>'
    return f"| {name} | {_text(found.text)}<br><small>{small}</small> |"


def _table(listed: Iterable[Fault | ManifestFault]) -> Iterator[str]:
    yield from ("| fault | what is wrong then, and what it breaks |", "| --- | --- |")
    for fault in listed:
        versions = " and ".join(map(str, sorted(getattr(fault, "faithful", ()))))
        own = f"; SRS {versions} does so itself" if versions else ""
        role = f" ({fault.role})" if isinstance(fault, Fault) else ""
        breaks = ", ".join(f"[{name}]({REQUIREMENTS}#{name})" for name in sorted(fault.breaks))
        seen = f"<small>seen in: {_text(fault.seen_in)}{own}</small>"
        yield f'| <span id="{fault.name}">`{fault.name}`</span> | {_text(fault.summary)}{role}<br>{breaks}<br>{seen} |'


def _breaking() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    every: list[Fault | ManifestFault] = [*CATALOGUE.values(), *manifest_faults.CATALOGUE.values()]
    for fault in every:
        for name in fault.breaks:
            found.setdefault(name, []).append(fault.name)
    return found


def _text(text: str) -> str:
    """Return words as a cell of a table can hold them; code in backquotes stays code."""
    return html.escape(text, quote=False).replace("|", "&#124;").replace("*", "&#42;").replace("_", "&#95;")
