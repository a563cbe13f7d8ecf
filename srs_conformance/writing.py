"""Files that are there whole or not at all, whatever ends the writing of them: a full disk, a signal, a crash."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from srs_conformance.errors import EngineError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under another name and give it its own once all of it is on the disk.

    What stood there before stays until then. Text is UTF-8.

    Raises:
        EngineError: it cannot be written; names the file and says why.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())  # some file systems find out only now that there is no room
        draft.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):  # it is not there any more, or never was
            draft.unlink()


def unwritable(path: Path, error: OSError) -> EngineError:
    """Return what to say where a file cannot be written."""
    hint = f"make room on the disk of {path.parent}" if error.errno in _FULL else ""
    return EngineError(f"{path} cannot be written: {error.strerror or error}", hint=hint)
