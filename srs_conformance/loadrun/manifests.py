"""The manifests of one load, rendered: an overlay of `loadtests/kubernetes/base` that can also be applied by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from srs_conformance.clusters.kustomize import overlay
from srs_conformance.loadrun.plan import Plan

IMAGE = "srs-conformance-load"
"""As the manifests name it."""
MASTER, WORKER = "srs-load-master", "srs-load-worker"
NAME_LABEL = "app.kubernetes.io/name"
PAGE_PORT = 8089
RESULTS = "/results"
"""Where the master keeps its result."""


def render(plan: Plan, *, base: Path, image: str, out: Path, kubectl: Path) -> list[dict[str, Any]]:
    """Write the overlay folder `out` and return its objects.

    Args:
        plan: the load.
        base: the folder of the manifests.
        image: the name that the nodes know.
        out: written anew.
        kubectl: the program that renders.

    Raises:
        UsageError: kustomize refuses the manifests.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = {"load.toml": plan.to_toml(), **({"slo.yaml": plan.slo} if plan.slo else {})}
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8")
    fields = {
        "replicas": [{"name": WORKER, "count": plan.workers}],
        "configMapGenerator": [{"name": "srs-load", "behavior": "merge", "files": list(files)}],
    }
    return overlay(base, fields=fields, images={IMAGE: image}, out=out, kubectl=kubectl)
