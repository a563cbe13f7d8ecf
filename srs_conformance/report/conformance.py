"""conformance.json: what was tested, what holds, and where the evidence lies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import jsonschema

from srs_conformance.errors import EngineError, ExitCode
from srs_conformance.report.model import TestResult, Verdict, exit_code, requirement_verdicts
from srs_conformance.requirements import Chapter
from srs_conformance.writing import write_whole

KIND = "srs-conformance/report"
SCHEMA_VERSION = 2
VERSIONS = (1, 2)
"""Those that can be read: 2 adds times, waits, plots, topologies, texts of patches and second tries; nothing goes."""
FILE_NAME = "conformance.json"


_TIMES = ("setup", "call", "teardown", "waited")


@dataclass
class Run:
    """All that a run found.

    `facts` holds what the scenes learned: server, nginx, cluster, each chapter's patches; and which manifests are the
    user's own.

    `cut_short` is pytest's own exit code where the run did not come to its end: interrupted, nothing collected.
    """

    started: str
    finished: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    results: list[TestResult] = field(default_factory=list)
    cut_short: ExitCode | None = None
    times: dict[str, dict[str, float]] = field(default_factory=dict)
    waits: dict[str, list[float]] = field(default_factory=dict)

    def took(
        self, node: str, phase: str, seconds: float, waited: float, waits: Iterable[tuple[str, float]] = ()
    ) -> None:
        """Add to its chapter what a phase (setup, call, teardown) of a test took, and how much of it it waited.

        `waits` are what it waited for with success: by budget, the seconds until the condition held.
        """
        chapter = self.times.setdefault(node.split("/")[1] if node.count("/") else node, dict.fromkeys(_TIMES, 0.0))
        chapter[phase] += seconds
        chapter["waited"] += waited
        for budget, spent in waits:
            self.waits.setdefault(budget, []).append(spent)

    @property
    def exit_code(self) -> ExitCode:
        """The run's exit code; unbound tests count like bound ones, and what was cut short holds nothing."""
        return exit_code(self.results) if self.cut_short is None else self.cut_short


def as_json(run: Run, chapters: Sequence[Chapter], folder: Path | None = None) -> dict[str, Any]:
    """Return the report as plain JSON values, valid by the schema in this folder; evidence is relative to `folder`.

    Raises:
        EngineError: the report does not keep its own schema.
    """
    document = {
        "kind": KIND,
        "version": SCHEMA_VERSION,
        "suite": {"version": metadata.version("srs-conformance")},
        "started": run.started,
        "finished": run.finished,
        "result": run.exit_code.name.lower().replace("_", "-"),
        "exit_code": int(run.exit_code),
        "options": run.options,
        "server": run.facts.get("server"),
        "nginx": run.facts.get("nginx"),
        "cluster": run.facts.get("cluster"),
        **({"manifests": run.facts["manifests"]} if "manifests" in run.facts else {}),
        "profiles": _profiles(run, chapters),
        "times": {name: {key: round(each, 2) for key, each in of.items()} for name, of in run.times.items()},
        "waits": {name: sorted(round(each, 2) for each in run.waits[name]) for name in sorted(run.waits)},
        "chapters": [_chapter(run, chapter, folder) for chapter in chapters],
        "other_tests": [_test(result, folder) for result in run.results if not result.requirements],
    }
    try:
        jsonschema.validate(document, schema())
    except jsonschema.ValidationError as error:
        raise EngineError(f"the report breaks its own schema at {error.json_path}: {error.message}") from error
    return document


def write(run: Run, chapters: Sequence[Chapter], folder: Path) -> Path:
    """Write conformance.json into the folder, whole or not at all, and return its path.

    Raises:
        EngineError: it cannot be written, or does not keep its own schema.
    """
    path = folder / FILE_NAME
    write_whole(path, json.dumps(as_json(run, chapters, folder), indent=2, ensure_ascii=False) + "\n")
    return path


def schema() -> dict[str, Any]:
    """Return the JSON schema of the report."""
    text = resources.files("srs_conformance.report").joinpath("conformance.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _profiles(run: Run, chapters: Sequence[Chapter]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {"core": Counter(), "extended": Counter()}
    for chapter in chapters:
        verdicts = requirement_verdicts(chapter, run.results)
        for requirement in chapter.requirements:
            counts[requirement.profile][str(verdicts[requirement.id])] += 1
    return {
        profile: {str(verdict): counter[str(verdict)] for verdict in Verdict} for profile, counter in counts.items()
    }


def _test(result: TestResult, folder: Path | None) -> dict[str, Any]:
    told = result.to_json()
    if folder and result.evidence and Path(result.evidence).is_relative_to(folder):
        told["evidence"] = Path(result.evidence).relative_to(folder).as_posix()
    return told


def _chapter(run: Run, chapter: Chapter, folder: Path | None) -> dict[str, Any]:
    verdicts = requirement_verdicts(chapter, run.results)
    scene = run.facts.get("chapters", {}).get(chapter.name, {})
    return {
        "name": chapter.name,
        "title": chapter.title,
        "guide": chapter.guide,
        "patches": scene.get("patches", []),
        "histories": scene.get("histories", {}),
        "topologies": scene.get("topologies", {}),
        "requirements": [
            {
                "id": requirement.id,
                "level": str(requirement.level),
                "profile": requirement.profile,
                "heading": requirement.heading,
                "text": requirement.text,
                "known": list(requirement.known),
                "verdict": str(verdicts[requirement.id]),
                "tests": [_test(result, folder) for result in run.results if requirement.id in result.requirements],
            }
            for requirement in chapter.requirements
        ],
    }
