"""Rules of the RTMP chunk stream (RTMP 1.0 5.3), and the messages that can be read out of one that breaks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from srs_conformance.media.rtmp.chunks import (
    CONTROL_CHUNK_STREAM,
    DEFAULT_CHUNK_SIZE,
    EXTENDED,
    HEADER_SIZES,
    MAX_CHUNK_SIZE,
    Message,
    MessageType,
)
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Rule, Verdict, judged, must

PROBLEMS: Final = 20
"""After so many a stream is not read any further: what comes then is chance."""
SUSPECTS: Final = 10
"""Messages that are tried as the first one of those that came in larger chunks than were announced."""
_UNBOUNDED: Final = 1 << 24
_TYPES: Final = frozenset(int(kind) for kind in MessageType)


def _must(name: str, section: str, text: str) -> Rule:
    return must(f"RTMP-{name}", f"RTMP 1.0 {section}", text)


BASIC: Final = Rule(
    "RTMP-BASIC-HEADER",
    Level.SHOULD,
    "RTMP 1.0 5.3.1.1",
    "A chunk stream's id is written in the shortest form that holds it.",
)
FIRST_TYPE: Final = _must("CHUNK-TYPE", "5.3.1.2.1", "A chunk stream begins with a header of type 0.")
CONTINUATION: Final = _must(
    "CHUNK-CONTINUATION", "5.3.1.2.4", "All chunks of a message but the first have headers of type 3."
)
SIZE: Final = _must(
    "CHUNK-SIZE",
    "5.4.1",
    f"Chunks carry {DEFAULT_CHUNK_SIZE} bytes at most until a larger size, of 31 bits and not 0, has been announced.",
)
EXTENSION: Final = _must(
    "EXTENDED-TIMESTAMP",
    "5.3.1.3",
    "A timestamp of 0xFFFFFF and more stands behind the header, a lesser one does not, and chunks of type 3 repeat it.",
)
TYPE: Final = _must("MESSAGE-TYPE", "5.4, 7.1", "A message's type is one that is defined.")
RULES: Final[tuple[Rule, ...]] = (BASIC, FIRST_TYPE, CONTINUATION, SIZE, EXTENSION, TYPE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Where a chunk stream breaks a rule."""

    rule: Rule
    offset: int
    text: str


