"""Reads image archives that others made: OCI image layouts (image-spec v1.1) and `docker save`, plain or compressed.

An archive comes from outside, so it is read in one pass without unpacking anything; every blob is held to its digest,
and what a well-made archive never holds (a path out of it, a device, absurd sizes) is refused.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import json
import lzma
import posixpath
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from srs_conformance.errors import UsageError
from srs_conformance.images.names import major_of, parse
from srs_conformance.paths import cache_folder

__all__ = ["ArchivedImage", "Found", "find", "major_of", "plain", "read"]

MAX_ENTRIES = 10_000
MAX_BYTES = 16 << 30  # all entries together, unpacked
MAX_JSON = 4 << 20  # one manifest, index or configuration
_MAX_KEPT = 64 << 20
_MAX_DEPTH = 4  # index within index
_CHUNK = 1 << 20
_BLOBS = "blobs/sha256/"
_INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
_EXPECTED = "expected a tar file of an OCI image layout (index.json) or of `docker save` (manifest.json)"
_COMPRESSIONS: Mapping[bytes, Callable[[Path], IO[bytes]]] = {
    b"\x1f\x8b": cast("Callable[[Path], IO[bytes]]", gzip.open),
    b"BZh": cast("Callable[[Path], IO[bytes]]", bz2.open),
    b"\xfd7zXZ\0": cast("Callable[[Path], IO[bytes]]", lzma.open),
}
_BROKEN = (tarfile.TarError, EOFError, OSError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class ArchivedImage:
    """One image of an archive, for one architecture."""

    names: tuple[str, ...]  # as the archive says them; () where it is known by its digest only
    digest: str  # of the manifest; in an archive of `docker save` that has none, of the configuration
    config: str  # the digest of the configuration, which engines call the image's id
    architecture: str  # "amd64"
    labels: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()  # NAME=value
    working_folder: str = ""
    stop_signal: str = ""


@dataclass(frozen=True)
class Found:
    """An image that an archive holds under a wanted name."""

    archive: Path
    image: ArchivedImage
    name: str  # as the archive says it


def read(path: Path) -> list[ArchivedImage]:
    """Return the images of an archive.

    Raises:
        UsageError: the file is missing, no image archive, damaged, or one that no image tool writes; names the file,
            what was expected and what was found.
    """
    contents = _Contents(path)
    if "index.json" in contents.small:
        images = list(_oci_images(contents))
    elif "manifest.json" in contents.small:
        images = list(_docker_images(contents))
    else:
        raise contents.refused(f"neither of them among {len(contents.names)} entries")
    if not images:
        raise contents.refused("no complete image in it", expected="expected at least one image with all its layers")
    return images


def find(archives: Sequence[Path], wanted: str, architecture: str) -> Found | None:
    """Return the first image that any of the archives holds under the wanted name, both as Docker completes names.

    Raises:
        UsageError: an archive is refused by `read`, or has the image only for other architectures.
    """
    full, others = parse(wanted), []
    for path in archives:
        for image in read(path):
            for name in image.names:
                if _same(name, str(full)):
                    if image.architecture == architecture:
                        return Found(path, image, name)
                    others.append(f"{path} has it for {image.architecture}")
    if others:
        raise UsageError(f"{wanted} is needed for {architecture}; {'; '.join(others)}")
    return None


@contextlib.contextmanager
def plain(path: Path) -> Iterator[Path]:
    """Give an archive as an uncompressed tar file: not every importer on a node knows every compression."""
    with path.open("rb") as file:
        start = file.read(max(map(len, _COMPRESSIONS)))
    opened = next((opener for magic, opener in _COMPRESSIONS.items() if start.startswith(magic)), None)
    if opened is None:
        yield path
        return
    with (
        tempfile.NamedTemporaryFile(prefix="image-", suffix=".tar", dir=cache_folder("images")) as out,
        opened(path) as packed,
    ):
        shutil.copyfileobj(packed, out, _CHUNK)
        out.flush()
        yield Path(out.name)


def _same(name: str, full: str) -> bool:
    try:
        return str(parse(name)) == full
    except UsageError:
        return False


class _Contents:
    """What one pass over an archive leaves: the names, the digests of blobs, and the small files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: set[str] = set()
        self.small: dict[str, bytes] = {}
        self._kept = 0
        try:
            with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|*") as tar:
                self._read(tar)
        except FileNotFoundError:
            raise self.refused("no such file") from None
        except IsADirectoryError:
            raise self.refused("a folder") from None
        except _BROKEN as error:
            raise self.refused(f"{type(error).__name__}: {error}") from error

    def refused(self, found: str, *, expected: str = _EXPECTED) -> UsageError:
        return UsageError(f"image archive {self.path}: {expected}; found {found}")

    def parsed(self, name: str) -> Any:
        try:
            return json.loads(self.small[name])
        except KeyError:
            raise self.refused(
                f"no {name} (or one of over {MAX_JSON} bytes)", expected="expected it complete"
            ) from None
        except (ValueError, RecursionError) as error:
            raise self.refused(f"{name} with {error}", expected="expected JSON in it") from error

    def _read(self, tar: tarfile.TarFile) -> None:
        total = 0
        for count, entry in enumerate(tar, 1):
            total += entry.size
            if count > MAX_ENTRIES or total > MAX_BYTES:
                limits = f"expected at most {MAX_ENTRIES} entries and {MAX_BYTES >> 30} GiB"
                raise self.refused("more", expected=limits)
            name = self._checked(entry)
            if entry.isreg():
                body = tar.extractfile(entry)
                assert body is not None, "tarfile gives a body for every regular file"
                self._take(name, entry.size, body)

    def _checked(self, entry: tarfile.TarInfo) -> str:
        """Return the entry's name in its plain form, or refuse the archive for it."""
        expected = "expected files and folders with paths inside the archive"
        name = posixpath.normpath(entry.name)
        if entry.name.startswith("/") or name.startswith("../") or name == "..":
            raise self.refused(f"the path {entry.name!r}", expected=expected)
        if entry.issym() or entry.islnk():
            # Engines before 2024 write a layer that two images share as a link to the other one's.
            base = posixpath.dirname(name) if entry.issym() else ""
            target = posixpath.normpath(posixpath.join(base, entry.linkname))
            if target.startswith(("/", "../")) or target == "..":
                raise self.refused(f"{entry.name!r}, a link to {entry.linkname!r}", expected=expected)
        elif not (entry.isreg() or entry.isdir()):
            raise self.refused(f"{entry.name!r} of tar type {entry.type!r}", expected=expected)
        if name in self.names and not entry.isdir():
            raise self.refused(f"{entry.name!r} twice", expected="expected each file once")
        self.names.add(name)
        return name

    def _take(self, name: str, size: int, body: IO[bytes]) -> None:
        digest = hashlib.sha256()
        keep = size <= MAX_JSON and self._kept + size <= _MAX_KEPT and not name.endswith(".tar")
        kept = bytearray()
        while piece := body.read(_CHUNK):
            digest.update(piece)
            if keep:
                kept += piece
        if name.startswith(_BLOBS) and digest.hexdigest() != name.removeprefix(_BLOBS):
            raise self.refused(
                f"{name} with the digest {digest.hexdigest()}", expected="expected blobs to match their names"
            )
        if keep:
            self.small[name] = bytes(kept)
            self._kept += size


