"""What the page shows, made of a completed conformance.json and the files beside it by pure functions.

Nothing in here is HTML, but for the pictures of histories, which `beside` has cleaned.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srs_conformance.load import figures
from srs_conformance.load.charts import Chart
from srs_conformance.report import drawings, heading, topology
from srs_conformance.report.beside import Beside
from srs_conformance.report.drawings import Lanes
from srs_conformance.report.findings import Finding, findings
from srs_conformance.report.headline import Headline, headline
from srs_conformance.report.telling import sentence
from srs_conformance.report.topology import Topology
from srs_conformance.report.words import WORDS, Link, Word, issue

MOST_HISTORIES, MOST_PLOTS = 12, 10
"""Pictures of a chapter that stand in the page; of histories, the rest is linked."""
_MEASURED = 24


@dataclass(frozen=True)
class Promise:
    """A requirement: what the guide promises, and what became of it."""

    id: str
    level: str
    profile: str
    heading: str
    text: str
    verdict: Word
    tests: tuple[tuple[str, Word, str, str], ...]  # name, verdict, seconds, why there is none
    measured: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    known: tuple[Link, ...]
    failed: bool


@dataclass(frozen=True)
class Timeline:
    """The picture of a history, and where its files are."""

    name: str
    svg: str
    losses: str
    links: tuple[Link, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter with its promises and pictures."""

    name: str
    title: str
    promises: tuple[Promise, ...]
    counts: str
    timelines: tuple[Timeline, ...]
    lanes: tuple[Lanes, ...]
    charts: tuple[tuple[str, tuple[Chart, ...]], ...]
    topologies: tuple[Topology, ...]

    @property
    def pictures(self) -> bool:
        """Whether it has any."""
        return bool(self.timelines or self.lanes or self.charts or self.topologies)


@dataclass(frozen=True)
class Change:
    """What a user of the guide has to change: a defect's patch, and for which chapters it was needed."""

    name: str
    cause: str
    chapters: tuple[str, ...]
    text: str
    known: tuple[Link, ...]


