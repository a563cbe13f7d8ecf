"""All rules of RTMP, and the judgement of connections by all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from srs_conformance.rules import rtmp_chunks, rtmp_commands, rtmp_control, rtmp_handshake, rtmp_media, rtmp_refusals
from srs_conformance.rules.codecs import Published, judge_codecs
from srs_conformance.rules.flv_metadata import judge_metadata
from srs_conformance.rules.rtmp_reading import read_talk
from srs_conformance.rules.rule import Rule, Verdict
from srs_conformance.rules.samples import read
from srs_conformance.rules.tracks import judge_tracks
from srs_conformance.viewers.keeping import Conversation

PLAY_RULES: Final[tuple[Rule, ...]] = (
    *rtmp_handshake.RULES,
    *rtmp_chunks.RULES,
    *rtmp_control.RULES,
    *rtmp_commands.RULES,
    *rtmp_media.RULES,
)
ALL_RULES: Final[tuple[Rule, ...]] = (*PLAY_RULES, *rtmp_refusals.RULES)


def judge_play(conversation: Conversation, published: Published | None = None) -> list[Verdict]:
    """Judge the connection of a player by all rules but those of refusals, and by those of codecs."""
    talk = read_talk(conversation)
    samples = talk.samples
    media = read(samples, published.again_after if published else None)
    return [
        *rtmp_handshake.judge_handshake(conversation),
        *rtmp_chunks.judge_chunks(talk.received),
        *rtmp_control.judge_control(talk),
        *rtmp_commands.judge_commands(talk),
        *rtmp_media.judge_media(talk),
        *judge_metadata(rtmp_media.FAMILY, samples, media),
        *judge_tracks(rtmp_media.FAMILY, media),
        *judge_codecs(media, published),
    ]


def judge_refused(conversations: Iterable[Conversation]) -> list[Verdict]:
    """Judge connections that the server ended because it refused what was asked for."""
    return rtmp_refusals.judge_refusals([read_talk(each) for each in conversations])