@dataclass
class ChunkLog:
    """What one side's chunks hold: messages with (offset of the first byte, of the byte after the last)."""

    messages: list[tuple[Message, int, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    chunks: int = 0
    continued: int = 0
    extended: int = 0
    large: list[int] = field(default_factory=list)
    """Where the first messages begin that are larger than the chunk size that holds there, `SUSPECTS` at most."""


@dataclass(slots=True)
class _State:
    """What a chunk stream remembers, and the message that is being put together, which began at `begin`."""

    stamp: int
    timestamp: int
    extended: bool
    length: int
    type_id: int
    stream_id: int
    begin: int = 0
    missing: int = 0
    parts: list[bytes] = field(default_factory=list)


def read_chunks(data: bytes, start: int) -> ChunkLog:
    """Read chunks from `start` on; whoever sends larger ones than it announced is read as it sends."""
    log = _Walk(data, start).run()
    derailed = any(each.rule not in (BASIC, EXTENSION) for each in log.problems)
    for suspect in log.large if derailed else ():
        unannounced = _Walk(data, start, unbounded_from=suspect).run()
        came = any(begin == suspect for _, begin, _ in unannounced.messages)
        if came and all(each.rule is BASIC for each in unannounced.problems):
            larger = f"a message of more bytes than a chunk may have came whole; {len(log.problems)} faults otherwise"
            unannounced.problems.append(Problem(SIZE, suspect, larger))
            return unannounced
    return log


def judge_chunks(log: ChunkLog) -> list[Verdict]:
    """Judge the chunks of one side."""
    counts = {
        BASIC: (log.chunks, "chunks"),
        FIRST_TYPE: (log.chunks, "chunks"),
        CONTINUATION: (log.continued, "chunks within a message"),
        SIZE: (log.chunks, "chunks"),
        EXTENSION: (log.chunks, "chunks"),
        TYPE: (len(log.messages), "messages"),
    }
    verdicts = []
    for rule, (looked_at, what) in counts.items():
        wrong = [f"byte {each.offset}: {each.text}" for each in log.problems if each.rule is rule]
        verdicts.append(judged(rule, wrong, max(looked_at, len(wrong)), what))
    return verdicts


class _Walk:
    def __init__(self, data: bytes, start: int, unbounded_from: int | None = None) -> None:
        self._data = data
        self._at = start
        self._unbounded_from = unbounded_from
        self._size = DEFAULT_CHUNK_SIZE
        self._states: dict[int, _State] = {}
        self._log = ChunkLog()

    def run(self) -> ChunkLog:
        while self._at < len(self._data) and len(self._log.problems) < PROBLEMS:
            after = self._chunk(self._at)
            if after is None:
                break
            self._at = after
        return self._log

    def _problem(self, rule: Rule, offset: int, text: str) -> None:
        self._log.problems.append(Problem(rule, offset, text))

    def _chunk(self, begin: int) -> int | None:
        """Read one chunk and return where the next one begins; None where it is not whole or cannot be read."""
        head, at = self._data[begin], begin + 1
        kind, number = head >> 6, head & 0x3F
        if number < 2:
            at += 1 + number
            number = 64 + int.from_bytes(self._data[begin + 1 : at], "little")
        if at + HEADER_SIZES[kind] > len(self._data):
            return None
        if head & 0x3F == 1 and number < 320:
            self._problem(BASIC, begin, f"chunk stream {number} in 3 bytes")
        state = self._states.get(number)
        if state is None and kind > 1:
            self._problem(FIRST_TYPE, begin, f"type {kind} first on chunk stream {number}")
            return None
        if state is None and kind == 1 and number != CONTROL_CHUNK_STREAM:  # librtmp begins its control stream so
            self._problem(FIRST_TYPE, begin, f"type 1 first on chunk stream {number}")
        if state is not None and state.missing and kind != 3:
            text = f"type {kind} on chunk stream {number}, whose message lacks {state.missing} bytes"
            self._problem(CONTINUATION, begin, text)
            state.missing, state.parts = 0, []
        if kind == 3 and state is not None:
            return self._go_on(begin, at, number, state)
        return self._start(begin, at, kind, number, state)

    def _start(self, begin: int, at: int, kind: int, number: int, before: _State | None) -> int | None:
        data = self._data
        stamp = int.from_bytes(data[at : at + 3], "big")
        extended = stamp == EXTENDED
        length, type_id = before.length if before else 0, before.type_id if before else 0
        stream_id = before.stream_id if before else 0
        if kind < 2:
            length, type_id = int.from_bytes(data[at + 3 : at + 6], "big"), data[at + 6]
        if kind == 0:
            stream_id = int.from_bytes(data[at + 7 : at + 11], "little")
        at += HEADER_SIZES[kind]
        if extended:
            if at + 4 > len(data):
                return None
            stamp = int.from_bytes(data[at : at + 4], "big")
            if stamp < EXTENDED:
                self._problem(EXTENSION, begin, f"{stamp} ms behind the header, where it would have had room")
            self._log.extended += 1
            at += 4
        timestamp = (stamp + (before.timestamp if kind and before else 0)) & 0xFFFFFFFF
        state = _State(stamp, timestamp, extended, length, type_id, stream_id)
        return self._take(begin, at, number, state)

    def _go_on(self, begin: int, at: int, number: int, state: _State) -> int | None:
        if state.extended:
            if at + 4 > len(self._data):
                return None
            again = int.from_bytes(self._data[at : at + 4], "big")
            if again == state.stamp:
                at += 4
            else:
                self._problem(EXTENSION, begin, f"type 3 without the timestamp {state.stamp}, but {again}")
        if state.missing:
            self._log.continued += 1
            return self._take(begin, at, number, state)
        timestamp = (state.timestamp + state.stamp) & 0xFFFFFFFF  # 5.3.1.2.4: a new message, all as before
        fresh = _State(state.stamp, timestamp, state.extended, state.length, state.type_id, state.stream_id)
        return self._take(begin, at, number, fresh)

    def _take(self, begin: int, at: int, number: int, state: _State) -> int | None:
        """Take a chunk's data, and the message that it may complete."""
        fresh = not state.missing
        missing = state.length if fresh else state.missing
        size = self._size
        if fresh and missing > size and len(self._log.large) < SUSPECTS:
            self._log.large.append(begin)
        if self._unbounded_from is not None and begin >= self._unbounded_from:
            size = _UNBOUNDED
        end = at + min(missing, size)
        if end > len(self._data):
            return None
        if fresh:
            state.begin = begin
        self._states[number] = state
        self._log.chunks += 1
        state.parts.append(self._data[at:end])
        state.missing = missing - (end - at)
        if not state.missing:
            payload = b"".join(state.parts)
            state.parts = []
            self._complete(Message(state.type_id, state.stream_id, state.timestamp, payload, number), state.begin, end)
        return end

    def _complete(self, message: Message, begin: int, end: int) -> None:
        self._log.messages.append((message, begin, end))
        if message.type_id not in _TYPES:
            self._problem(TYPE, begin, f"type {message.type_id}")
        elif message.type_id == MessageType.SET_CHUNK_SIZE:
            size = int.from_bytes(message.payload[:4], "big")
            if not 1 <= size <= MAX_CHUNK_SIZE:
                self._problem(SIZE, begin, f"a chunk size of {size} announced")
            else:
                self._size = size
        elif message.type_id == MessageType.ABORT:
            state = self._states.get(int.from_bytes(message.payload[:4], "big"))
            if state is not None:
                state.missing, state.parts = 0, []
