"""For each rule of RTMP a connection in which it is broken, and what breaks with it."""

from dataclasses import replace

from srs_conformance.media import amf0
from srs_conformance.media.rtmp.chunks import Message, MessageType
from srs_conformance.media.rtmp.messages import (
    Acknowledgement,
    Command,
    PingRequest,
    SetPeerBandwidth,
    WindowAcknowledgementSize,
    control_message,
)
from srs_conformance.viewers.keeping import Conversation, Piece
from tests.support.kept import (
    CONNECTED,
    CREATED,
    GREETINGS,
    PLAYING,
    WELCOME,
    Talking,
    asks_to,
    conversation,
    messages,
    status,
    stream,
    without,
)
from tests.unit.rules.broken_flv import METADATA, TRACKS

MEDIA = messages(stream())


def with_raw(data, *, before=None):
    """A connection at whose end the server says these bytes, or which has them in place of its first media message."""
    talking = Talking()
    made = conversation(talking=talking, media=MEDIA[:3] if before is None else before)
    talking.raw(data)
    return made


def with_said(*said, at=0):
    """A connection that has these among its media."""
    return conversation(media=[*MEDIA[:at], *said, *MEDIA[at:]])


def on(message, stream_id, chunk_stream_id):
    return replace(message, stream_id=stream_id, chunk_stream_id=chunk_stream_id)


def greeting(*left_out, **others):
    return conversation(greetings=without(GREETINGS, *left_out, **others))


def playing(*left_out, **others):
    return conversation(playing=without(PLAYING, *left_out, **others).values())


def welcome(**changes):
    return greeting(connected=replace(WELCOME, arguments=({**CONNECTED, **changes},)))


def in_order(*names):
    return conversation(playing=[PLAYING[name] for name in names])


def late(seconds, *, of):
    """A connection whose messages from one of the pieces on come late."""
    whole = conversation()
    count = next(n for n, piece in enumerate(whole.pieces) if of in piece.data)
    whole.pieces[:] = [
        Piece(piece.at + (seconds if n >= count else 0), piece.data, piece.sent) for n, piece in enumerate(whole.pieces)
    ]
    return whole


def unannounced():
    """A server that sends chunks of 60000 bytes and has not said so."""
    talking = Talking()
    talking.chunks[False].chunk_size = 60000
    return conversation(greetings=without(GREETINGS, "chunk size"), talking=talking)


def broken_message():
    """A message whose second chunk has a header of type 0."""
    talking = Talking()
    made = conversation(talking=talking, greetings=without(GREETINGS, "chunk size"), media=MEDIA[:3])
    chunk = b"\x06\0\0\0\0\x03\xe8\x09\1\0\0\0" + bytes(128)
    talking.raw(chunk + chunk)
    return made


def small_chunks():
    """A server that keeps to chunks of 128 bytes."""
    return conversation(greetings=without(GREETINGS, "chunk size"))


def handshake(change):
    return conversation(change=change)


def cut_handshake():
    whole = conversation()
    return Conversation("127.0.0.1", 1935, [whole.pieces[0], Piece(101.0, whole.pieces[1].data[:900])], "closed")


def talkative():
    """A client that sent three windows, and no acknowledgement came."""
    talking = Talking()
    made = conversation(talking=talking)
    talking.say(WindowAcknowledgementSize(1000), sent=True)
    for _ in range(5):
        talking.say(Command("call", 0, None, ("x" * 900,)), sent=True)
    return made


def unanswered_ping():
    return with_said(control_message(PingRequest(7)))


EXTENDED_LESS = b"\x06\xff\xff\xff\0\0\x05\x09\1\0\0\0" + (0xFFFFF0).to_bytes(4, "big") + b"\x27\1\0\0\0"
LONG_FORM = b"\x01\x10\0\0\0\0\0\0\5\x09\1\0\0\0\x27\2\0\0\0"

