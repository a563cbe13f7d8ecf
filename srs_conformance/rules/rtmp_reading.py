"""A kept RTMP connection read as it stands: both handshakes, and both sides' messages in the order of their arrival."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import TagKind
from srs_conformance.media.rtmp import handshake
from srs_conformance.media.rtmp.chunks import Message, MessageType
from srs_conformance.media.rtmp.messages import Command
from srs_conformance.rules.rtmp_chunks import ChunkLog, read_chunks
from srs_conformance.rules.samples import Sample
from srs_conformance.viewers.keeping import Conversation

HANDSHAKE: Final = 1 + 2 * handshake.SIZE
_COMMANDS: Final = (MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3)


@dataclass(frozen=True, slots=True)
class Said:
    """One message: whether we sent it, where it begins in its side's bytes, and which piece completed it, and when."""

    message: Message
    sent: bool
    offset: int
    piece: int
    at: float

    @property
    def where(self) -> str:
        """Where it stands, for a verdict's details."""
        return f"byte {self.offset}, {self.message.timestamp} ms"

    @property
    def media(self) -> bool:
        """Whether it is audio or video."""
        return self.message.type_id in (MessageType.AUDIO, MessageType.VIDEO)

    @property
    def metadata(self) -> bool:
        """Whether it is onMetaData."""
        return self.message.type_id == MessageType.DATA_AMF0 and b"onMetaData" in self.message.payload[:32]


@dataclass(frozen=True, slots=True)
class Called:
    """A command that could be read."""

    said: Said
    command: Command

    @property
    def info(self) -> dict[str, object]:
        """The first object among its arguments: what onStatus says; empty where there is none."""
        return next((dict(value) for value in self.command.arguments if isinstance(value, dict)), {})

    def text(self, name: str) -> str:
        """A text of that object, "" where it has none by this name."""
        value = self.info.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Talk:
    """A connection: `received` and `sent` are each side's chunks, `said` the messages of both in order."""

    conversation: Conversation
    received: ChunkLog
    sent: ChunkLog
    said: tuple[Said, ...]
    called: tuple[Called, ...]
    unreadable: tuple[tuple[Said, ProtocolError], ...]

    def ours(self, name: str) -> Called | None:
        """The first command of this name that we sent."""
        return next((each for each in self.called if each.said.sent and each.command.name == name), None)

    def theirs(self, name: str) -> list[Called]:
        """The server's commands of this name."""
        return [each for each in self.called if not each.said.sent and each.command.name == name]

    def answer(self, question: Called | None) -> Called | None:
        """The server's `_result` or `_error` for a command of ours."""
        if question is None:
            return None
        answers = (each for each in self.called if not each.said.sent and each.command.name in ("_result", "_error"))
        return next((each for each in answers if each.command.transaction == question.command.transaction), None)

    def status(self, code: str) -> Called | None:
        """The server's first onStatus with this code."""
        return next((each for each in self.theirs("onStatus") if each.text("code") == code), None)

    @property
    def heard(self) -> list[Said]:
        """What the server said."""
        return [each for each in self.said if not each.sent]

    @property
    def media(self) -> list[Said]:
        """The server's audio and video."""
        return [each for each in self.heard if each.media]

    @property
    def samples(self) -> list[Sample]:
        """The server's audio, video and onMetaData as samples; empty ones tell nothing and are left out."""
        return [
            Sample(TagKind(each.message.type_id), each.message.timestamp, each.message.payload, each.at, each.offset)
            for each in self.heard
            if (each.media or each.metadata) and each.message.payload
        ]

    @property
    def created(self) -> int | None:
        """The message stream that createStream gave us."""
        answer = self.answer(self.ours("createStream"))
        value = answer.command.arguments[0] if answer and answer.command.arguments else None
        return int(value) if isinstance(value, float) and value == value and abs(value) < 1 << 32 else None  # noqa: PLR0124 - NaN


def read_talk(conversation: Conversation) -> Talk:
    """Read a connection; messages that have not come whole are left out."""
    received, heard = _side(conversation, sent=False)
    sent, ours = _side(conversation, sent=True)
    said = sorted([*heard, *ours], key=lambda each: each.piece)
    called: list[Called] = []
    unreadable: list[tuple[Said, ProtocolError]] = []
    for each in said:
        if each.message.type_id in _COMMANDS:
            try:
                called.append(Called(each, Command.parse(each.message)))
            except ProtocolError as error:
                unreadable.append((each, error))
    return Talk(conversation, received, sent, tuple(said), tuple(called), tuple(unreadable))


def _side(conversation: Conversation, *, sent: bool) -> tuple[ChunkLog, list[Said]]:
    pieces = [(number, piece) for number, piece in enumerate(conversation.pieces) if piece.sent is sent]
    log = read_chunks(b"".join(piece.data for _, piece in pieces), HANDSHAKE)
    ends: list[int] = []
    end = 0
    for _, piece in pieces:
        end += len(piece.data)
        ends.append(end)
    said = []
    for message, begin, after in log.messages:
        number, piece = pieces[bisect_left(ends, after)]
        said.append(Said(message, sent, begin, number, piece.at))
    return log, said
