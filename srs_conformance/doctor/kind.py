"""What a kind cluster needs of the machine: an engine with its rights, kind, kubectl."""

from __future__ import annotations

from pathlib import Path

from srs_conformance.clusters.kind import podman, preflight
from srs_conformance.clusters.kind.build import parts
from srs_conformance.clusters.kind.build.host import may_install
from srs_conformance.clusters.kind.commands import run
from srs_conformance.clusters.kind.kind_tool import own_kind
from srs_conformance.clusters.kind.runtime import own_runtime
from srs_conformance.clusters.kind.state import all_states
from srs_conformance.clusters.kustomize import present_kubectl
from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.errors import UsageError

_SECONDS = 2.0


def machine(engine: str) -> list[Finding]:
    """Look at the engine, and try what a cluster on it needs of the machine."""
    tried = [
        Finding(
            Part.KIND, check.what, State.OK if check.ok else State.MISSING, check.trouble or check.found, check.hint
        )
        for check in preflight.checks(engine)
    ]
    clusters = [
        Finding(Part.KIND, f"cluster {state.name}", State.NOTE, f"{state.phase}, by {state.engine}")
        for state in all_states()
    ]
    return [_engine(engine), *tried, *clusters]


def tools(engine: str) -> list[Finding]:
    """Look for kind, and for the OCI runtime where podman needs one."""
    found = [_tool(Part.KIND, "kind", own_kind(), built=parts.is_built(parts.KIND))]
    if engine == "podman":
        found.append(_tool(Part.KIND, "OCI runtime", own_runtime(), built=parts.is_built(parts.RUNC)))
    return found


def kubectl() -> Finding:
    """Look for kubectl, which renders the manifests whatever the cluster."""
    try:
        own = present_kubectl()
    except UsageError as error:
        return Finding(Part.KUBECTL, "kubectl", State.MISSING, error.message, "unset it, or name one that works")
    return _tool(Part.KUBECTL, "kubectl", own, built=parts.is_built(parts.KUBERNETES, ["kubectl"]))


def _engine(engine: str) -> Finding:
    if engine == "docker":
        return Finding(Part.KIND, "engine", State.OK, "Docker answers")
    if podman.is_complete():
        version = run("podman", "--version", timeout=_SECONDS).out.strip()
        return Finding(Part.KIND, "engine", State.OK, version or "podman")
    if may_install():
        return Finding(Part.KIND, "engine", State.LATER, "podman is installed by apt-get when a cluster is made")
    return Finding(
        Part.KIND,
        "engine",
        State.MISSING,
        "Docker does not answer, and podman is not there or not complete",
        f"start Docker, or as root: apt-get install --no-install-recommends {' '.join(podman.PACKAGES)}",
    )


def _tool(part: Part, name: str, own: Path | None, *, built: bool) -> Finding:
    if own or built:
        return Finding(part, name, State.OK, str(own or "built, in the cache"))
    return Finding(part, name, State.LATER, "built from Go modules when it is needed")