#: Rules by ID -> (a connection in which it is broken, other rules that break with it).
CONVERSATIONS = {
    "RTMP-S0-VERSION": (handshake(lambda data: b"\6" + data[1:]), ()),
    "RTMP-S1-S2-SIZE": (cut_handshake(), ()),
    "RTMP-S1-ZERO": (handshake(lambda data: data[:5] + b"\4\5\0\1" + data[9:]), ()),
    "RTMP-S2-ECHO": (handshake(lambda data: data[:-5] + b"other"), ()),
    "RTMP-BASIC-HEADER": (with_raw(LONG_FORM), ()),
    "RTMP-CHUNK-TYPE": (with_raw(b"\x49\0\0\0\0\0\5\x09\x27\2\0\0\0"), ("RTMP-MEDIA-STREAM",)),
    "RTMP-CHUNK-CONTINUATION": (broken_message(), ()),
    "RTMP-CHUNK-SIZE": (unannounced(), ()),
    "RTMP-EXTENDED-TIMESTAMP": (
        with_raw(EXTENDED_LESS),
        ("RTMP-KEYFRAME-FIRST", "CODEC-NAL-SIZES"),
    ),
    "RTMP-MESSAGE-TYPE": (with_said(Message(77, 1, 0, b"?", 5)), ()),
    "RTMP-CONTROL-STREAM": (greeting(window=on(control_message(WindowAcknowledgementSize(9999)), 0, 3)), ()),
    "RTMP-USER-CONTROL-STREAM": (playing(begin=on(control_message(PLAYING["begin"]), 1, 5)), ()),
    "RTMP-CONTROL-FORM": (with_said(Message(MessageType.USER_CONTROL, 0, 0, b"\0\0\0", 2)), ()),
    "RTMP-WINDOW-SIZE": (greeting("window"), ()),
    "RTMP-PEER-BANDWIDTH": (greeting(bandwidth=SetPeerBandwidth(0)), ()),
    "RTMP-ACKNOWLEDGEMENT": (talkative(), ()),
    "RTMP-PING": (unanswered_ping(), ()),
    "RTMP-COMMAND-FORM": (with_said(Message(MessageType.COMMAND_AMF0, 1, 0, amf0.encode(1.0), 5)), ()),
    "RTMP-CONNECT-RESULT": (welcome(code="NetConnection.Connect.Fine"), ()),
    "RTMP-OBJECT-ENCODING": (welcome(objectEncoding=3.0), ()),
    "RTMP-CREATE-STREAM-RESULT": (
        conversation(created=replace(CREATED, arguments=("one",))),
        ("RTMP-STREAM-BEGIN",),
    ),
    "RTMP-TRANSACTION": (with_said(Command("_result", 9, None).message()), ()),
    "RTMP-STREAM-BEGIN": (in_order("reset", "start", "begin", "access", "data"), ()),
    "RTMP-STATUS-FORM": (playing(reset=Command("onStatus", 3, None, ({"level": "status"},), 1)), ()),
    "RTMP-STATUS-STREAM": (playing(start=status("NetStream.Play.Start", stream_id=2)), ()),
    "RTMP-PLAY-START": (in_order("begin", "start", "reset", "access", "data"), ()),
    "RTMP-PLAY-ORDER": (
        conversation(
            playing=[
                PLAYING["begin"],
                PLAYING["reset"],
                MEDIA[0],
                *[PLAYING[each] for each in ("start", "access", "data")],
            ],
            media=MEDIA[1:],
        ),
        (),
    ),
    "RTMP-DATA-ORDER": (in_order("begin", "reset", "start", "data", "access"), ()),
    "RTMP-MEDIA-STREAM": (conversation(media=messages(stream(), 0)), ()),
    "RTMP-PROMPT": (late(4.0, of=b"onMetaData"), ()),
    "RTMP-FLOW": (late(3.0, of=b"\x27\x01"), ()),
    **{
        f"RTMP-{name}": (conversation(media=messages(media)), tuple(f"RTMP-{each}" for each in also))
        for name, (media, also) in {**TRACKS, **METADATA}.items()
    },
}


def refused(*said, asked="publish", why="the server closed the connection"):
    """A connection whose client asks for something, is told this, and is hung up on."""
    talking = Talking()
    talking.shake()
    asks_to(talking, "connect")
    talking.say(WELCOME)
    talking.say(Command("createStream", 2), sent=True)
    talking.say(CREATED)
    talking.say(Command(asked, 0, None, ("s", "live"), 1), sent=True)
    for each in said:
        talking.say(each)
    return talking.done(why)


def redirect(**changes):
    ex = {
        "code": 302.0,
        "redirect": "rtmp://oc-1.socs:1935/live",
        "redirect2": "rtmp://oc-1.socs:1935/live/s",
        **changes,
    }
    return status("NetConnection.Connect.Rejected", "error", 0, description="RTMP 302 Redirect", ex=ex)


BUSY = status("NetStream.Publish.BadName", "error")
STARTED = status("NetStream.Publish.Start")
REFUSALS = {
    "RTMP-REFUSAL-STATUS": [refused()],
    "RTMP-REFUSAL-FORM": [refused(status("NetStream.Publish.BadName"))],
    "RTMP-REFUSAL-NOT-STARTED": [refused(STARTED, BUSY)],
    "RTMP-REDIRECT": [refused(redirect(redirect="http://oc-1"), asked="play")],
}
KEPT_REFUSALS = [
    refused(BUSY),
    refused(status("NetStream.Play.StreamNotFound", "error"), asked="play"),
    refused(status("NetStream.Play.Start"), redirect(), asked="play"),
]
ACKED = [control_message(Acknowledgement(10))]
