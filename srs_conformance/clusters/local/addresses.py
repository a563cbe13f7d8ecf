"""Loopback addresses for one cluster: a /24 of 127/8 that no other cluster of this machine uses at the same time."""

from __future__ import annotations

import errno
import itertools
import os
import socket
from collections import deque

from srs_conformance.errors import CouldNotTest, EngineError

#: Whoever holds this port of a range's first address holds the range; the kernel frees it with the process.
CLAIM_PORT = 1983
LOWEST_PORT_NEEDED = 80
_RANGES = [(b, c) for b in range(64, 128) for c in range(256)]


class AddressRange:
    """The addresses .2 to .254 of one range; the one that has been free for the longest time is given out first."""

    def __init__(self, prefix: str, claim: socket.socket) -> None:
        self.prefix, self._claim = prefix, claim
        self._free = deque(f"{prefix}.{last}" for last in range(2, 255))

    @classmethod
    def claim(cls) -> AddressRange:
        """Claim a free range.

        Raises:
            CouldNotTest: this machine has no 127/8, or we may not listen on the guide's ports.
        """
        start = os.getpid() % len(_RANGES)  # so that runs beside each other seldom try the same
        for b, c in itertools.chain(_RANGES[start:], _RANGES[:start]):
            prefix = f"127.{b}.{c}"
            held = socket.socket()
            try:
                held.bind((f"{prefix}.1", CLAIM_PORT))
                _check_low_ports(f"{prefix}.1")
            except PermissionError as error:
                held.close()
                raise CouldNotTest(
                    f"the local backend may not listen on port {LOWEST_PORT_NEEDED}: {error}",
                    hint="run it as root, or set net.ipv4.ip_unprivileged_port_start to 80",
                ) from error
            except OSError as error:
                held.close()
                if error.errno != errno.EADDRINUSE:
                    raise CouldNotTest(
                        f"the local backend cannot use {prefix}.1: {error}",
                        hint="it needs Linux, where all of 127/8 is local",
                    ) from error
                continue
            return cls(prefix, held)
        raise EngineError("all loopback ranges are in use")

    def take(self) -> str:
        """Give out an address."""
        if not self._free:
            raise EngineError(f"no address left in {self.prefix}.0/24")
        return self._free.popleft()

    def give_back(self, address: str) -> None:
        """Take an address back."""
        self._free.append(address)

    def release(self) -> None:
        """Let others have the range."""
        self._claim.close()


def _check_low_ports(address: str) -> None:
    with socket.socket() as probe:
        probe.bind((address, LOWEST_PORT_NEEDED))
