"""Rules of RTMP's audio, video and data messages: on which streams they come, and at what pace."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.rtmp.chunks import MessageType
from srs_conformance.requirements import Level
from srs_conformance.rules.flv_metadata import metadata_rules
from srs_conformance.rules.pace import GAP_SECONDS, PROMPT_SECONDS, Came, flow, prompt
from srs_conformance.rules.rtmp_reading import Talk
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged
from srs_conformance.rules.tracks import track_rules

FAMILY: Final = "RTMP"
STREAM: Final = Rule(
    "RTMP-MEDIA-STREAM",
    Level.MUST,
    "RTMP 1.0 5.3.1.2.5, 7.2.2",
    "Audio, video and onMetaData come on the message stream that createStream gave.",
)
PROMPT: Final = Rule(
    "RTMP-PROMPT",
    Level.SHOULD,
    "bound of this suite",
    f"The first picture comes within {PROMPT_SECONDS:g} s of play, as it does from a GOP cache.",
)
FLOW: Final = Rule(
    "RTMP-FLOW",
    Level.SHOULD,
    "bound of this suite",
    f"No {GAP_SECONDS:g} s pass in which no audio or video comes: players buffer a second or two.",
)
TRACK_RULES: Final = track_rules(FAMILY)
METADATA_RULES: Final = metadata_rules(FAMILY)
RULES: Final[tuple[Rule, ...]] = (STREAM, PROMPT, FLOW, *METADATA_RULES, *TRACK_RULES)


def judge_media(talk: Talk) -> list[Verdict]:
    """Judge streams and pace."""
    play = talk.ours("play")
    media = [(each, Came(each.at, each.where)) for each in talk.media]
    first = next((came for each, came in media if each.message.type_id == MessageType.VIDEO), None)
    return [
        _stream(talk),
        prompt(PROMPT, first, None if play is None else play.said.at, "play"),
        flow(FLOW, [came for _, came in media], "media messages"),
    ]


def _stream(talk: Talk) -> Verdict:
    created = talk.created
    if created is None:
        return Verdict(STREAM, Outcome.NOT_SEEN, "no stream was created")
    media = [each for each in talk.heard if each.media or each.metadata]
    wrong = [
        f"{each.where}: type {each.message.type_id} on stream {each.message.stream_id}, created was {created}"
        for each in media
        if each.message.stream_id != created
    ]
    return judged(STREAM, wrong, len(media), "media messages")
