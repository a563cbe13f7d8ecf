"""What a container of the local backend finds on its disk: a folder in the place of its root, with its volumes."""

from __future__ import annotations

import base64
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from srs_conformance.errors import UsageError

#: The folder of the server in its image.
SERVER_FOLDER = "/usr/local/srs"


class Root:
    """The folder that stands for a container's root, and the translation of paths into it.

    `mounts` are mount path -> folder of the volume. Paths are translated in the text of commands: what a container's
    own root would do needs rights that tests shall not ask for.
    """

    def __init__(self, folder: Path, mounts: Mapping[str, Path]) -> None:
        self.folder, self._mounts = folder, dict(mounts)
        self._known = {SERVER_FOLDER: self.path(SERVER_FOLDER), **self._mounts}
        longest_first = sorted(self._known, key=len, reverse=True)
        self._paths = re.compile(rf"(?<![\w./-])({'|'.join(map(re.escape, longest_first))})(?![\w.-])")

    def path(self, inside: str) -> Path:
        """Return where a path inside the container lies."""
        return self.folder / inside.lstrip("/")

    def clear(self) -> None:
        """Make the folder anew, as a container that starts has it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def mount(self) -> None:
        """Put the volumes in their places, over what the image has there."""
        for inside, volume in self._mounts.items():
            place = self.path(inside)
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(volume, target_is_directory=True)

    def translate(self, text: str) -> str:
        """Replace the paths that a command's text names by where they lie."""
        return self._paths.sub(lambda found: str(self._known[found[1]]), text)


#: Kind and name of an object whose keys become the files of a volume.
Source = tuple[str, str]
#: The kinds of such objects.
SOURCES = ("ConfigMap", "Secret")


def source_of(volume: Mapping[str, Any]) -> Source | None:
    """Return the object whose keys a volume holds as files; None for one that begins empty, or that is claimed."""
    if "configMap" in volume:
        return "ConfigMap", volume["configMap"]["name"]
    return ("Secret", volume["secret"]["secretName"]) if "secret" in volume else None


def keys_of(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what such an object holds; a Secret's values as they were before they were encoded."""
    data = dict(manifest.get("data") or {})
    if manifest["kind"] == "Secret":
        data = {key: base64.b64decode(value).decode() for key, value in data.items()}
    return {**data, **(manifest.get("stringData") or {})}


def check_volume(volume: Mapping[str, Any], known: Collection[tuple[str, str]]) -> None:
    """Refuse a volume that cannot be made; `known` are the kinds and names of what there is.

    Raises:
        UsageError: none of `emptyDir`, `configMap`, `secret` and `persistentVolumeClaim`, or no such object or claim.
    """
    needed = source_of(volume)
    if "persistentVolumeClaim" in volume:
        needed = "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]
    if needed is not None and needed not in known:
        raise UsageError(f"volume {volume['name']}: there is no {' '.join(needed)}")
    if needed is None and "emptyDir" not in volume:
        raise UsageError(
            f"volume {volume['name']}: the local backend has emptyDir, configMap, secret and persistentVolumeClaim only"
        )


def make_volume(
    folder: Path,
    volume: Mapping[str, Any],
    sources: Mapping[Source, Mapping[str, Any]],
    claimed: Mapping[str, Path] = MappingProxyType({}),
) -> None:
    """Make the folder of a pod's volume: empty, with an object's keys as files, or a link to that of a claim.

    Raises:
        UsageError: no volume fits the claim. Kubernetes would let the pod wait for one.
    """
    if "persistentVolumeClaim" in volume:
        claim = volume["persistentVolumeClaim"]["claimName"]
        if claim not in claimed:
            raise UsageError(f"volume {volume['name']}: there is no PersistentVolume for the claim {claim}")
        claimed[claim].mkdir(parents=True, exist_ok=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(claimed[claim], target_is_directory=True)
        return
    folder.mkdir(parents=True)
    source = source_of(volume)
    if source is not None:
        write_keys(folder, keys_of(sources[source]))


def write_keys(folder: Path, data: Mapping[str, str]) -> None:
    """Write an object's keys as files, all at once, as the kubelet does: links through `..data`, which is renamed."""
    made = Path(tempfile.mkdtemp(prefix="..", dir=folder))
    made.chmod(0o755)
    for key, text in data.items():
        (made / key).write_text(text, encoding="utf-8")
    current, coming = folder / "..data", folder / "..data_tmp"
    before = current.resolve() if current.is_symlink() else None
    coming.symlink_to(made.name)
    coming.replace(current)
    for link in [each for each in folder.iterdir() if not each.name.startswith("..") and each.name not in data]:
        link.unlink()
    for key in data:
        if not (folder / key).is_symlink():
            (folder / key).symlink_to(f"..data/{key}")
    if before is not None:
        shutil.rmtree(before)
