"""What both roles of an RTMP connection share: handshake, chunks, acknowledgements, pings and media."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.reading import Buffer
from srs_conformance.media.rtmp import handshake
from srs_conformance.media.rtmp.chunks import ChunkReader, ChunkWriter, Message, MessageType
from srs_conformance.media.rtmp.events import (
    Audio,
    Closed,
    ControlReceived,
    DataReceived,
    Event,
    HandshakeDone,
    MessageIgnored,
    Metadata,
    Video,
    WindowAcknowledged,
)
from srs_conformance.media.rtmp.messages import (
    AUDIO_CHUNK_STREAM,
    CONTROL_TYPES,
    DATA_CHUNK_STREAM,
    VIDEO_CHUNK_STREAM,
    Acknowledgement,
    Command,
    Control,
    Data,
    Limit,
    PingRequest,
    PingResponse,
    SetPeerBandwidth,
    WindowAcknowledgementSize,
    control_message,
    parse_control,
    split_aggregate,
)
from srs_conformance.media.rtmp.skimmer import ChunkSkimmer
from srs_conformance.media.steps import Step

_MEDIA_CHUNK_STREAMS: Final = {
    MessageType.AUDIO: AUDIO_CHUNK_STREAM,
    MessageType.VIDEO: VIDEO_CHUNK_STREAM,
    MessageType.DATA_AMF0: DATA_CHUNK_STREAM,
}


class Connection(ABC):
    """One side of a connection: bytes in, events out; messages in, bytes out.

    Acknowledgements that fall due and answers to pings are put into `data_to_send` by themselves.
    """

    def __init__(
        self,
        side: handshake.ClientHandshake | handshake.ServerHandshake,
        *,
        max_message_size: int,
        compress: bool,
    ) -> None:
        self.handshake = side
        self.bytes_received = 0
        self.closed = False
        self._reader = ChunkReader(max_message_size=max_message_size, offset=1 + 2 * handshake.SIZE)
        self._writer = ChunkWriter(compress=compress)
        self._out: list[bytes] = []
        self._skimmer: ChunkSkimmer | None = None
        self._failure: ProtocolError | LocalProtocolError | None = None
        self._window = 0  # the peer wants an acknowledgement after so many bytes; 0: it has not said
        self._acknowledged = 0
        self._own_window = 0  # what we told the peer
        self._bandwidth_limit: Limit | None = None

    def data_to_send(self) -> bytes:
        """Return, once, the bytes for the peer."""
        if not self.handshake.done:
            return self.handshake.data_to_send()
        data = b"".join(self._out)
        self._out.clear()
        return data

    def receive_data(self, data: Buffer) -> list[Event]:
        """Take bytes from the peer and return the events that they complete.

        Raises:
            ProtocolError: the peer broke the protocol; its `before` holds the events up to there.
            LocalProtocolError: called again after that.
        """
        if self._failure is not None:
            raise LocalProtocolError(f"bytes were fed to a connection that had failed: {self._failure}")
        events: list[Event] = []
        self.bytes_received += len(data)
        try:
            if not self.handshake.done:
                data = self._shake_hands(data, events)
            self._receive_chunks(data, events)
        except ProtocolError as error:
            error.before = tuple(events)
            self._failure = error
            raise
        self._acknowledge()
        return events

    def skim(self, data: memoryview) -> tuple[list[Step], list[Event]]:
        """Take bytes from the peer as `receive_data` does, without the payloads of audio and video.

        From the first call on, for good: `receive_data` is over then. Returns the steps of audio and video, and the
        events of all other messages.

        Raises:
            ProtocolError: the peer broke the protocol.
            LocalProtocolError: the handshake is not done.
        """
        if self._skimmer is None:
            if not self.handshake.done:
                raise LocalProtocolError("a connection cannot be skimmed before its handshake is done")
            self._skimmer = ChunkSkimmer(self._reader)
            self._failure = LocalProtocolError("the connection is being skimmed")
        self.bytes_received += len(data)
        steps = self._skimmer.skim(data)
        events: list[Event] = []
        if self._skimmer.messages:
            for message in self._skimmer.messages:
                self._receive_message(message, events)
            self._skimmer.messages.clear()
        self._acknowledge()
        return steps, events

    def skip(self, count: int) -> None:
        """Take note of so many bytes from the peer that nobody will ever look at; only they can follow."""
        self._failure = self._failure or LocalProtocolError("the connection's bytes are being thrown away")
        self.bytes_received += count
        self._acknowledge()

    def take_stamps(self) -> list[tuple[int, float]]:
        """Return, once, the stamps of skimmed keyframes: (timestamp in ms, seconds since 1970)."""
        if self._skimmer is None or not self._skimmer.stamps:
            return []
        stamps, self._skimmer.stamps = self._skimmer.stamps, []
        return stamps

    def receive_eof(self) -> list[Event]:
        """Take note that the peer closed its side."""
        self.closed = True
        return [Closed(self._reader.buffered)]

    def send(self, message: Message) -> None:
        """Queue a message.

        Raises:
            LocalProtocolError: the handshake is not done, the connection is closed, or the message is impossible.
        """
        if not self.handshake.done:
            raise LocalProtocolError("a message was sent before the handshake was done")
        if self.closed:
            raise LocalProtocolError("a message was sent on a closed connection")
        self._write(message)

    def send_control(self, control: Control) -> None:
        """Queue a control message; a SetChunkSize holds for what is sent after it."""
        if isinstance(control, WindowAcknowledgementSize):
            self._own_window = control.size
        self.send(control_message(control))

    def send_command(self, command: Command) -> None:
        """Queue a command."""
        self.send(command.message())

    def send_data(self, data: Data) -> None:
        """Queue a data message."""
        self.send(data.message())

    def send_media(self, kind: int, timestamp: int, payload: bytes, stream_id: int = 1) -> None:
        """Queue audio, video or script data: `kind` is a MessageType or an `flv.TagKind`, the payload as in FLV."""
        chunk_stream_id = _MEDIA_CHUNK_STREAMS.get(MessageType(kind))
        if chunk_stream_id is None:
            raise LocalProtocolError(f"message type {kind} is no media; 8, 9 and 18 are")
        self.send(Message(kind, stream_id, timestamp & 0xFFFFFFFF, payload, chunk_stream_id))

    def close(self) -> None:
        """Refuse to send any more; what is queued can still be taken from `data_to_send`."""
        self.closed = True

    def _acknowledge(self) -> None:
        """Tell the peer what has come, where it is time to (RTMP 1.0 5.4.3)."""
        if self._window and not self.closed and self.bytes_received - self._acknowledged >= self._window:
            self._acknowledged = self.bytes_received
            self._write(control_message(Acknowledgement(self.bytes_received & 0xFFFFFFFF)))

    def _write(self, message: Message) -> None:
        self._out.append(self._writer.write(message))

    def _shake_hands(self, data: Buffer, events: list[Event]) -> bytes:
        self.handshake.receive_data(data)
        if not self.handshake.done:
            return b""
        self._out.append(self.handshake.data_to_send())
        events.append(HandshakeDone(self.handshake.digest, self.handshake.peer_answered))
        self._on_handshake()
        return self.handshake.trailing

    def _receive_chunks(self, data: Buffer, events: list[Event]) -> None:
        try:
            messages = self._reader.receive_data(data)
        except ProtocolError as error:
            for message in error.before:
                if isinstance(message, Message):
                    self._receive_message(message, events)
            raise
        for message in messages:
            self._receive_message(message, events)

    def _receive_message(self, message: Message, events: list[Event]) -> None:
        type_id = message.type_id
        if type_id in (MessageType.AUDIO, MessageType.VIDEO):
            kind = Audio if type_id == MessageType.AUDIO else Video
            events.append(kind(message.timestamp, message.payload, message.stream_id))
        elif type_id in CONTROL_TYPES:
            events.append(self._on_control(parse_control(message)))
        elif type_id in (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3):
            events.extend(self._on_command(Command.parse(message)))
        elif type_id in (MessageType.DATA_AMF0, MessageType.DATA_AMF3):
            events.append(_data_event(Data.parse(message)))
        elif type_id == MessageType.AGGREGATE:
            for part in split_aggregate(message):
                if part.type_id == MessageType.AGGREGATE:
                    raise ProtocolError("RTMP aggregate", 0, "no aggregate within an aggregate", "one")
                self._receive_message(part, events)
        else:
            events.append(MessageIgnored(type_id, len(message.payload)))

    def _on_control(self, control: Control) -> Event:
        match control:
            case Acknowledgement(sequence):
                return WindowAcknowledged(sequence)
            case WindowAcknowledgementSize(size):
                self._window = size
            case SetPeerBandwidth():
                self._limit_bandwidth(control)
            case PingRequest(timestamp) if not self.closed:
                self._write(control_message(PingResponse(timestamp)))
        return ControlReceived(control)

    def _limit_bandwidth(self, wanted: SetPeerBandwidth) -> None:
        """Answer with our window where it changes (RTMP 1.0 5.4.5)."""
        if wanted.limit is Limit.DYNAMIC and self._bandwidth_limit is not Limit.HARD:
            return
        size = wanted.size
        if wanted.limit is Limit.SOFT and self._own_window:
            size = min(size, self._own_window)
        if wanted.limit is not Limit.DYNAMIC:
            self._bandwidth_limit = wanted.limit
        if size != self._own_window and not self.closed:
            self.send_control(WindowAcknowledgementSize(size))

    @abstractmethod
    def _on_handshake(self) -> None:
        """Do what the role does first."""

    @abstractmethod
    def _on_command(self, command: Command) -> list[Event]:
        """Do what the role does with a command, and return what there is to tell."""


def _data_event(data: Data) -> Event:
    if data.name == "onMetaData":
        values = next((value for value in data.values if isinstance(value, dict)), {})
        return Metadata(values, data.timestamp, data.stream_id)
    return DataReceived(data.name, data.values, data.timestamp, data.stream_id)
