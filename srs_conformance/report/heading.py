"""The page's head and its tables of numbers: what was tested, how it was asked for, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from srs_conformance.load import figures
from srs_conformance.report.words import WORDS, Word

ORDER = (
    *("quick_start", "shared_volume", "edge_cluster", "origin_cluster", "zero_downtime", "tips", "reload"),
    *("cloud_platforms", "browsers", "failures", "load", "soak"),
)
"""Chapters as the guide has them, and then what goes beyond it; others come last, as the report has them."""
PROFILES = ("core", "extended")
_TALLIED = tuple(
    WORDS[name]
    for name in ("pass", "fail", "warn", "unsupported", "could-not-test", "disabled", "engine-error", "not-run")
)


def in_order(chapters: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the chapters in the guide's order."""
    places = {name: place for place, name in enumerate(ORDER)}
    return sorted(chapters, key=lambda each: places.get(each["name"], len(ORDER)))


def head(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of what was tested, as far as the run knew it."""
    server, cluster, nginx = document["server"] or {}, document["cluster"], document["nginx"]
    asked_for = document["options"]
    if server:
        yield "image", server.get("asked", "")
        name, asked = server.get("name", ""), server.get("asked", "")
        yield (
            "run as",
            f"{name}, from {server.get('source', '')}" if name != asked else f"from {server.get('source', '')}",
        )
        yield "digest", server.get("digest") or "none"
        version = server.get("version") or "it did not say"
        yield "server version", f"{version}, the reference server" if server.get("reference") else version
    if following := asked_for.get("srs_image_next"):
        yield "updates go to", str(following)
    if nginx:
        yield "nginx", f"{nginx.get('asked', '')}, from {nginx.get('source', '')} {nginx.get('digest') or ''}".strip()
    if own := document.get("manifests"):
        chapters = ", ".join(own["chapters"])
        yield "manifests", f"{own['folder']} for {chapters}; what else was deployed is the guide's"
        yield "their digest", str(own["digest"])
        if own["replaced_images"]:
            yield "images replaced in them", ", ".join(own["replaced_images"])
    if cluster:
        version = "" if cluster["version"] == "none" else f", Kubernetes {cluster['version']}"
        nodes = f"{cluster['nodes']} {'node' if cluster['nodes'] == 1 else 'nodes'}"
        yield "cluster", f"{cluster['backend']} {cluster['name']}{version}, {nodes}"
        if platform := cluster.get("platform") or asked_for.get("platform"):
            yield "platform overlay", str(platform)
        yield "data path", str(cluster["data_path"])
    yield "suite", f"srs-conformance {document['suite']['version']}"
    yield "run", _moment(document["started"], document["finished"])


def _moment(started: str, finished: str) -> str:
    try:
        start, end = datetime.fromisoformat(started), datetime.fromisoformat(finished)
    except ValueError:
        return f"{started} to {finished}".strip()
    return f"{start:%Y-%m-%d %H:%M:%S %Z}, for {figures.seconds((end - start).total_seconds())}"


def options(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the options that were given or are not empty by default."""
    for name, value in sorted(options.items()):
        if value not in (None, "", [], False):
            told = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            yield name.replace("_", " "), "yes" if value is True else told


def tally(profiles: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[Word, tuple[int, ...]]]:
    """Yield each verdict with how often each of `PROFILES` has it: passed and failed always, others where one has."""
    for word in _TALLIED:
        counts = tuple(int(profiles[name].get(word.verdict, 0)) for name in PROFILES)
        if any(counts) or word.verdict in ("pass", "fail"):
            yield word, counts


def times(
    times: Mapping[str, Mapping[str, float]], chapters: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each chapter with its set-up, tests, taking away, their sum, and the waiting in it; their sums last."""
    titles = {each["name"]: each["title"] for each in chapters}
    rows = sorted(times.items(), key=lambda row: ORDER.index(row[0]) if row[0] in ORDER else len(ORDER))
    for name, spent in rows:
        yield titles.get(name, name), _row(spent)
    if len(times) > 1:
        total = {
            key: sum(each.get(key, 0.0) for each in times.values()) for key in ("setup", "call", "teardown", "waited")
        }
        yield "all chapters", _row(total)


def _row(spent: Mapping[str, float]) -> tuple[str, ...]:
    setup, call, teardown, waited = (float(spent.get(key, 0)) for key in ("setup", "call", "teardown", "waited"))
    return tuple(figures.seconds(each) for each in (setup, call, teardown, setup + call + teardown, waited))
