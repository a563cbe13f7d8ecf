"""Kept HTTP-FLV responses and RTMP connections, made of bytes: whole ones, and what tests make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.chunks import ChunkWriter, Message, MessageType
from srs_conformance.media.rtmp.handshake import SIZE, ClientHandshake, ServerHandshake
from srs_conformance.media.rtmp.messages import (
    Command,
    Control,
    SetBufferLength,
    SetChunkSize,
    SetPeerBandwidth,
    StreamBegin,
    WindowAcknowledgementSize,
    control_message,
)
from srs_conformance.viewers.keeping import Conversation, Piece, Response

AUDIO, VIDEO, SCRIPT = 8, 9, 18
BEGAN = 100.0
#: What libx264 and ffmpeg's AAC encoder made of the demo clip: 640x360, main profile; 44.1 kHz.
SPS = bytes.fromhex("674d401eda0280bfe5c044000003000400000300c83c58ba80")
PPS = bytes.fromhex("68ef3c80")
AVC = bytes.fromhex("014d401effe10019") + SPS + b"\1\0\4" + PPS
ASC = bytes.fromhex("121056e500")
OTHER_SPS = bytes.fromhex("674d401eda0280bfe5c044000003000400000300c83c58ba90")
METADATA = {"width": 640.0, "height": 360.0, "videocodecid": 7.0, "audiocodecid": 10.0}


def metadata(values: amf0.Value = None) -> bytes:
    return amf0.encode("onMetaData", amf0.EcmaArray(METADATA) if values is None else values)


def nal(*units: bytes, length: int = 4) -> bytes:
    return b"".join(len(unit).to_bytes(length, "big") + unit for unit in units)


def picture(number: int, *, key: bool) -> bytes:
    """A slice of PPS 0 that no other picture has: first_mb 0, slice type 7 or 5, PPS 0."""
    return (b"\x65\x88\x84" if key else b"\x41\x9a\x26") + number.to_bytes(4, "big") + bytes([number % 250 + 1]) * 200


def video(data: bytes, *, key: bool, kind: int = 1, composition: int = 0) -> bytes:
    return bytes([0x17 if key else 0x27, kind]) + composition.to_bytes(3, "big", signed=True) + data


def audio(data: bytes, kind: int = 1, first: int = 0xAF) -> bytes:
    return bytes([first, kind]) + data


@dataclass(frozen=True)
class Media:
    """One tag or message of media."""

    kind: int
    timestamp: int
    payload: bytes


def frames(seconds: float = 3.0, start: int = 0) -> list[Media]:
    """25 pictures a second with a keyframe each second, and AAC frames beside them, in order of their times."""
    pictures = [
        Media(VIDEO, start + 40 * n, video(nal(picture(n, key=n % 25 == 0)), key=n % 25 == 0))
        for n in range(int(seconds * 25))
    ]
    sounds = [
        Media(AUDIO, start + n * 1024 * 10 // 441, audio(b"\x21" + bytes([n % 256]) * 20))
        for n in range(int(seconds * 43))
    ]
    return sorted([*pictures, *sounds], key=lambda each: each.timestamp)


def stream(**changes: float) -> list[Media]:
    """What a player gets: metadata, both configurations, and frames."""
    start = int(changes.get("start", 0))
    head = [
        Media(SCRIPT, 0, metadata()),
        Media(AUDIO, start, audio(ASC, 0)),
        Media(VIDEO, start, video(AVC, key=True, kind=0)),
    ]
    return [*head, *frames(changes.get("seconds", 3.0), start)]


def changed(
    media: Iterable[Media], which: Callable[[Media], bool], change: Callable[[Media], Media | None], times: int = 1
) -> list[Media]:
    """The same with the first `times` that match changed, or left out."""
    out: list[Media] = []
    for each in media:
        if times and which(each):
            times -= 1
            new = change(each)
            out += [new] if new else []
        else:
            out.append(each)
    return out


def is_picture(each: Media) -> bool:
    return each.kind == VIDEO and each.payload[1] == 1


def is_inter(each: Media) -> bool:
    return is_picture(each) and each.payload[0] == 0x27


def is_key(each: Media) -> bool:
    return is_picture(each) and each.payload[0] == 0x17


def is_sound(each: Media) -> bool:
    return each.kind == AUDIO and each.payload[1] == 1


def is_header(kind: int) -> Callable[[Media], bool]:
    return lambda each: each.kind == kind and kind != SCRIPT and each.payload[1] == 0


# HTTP-FLV


def tag(each: Media, *, stream_id: int = 0, high: int = 0, back: int | None = None) -> bytes:
    size = len(each.payload)
    stamp = each.timestamp & 0xFFFFFFFF
    head = bytes([each.kind | high]) + size.to_bytes(3, "big")
    head += (stamp & 0xFFFFFF).to_bytes(3, "big") + bytes([stamp >> 24]) + stream_id.to_bytes(3, "big")
    return head + each.payload + (size + 11 if back is None else back).to_bytes(4, "big")


HEADER = b"FLV\1\5\0\0\0\x09\0\0\0\0"
HEADERS = (("content-type", "video/x-flv"), ("transfer-encoding", "chunked"), ("connection", "close"))


def flv_body(media: Iterable[Media] | None = None, header: bytes = HEADER) -> bytes:
    return header + b"".join(map(tag, stream() if media is None else media))


def response(body: bytes | None = None, headers: Iterable[tuple[str, str]] = HEADERS, **changes: object) -> Response:
    """A response whose body came in pieces of 4000 bytes, one each 50 ms."""
    body = flv_body() if body is None else body
    pieces = [Piece(BEGAN + 0.1 + n / 20, body[4000 * n : 4000 * n + 4000]) for n in range(len(body) // 4000 + 1)]
    made = Response("http://127.0.0.1:8080/live/s.flv", BEGAN, 12.0, 200, tuple(headers), pieces)
    return replace(made, **changes)


PAGE = Response("http://127.0.0.1:8080/live/s.flv", BEGAN, 0.1, 200, (("access-control-allow-origin", "*"),))


# RTMP


@dataclass
class Talking:
    """A connection being written down: what each side says, in order, each in a piece of its own, 10 ms apart."""

    digest: bool = False
    random: Callable[[int], bytes] = lambda count: bytes(n % 251 for n in range(count))
    pieces: list[Piece] = field(default_factory=list)
    chunks: dict[bool, ChunkWriter] = field(default_factory=lambda: {True: ChunkWriter(), False: ChunkWriter()})
    pace: float = 0.01

    def shake(self, change: Callable[[bytes], bytes] = lambda data: data) -> None:
        client, server = ClientHandshake(self.digest, self.random), ServerHandshake(lambda count: bytes([7]) * count)
        first = client.data_to_send()
        self.raw(first, sent=True)
        server.receive_data(first)
        answer = change(server.data_to_send())
        self.raw(answer)
        self.raw(answer[1 : 1 + SIZE], sent=True)

    def raw(self, data: bytes, *, sent: bool = False) -> None:
        at = self.pieces[-1].at + self.pace if self.pieces else BEGAN
        self.pieces.append(Piece(at, data, sent))

    def say(self, message: Message | Control | Command, *, sent: bool = False) -> None:
        if isinstance(message, Command):
            message = message.message()
        elif not isinstance(message, Message):
            message = control_message(message)
        self.raw(self.chunks[sent].write(message), sent=sent)

    def done(self, why: str = "") -> Conversation:
        return Conversation("127.0.0.1", 1935, self.pieces, why)


def status(code: str, level: str = "status", stream_id: int = 1, **more: amf0.Value) -> Command:
    info: dict[str, amf0.Value] = {"level": level, "code": code, "description": "so it is", **more}
    return Command("onStatus", 0, None, (info,), stream_id)


Say = Message | Control | Command
CONNECTED = {
    "level": "status",
    "code": "NetConnection.Connect.Success",
    "description": "so it is",
    "objectEncoding": 0.0,
}
WELCOME = Command("_result", 1, {"fmsVer": "FMS/3,5,3,888"}, (CONNECTED,))
GREETINGS: dict[str, Say] = {
    "window": WindowAcknowledgementSize(2500000),
    "bandwidth": SetPeerBandwidth(2500000),
    "chunk size": SetChunkSize(60000),
    "connected": WELCOME,
}
CREATED = Command("_result", 2, None, (1.0,))
PLAYING: dict[str, Say] = {
    "begin": StreamBegin(1),
    "reset": status("NetStream.Play.Reset"),
    "start": status("NetStream.Play.Start"),
    "access": Message(MessageType.DATA_AMF0, 1, 0, amf0.encode("|RtmpSampleAccess", True, True), 5),
    "data": Message(MessageType.DATA_AMF0, 1, 0, amf0.encode("onStatus", {"code": "NetStream.Data.Start"}), 5),
}
CHUNK_STREAMS = {SCRIPT: 4, VIDEO: 6, AUDIO: 7}


def messages(media: Iterable[Media], stream_id: int = 1) -> list[Message]:
    return [
        Message(each.kind, stream_id, each.timestamp & 0xFFFFFFFF, each.payload, CHUNK_STREAMS[each.kind])
        for each in media
    ]


def asks_to(talking: Talking, name: str, **connect: amf0.Value) -> None:
    """Have the client connect; the rest of its questions come in `conversation`."""
    app: dict[str, amf0.Value] = {"app": "live", "tcUrl": "rtmp://127.0.0.1/live", "objectEncoding": 0.0, **connect}
    talking.say(Command(name, 1, app), sent=True)


def conversation(
    *,
    greetings: dict[str, Say] | None = None,
    created: Say = CREATED,
    playing: Iterable[Say] | None = None,
    media: Iterable[Message] | None = None,
    talking: Talking | None = None,
    change: Callable[[bytes], bytes] = lambda data: data,
) -> Conversation:
    """The connection of a player, from the handshake on."""
    talking = talking or Talking()
    talking.shake(change)
    asks_to(talking, "connect")
    for said in (GREETINGS if greetings is None else greetings).values():
        talking.say(said)
    talking.say(WindowAcknowledgementSize(2500000), sent=True)
    talking.say(Command("createStream", 2), sent=True)
    talking.say(created)
    talking.say(Command("play", 0, None, ("s", -2.0), 1), sent=True)
    talking.say(SetBufferLength(1, 1000), sent=True)
    for said in PLAYING.values() if playing is None else playing:
        talking.say(said)
    for message in messages(stream()) if media is None else media:
        talking.say(message)
    return talking.done()


def without(said: dict[str, Say], *names: str, **others: Say) -> dict[str, Say]:
    """The same without some, or with others in their place."""
    return {name: others.get(name, value) for name, value in said.items() if name not in names}
