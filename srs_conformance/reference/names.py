"""How names become addresses where no DNS knows them: given ones, and a file like /etc/hosts that is read each time."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Names:
    """The names that one server knows.

    `given` maps names to addresses. With a `file`, that is the only name service: what it has not is unknown.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None

    def look_up(self, host: str) -> str:
        """Return what to connect to: an address, or the name where the machine's own DNS is to be asked.

        Raises:
            OSError: the file does not have the name, or cannot be read.
        """
        if host in self.given:
            return self.given[host]
        if self.file is None or _is_address(host):
            return host
        for line in self.file.read_text(encoding="utf-8").splitlines():
            address, *names = line.partition("#")[0].split() or [""]
            if host in names:
                return address
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name or service not known")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
