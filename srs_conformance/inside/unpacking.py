"""Unpacks what goes to the pod or comes from it, where an image of anybody's may run: only files, and only below."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath

from srs_conformance.errors import EngineError

MOST_FILES = 100_000
MOST_BYTES = 16 * 1024**3


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of an archive into a folder.

    Raises:
        EngineError: it is no archive, holds something else than files, or one that would lie elsewhere; then nothing
            is written.
    """
    try:
        with tarfile.open(archive, "r:gz") as opened:
            members = opened.getmembers()
            _check(members)
            for member in members:
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                source = opened.extractfile(member)
                assert source is not None  # it is a file
                with target.open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise EngineError(f"what was packed cannot be unpacked into {folder}: {error}") from error


def _check(members: list[tarfile.TarInfo]) -> None:
    for member in members:
        path = PurePosixPath(member.name)
        if not member.isreg() or path.is_absolute() or ".." in path.parts or not path.parts or "\0" in member.name:
            raise EngineError(
                f"what was packed holds {member.name!r}, which is no file below it; nothing was unpacked",
                hint="is the probe's image one that this suite has made?",
            )
    if len(members) > MOST_FILES or sum(member.size for member in members) > MOST_BYTES:
        raise EngineError(f"what was packed holds more than {MOST_FILES} files or {MOST_BYTES} bytes")
