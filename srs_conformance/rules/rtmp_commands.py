"""Rules of RTMP's commands (RTMP 1.0 7.2): connect, createStream, and the status messages of a play in their order."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.rtmp.chunks import MessageType
from srs_conformance.media.rtmp.messages import StreamBegin, parse_control
from srs_conformance.requirements import Level
from srs_conformance.rules.rtmp_reading import Called, Said, Talk
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged

RESET, START = "NetStream.Play.Reset", "NetStream.Play.Start"
CONNECTED: Final = "NetConnection.Connect.Success"
LEVELS: Final = frozenset({"status", "warning", "error"})
_ACCESS, _BEGUN = b"|RtmpSampleAccess", b"NetStream.Data.Start"


def _rule(name: str, level: Level, section: str, text: str) -> Rule:
    return Rule(f"RTMP-{name}", level, f"RTMP 1.0 {section}", text)


READABLE: Final = _rule(
    "COMMAND-FORM", Level.MUST, "7.1.1", "A command is a name, a transaction number and AMF values."
)
CONNECT: Final = _rule(
    "CONNECT-RESULT",
    Level.MUST,
    "7.2.1.1",
    f"The first answer is connect's, with two objects: level status and code {CONNECTED} in the second.",
)
ENCODING: Final = _rule(
    "OBJECT-ENCODING", Level.MUST, "7.2.1.1", "Who connects with objectEncoding 0 is told no other and gets AMF0 only."
)
CREATED: Final = _rule(
    "CREATE-STREAM-RESULT", Level.MUST, "7.2.1.3", "createStream is answered with the id of a stream, which is not 0."
)
TRANSACTION: Final = _rule("TRANSACTION", Level.MUST, "7.2.1", "Each answer has the number of a call that was made.")
BEGIN: Final = _rule(
    "STREAM-BEGIN",
    Level.MUST,
    "7.1.7, 7.2.2.1",
    "Stream Begin, for the stream that was created, comes before its media and before NetStream.Play.Start.",
)
STATUS_FORM: Final = _rule(
    "STATUS-FORM",
    Level.MUST,
    "7.2.2",
    "onStatus has transaction 0, null, and an object with level (status, warning or error), code and description.",
)
STATUS_STREAM: Final = _rule(
    "STATUS-STREAM", Level.MUST, "7.2.2", "The status of a play comes on the message stream that plays."
)
PLAY_START: Final = _rule(
    "PLAY-START",
    Level.MUST,
    "7.2.2.1",
    f"A play that succeeds is told as {START}, and before that as {RESET} if at all.",
)
PLAY_ORDER: Final = _rule("PLAY-ORDER", Level.MUST, "7.2.2.1", f"Audio, video and onMetaData come after {START}.")
DATA_ORDER: Final = Rule(
    "RTMP-DATA-ORDER",
    Level.SHOULD,
    "RTMP 1.0 7.2.2.1; measured of SRS 3 and 6",
    f"|RtmpSampleAccess and then NetStream.Data.Start, where they come, stand between {START} and the media.",
)
RULES: Final[tuple[Rule, ...]] = (
    READABLE,
    CONNECT,
    ENCODING,
    CREATED,
    TRANSACTION,
    BEGIN,
    STATUS_FORM,
    STATUS_STREAM,
    PLAY_START,
    PLAY_ORDER,
    DATA_ORDER,
)


def judge_commands(talk: Talk) -> list[Verdict]:
    """Judge the server's commands and the order of a play."""
    wrong = [f"{said.where}: {error}" for said, error in talk.unreadable if not said.sent]
    commands = [each for each in talk.called if not each.said.sent]
    return [
        judged(READABLE, wrong, len(wrong) + len(commands), "commands"),
        _connect(talk),
        _encoding(talk),
        _created(talk),
        _transactions(talk),
        _begin(talk),
        _status_form(talk),
        _status_stream(talk),
        _play_start(talk),
        _play_order(talk),
        _data_order(talk),
    ]


def _connect(talk: Talk) -> Verdict:
    answers = [each for each in talk.called if not each.said.sent and each.command.name in ("_result", "_error")]
    question = talk.ours("connect")
    if question is None or not answers:
        return Verdict(CONNECT, Outcome.NOT_SEEN, "no answer to connect")
    first = answers[0]
    wrong = []
    if first.command.transaction != question.command.transaction:
        wrong.append(f"{first.said.where}: the first answer is of transaction {first.command.transaction:g}")
    elif first.command.name == "_result":
        if not isinstance(first.command.object, dict):
            wrong.append(f"{first.said.where}: no properties but {first.command.object!r}")
        if (first.text("level"), first.text("code")) != ("status", CONNECTED):
            wrong.append(f"{first.said.where}: level {first.text('level')!r}, code {first.text('code')!r}")
    return judged(CONNECT, wrong, 1, "answers to connect")


def _encoding(talk: Talk) -> Verdict:
    question = talk.ours("connect")
    asked = question.command.object if question else None
    if question is None or not isinstance(asked, dict) or asked.get("objectEncoding") != 0.0:
        return Verdict(ENCODING, Outcome.NOT_SEEN, "no connect with objectEncoding 0")
    answer = talk.answer(question)
    wrong = []
    if answer is not None and answer.info.get("objectEncoding", 0.0) != 0.0:
        wrong.append(f"{answer.said.where}: objectEncoding {answer.info['objectEncoding']!r}")
    amf3 = (MessageType.COMMAND_AMF3, MessageType.DATA_AMF3, MessageType.SHARED_OBJECT_AMF3)
    wrong += [
        f"{each.where}: a message of type {each.message.type_id}" for each in talk.heard if each.message.type_id in amf3
    ]
    return judged(ENCODING, wrong, 1, "connections")


