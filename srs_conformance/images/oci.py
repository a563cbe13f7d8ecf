"""Writes container images: one tar file that docker, podman, containerd and kind load.

The file is an OCI image layout (image-spec v1.1, image-layout) that also carries the `manifest.json` of `docker save`,
so that engines older than the OCI layout can read it. The same inputs give the same bytes: entries are sorted, belong
to root and have one time (SOURCE_DATE_EPOCH, else 1970).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import stat
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from srs_conformance.errors import EngineError, UsageError

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
NAME = "io.containerd.image.name"
REFERENCE = "org.opencontainers.image.ref.name"
_BLOCK = tarfile.BLOCKSIZE
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Layer:
    """The contents of a folder, laid into the image at `at`; sockets, pipes and devices are left out."""

    folder: Path
    at: str = "/"


@dataclass(frozen=True)
class ImageConfig:
    """How a container of the image starts (OCI image-spec v1.1, config)."""

    entrypoint: Sequence[str] = ()
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    working_folder: str = ""
    user: str = ""
    stop_signal: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return the `config` object; PATH is set when the environment does not hold it."""
        environment = {"PATH": DEFAULT_PATH, **self.environment}
        values: dict[str, object] = {
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.command),
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "WorkingDir": self.working_folder,
            "User": self.user,
            "StopSignal": self.stop_signal,
            "Labels": dict(sorted(self.labels.items())),
        }
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Image:
    """An image to write: its names in full (`docker.io/library/nginx:latest`), its layers from the bottom up."""

    names: Sequence[str]
    layers: Sequence[Layer]
    config: ImageConfig = ImageConfig()


@dataclass(frozen=True)
class ImageDigest:
    """What an image is known by: `manifest` in a registry and in containerd, `config` (the image ID) in an engine."""

    manifest: str
    config: str


def write_image(out: Path, *, name: str | None, layers: Sequence[Layer], config: ImageConfig) -> ImageDigest:
    """Write one image to `out`; the file appears when it is complete."""
    return write_images(out, [Image([name] if name else [], layers, config)])[0]


def write_images(out: Path, images: Sequence[Image]) -> list[ImageDigest]:
    """Write several images to one file; what they share is written once.

    Raises:
        EngineError: a layer's folder does not exist.
    """
    with _replacing(out) as file:
        archive = _Archive(file)
        digests = [archive.add_image(image) for image in images]
        archive.finish()
    return digests


def with_name(archive: Path, out: Path, name: str) -> None:
    """Copy an image archive (OCI layout or docker save) to `out` with its one image called `name`.

    Raises:
        UsageError: the archive is not an image archive or holds more than one image.
    """
    if archive.resolve() == out.resolve():
        raise EngineError(f"{archive} would be written while it is read")
    renamed = 0
    try:
        with tarfile.open(archive, "r:*") as source, _replacing(out) as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as target:
                for entry in source:
                    body: IO[bytes] | None = source.extractfile(entry) if entry.isreg() else None
                    rename = _RENAMES.get(os.path.normpath(entry.name))
                    if body and rename:
                        text = json.dumps(rename(json.load(body), name, archive)).encode()
                        entry.size, body = len(text), io.BytesIO(text)
                        renamed += 1
                    if os.path.normpath(entry.name) != "repositories":
                        target.addfile(entry, body)
            if not renamed:
                raise UsageError(f"{archive} is not an image archive: it has neither index.json nor manifest.json")
    except (tarfile.TarError, ValueError, KeyError) as error:
        raise UsageError(f"{archive} is not a readable image archive: {error}") from error


