"""The result of a load: what ran, what was measured, what it was held against; result.json and its page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from srs_conformance.errors import EngineError, ExitCode, UsageError
from srs_conformance.load import page, summary
from srs_conformance.load.clauses import Judged
from srs_conformance.load.measures import Measures
from srs_conformance.load.series import Series
from srs_conformance.load.visits import Kind
from srs_conformance.writing import unwritable, write_whole

KIND = "srs-conformance/load-result"
VERSION = 1
FILE_NAME = "result.json"
PAGE_NAME = "index.html"

_PLAIN = ("command", "urls", "streams", "options", "started", "finished", "versions", "server")
_LISTS = ("invalid", "workers", "engine_errors")


@dataclass
class Result:
    """All that a load run found.

    Attributes:
        command: what kind of run it was, such as play or publish.
        urls: the addresses it was given.
        streams: app/name of each.
        options: as they were set, plain JSON values.
        started, finished: ISO 8601 with the time zone.
        versions: of the suite, the load engine and Python, by name.
        server: what the peer says it is.
        measures, series: what was measured.
        slo: what became of each clause.
        invalid: why the figures say nothing about the server; empty when they do.
        workers: one mapping of plain JSON values per worker.
        engine_errors: defects of the suite itself that showed during the run.
    """

    command: str
    urls: list[str] = field(default_factory=list)
    streams: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    started: str = ""
    finished: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    server: str = ""
    measures: Measures = field(default_factory=Measures)
    series: Series = field(default_factory=Series)
    slo: list[Judged] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    workers: list[dict[str, Any]] = field(default_factory=list)
    engine_errors: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        """Return how long the run took, None when it is not told when it started and finished."""
        try:
            return (datetime.fromisoformat(self.finished) - datetime.fromisoformat(self.started)).total_seconds()
        except (ValueError, TypeError):
            return None

    @property
    def joined(self) -> int:
        """Return how many viewers joined; where none came, how many publishers did."""
        viewers = self.measures.counts(None)
        return viewers.joined if viewers.visits else self.measures.counts(Kind.PUBLISHER).joined

    @property
    def missed(self) -> list[Judged]:
        """Return the clauses that do not hold."""
        return [judged for judged in self.slo if not judged.holds]

    @property
    def exit_code(self) -> ExitCode:
        """Return the run's exit code.

        A defect of ours outweighs all. In a run that is not valid a missed clause may be the load generator's fault, so
        there it is no verdict; nor is one for which nothing was measured.
        """
        if self.engine_errors:
            return ExitCode.ENGINE_ERROR
        if self.invalid:
            return ExitCode.COULD_NOT_TEST
        if any(judged.figure is not None for judged in self.missed):
            return ExitCode.MISSED
        return ExitCode.HOLDS if self.joined and not self.missed else ExitCode.COULD_NOT_TEST

    def lines(self) -> list[str]:
        """Return a summary for the terminal: a table per kind, the clauses, the reasons why it is not valid."""
        return list(summary.lines(self))

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values, valid by the schema in this folder.

        Raises:
            EngineError: it does not keep its own schema.
        """
        document = {
            "kind": KIND,
            "version": VERSION,
            "result": self.exit_code.name.lower().replace("_", "-"),
            "exit_code": int(self.exit_code),
            **{name: getattr(self, name) for name in _PLAIN},
            "measures": self.measures.to_json(),
            "series": self.series.to_json(),
            "slo": [asdict(judged) for judged in self.slo],
            **{name: getattr(self, name) for name in _LISTS},
        }
        try:
            jsonschema.validate(document, schema())
        except jsonschema.ValidationError as error:
            raise EngineError(f"the result breaks its own schema at {error.json_path}: {error.message}") from error
        return document

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Result:
        """Read what `to_json` gave.

        Raises:
            ValueError: it is no such content, or of another version.
        """
        told = (content.get("kind"), content.get("version"))
        if told != (KIND, VERSION):
            raise ValueError(f"expected kind {KIND!r} of version {VERSION}, found {told[0]!r} of version {told[1]!r}")
        try:
            jsonschema.validate(content, schema())
        except jsonschema.ValidationError as error:
            raise ValueError(f"{error.json_path}: {error.message}") from error
        return cls(
            **{name: content[name] for name in (*_PLAIN, *_LISTS)},
            measures=Measures.from_json(content["measures"]),
            series=Series.from_json(content["series"]),
            slo=[Judged(**judged) for judged in content["slo"]],
        )

    def write(self, folder: Path) -> Path:
        """Write result.json and index.html into the folder, which is made; return the path of result.json.

        Raises:
            EngineError: the result does not keep its own schema, or cannot be written.
        """
        document = self.to_json()
        path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        write_whole(path, json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        write_whole(folder / PAGE_NAME, page.render(self))
        return path

    @classmethod
    def read(cls, path: Path) -> Result:
        """Read a result.json, or the one in a folder.

        Raises:
            UsageError: it cannot be read, or is no result of a load of this version.
        """
        file = path / FILE_NAME if path.is_dir() else path
        hint = f"expected the {FILE_NAME} of a load run, or its folder"
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            return cls.from_json(content if isinstance(content, dict) else {})
        except (OSError, ValueError) as error:
            raise UsageError(f"{file}: cannot be read as the result of a load: {error}", hint=hint) from error


def schema() -> dict[str, Any]:
    """Return the JSON schema of result.json."""
    text = resources.files("srs_conformance.load").joinpath("result.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed
