"""One RTMP connection: handshake, messages and commands over asyncio streams."""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import ChunkReader, ChunkWriter, Message, MessageType
from srs_conformance.media.rtmp.handshake import ClientHandshake, ServerHandshake
from srs_conformance.reference.media import AUDIO, VIDEO, Packet

WINDOW: Final = 2500000
_OVER_CONNECTION: Final = 3  # chunk streams, as SRS uses them
_OVER_STREAM: Final = 5
_MEDIA_CHUNK_STREAMS: Final = {VIDEO: 6, AUDIO: 7}
_DATA_CHUNK_STREAM: Final = 4
_READ: Final = 65536
_PING: Final = b"\0\6"
_PONG: Final = b"\0\7"
_EXTENDED: Final = 0xFFFFFF


class LinkClosedError(Exception):
    """The other side has closed the connection."""


@dataclass(frozen=True)
class Command:
    """An RTMP command (RTMP 1.0 7.1.1)."""

    name: str
    transaction: float = 0.0
    arguments: tuple[amf0.Value, ...] = field(default=())
    stream_id: int = 0

    @classmethod
    def of(cls, message: Message) -> Command:
        """Parse a command message.

        Raises:
            ProtocolError: it is no AMF0, or lacks a name and a number.
        """
        payload = message.payload
        if message.type_id == MessageType.COMMAND_AMF3:
            payload = payload[1:]
        values = amf0.decode(payload)
        if len(values) < 2 or not isinstance(values[0], str) or not isinstance(values[1], float):
            raise ProtocolError("RTMP command", 0, "a name and a transaction number", repr(values[:2]))
        return cls(values[0], values[1], tuple(values[2:]), message.stream_id)

    def text(self, index: int) -> str:
        """Return an argument that should be a string; empty where it is not."""
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, str) else ""

    def object(self, index: int) -> dict[str, amf0.Value]:
        """Return an argument that should be an object; empty where it is not."""
        value = self.arguments[index] if index < len(self.arguments) else None
        return value if isinstance(value, dict) else {}


