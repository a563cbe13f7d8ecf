"""Rules of the RTMP handshake (RTMP 1.0 5.2); the handshake with digests, which Flash Player brought, is taken too."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.rtmp import handshake
from srs_conformance.rules.rtmp_reading import HANDSHAKE
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged, must
from srs_conformance.viewers.keeping import Conversation


def _must(name: str, section: str, text: str) -> Rule:
    return must(f"RTMP-{name}", f"RTMP 1.0 {section}", text)


VERSION: Final = _must("S0-VERSION", "5.2.2", "The server answers with version 3.")
WHOLE: Final = _must("S1-S2-SIZE", "5.2.3, 5.2.4", "S1 and S2 have 1536 bytes each, and chunks follow.")
ZERO: Final = _must("S1-ZERO", "5.2.3", "Bytes 4 to 7 of S1 are 0, unless it carries a digest.")
ECHO: Final = _must(
    "S2-ECHO", "5.2.4", "S2 has the time and the random bytes of C1, or the digest that answers a digest in C1."
)
RULES: Final[tuple[Rule, ...]] = (VERSION, WHOLE, ZERO, ECHO)


def judge_handshake(conversation: Conversation) -> list[Verdict]:
    """Judge the server's side of a handshake."""
    received = conversation.received
    sent = b"".join(piece.data for piece in conversation.pieces if piece.sent)
    s1, s2 = received[1 : 1 + handshake.SIZE], received[1 + handshake.SIZE : HANDSHAKE]
    c1 = sent[1 : 1 + handshake.SIZE]
    return [
        _version(received),
        _whole(received, conversation.why),
        _zero(s1),
        _echo(c1, s2),
    ]


def _version(received: bytes) -> Verdict:
    wrong = [f"byte 0: {received[0]}"] if received and received[0] != handshake.VERSION else []
    return judged(VERSION, wrong, len(received[:1]), "answers")


def _whole(received: bytes, why: str) -> Verdict:
    if len(received) >= HANDSHAKE:
        return judged(WHOLE, [], 1, "handshakes")
    if not received or not why:
        return Verdict(WHOLE, Outcome.NOT_SEEN, f"{len(received)} bytes")
    return judged(WHOLE, [f"byte {len(received)}: the end ({why})"], 1, "handshakes")


def _zero(s1: bytes) -> Verdict:
    if len(s1) < handshake.SIZE:
        return Verdict(ZERO, Outcome.NOT_SEEN, "no whole S1")
    wrong = any(s1[4:8]) and not handshake.is_server_digest(s1)
    return judged(ZERO, [f"byte 5: {s1[4:8].hex()}, and no digest"] if wrong else [], 1, "S1")


def _echo(c1: bytes, s2: bytes) -> Verdict:
    if len(s2) < handshake.SIZE or len(c1) < handshake.SIZE:
        return Verdict(ECHO, Outcome.NOT_SEEN, "no whole S2")
    if handshake.server_signed(s2, c1):
        return judged(ECHO, [], 1, "S2")
    wrong = []
    if s2[:4] != c1[:4]:
        wrong.append(f"byte {1 + handshake.SIZE}: time {s2[:4].hex()} in place of {c1[:4].hex()}")
    if s2[8:] != c1[8:]:
        wrong.append(f"byte {9 + handshake.SIZE}: other random bytes than C1's")
    return judged(ECHO, wrong, 1, "S2")
