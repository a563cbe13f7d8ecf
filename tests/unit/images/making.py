"""Makes image archives by hand, well-made and hostile ones, independent of the suite's own writer."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srs_conformance.images.oci import architecture

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def blob(data: bytes) -> tuple[str, bytes]:
    return f"blobs/sha256/{sha(data)}", data


def configuration(arch: str | None = None, labels: Mapping[str, str] | None = None) -> bytes:
    run = {
        "Cmd": ["./objs/srs", "-c", "conf/docker.conf"],
        "Env": ["A=b"],
        "Labels": labels or {},
        "WorkingDir": "/srs",
    }
    return json.dumps({"architecture": arch or architecture(), "os": "linux", "config": run}).encode()


def descriptor(data: bytes, media_type: str = MANIFEST, **annotations: str) -> dict[str, Any]:
    full = {name.replace("__", ".").replace("_", "-"): value for name, value in annotations.items()}
    return {"mediaType": media_type, "digest": f"sha256:{sha(data)}", "size": len(data), "annotations": full}


def manifest(config: bytes, *layers: bytes) -> bytes:
    described = {"config": descriptor(config), "layers": [descriptor(layer) for layer in layers]}
    return json.dumps({"schemaVersion": 2, **described}).encode()


def index(*descriptors: Mapping[str, Any]) -> bytes:
    return json.dumps({"schemaVersion": 2, "manifests": list(descriptors)}).encode()


def named(data: bytes, name: str, media_type: str = MANIFEST) -> dict[str, Any]:
    return {**descriptor(data, media_type), "annotations": {"io.containerd.image.name": name}}


def oci(name: str, *, arch: str | None = None, labels: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return the files of an OCI layout with one image."""
    config, layer = configuration(arch, labels), b"layer of " + name.encode()
    image = manifest(config, layer)
    return {"index.json": index(named(image, name)), **dict([blob(config), blob(layer), blob(image)])}


def docker(*names: str, arch: str | None = None) -> dict[str, bytes]:
    """Return the files of a `docker save` of before 2024."""
    config = configuration(arch)
    image = {"Config": f"{sha(config)}.json", "RepoTags": list(names) or None, "Layers": ["abc/layer.tar"]}
    return {"manifest.json": json.dumps([image]).encode(), f"{sha(config)}.json": config, "abc/layer.tar": b"layer"}


def write(path: Path, files: Mapping[str, bytes], extra: Sequence[tarfile.TarInfo] = (), mode: str = "w") -> Path:
    """Write the files as a tar file, and entries without contents after them."""
    with tarfile.open(path, mode) as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for entry in extra:
            tar.addfile(entry)
    return path