def architecture() -> str:
    """Return this machine's architecture in Go's and OCI's terms.

    Raises:
        UsageError: neither amd64 nor arm64.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise UsageError(f"images can be built on amd64 and arm64 machines, this one is {machine}")
    return _ARCHITECTURES[machine]


class _Archive:
    """A tar file of blobs that grows image by image; blobs are written in place, their headers afterwards."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._known: set[str] = set()
        self._layers: dict[Layer, tuple[str, int]] = {}
        self._index: list[dict[str, object]] = []
        self._docker: list[dict[str, object]] = []

    def add_image(self, image: Image) -> ImageDigest:
        layers = [self._add_layer(layer) for layer in image.layers]
        config = self._add_json(
            {
                "architecture": architecture(),
                "os": "linux",
                "created": datetime.fromtimestamp(_epoch(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "config": image.config.to_json(),
                "rootfs": {"type": "layers", "diff_ids": [digest for digest, _ in layers]},
                "history": [{"created_by": "srs-conformance"} for _ in layers],
            }
        )
        manifest = self._add_json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": _descriptor(CONFIG, *config),
                "layers": [_descriptor(LAYER, *layer) for layer in layers],
            }
        )
        platform_ = {"architecture": architecture(), "os": "linux"}
        for name in image.names or ("",):
            named = {"annotations": {NAME: name, REFERENCE: _tag(name)}} if name else {}
            self._index.append({**_descriptor(MANIFEST, *manifest), "platform": platform_, **named})
        self._docker.append(
            {
                "Config": _blob(config[0]),
                "RepoTags": list(image.names) or None,
                "Layers": [_blob(digest) for digest, _ in layers],
            }
        )
        return ImageDigest(manifest[0], config[0])

    def finish(self) -> None:
        index_type = "application/vnd.oci.image.index.v1+json"
        self._add_file("index.json", {"schemaVersion": 2, "mediaType": index_type, "manifests": self._index})
        self._add_file("manifest.json", self._docker)
        self._add_file("oci-layout", {"imageLayoutVersion": "1.0.0"})
        self._file.write(bytes(2 * _BLOCK))

    def _add_layer(self, layer: Layer) -> tuple[str, int]:
        if layer not in self._layers:
            with self._blob_writer() as writer:
                _write_layer(writer, layer)
            self._layers[layer] = writer.digest, writer.size
        return self._layers[layer]

    def _add_json(self, value: object) -> tuple[str, int]:
        with self._blob_writer() as writer:
            writer.write(_json(value))
        return writer.digest, writer.size

    def _add_file(self, name: str, value: object) -> None:
        data = _json(value)
        self._file.write(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))

    @contextlib.contextmanager
    def _blob_writer(self) -> Iterator[_Hashing]:
        start = self._file.tell()
        self._file.write(bytes(_BLOCK))
        writer = _Hashing(self._file)
        yield writer
        self._file.write(bytes(-writer.size % _BLOCK))
        end = self._file.tell()
        self._file.seek(start)
        if writer.digest in self._known:
            self._file.truncate()
            return
        self._known.add(writer.digest)
        self._file.write(_header(_blob(writer.digest), writer.size))
        self._file.seek(end)


class _Hashing:
    """A file to write to that knows the SHA-256 of what went through."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def _write_layer(writer: _Hashing, layer: Layer) -> None:
    if not layer.folder.is_dir():
        raise EngineError(f"the folder {layer.folder} of an image's layer does not exist")
    # Any object with write() will do for a stream.
    with tarfile.open(fileobj=writer, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload] # typeshed asks for more
        for path, name in _entries(layer):
            entry = tar.gettarinfo(path, name)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = _epoch()
            if entry.isreg():
                with path.open("rb") as file:
                    tar.addfile(entry, file)
            else:
                tar.addfile(entry)


def _entries(layer: Layer) -> Iterator[tuple[Path, str]]:
    """Yield what goes into a layer, parents first, with its name in the image."""
    at = layer.at.strip("/")
    if at:
        yield layer.folder, at
    for folder, folders, files in os.walk(layer.folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                yield path, str(Path(at, path.relative_to(layer.folder)))


def _rename_index(index: dict[str, Any], name: str, archive: Path) -> dict[str, Any]:
    digests = {descriptor["digest"]: descriptor for descriptor in index["manifests"]}
    if len(digests) != 1:
        raise UsageError(f"{archive} holds {len(digests)} images; expected an archive of one")
    (descriptor,) = digests.values()
    annotations = {**descriptor.get("annotations", {}), NAME: name, REFERENCE: _tag(name)}
    return {**index, "manifests": [{**descriptor, "annotations": annotations}]}


def _rename_docker(images: list[dict[str, Any]], name: str, archive: Path) -> list[dict[str, Any]]:
    if len(images) != 1:
        raise UsageError(f"{archive} holds {len(images)} images; expected an archive of one")
    return [{**images[0], "RepoTags": [name]}]


_RENAMES: dict[str, Any] = {"index.json": _rename_index, "manifest.json": _rename_docker}


@contextlib.contextmanager
def _replacing(out: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of `out` when all went well, and vanishes otherwise."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
        temporary.chmod(0o644)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mtime = _epoch()
    return entry.tobuf(tarfile.GNU_FORMAT)


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _blob(digest: str) -> str:
    return digest.replace("sha256:", "blobs/sha256/")


def _tag(name: str) -> str:
    """Return the tag of an image name: what follows the last colon of its last part."""
    return name.rpartition("/")[2].partition(":")[2] or "latest"


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _epoch() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
