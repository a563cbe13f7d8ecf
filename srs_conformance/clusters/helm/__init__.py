"""Helm: which one, and what a chart stands for. Where the machine has none it is built from its Go module."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from srs_conformance.clusters.kind.build import parts
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.progress import Progress

HELM_SECONDS = 30.0
OLDEST = 3
RELEASE = "srs"


@dataclass(frozen=True)
class _Part(parts.Part):
    """Helm's module lies here and not among those of the node image, of which it is none."""

    @property
    def folder(self) -> Path:
        """Where its go.mod lies."""
        return Path(__file__).parent / "go" / self.name


HELM = _Part(
    "helm",
    "helm.sh/helm/v3",
    ("helm.sh/helm/v3/cmd/helm",),
    about=75,
    stamps=("helm.sh/helm/v3/internal/version.version=v{version}",),
)


@dataclass(frozen=True)
class Chart:
    """A chart rendered with its own values; `version` is the application's, `objects` are in Helm's order."""

    name: str
    version: str
    objects: tuple[dict[str, Any], ...]


def find_helm(progress: Progress) -> Path:
    """Return helm: the one in PATH where it is new enough, else our own build.

    Raises:
        EngineError: there is none, and none can be built.
    """
    if found := shutil.which("helm"):
        version = re.search(r"v(\d+)\.", _run(Path(found), "version", "--short"))
        if version and int(version[1]) >= OLDEST:
            return Path(found)
    return parts.ensure_programs(HELM, progress, ["helm"])["helm"]


def read(path: Path, helm: Path) -> Chart:
    """Render a chart, a folder or an archive, as `helm install` would with the chart's own values, without its hooks.

    Raises:
        UsageError: helm refuses it.
    """
    told = yaml.safe_load(_run(helm, "show", "chart", str(path)))
    rendered = _run(helm, "template", RELEASE, str(path), "--no-hooks", "--skip-tests")
    objects = tuple(each for each in yaml.safe_load_all(rendered) if each)
    if not objects:
        raise UsageError(f"{path}: the chart has no objects")
    return Chart(str(told["name"]), str(told.get("appVersion", "")), objects)


def _run(helm: Path, *words: str) -> str:
    argv: Sequence[str | Path] = [helm, *words]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=HELM_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{helm} {' '.join(words)}: {error}") from error
    if done.returncode:
        raise UsageError(f"helm {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
