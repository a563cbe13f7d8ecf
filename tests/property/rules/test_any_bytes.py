"""Whatever a server sends can be judged: no bytes make a judge raise or go on for ever."""

import random

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.rules.codecs import Published
from srs_conformance.rules.flv_family import judge_flv
from srs_conformance.rules.rtmp_family import judge_play, judge_refused
from srs_conformance.viewers.keeping import Conversation, Piece
from tests.property.media.quick import QUICK
from tests.support.kept import BEGAN, HEADER, conversation, flv_body, response, stream

BODY = flv_body(stream(seconds=0.4))
TALK = conversation(media=[])
SOME = st.binary(max_size=400)


def damaged(data: bytes, seed: int, places: int) -> bytes:
    """The bytes with some of them replaced."""
    chance, out = random.Random(seed), bytearray(data)
    for _ in range(places):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def judge_bytes(data: bytes, *, sent: bytes = b"", why: str = "") -> None:
    kept = Conversation("127.0.0.1", 1935, [Piece(BEGAN, sent, True), Piece(BEGAN + 1, data)], why)
    judge_play(kept, Published(data[:40], data[:7]))
    judge_refused([kept])


@QUICK
@given(SOME, st.booleans())
def test_any_body_can_be_judged(data, headed):
    judge_flv(response(HEADER + data if headed else data), Published(data[:40], data[:7]))


@QUICK
@given(st.integers(0, 1 << 30), st.integers(1, 40))
def test_a_damaged_stream_can_be_judged(seed, places):
    judge_flv(response(damaged(BODY, seed, places)))


@QUICK
@given(SOME, SOME, st.booleans())
def test_any_chunks_can_be_judged(data, sent, shaken):
    shake = bytes([3]) + bytes(3072) if shaken else b""
    judge_bytes(shake + data, sent=shake + sent, why="closed")


@QUICK
@given(st.integers(0, 1 << 30), st.integers(1, 40))
def test_a_damaged_connection_can_be_judged(seed, places):
    received = TALK.received
    sent = b"".join(piece.data for piece in TALK.pieces if piece.sent)
    judge_bytes(received[:3073] + damaged(received[3073:], seed, places), sent=sent)