def _oci_images(contents: _Contents) -> Iterator[ArchivedImage]:
    """Yield the images of an OCI layout. Images whose blobs were not put into the archive are left out."""
    tags = _docker_names(contents)
    merged: dict[str, ArchivedImage] = {}
    for names, digest in _manifests(contents, contents.parsed("index.json"), (), 0):
        manifest = contents.parsed(_blob(contents, digest))
        layers = [_blob(contents, layer) for layer in _digests(contents, manifest, "layers")]
        config = str(_get(contents, manifest, "config", "digest"))
        if any(layer not in contents.names for layer in layers) or _blob(contents, config) not in contents.small:
            continue
        before = merged[digest].names if digest in merged else tags.get(config, ())
        image = _image(contents, (*before, *names), digest, config, contents.parsed(_blob(contents, config)))
        if image.architecture != "unknown":  # build attestations are stored as if they were images
            merged[digest] = image
    yield from merged.values()


def _manifests(
    contents: _Contents, index: object, names: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the names and the digest of every image manifest below an index."""
    if depth > _MAX_DEPTH:
        raise contents.refused(f"{depth} indexes within each other", expected="expected one or two")
    for descriptor in _list(contents, index, "manifests"):
        digest = str(_get(contents, descriptor, "digest"))
        own = names or _annotated(descriptor)
        if _blob(contents, digest) not in contents.small:
            continue
        if descriptor.get("mediaType") in _INDEXES:
            yield from _manifests(contents, contents.parsed(_blob(contents, digest)), own, depth + 1)
        else:
            yield own, digest


def _annotated(descriptor: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the image's name: containerd's annotation, else a `ref.name` that is more than a tag."""
    annotations = descriptor.get("annotations") or {}
    name = str(annotations.get("io.containerd.image.name") or "")
    reference = str(annotations.get("org.opencontainers.image.ref.name") or "")
    if not name and ("/" in reference or ":" in reference):
        name = reference
    return (name,) if name else ()


def _docker_names(contents: _Contents) -> dict[str, tuple[str, ...]]:
    """Return the names that the `manifest.json` beside an OCI index gives: digest of the configuration -> names."""
    if "manifest.json" not in contents.small:
        return {}
    return {
        "sha256:" + posixpath.basename(str(_get(contents, each, "Config"))).removesuffix(".json"): _tags(each)
        for each in _list(contents, {"images": contents.parsed("manifest.json")}, "images")
    }


def _docker_images(contents: _Contents) -> Iterator[ArchivedImage]:
    """Yield the images of a `docker save` without an OCI index."""
    for each in _list(contents, {"images": contents.parsed("manifest.json")}, "images"):
        path = posixpath.normpath(str(_get(contents, each, "Config")))
        config = contents.parsed(path)
        digest = hashlib.sha256(contents.small[path]).hexdigest()
        if digest != posixpath.basename(path).removesuffix(".json"):
            raise contents.refused(f"{path} with the digest {digest}", expected="expected it to match its name")
        layers = [posixpath.normpath(str(layer)) for layer in each.get("Layers") or ()]
        if all(layer in contents.names for layer in layers):
            yield _image(contents, _tags(each), f"sha256:{digest}", f"sha256:{digest}", config)


def _image(contents: _Contents, names: Iterable[str], digest: str, config: str, values: object) -> ArchivedImage:
    if not isinstance(values, dict):
        raise contents.refused(f"{config} of type {type(values).__name__}", expected="expected an image configuration")
    run = values.get("config") or {}
    return ArchivedImage(
        names=tuple(dict.fromkeys(names)),
        digest=digest,
        config=config,
        architecture=str(values.get("architecture", "")),
        labels={str(name): str(value) for name, value in (run.get("Labels") or {}).items()},
        entrypoint=_words(run.get("Entrypoint")),
        command=_words(run.get("Cmd")),
        environment=_words(run.get("Env")),
        working_folder=str(run.get("WorkingDir") or ""),
        stop_signal=str(run.get("StopSignal") or ""),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, list) else ()


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(tag) for tag in entry.get("RepoTags") or ())


def _digests(contents: _Contents, manifest: object, key: str) -> list[str]:
    return [str(_get(contents, descriptor, "digest")) for descriptor in _list(contents, manifest, key)]


def _blob(contents: _Contents, digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64:
        raise contents.refused(f"the digest {digest[:80]!r}", expected="expected SHA-256 digests")
    return _BLOBS + value


def _list(contents: _Contents, value: object, key: str) -> list[dict[str, Any]]:
    entries = _get(contents, value, key)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise contents.refused(f"{key} = {str(entries)[:80]}", expected="expected a list of objects")
    return entries


def _get(contents: _Contents, value: object, *keys: str) -> Any:
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise contents.refused(f"no {'.'.join(keys)} in {str(value)[:80]}", expected="expected a manifest or index")
        value = value[key]
    return value
