"""Packs the report in the pod, and gives it away in pieces.

    python3 -m srs_conformance.inside.packing                    packs it; prints its size and digest as JSON
    python3 -m srs_conformance.inside.packing OFFSET LENGTH      prints a piece of it as base64

A piece is text, since what a command writes is taken as text on its way; and it can be asked for again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

from srs_conformance.inside.places import PACKED, REPORT


def pack(folder: Path, to: Path) -> dict[str, object]:
    """Write all files of a folder to an archive, and return what is known of it; {} where there is no such folder."""
    if not folder.is_dir():
        return {}
    with tarfile.open(to, "w:gz", compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.add(path, str(path.relative_to(folder)), recursive=False)
    with to.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"size": to.stat().st_size, "sha256": digest}


def piece(file: Path, offset: int, length: int) -> str:
    """Return a piece of a file as base64."""
    with file.open("rb") as opened:
        opened.seek(offset)
        return base64.b64encode(opened.read(length)).decode()


def main(arguments: Sequence[str]) -> None:
    """Do what the arguments say."""
    if arguments:
        offset, length = map(int, arguments)
        sys.stdout.write(piece(Path(PACKED), offset, length))
    else:
        print(json.dumps(pack(Path(REPORT), Path(PACKED))))


if __name__ == "__main__":
    main(sys.argv[1:])