class Link:
    """Messages over one TCP connection. Control messages of the chunk stream are dealt with here.

    Attributes:
        merge: seconds for which what comes is gathered before it is read, as SRS can (`mr`): an encoder sends some 70
            messages a second, and to wake for each costs several times what the messages do.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.merge = 0.0
        self.received = 0
        self.sent = 0
        self._reader = reader
        self._writer = writer
        self._chunks = ChunkReader()
        self._out = ChunkWriter()
        self._messages: deque[Message] = deque()
        self._window = 0
        self._acknowledged = 0

    @property
    def chunk_size(self) -> int:
        """The size of the chunks that are sent."""
        return self._out.chunk_size

    @property
    def writer(self) -> asyncio.StreamWriter:
        """The connection's writer, for what belongs to the connection and not to messages."""
        return self._writer

    @property
    def peer(self) -> str:
        """The IP of the other side."""
        name = self._writer.get_extra_info("peername")
        return str(name[0]) if name else ""

    @property
    def local(self) -> str:
        """The IP of this side."""
        name = self._writer.get_extra_info("sockname")
        return str(name[0]) if name else ""

    async def accept(self) -> None:
        """Do the server's side of the handshake."""
        await self._shake(ServerHandshake())

    async def greet(self) -> None:
        """Do the client's side of the handshake."""
        await self._shake(ClientHandshake())

    async def _shake(self, handshake: ServerHandshake | ClientHandshake) -> None:
        while not handshake.done:
            self.write(handshake.data_to_send())
            handshake.receive_data(await self._read())
        self.write(handshake.data_to_send())
        self._messages += self._chunks.receive_data(handshake.trailing)

    async def receive(self, timeout: float | None = None) -> Message:
        """Return the next message.

        Raises:
            LinkClosedError: the other side closed.
            TimeoutError: nothing came within `timeout` seconds.
            ProtocolError: what came is no RTMP.
        """
        while True:
            while not self._messages:
                if self.merge:
                    await asyncio.sleep(self.merge)
                async with asyncio.timeout(timeout):
                    data = await self._read()
                self._messages += self._chunks.receive_data(data)
                self._acknowledge()
            message = self._messages.popleft()
            if message.type_id == MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE and len(message.payload) == 4:
                self._window = int.from_bytes(message.payload, "big")
            elif message.type_id == MessageType.USER_CONTROL and message.payload[:2] == _PING:
                self.control(MessageType.USER_CONTROL, _PONG + message.payload[2:])
            else:
                return message

    async def command(self, timeout: float | None = None) -> Command:
        """Return the next command, passing over everything else. Raises as `receive` does."""
        while True:
            message = await self.receive(timeout)
            if message.type_id in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
                return Command.of(message)

    def control(self, kind: MessageType, payload: bytes) -> None:
        """Send a control message."""
        self.write(self._out.write(Message(kind, 0, 0, payload, 2)))

    def enlarge_chunks(self, size: int) -> None:
        """Send larger chunks without a word, by a fault."""
        self._out.chunk_size = size

    def call(self, name: str, transaction: float, *arguments: amf0.Value, stream_id: int = 0) -> None:
        """Send a command."""
        chunk_stream = _OVER_STREAM if stream_id else _OVER_CONNECTION
        payload = amf0.encode(name, transaction, *arguments)
        self.write(self._out.write(Message(MessageType.COMMAND_AMF0, stream_id, 0, payload, chunk_stream)))

    def refuse(self, code: str, description: str, *, stream_id: int = 0) -> None:
        """Say that what was asked for is refused (RTMP 1.0 7.2.2)."""
        status: dict[str, amf0.Value] = {"level": "error", "code": code, "description": description}
        self.call("onStatus", 0, None, status, stream_id=stream_id)

    def data(self, *values: amf0.Value, stream_id: int) -> None:
        """Send a data message."""
        message = Message(MessageType.DATA_AMF0, stream_id, 0, amf0.encode(*values), _OVER_STREAM)
        self.write(self._out.write(message))

    def message(self, message: Message) -> None:
        """Send a message as it is."""
        self.write(self._out.write(message))

    def media(self, packets: Iterable[Packet], stream_id: int) -> None:
        """Send packets in one write; payloads are shared, only headers are made per connection."""
        pieces: list[bytes] = []
        for packet in packets:
            frame(packet, stream_id, self._out.chunk_size, pieces)
        self.write(b"".join(pieces))

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if data:
            self.sent += len(data)
            self._writer.write(data)

    async def drain(self) -> None:
        """Wait until most of what was sent has left."""
        await self._writer.drain()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _read(self) -> bytes:
        data = await self._reader.read(_READ)
        if not data:
            raise LinkClosedError("the peer closed the connection")
        self.received += len(data)
        return data

    def _acknowledge(self) -> None:
        """Acknowledge what was received, where the other side asked for it (RTMP 1.0 5.4.3)."""
        if self._window and self.received - self._acknowledged >= self._window:
            self._acknowledged = self.received
            self.control(MessageType.ACKNOWLEDGEMENT, (self.received & 0xFFFFFFFF).to_bytes(4, "big"))


def frame(packet: Packet, stream_id: int, chunk_size: int, pieces: list[bytes]) -> None:
    """Append the chunks of one packet: each message begins with a header of type 0, as SRS sends them."""
    payload = packet.payload
    chunk_stream = _MEDIA_CHUNK_STREAMS.get(packet.kind, _DATA_CHUNK_STREAM)
    stamp = packet.timestamp & 0xFFFFFFFF
    field = min(stamp, _EXTENDED)
    extension = stamp.to_bytes(4, "big") if field == _EXTENDED else b""
    head = struct.pack(
        ">BHBBHB", chunk_stream, field >> 8, field & 0xFF, len(payload) >> 16, len(payload) & 0xFFFF, packet.kind
    )
    pieces.append(head + stream_id.to_bytes(4, "little") + extension)
    if len(payload) <= chunk_size:
        pieces.append(payload)
        return
    pieces.append(payload[:chunk_size])
    again = bytes([0xC0 | chunk_stream]) + extension
    for start in range(chunk_size, len(payload), chunk_size):
        pieces += (again, payload[start : start + chunk_size])