def _created(talk: Talk) -> Verdict:
    question = talk.ours("createStream")
    answer = talk.answer(question)
    if question is None or (answer is None and talk.ours("play") is None):
        return Verdict(CREATED, Outcome.NOT_SEEN, "no answer to createStream")
    if answer is None:
        return judged(CREATED, ["a play, and no answer to createStream"], 1, "answers to createStream")
    wrong = [] if talk.created else [f"{answer.said.where}: {answer.command.arguments!r}"]
    return judged(CREATED, wrong if answer.command.name == "_result" else [], 1, "answers to createStream")


def _transactions(talk: Talk) -> Verdict:
    asked = {each.command.transaction for each in talk.called if each.said.sent}
    answers = [each for each in talk.called if not each.said.sent and each.command.name in ("_result", "_error")]
    wrong = [
        f"{each.said.where}: {each.command.name} of transaction {each.command.transaction:g}"
        for each in answers
        if each.command.transaction not in asked
    ]
    return judged(TRANSACTION, wrong, len(answers), "answers")


def _begin(talk: Talk) -> Verdict:
    start = talk.status(START)
    if start is None and not talk.media:
        return Verdict(BEGIN, Outcome.NOT_SEEN, "no play")
    bound = min([each.offset for each in talk.media[:1]] + ([start.said.offset] if start else []))
    begun = [each for each in talk.heard if _begins(each, talk.created)]
    if not begun:
        return judged(BEGIN, [f"no Stream Begin for stream {talk.created}"], 1, "plays")
    late = begun[0].offset > bound
    return judged(BEGIN, [f"{begun[0].where}: after {START} or the first media"] if late else [], 1, "plays")


def _begins(said: Said, stream_id: int | None) -> bool:
    if said.message.type_id != MessageType.USER_CONTROL:
        return False
    try:
        control = parse_control(said.message)
    except ProtocolError:
        return False
    return isinstance(control, StreamBegin) and control.stream_id == stream_id


def _status_form(talk: Talk) -> Verdict:
    statuses = talk.theirs("onStatus")
    wrong = [f"{each.said.where}: {text}" for each in statuses if (text := _wrong_status(each))]
    return judged(STATUS_FORM, wrong, len(statuses), "status messages")


def _wrong_status(each: Called) -> str:
    if each.command.transaction != 0 or each.command.object is not None:
        return f"transaction {each.command.transaction:g} and {each.command.object!r:.40}"
    if each.text("level") not in LEVELS:
        return f"level {each.info.get('level')!r}"
    missing = [name for name in ("code", "description") if not each.text(name)]
    return f"no {' and no '.join(missing)}" if missing else ""


def _plays(talk: Talk) -> list[Called]:
    return [each for each in talk.theirs("onStatus") if each.text("code").startswith("NetStream.Play.")]


def _status_stream(talk: Talk) -> Verdict:
    plays = _plays(talk) if talk.created else []
    wrong = [
        f"{each.said.where}: {each.text('code')} on stream {each.command.stream_id}, created was {talk.created}"
        for each in plays
        if each.command.stream_id != talk.created
    ]
    return judged(STATUS_STREAM, wrong, len(plays), "statuses of a play")


def _play_start(talk: Talk) -> Verdict:
    start, reset = talk.status(START), talk.status(RESET)
    if start is None:
        wrong = [f"{talk.media[0].where}: media, and no {START}"] if talk.media else []
        return judged(PLAY_START, wrong, len(talk.media[:1]), "plays")
    late = reset is not None and reset.said.offset > start.said.offset
    return judged(PLAY_START, [f"{start.said.where}: before {RESET}"] if late else [], 1, "plays")


def _play_order(talk: Talk) -> Verdict:
    start = talk.status(START)
    media = [*talk.media[:1], *(each for each in talk.heard if each.metadata)]
    bound = start.said.offset if start else None
    wrong = [f"{each.where}: before {START}" for each in media if bound is None or each.offset < bound]
    return judged(PLAY_ORDER, wrong, len(media), "first media messages")


def _data_order(talk: Talk) -> Verdict:
    data = [each for each in talk.heard if each.message.type_id == MessageType.DATA_AMF0]
    access = next((each.offset for each in data if _ACCESS in each.message.payload), None)
    begun = next((each.offset for each in data if _BEGUN in each.message.payload), None)
    if access is None and begun is None:
        return Verdict(DATA_ORDER, Outcome.NOT_SEEN, "neither of both")
    start = talk.status(START)
    first = talk.media[0].offset if talk.media else None
    wrong = []
    for name, offset in (("|RtmpSampleAccess", access), ("NetStream.Data.Start", begun)):
        if offset is not None and (start is None or offset < start.said.offset):
            wrong.append(f"byte {offset}: {name} before {START}")
        if offset is not None and first is not None and offset > first:
            wrong.append(f"byte {offset}: {name} after the first media at byte {first}")
    if access is not None and begun is not None and begun < access:
        wrong.append(f"byte {begun}: NetStream.Data.Start before |RtmpSampleAccess")
    return judged(DATA_ORDER, wrong, 1, "plays")
