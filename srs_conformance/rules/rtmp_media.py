"""Rules of RTMP's audio, video and data messages: on which streams they come, and at what pace."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from srs_conformance.media.rtmp.chunks import MessageType
from srs_conformance.requirements import Level
from srs_conformance.rules.flv_delivery import GAP_SECONDS, PROMPT_SECONDS
from srs_conformance.rules.flv_metadata import metadata_rules
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
    return [_stream(talk), _prompt(talk), _flow(talk)]


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


def _prompt(talk: Talk) -> Verdict:
    play = talk.ours("play")
    first = next((each for each in talk.media if each.message.type_id == MessageType.VIDEO), None)
    if play is None or first is None:
        return Verdict(PROMPT, Outcome.NOT_SEEN, "no picture")
    waited = first.at - play.said.at
    wrong = [f"{first.where}: {waited:.1f} s after play"] if waited > PROMPT_SECONDS else []
    return judged(PROMPT, wrong, 1, "first pictures")


def _flow(talk: Talk) -> Verdict:
    steps = list(pairwise(talk.media))
    wrong = [
        f"{later.where}: nothing for {later.at - earlier.at:.1f} s before"
        for earlier, later in steps
        if later.at - earlier.at > GAP_SECONDS
    ]
    return judged(FLOW, wrong, len(steps), "steps between media messages")