@dataclass(frozen=True)
class Page:
    """All that the page shows, in its order."""

    headline: Headline
    reference: bool
    faults: tuple[str, ...]
    head: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    profiles: tuple[str, ...]
    tally: tuple[tuple[Word, tuple[int, ...]], ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    chapters: tuple[Chapter, ...]
    not_run: tuple[tuple[str, int], ...]
    times: tuple[tuple[str, tuple[str, ...]], ...]


def page(document: Mapping[str, Any], beside: Beside) -> Page:
    """Return the page of a completed report."""
    chapters = heading.in_order(document["chapters"])
    ran = [each for each in chapters if any(one["verdict"] != "not-run" for one in each["requirements"])]
    server = document["server"] or {}
    faults = document["options"].get("faults") or []
    return Page(
        headline=headline(document),
        reference=bool(server.get("reference")),
        faults=tuple(map(str, faults)) if isinstance(faults, list) else (),
        head=tuple(heading.head(document)),
        options=tuple(heading.options(document["options"])),
        profiles=heading.PROFILES,
        tally=tuple(heading.tally(document["profiles"])),
        findings=tuple(findings({**document, "chapters": chapters}, beside)),
        changes=tuple(_changes(chapters)),
        chapters=tuple(_chapter(each, beside) for each in ran),
        not_run=tuple((each["title"], len(each["requirements"])) for each in chapters if each not in ran),
        times=tuple(heading.times(document["times"], chapters)),
    )


def _chapter(chapter: Mapping[str, Any], beside: Beside) -> Chapter:
    promises = tuple(_promise(each) for each in chapter["requirements"])
    plots = list(_plots(chapter))[:MOST_PLOTS]
    drawn = [drawings.lanes(plot) for plot in plots]
    charts = [(plot["title"], tuple(drawings.load_charts(plot))) for plot in plots if plot["kind"] == "load"]
    stood = [(found.get("purpose", name), found) for name, found in chapter["topologies"].items()]
    topologies = [topology.drawn(f"As deployed: {purpose}", found) for purpose, found in stood]
    return Chapter(
        name=chapter["name"],
        title=chapter["title"],
        promises=promises,
        counts=_counts(promises),
        timelines=tuple(_timelines(chapter, beside)),
        lanes=tuple(each for each in drawn if each),
        charts=tuple(each for each in charts if each[1]),
        topologies=tuple(each for each in topologies if each),
    )


def _counts(promises: Sequence[Promise]) -> str:
    words = [word for word in WORDS.values() if any(each.verdict is word for each in promises)]
    return ", ".join(f"{sum(each.verdict is word for each in promises)} {word.text}" for word in words)


def _promise(requirement: Mapping[str, Any]) -> Promise:
    tests = requirement["tests"]
    return Promise(
        id=requirement["id"],
        level=requirement["level"],
        profile=requirement["profile"],
        heading=str(requirement["heading"]),
        text=str(requirement["text"]),
        verdict=WORDS[requirement["verdict"]],
        tests=tuple(
            (sentence(test["node"]), WORDS[test["verdict"]], figures.seconds(test["seconds"]), _why(test))
            for test in tests
        ),
        measured=tuple(
            (sentence(test["node"]), rows) for test in tests if (rows := tuple(_measured(test["measured"])))
        ),
        known=tuple(issue(each) for each in requirement["known"]),
        failed=requirement["verdict"] in ("fail", "warn", "could-not-test", "engine-error"),
    )


def _why(test: Mapping[str, Any]) -> str:
    if test["not_given"]:
        return f"{test['not_given']} was not given"
    if test["verdict"] in ("unsupported", "disabled"):
        return str(test["message"])
    return f"tried twice; of the first time: {test['earlier']}" if test["earlier"] else ""


def _measured(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (what, value); of tables a row each, as long as a reader would follow."""
    rows = [row for name, value in values.items() for row in _flat(str(name), value)]
    yield from rows[:_MEASURED]
    if len(rows) > _MEASURED:
        yield "and", f"{len(rows) - _MEASURED} more values, in conformance.json"


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _flat(f"{name}: {key}", each)
    elif isinstance(value, float):
        yield name, f"{value:.4g}"
    elif isinstance(value, list) and value and all(isinstance(each, float) for each in value):
        yield name, ", ".join(f"{each:.4g}" for each in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield name, text if len(text) <= 300 else f"{text[:300]}…"


def _plots(chapter: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a chapter's plots, those of tests that missed first, none twice."""
    tests = [test for each in chapter["requirements"] for test in each["tests"]]
    missed = [plot for test in tests if test["verdict"] in ("fail", "warn") for plot in test["plots"]]
    others = [plot for test in tests for plot in test["plots"]]
    of_histories = [plot for told in chapter["histories"].values() for plot in told["plots"]]
    seen = []
    for plot in (*missed, *of_histories, *others):
        if plot not in seen:
            seen.append(plot)
            yield plot


def _timelines(chapter: Mapping[str, Any], beside: Beside) -> Iterator[Timeline]:
    for place, (name, told) in enumerate(chapter["histories"].items()):
        svg = ""
        if place < MOST_HISTORIES:
            svg = beside.picture(told["picture"], f"history-{chapter['name']}-{place}")
        words = (("history", "the history"), ("picture", "its picture alone"))
        links = tuple(Link(told[key], text) for key, text in words if beside.has(told[key]))
        yield Timeline(name, svg, _losses(told["losses"]), links)


def _losses(losses: Mapping[str, Any]) -> str:
    """Return what the viewers lost, by protocol, in words."""
    told = []
    for name, figure in losses.get("by_protocol", {}).items():
        lost = figure.get("lost_per_thousand")
        if isinstance(lost, int | float):
            told.append(f"{name} {lost:.1f}")
    return f"lost viewer-seconds in a thousand: {', '.join(told)}" if told else ""


def _changes(chapters: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for chapter in chapters:
        for patch in chapter["patches"]:
            found.setdefault(patch["name"], []).append((chapter["title"], patch))
    for name, needed in found.items():
        patch = needed[0][1]
        known = tuple(issue(each) for each in _issues(patch["reference"]))
        yield Change(name, patch["cause"], tuple(title for title, _ in needed), patch["text"], known)


def _issues(reference: str) -> list[str]:
    """Return the issues that a defect's reference names: "SRS #2625, #2824" are two."""
    words = [word.strip(" ,;") for word in reference.split()]
    return [f"SRS {word}" for word in words if word.startswith("#") and word[1:].isdigit()]
