"""Manifests against the schemas of Kubernetes versions, none of which needs to run."""

from __future__ import annotations

from collections.abc import Sequence

import kubernetes_validate

from srs_conformance.clusters.base import Manifest
from srs_conformance.errors import CouldNotTest


def problems(objects: Sequence[Manifest], version: str) -> list[str]:
    """Return what the schemas of a Kubernetes version, as "1.34", have against manifests; a field they lack is one.

    Raises:
        CouldNotTest: there are no schemas of that version.
    """
    if version not in versions():
        raise CouldNotTest(
            f"no schemas of Kubernetes {version}; there are those of {', '.join(versions())}",
            hint="a newer kubernetes-validate has newer ones",
        )
    found = []
    for each in objects:
        try:
            kubernetes_validate.validate(dict(each), version, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            found.append(f"{_name(each)}: Kubernetes {version} has no {each['kind']} of {each['apiVersion']}")
        except kubernetes_validate.ValidationError as error:
            place = ".".join(str(step) for step in error.path)
            found.append(f"{_name(each)}: Kubernetes {version}: {place}: {error.message}")
    return found


def versions() -> list[str]:
    """Return the Kubernetes versions of which there are schemas, the oldest first."""
    return list(dict.fromkeys(kubernetes_validate.utils.major_minor(each) for each in _schemas()))


def _schemas() -> list[str]:
    found: list[str] = kubernetes_validate.utils.all_versions()
    return found


def _name(each: Manifest) -> str:
    return f"{each['kind']} {each['metadata']['name']}"
