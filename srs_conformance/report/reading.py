"""conformance.json read back: of every version that this suite has written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

from srs_conformance.errors import UsageError
from srs_conformance.report.conformance import FILE_NAME, KIND, VERSIONS, schema

Document = dict[str, Any]


def read(path: Path) -> Document:
    """Return the report in a file, or in the folder of a run, with the fields of the newest version.

    Raises:
        UsageError: it cannot be read, is no report, or one of a version that this suite does not know.
    """
    file = path / FILE_NAME if path.is_dir() else path
    hint = f"expected the {FILE_NAME} of a run, or its folder"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot be read as JSON: {error}", hint=hint) from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        kind = content.get("kind") if isinstance(content, dict) else type(content).__name__
        raise UsageError(f"{file}: is no conformance report: expected kind {KIND!r}, found {kind!r}", hint=hint)
    if content.get("version") not in VERSIONS:
        known = " and ".join(map(str, VERSIONS))
        raise UsageError(
            f"{file}: is a report of version {content.get('version')!r}; this suite reads {known}",
            hint="use the suite that wrote it, or a newer one",
        )
    try:
        jsonschema.validate(content, schema())
    except jsonschema.ValidationError as error:
        raise UsageError(f"{file}: breaks the schema of a report at {error.json_path}: {error.message}") from error
    return completed(content)


def read_below(path: Path) -> list[Document]:
    """Return the report in a file or folder; of a folder without one, those in all folders below it, maybe none.

    Raises:
        UsageError: there is no such file or folder, or one of them is no report.
    """
    if path.is_dir() and not (path / FILE_NAME).exists():
        return [read(file) for file in sorted(path.rglob(FILE_NAME))]
    return [read(path)]


def completed(content: Document) -> Document:
    """Return a valid report with what its version did not have, empty: readers below need not ask for versions."""
    chapters = [
        {
            **chapter,
            "histories": {name: {"plots": [], **told} for name, told in chapter.get("histories", {}).items()},
            "topologies": chapter.get("topologies", {}),
            "patches": [{"reference": "", "text": "", **patch} for patch in chapter["patches"]],
            "requirements": [
                {**each, "tests": [_test(test) for test in each["tests"]]} for each in chapter["requirements"]
            ],
        }
        for chapter in content["chapters"]
    ]
    others = [_test(test) for test in content["other_tests"]]
    new = {name: content.get(name, {}) for name in ("times", "waits")}
    return {**content, **new, "chapters": chapters, "other_tests": others}


def _test(values: dict[str, Any]) -> dict[str, Any]:
    return {"not_given": "", "plots": [], "earlier": "", **values, "evidence": relative(values["evidence"])}


def relative(evidence: str) -> str:
    """Return where evidence lies below the report's folder; version 1 had the whole path on the machine of the run."""
    _, found, name = evidence.replace("\\", "/").rpartition("/evidence/")
    return f"evidence/{name}" if found else evidence
