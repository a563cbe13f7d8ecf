"""What all parts of one server share: who it is, its settings, faults, tables, and how it reaches others."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.personality import Ids, Personality
from srs_conformance.reference.settings import Address, Settings
from srs_conformance.reference.statistics import Statistics

log = logging.getLogger("srs_conformance.reference")


@dataclass
class Context:
    """One server. `settings` is replaced by a reload; `folder` is what relative paths start from.

    `bind` is the address to listen on and to connect from, or empty for every address. `hosts` maps names to addresses
    where no DNS does.
    """

    personality: Personality
    settings: Settings
    folder: Path
    bind: str = ""
    hosts: Mapping[str, str] = field(default_factory=dict)
    faults: Switches = field(default_factory=Switches)
    arguments: str = ""
    reopen_log: Callable[[], None] = lambda: None
    crash: Callable[[], None] = lambda: os._exit(139)  # as a segmentation fault ends a container
    kept: list[bytes | int] = field(default_factory=list)  # of players who have left, by faults: memory, descriptors

    def __post_init__(self) -> None:
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
        host = self.hosts.get(address.host, address.host)
        source = (self.bind, 0) if self.bind else None
        return await asyncio.open_connection(host, address.port, local_addr=source, family=socket.AF_UNSPEC)
