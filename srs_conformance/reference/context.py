"""What all parts of one server share: who it is, its settings, faults, tables, and how it reaches others."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.names import Names
from srs_conformance.reference.personality import Ids, Personality
from srs_conformance.reference.settings import Address, Settings
from srs_conformance.reference.statistics import Statistics

log = logging.getLogger("srs_conformance.reference")


@dataclass
class Context:
    """One server. `settings` is replaced by a reload; `folder` is what relative paths start from.

    `bind` is the address to listen on and to connect from, or empty for every address. `names` are those that no DNS
    knows.
    """

    personality: Personality
    settings: Settings
    folder: Path
    bind: str = ""
    names: Names = field(default_factory=Names)
    faults: Switches = field(default_factory=Switches)
    arguments: str = ""
    reopen_log: Callable[[], None] = lambda: None
    crash: Callable[[], None] = lambda: os._exit(139)  # as a segmentation fault ends a container
    kept: list[bytes | int] = field(default_factory=list)  # of players who have left, by faults: memory, descriptors

    forwards: int = 0  # of all streams, by an edge

    def __post_init__(self) -> None:
        self._known: dict[str, str] = {}  # addresses of names that were connected to
        self.ids = Ids(self.personality)
        self.statistics = Statistics(self.personality, self.ids, self.faults)

    def path(self, text: str) -> Path:
        """Return a path of the configuration."""
        return self.folder / text

    def write_pid(self) -> None:
        """Write the PID file. Raises OSError."""
        file = self.path(self.settings.pid_file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{os.getpid()}")

    async def connect(self, address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to another server; its name is looked up anew each time.

        Raises:
            OSError: the name is unknown or nobody listens there.
        """
        host = self._known.get(address.host) if "edge-keeps-an-origins-address" in self.faults else None
        source = (self.bind, 0) if self.bind else None
        reader, writer = await asyncio.open_connection(
            host or self.names.look_up(address.host), address.port, local_addr=source, family=socket.AF_UNSPEC
        )
        self._known[address.host] = writer.get_extra_info("peername")[0]
        return reader, writer
