"""What a run that was cut short may have left: processes, what they listen on, temporary files."""

from __future__ import annotations

import os
from pathlib import Path

_LISTENING = "0A"  # state of a socket in /proc/net/tcp


def processes(mark: str) -> dict[int, str]:
    """Return the processes in whose environment, command line or folder a text stands: id -> command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            texts = [command, (folder / "environ").read_bytes(), os.fsencode((folder / "cwd").readlink())]
        except OSError:  # it has just ended, or is a zombie without a folder
            continue
        if any(mark.encode() in text for text in texts):
            found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found


def listening(owners: dict[int, str] | None = None) -> set[str]:
    """Return the addresses and ports that somebody, or one of the owners, listens on, as the kernel writes them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    held = None if owners is None else set().union(*map(_sockets, owners))
    return {row[1] for row in rows if row[3] == _LISTENING and (held is None or row[9] in held)}


def _sockets(process: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    found = set()
    try:
        for each in Path(f"/proc/{process}/fd").iterdir():
            kind, _, inode = str(each.readlink()).partition(":[")
            if kind == "socket":
                found.add(inode.rstrip("]"))
    except OSError:  # it has just ended
        pass
    return found


def temporary_files(folder: Path) -> list[str]:
    """Return what is left in a folder for temporary files, but for what pytest keeps of its last three runs."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("pytest-of-"))
