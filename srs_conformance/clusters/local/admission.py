"""What the local backend can play, and what it refuses before anything is started."""

from __future__ import annotations

from collections.abc import Collection

from srs_conformance.clusters.base import Manifest
from srs_conformance.clusters.local.files import SOURCES, check_volume
from srs_conformance.clusters.local.probing import check_probe
from srs_conformance.clusters.local.programs import check_image
from srs_conformance.errors import UsageError

WORKLOADS = ("Deployment", "StatefulSet")
KINDS = (*WORKLOADS, "Service", *SOURCES, "PersistentVolume", "PersistentVolumeClaim")


def check_manifest(manifest: Manifest, known: Collection[tuple[str, str]]) -> None:
    """Refuse what the local backend cannot play; `known` are kinds and names that are or will be there.

    Raises:
        UsageError: names what it is.
    """
    if manifest["kind"] not in KINDS:
        raise UsageError(f"kind {manifest['kind']}: the local backend plays {', '.join(KINDS)} only")
    if manifest["kind"] == "Service":
        named = [each["targetPort"] for each in manifest["spec"]["ports"] if isinstance(each.get("targetPort"), str)]
        if named:
            raise UsageError(f"targetPort {named[0]!r}: the local backend knows target ports by their numbers only")
    if manifest["kind"] in WORKLOADS:
        spec = manifest["spec"]["template"]["spec"]
        for container in spec["containers"]:
            check_image(container["image"])
            if words := check_probe(container):
                raise UsageError(words)
        for volume in spec.get("volumes") or ():
            check_volume(volume, known)
