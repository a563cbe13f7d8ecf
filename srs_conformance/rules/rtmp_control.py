"""Rules of RTMP's control messages (RTMP 1.0 5.4, 6.2, 7.1.7): where they go, what they say, and what answers them."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import CONTROL_CHUNK_STREAM, MessageType
from srs_conformance.media.rtmp.messages import (
    CONTROL_TYPES,
    Acknowledgement,
    Control,
    PingRequest,
    PingResponse,
    SetPeerBandwidth,
    UserControl,
    WindowAcknowledgementSize,
    parse_control,
)
from srs_conformance.requirements import Level
from srs_conformance.rules.rtmp_reading import HANDSHAKE, Said, Talk
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged

PONG_SECONDS: Final = 2.0
"""What is asked later than so long before the end need not have been answered."""
_ADOBES_EVENTS: Final = frozenset({26, 27, 31, 32})
"""Events of Adobe's servers that the specification lacks: SWF verification, buffer empty and ready (librtmp)."""


def _rule(name: str, level: Level, section: str, text: str) -> Rule:
    return Rule(f"RTMP-{name}", level, f"RTMP 1.0 {section}", text)


STREAM: Final = _rule(
    "CONTROL-STREAM",
    Level.MUST,
    "5.4",
    "Protocol control messages have message stream 0 and chunk stream 2, and nothing else than control goes there.",
)
USER_STREAM: Final = _rule(
    "USER-CONTROL-STREAM", Level.SHOULD, "6.2", "User control messages have message stream 0 and chunk stream 2."
)
FORM: Final = _rule(
    "CONTROL-FORM", Level.MUST, "5.4.1 to 5.4.5, 7.1.7", "A control message has the size and values of its type."
)
WINDOW: Final = _rule(
    "WINDOW-SIZE",
    Level.MUST,
    "5.4.4, 7.2.1.1",
    "The server tells a Window Acknowledgement Size, not 0, before it answers connect: by it players acknowledge.",
)
BANDWIDTH: Final = _rule(
    "PEER-BANDWIDTH", Level.SHOULD, "5.4.5, 7.2.1.1", "The server sets the peer's bandwidth before it answers connect."
)
ACKNOWLEDGED: Final = _rule(
    "ACKNOWLEDGEMENT",
    Level.MUST,
    "5.4.3",
    "The server acknowledges each window of what it gets, where a size was told, and never more than was sent.",
)
PONG: Final = _rule("PING", Level.MUST, "7.1.7", "A ping is answered with its own timestamp.")
RULES: Final[tuple[Rule, ...]] = (STREAM, USER_STREAM, FORM, WINDOW, BANDWIDTH, ACKNOWLEDGED, PONG)


def judge_control(talk: Talk) -> list[Verdict]:
    """Judge the server's control messages, and the answers of both sides."""
    controls: list[tuple[Said, Control]] = []
    wrong: list[str] = []
    for said in talk.said:
        if said.message.type_id in CONTROL_TYPES:
            try:
                controls.append((said, parse_control(said.message)))
            except ProtocolError as error:
                if not said.sent:
                    wrong.append(f"{said.where}: {error}")
    theirs = [(said, control) for said, control in controls if not said.sent]
    unknown = [
        f"{said.where}: event {control.event}"
        for said, control in theirs
        if isinstance(control, UserControl) and control.event not in _ADOBES_EVENTS
    ]
    return [
        _stream(talk),
        _user_stream(talk),
        judged(FORM, [*wrong, *unknown], len(theirs) + len(wrong), "control messages"),
        _before_answer(WINDOW, talk, theirs, WindowAcknowledgementSize),
        _before_answer(BANDWIDTH, talk, theirs, SetPeerBandwidth),
        _acknowledged(talk, controls),
        _pong(talk, controls),
    ]


def _misplaced(said: Said) -> str:
    message = said.message
    if (message.stream_id, message.chunk_stream_id) == (0, CONTROL_CHUNK_STREAM):
        return ""
    return f"{said.where}: type {message.type_id} on stream {message.stream_id}, chunk stream {message.chunk_stream_id}"


def _stream(talk: Talk) -> Verdict:
    protocol = [each for each in talk.heard if each.message.type_id in CONTROL_TYPES - {MessageType.USER_CONTROL}]
    others = [each for each in talk.heard if each.message.type_id not in CONTROL_TYPES]
    wrong = [text for each in protocol if (text := _misplaced(each))]
    wrong += [
        f"{each.where}: type {each.message.type_id} on chunk stream 2"
        for each in others
        if each.message.chunk_stream_id == CONTROL_CHUNK_STREAM
    ]
    return judged(STREAM, wrong, len(protocol), "protocol control messages")


def _user_stream(talk: Talk) -> Verdict:
    user = [each for each in talk.heard if each.message.type_id == MessageType.USER_CONTROL]
    return judged(
        USER_STREAM, [text for each in user if (text := _misplaced(each))], len(user), "user control messages"
    )


def _before_answer(
    rule: Rule,
    talk: Talk,
    theirs: list[tuple[Said, Control]],
    kind: type[WindowAcknowledgementSize | SetPeerBandwidth],
) -> Verdict:
    answer = talk.answer(talk.ours("connect"))
    if answer is None:
        return Verdict(rule, Outcome.NOT_SEEN, "connect was not answered")
    before = [control for said, control in theirs if isinstance(control, kind) and said.offset < answer.said.offset]
    if not before:
        return judged(rule, [f"{answer.said.where}: connect answered without it"], 1, "answers to connect")
    return judged(rule, [f"a size of {each.size}" for each in before if not each.size], 1, "answers to connect")


def _acknowledged(talk: Talk, controls: list[tuple[Said, Control]]) -> Verdict:
    told = [control.size for said, control in controls if said.sent and isinstance(control, WindowAcknowledgementSize)]
    total = sum(len(piece.data) for piece in talk.conversation.pieces if piece.sent)
    acks = [(said, control) for said, control in controls if not said.sent and isinstance(control, Acknowledgement)]
    wrong = [f"{said.where}: {ack.sequence} of {total} bytes" for said, ack in acks if 0 < total < ack.sequence]
    due = (total - HANDSHAKE) // told[-1] if told and told[-1] else 0
    if due > len(acks) + 1:  # one may be under way
        wrong.append(f"{len(acks)} acknowledgements for {total} bytes, one for every {told[-1]} was asked for")
    return judged(ACKNOWLEDGED, wrong, max(len(acks), due), "windows")


def _pong(talk: Talk, controls: list[tuple[Said, Control]]) -> Verdict:
    end = talk.said[-1].at if talk.said else 0.0
    asked = [(said, ping) for said, ping in controls if isinstance(ping, PingRequest) and end - said.at > PONG_SECONDS]
    wrong = [
        f"{said.where}: {ping.timestamp} of {'ours' if said.sent else 'the server'} not answered"
        for said, ping in asked
        if not any(
            isinstance(pong, PingResponse) and other.sent is not said.sent and pong.timestamp == ping.timestamp
            for other, pong in controls
        )
    ]
    return judged(PONG, wrong, len(asked), "pings")
