"""The RTMP handshake: simple (RTMP 1.0 5.2), and with digests as Flash Player 9 and later do it.

The digest handshake is not in the specification. C1 and S1 carry 32 bytes of HMAC-SHA256 at a place that follows from
other bytes; in schema 0 its block of 764 bytes stands second, in schema 1 first. C2 and S2 then end with a digest over
themselves, keyed by the other side's.
"""

from __future__ import annotations

import hmac
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.reading import Buffer

SIZE: Final = 1536  # of C1, C2, S1 and S2
VERSION: Final = 3
_DIGEST: Final = 32
_BLOCKS: Final = (8 + 764, 8)  # where the digest's block begins, by schema
_SALT: Final = bytes.fromhex("f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae")
_PLAYER: Final = b"Genuine Adobe Flash Player 001"
_SERVER: Final = b"Genuine Adobe Flash Media Server 001"
_CLIENT_VERSION: Final = bytes((9, 0, 124, 2))
_SERVER_VERSION: Final = bytes((4, 5, 0, 1))

Random = Callable[[int], bytes]


class _Handshake(ABC):
    """One side: sends its version and first packet, answers the peer's first packet, and awaits the peer's second."""

    def __init__(self, where: str, random: Random) -> None:
        self._where = where
        self._random = random
        self._received = bytearray()
        self._out = bytearray()
        self._mine = b""
        self._theirs: bytes | None = None
        self.done = False
        self.trailing = b""
        self.digest = False  # whether both sides used digests
        self.peer_answered = False  # whether the peer's second packet answers our first as it must

    def data_to_send(self) -> bytes:
        """Return, once, the bytes for the peer."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def receive_data(self, data: Buffer) -> None:
        """Take bytes from the peer; what follows the handshake is kept in `trailing`.

        Raises:
            ProtocolError: the peer asked for something else than RTMP version 3.
            LocalProtocolError: the handshake was done.
        """
        if self.done:
            raise LocalProtocolError("bytes were fed to a handshake that was done")
        self._received += data
        if self._received and self._received[0] != VERSION:
            raise ProtocolError(self._where, 0, f"RTMP version {VERSION}", f"version {self._received[0]}")
        if self._theirs is None and len(self._received) > SIZE:
            self._theirs = bytes(self._received[1 : 1 + SIZE])
            self._answer(self._theirs)
        if len(self._received) > 2 * SIZE:
            self.peer_answered = self._is_answer(bytes(self._received[1 + SIZE : 1 + 2 * SIZE]))
            self.trailing = bytes(self._received[1 + 2 * SIZE :])
            self.done = True

    @abstractmethod
    def _answer(self, theirs: bytes) -> None:
        """Queue what answers the peer's first packet."""

    @abstractmethod
    def _is_answer(self, packet: bytes) -> bool:
        """Tell whether the peer's second packet answers our first."""

    def _echoes(self, packet: bytes) -> bool:
        """Tell whether it repeats our random bytes (RTMP 1.0 5.2.4); ffmpeg that publishes does so with digests too."""
        return packet[8:] == self._mine[8:]


class ClientHandshake(_Handshake):
    """The client's side; a server that does not answer with digests gets the simple handshake.

    Args:
        digest: send a digest, as ffmpeg and Flash Player do.
        random: gives that many bytes.
    """

    def __init__(self, digest: bool = False, random: Random = os.urandom) -> None:
        super().__init__("RTMP handshake (server's side)", random)
        if digest:
            self._mine = sign(bytes(4) + _CLIENT_VERSION + random(SIZE - 8), schema=1, key=_PLAYER)
        else:
            self._mine = bytes(8) + random(SIZE - 8)
        self._wants_digest = digest
        self._out += bytes([VERSION]) + self._mine

    def _answer(self, theirs: bytes) -> None:
        schema = find_digest(theirs, _SERVER) if self._wants_digest else None
        if schema is None:
            self._out += theirs
            return
        self.digest = True
        self._out += sign_answer(self._random(SIZE - _DIGEST), theirs, schema, _PLAYER + _SALT)

    def _is_answer(self, packet: bytes) -> bool:
        signed = self.digest and is_signed_answer(packet, self._mine, 1, _SERVER + _SALT)
        return signed or self._echoes(packet)


class ServerHandshake(_Handshake):
    """The server's side; it answers with digests where the client sent one, in the client's schema."""

    def __init__(self, random: Random = os.urandom) -> None:
        super().__init__("RTMP handshake (client's side)", random)
        self._schema: int | None = None

    def _answer(self, theirs: bytes) -> None:
        self._schema = find_digest(theirs, _PLAYER) if any(theirs[4:8]) else None
        self._out.append(VERSION)
        if self._schema is None:
            self._mine = bytes(8) + self._random(SIZE - 8)
            self._out += self._mine + theirs
            return
        self.digest = True
        mine = bytes(4) + _SERVER_VERSION + self._random(SIZE - 8)
        self._mine = sign(mine, schema=self._schema, key=_SERVER)
        self._out += self._mine
        self._out += sign_answer(self._random(SIZE - _DIGEST), theirs, self._schema, _SERVER + _SALT)

    def _is_answer(self, packet: bytes) -> bool:
        signed = self._schema is not None and is_signed_answer(packet, self._mine, self._schema, _PLAYER + _SALT)
        return signed or self._echoes(packet)


def digest_position(packet: bytes, schema: int) -> int:
    """Return where the digest stands in a first packet of that schema."""
    block = _BLOCKS[schema]
    return block + 4 + sum(packet[block : block + 4]) % (764 - 4 - _DIGEST)


def sign(packet: bytes, *, schema: int, key: bytes) -> bytes:
    """Return the first packet with its digest put in."""
    at = digest_position(packet, schema)
    return packet[:at] + _hmac(key, packet[:at] + packet[at + _DIGEST :]) + packet[at + _DIGEST :]


def find_digest(packet: bytes, key: bytes) -> int | None:
    """Return the schema whose digest is right in a first packet, or None."""
    for schema in (1, 0):
        if hmac.compare_digest(sign(packet, schema=schema, key=key), packet):
            return schema
    return None


def sign_answer(random: bytes, first_packet: bytes, schema: int, key: bytes) -> bytes:
    """Return a second packet: random bytes, and the digest over them that answers the peer's first packet."""
    at = digest_position(first_packet, schema)
    return random + _hmac(_hmac(key, first_packet[at : at + _DIGEST]), random)


def is_signed_answer(packet: bytes, first_packet: bytes, schema: int, key: bytes) -> bool:
    """Return whether a second packet answers the first one."""
    return hmac.compare_digest(sign_answer(packet[:-_DIGEST], first_packet, schema, key), packet)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def is_server_digest(packet: bytes) -> bool:
    """Return whether a server's first packet carries a digest."""
    return find_digest(packet, _SERVER) is not None


def server_signed(packet: bytes, first_packet: bytes) -> bool:
    """Return whether a server's second packet ends with the digest that answers the one in a client's first packet."""
    schema = find_digest(first_packet, _PLAYER)
    return schema is not None and is_signed_answer(packet, first_packet, schema, _SERVER + _SALT)
