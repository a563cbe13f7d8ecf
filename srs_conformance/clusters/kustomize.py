"""Renders a chapter's manifests with kustomize: the documented ones, the patches that they need, the run's images.

What is rendered stands in a folder as an overlay of its own, so that `kubectl apply -k` brings up the same by hand.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.images import names
from srs_conformance.progress import NullProgress

KUBECTL_VARIABLE = "SRS_CONFORMANCE_KUBECTL"
KUBECTL_SECONDS = 30.0
FILE_NAME = "kustomization.yaml"


def render(
    chapter_folder: Path,
    *,
    components: Sequence[str],
    images: Mapping[str, str],
    out: Path,
    kubectl: Path,
    base: str = "documented",
    patches: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Write the overlay folder `out` and return the objects that it stands for, in the order of the manifests.

    Args:
        chapter_folder: holds the base, and the components in folders of their own.
        components: the patches, by their folders: `mended/qs-d1`.
        images: image as the manifests name it (`ossrs/srs`; a tag is left out of account) -> the one to run.
        out: written anew; paths in it are relative.
        kubectl: the program, as `find_kubectl` gives it.
        base: the folder of the manifests.
        patches: entries of the kustomization's `patches`, applied after the components.

    Raises:
        UsageError: a component that does not exist, or manifests that kustomize refuses.
    """
    for name in components:
        if not (chapter_folder / name / FILE_NAME).is_file():
            raise UsageError(f"{chapter_folder / name}: no {FILE_NAME} for the patch {name} there")
    fields: dict[str, Any] = {"components": [_relative(chapter_folder / name, out) for name in components]}
    if patches:
        fields["patches"] = list(patches)
    return overlay(chapter_folder / base, fields=fields, images=images, out=out, kubectl=kubectl)


def overlay(
    base: Path, *, fields: Mapping[str, Any], images: Mapping[str, str], out: Path, kubectl: Path
) -> list[dict[str, Any]]:
    """Write the overlay folder `out` over a base and return the objects that it stands for.

    Args:
        base: the folder of the manifests.
        fields: of the kustomization, besides those for resources and images.
        images: image as the manifests name it -> the one to run.
        out: written anew but for files that are there already, which `fields` may name.
        kubectl: the program, as `find_kubectl` gives it.

    Raises:
        UsageError: manifests or fields that kustomize refuses.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [_relative(base, out)],
        **fields,
        "images": [_image(old, new) for old, new in images.items()],
        # kustomize sorts by kind otherwise; the guide's order is the order in which a reader applies
        "sortOptions": {"order": "fifo"},
    }
    file = out / FILE_NAME
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return [each for each in yaml.safe_load_all(build(kubectl, out)) if each]


@functools.cache
def find_kubectl() -> Path:
    """Return a kubectl that works: the one that SRS_CONFORMANCE_KUBECTL names, the one in PATH, else our own build.

    Raises:
        UsageError: SRS_CONFORMANCE_KUBECTL names a program that does not work.
        EngineError: there is none, and none can be built.
    """
    if found := present_kubectl():
        return found
    from srs_conformance.clusters.kind.build import ensure_tool  # noqa: PLC0415 - the builds are for machines without

    return ensure_tool("kubectl", NullProgress())


def present_kubectl() -> Path | None:
    """Return the machine's own kubectl that works, None where there is none.

    Raises:
        UsageError: SRS_CONFORMANCE_KUBECTL names a program that does not work.
    """
    named = os.environ.get(KUBECTL_VARIABLE)
    if named:
        if not _works(Path(named)):
            raise UsageError(f"{KUBECTL_VARIABLE}={named}: this program cannot run `kubectl kustomize`")
        return Path(named)
    found = shutil.which("kubectl")
    return Path(found) if found and _works(Path(found)) else None


def _works(kubectl: Path) -> bool:
    """Let it render an overlay: some programs called kubectl only choose another one to run, and may find none."""
    with tempfile.TemporaryDirectory(prefix="srs-conformance-") as folder:
        empty = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n"
        Path(folder, FILE_NAME).write_text(empty, encoding="utf-8")
        try:
            build(kubectl, Path(folder))
        except (UsageError, EngineError):
            return False
    return True


def build(kubectl: Path, folder: Path) -> str:
    """Return the objects that a folder with a kustomization stands for, as YAML.

    Raises:
        UsageError: kustomize refuses it.
        EngineError: kubectl cannot be run.
    """
    try:
        done = subprocess.run(
            [kubectl, "kustomize", folder], capture_output=True, text=True, timeout=KUBECTL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"{kubectl} kustomize {folder}: {error}") from error
    if done.returncode:
        raise UsageError(
            f"{folder / FILE_NAME}: kustomize refuses it: {done.stderr.strip()}",
            hint=f"`{kubectl} kustomize {folder}` shows the same",
        )
    return done.stdout


def _relative(path: Path, start: Path) -> str:
    return os.path.relpath(path.resolve(), start.resolve())


def _image(old: str, new: str) -> dict[str, str]:
    """Return one entry of kustomize's `images`; it matches the name without its tag."""
    head, slash, last = old.partition("@")[0].rpartition("/")
    parsed = names.parse(new)
    entry = {"name": head + slash + last.partition(":")[0], "newName": f"{parsed.registry}/{parsed.repository}"}
    return {**entry, "digest": parsed.digest} if parsed.digest else {**entry, "newTag": parsed.tag}
