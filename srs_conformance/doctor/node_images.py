"""Whether a node image is here, else where one comes from, and what building one would need."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import getproxies

from srs_conformance.clusters.kind import node_image
from srs_conformance.clusters.kind.build import ensure, parts, toolchain
from srs_conformance.clusters.kind.build.host import GIGABYTE, may_install
from srs_conformance.clusters.kind.commands import Commands, run
from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.images import debian
from srs_conformance.paths import cache_path, nearest

ANSWERS_WITHIN = 2.0
"""Seconds that a registry and a module proxy have here; `cluster up` waits longer."""


def image(engine: str) -> list[Finding]:
    """Look for the node image, and for what a build of it needs."""
    with ThreadPoolExecutor() as pool:
        sought = pool.submit(_there, engine)
        building = list(_building())
    return [sought.result() or _built(engine, [each.what for each in building if each.missing]), *building]


def _there(engine: str) -> Finding | None:
    """Return the image that need not be built, None where one has to be."""
    archive = ensure.node_image_archive()
    if archive.exists():
        return Finding(Part.IMAGE, "node image", State.OK, f"built, {archive}")
    if not node_image.official_runs(engine):
        return None
    if _engine_has(engine, node_image.OFFICIAL):
        return Finding(Part.IMAGE, "node image", State.OK, "the official one, which the engine has")
    if node_image.registry_answers(ANSWERS_WITHIN):
        return Finding(Part.IMAGE, "node image", State.LATER, "the official one is pulled: its registry answers")
    return None


def _built(engine: str, lacking: list[str]) -> Finding:
    runs = node_image.official_runs(engine)
    why = "no registry answers" if runs else "the official one asks for limits that this machine does not give"
    if lacking:
        found = f"{why}, and a build lacks {', '.join(lacking)}"
        return Finding(Part.IMAGE, "node image", State.MISSING, found, "docs/node-image.md says what a build takes")
    done = sum(map(parts.is_built, parts.PARTS))
    so_far = f" ({done} of {len(parts.PARTS)} parts are done)" if done else ""
    return Finding(Part.IMAGE, "node image", State.LATER, f"{why}: one is built, once, in about 10 minutes{so_far}")


def _engine_has(engine: str, name: str) -> bool:
    if engine == "docker":
        return run("docker", "image", "inspect", name, timeout=ANSWERS_WITHIN).code == 0
    digest = name.rpartition("@")[2]
    listed = cache_path("engine-images", "overlay-images", "images.json")  # asked itself, podman would write files
    try:
        return digest in listed.read_text(encoding="utf-8")
    except OSError:
        return False


def _building() -> Iterator[Finding]:
    """Look for what a build needs, each part as the build itself would."""
    missing = [name for name in (*debian.NEEDED, "update-alternatives") if not shutil.which(name)]
    release = debian.release() or "a release without a name"
    yield _needed(
        "Debian's tools",
        f"no {', '.join(missing)}" if missing else f"apt and dpkg, {release}",
        "build on Debian or Ubuntu, or let the suite use Docker and the official node image" if missing else "",
    )
    go = toolchain.own_go() or toolchain.cached_go()
    newest = ".".join(map(str, toolchain.GO_MINIMUM))
    absent = f"none of {newest} or newer on PATH: one comes from PyPI (70 MB)"
    yield Finding(Part.BUILD, "Go", State.OK if go else State.LATER, str(go or absent))
    yield _compiler()
    yield _modules(go)
    folder, needed = ensure.node_image_archive().parent, ensure.disk_needed()
    free = shutil.disk_usage(nearest(folder)).free
    yield _needed(
        "disk for a build",
        f"{free / GIGABYTE:.1f} GB free, {needed / GIGABYTE:.0f} GB needed at {folder}",
        "" if free >= needed else "make room, or set XDG_CACHE_HOME to a folder on a larger disk",
    )


def _needed(what: str, found: str, hint: str = "") -> Finding:
    return Finding(Part.BUILD, what, State.MISSING if hint else State.OK, found, hint)


def _compiler() -> Finding:
    packages = toolchain.missing_for_c()
    if not packages:
        return _needed("C compiler", "gcc, pkg-config and libseccomp's headers")
    names = " ".join(packages)
    if may_install():
        return Finding(Part.BUILD, "C compiler", State.LATER, f"{names}: installed by apt-get when it is needed")
    return _needed("C compiler", f"no {names}", f"as root: apt-get install {names}")


def _modules(go: Path | None) -> Finding:
    """Ask the first module proxy for the pinned kind, as Go would; only Go knows which proxy that is."""
    if all(map(parts.is_built, parts.PARTS)):
        return _needed("Go modules", "not needed: all parts are built")
    listed = _go_proxy(go)
    first = listed.replace("|", ",").partition(",")[0].rstrip("/")
    if not first.startswith(("http://", "https://")):
        words = f"GOPROXY is {first}" if first else "which proxy they come from is not known without Go"
        return Finding(Part.BUILD, "Go modules", State.NOTE, f"{words}: not asked")
    if getproxies().get(first.partition(":")[0]):
        return Finding(Part.BUILD, "Go modules", State.NOTE, f"{first}, through a proxy of the environment: not asked")
    if node_image.answers(f"{first}/{parts.KIND.module}/@v/v{parts.KIND.version}.info", ANSWERS_WITHIN):
        return _needed("Go modules", f"{first} answers")
    return _needed("Go modules", f"{first} does not answer", "set GOPROXY to one that does")


def _go_proxy(go: Path | None) -> str:
    if go is None:
        return os.environ.get("GOPROXY", "")
    return Commands(toolchain.asking())(go, "env", "GOPROXY", timeout=ANSWERS_WITHIN).out.strip()
