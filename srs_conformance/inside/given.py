"""Files and folders that options name: they lie here, and go into the pod by a Secret, which holds little."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from srs_conformance.errors import UsageError
from srs_conformance.inside.places import GIVEN

MOST_BYTES = 700_000
"""Packed: a Secret holds a megabyte, as base64."""


def place(option: str, path: Path) -> str:
    """Return where the pod has what an option names."""
    return f"{GIVEN}/{option}/{path.resolve().name}"


def pack(files: Mapping[str, Path]) -> bytes:
    """Return an archive of what options name, b"" for nothing.

    Raises:
        UsageError: it is not there, or too much.
    """
    if not files:
        return b""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", dereference=True) as archive:
        for option, path in files.items():
            if not path.exists():
                raise UsageError(f"--{option} {path}: no such file or folder")
            for file in _files(path):
                inner = Path(option, path.resolve().name, file.relative_to(path))
                archive.add(file, str(inner), recursive=False)
                if out.tell() > 2 * MOST_BYTES:
                    break  # whatever else there is, it is too much
    data = out.getvalue()
    if len(data) > MOST_BYTES:
        names = ", ".join(f"--{option} {path}" for option, path in files.items())
        raise UsageError(
            f"{names}: too much to go into the pod: packed it may have {MOST_BYTES} bytes",
            hint="run what needs it from a machine inside the cluster's network",
        )
    return data


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (each for each in sorted(path.rglob("*")) if each.is_file())
