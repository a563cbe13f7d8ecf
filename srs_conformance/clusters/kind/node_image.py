"""Which node image a new cluster gets: the official one where a registry answers, else one that we build."""

from __future__ import annotations

import threading
from pathlib import Path

from srs_conformance import http
from srs_conformance.clusters.kind import build
from srs_conformance.clusters.kind.engine import Engine, choose_kind
from srs_conformance.clusters.kind.runtime import can_raise_limits
from srs_conformance.errors import UsageError
from srs_conformance.progress import Progress

OFFICIAL = (
    # the default of kind v0.31.0
    "docker.io/kindest/node:v1.35.0@sha256:452d707d4862f52530247495d180205e029056831160e22870e37e3f6c1ac31f"
)
REGISTRY = "https://registry-1.docker.io/v2/"
ANSWERS_WITHIN = 5.0
AUTO = "auto"


def provide(engine: Engine, asked: str, progress: Progress, *, nodes: int = 1) -> str:
    """See that the engine has a node image, and return its name.

    Args:
        engine: of the new cluster.
        asked: "auto", "official", "offline", an archive's path, or an image's name.
        progress: told of pulls and builds.
        nodes: how many the cluster is to have.

    Raises:
        UsageError: the image that was asked for by name cannot be had, or nothing but one for a single node.
        EngineError: a build failed.
    """
    if asked == AUTO and (official := _official(engine, progress)):
        return official
    if asked in {AUTO, "offline"}:
        if nodes > 1:
            raise UsageError(
                f"--nodes {nodes}: the node image that is built here is for one node, and the official one "
                + ("was not asked for" if asked == "offline" else "cannot be had"),
                hint="give it as an archive: docker save kindest/node:... -o FILE.tar, and --node-image FILE.tar",
            )
        return _offline(engine, progress)
    if Path(asked).is_file():
        return _load(engine, Path(asked), progress)
    name = OFFICIAL if asked == "official" else asked
    if not engine.has_image(name, progress) and not _pull(engine, name, progress):
        raise UsageError(
            f"--node-image {asked}: the engine has no image {name}, and no registry gives it",
            hint="use --node-image offline to have one built",
        )
    return name


def prepare(progress: Progress) -> Path | None:
    """Build ahead of time the node image that `provide` would build; return None where it would not build one.

    Raises:
        UsageError: this machine lacks what a build needs.
        EngineError: the build failed.
    """
    if (choose_kind() == "docker" or can_raise_limits()) and registry_answers():
        return None
    return build.ensure_node_image(progress)


def _official(engine: Engine, progress: Progress) -> str | None:
    """Return the official image if it can be had and can run: its units ask for limits that not every machine gives."""
    if not official_runs(engine.kind):
        return None
    if engine.has_image(OFFICIAL, progress):
        return OFFICIAL
    return OFFICIAL if registry_answers() and _pull(engine, OFFICIAL, progress) else None


def _offline(engine: Engine, progress: Progress) -> str:
    return _load(engine, build.ensure_node_image(progress), progress)


def _load(engine: Engine, archive: Path, progress: Progress) -> str:
    with progress.step("node image into the engine's store", about=20):
        return engine.load(archive, progress)


def _pull(engine: Engine, name: str, progress: Progress) -> bool:
    with progress.step(f"pulling {name.partition('@')[0]}", about=60):
        return engine.pull(name, progress)


def official_runs(kind: str) -> bool:
    """Return whether the official image can run on an engine of this kind here."""
    return kind == "docker" or can_raise_limits()


def registry_answers(within: float = ANSWERS_WITHIN) -> bool:
    """Return whether the registry of the official image answers within so many seconds."""
    return answers(REGISTRY, within)


def answers(url: str, within: float = ANSWERS_WITHIN) -> bool:
    """Return whether a server answers within so many seconds, name service and all; asking for a password will do."""
    answered: list[bool] = []

    def ask() -> None:
        try:
            answered.append(http.get(url, within).status in {200, 401})
        except http.Unreachable:
            answered.append(False)

    asking = threading.Thread(target=ask, daemon=True)  # a resolver's time-out cannot be set
    asking.start()
    asking.join(within)
    return any(answered)
