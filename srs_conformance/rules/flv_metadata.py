"""Rules of onMetaData, the script data that tells a player what an FLV stream is, and where it comes."""

from __future__ import annotations

from typing import Final

from srs_conformance.media import amf0
from srs_conformance.media.avc import AvcConfig
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import TagKind, parse_script
from srs_conformance.media.packets import AudioCodec, VideoCodec
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged
from srs_conformance.rules.samples import Media, Sample

NAME: Final = "onMetaData"
_RULES: Final = (
    (
        "METADATA-FORM",
        Level.MUST,
        "FLV 10.1 E.4.4.1, E.5",
        "onMetaData is a name and one value with named properties: an ECMA array, or the object that SRS makes of it.",
    ),
    (
        "METADATA-FIRST",
        Level.SHOULD,
        "FLV 10.1 E.5",
        "onMetaData comes before all audio and video, as players prepare themselves by it.",
    ),
    (
        "METADATA-TRUE",
        Level.SHOULD,
        "FLV 10.1 E.5",
        "What onMetaData says of codecs, width and height is what the tracks say.",
    ),
)
_VIDEO_IDS: Final = {VideoCodec.AVC: {7, int.from_bytes(b"avc1", "big")}, VideoCodec.HEVC: {12, 0x68766331}}
_AUDIO_IDS: Final = {AudioCodec.AAC: {10, int.from_bytes(b"mp4a", "big")}}


def metadata_rules(family: str) -> tuple[Rule, ...]:
    """Return the rules under the IDs of a family, FLV or RTMP."""
    return tuple(Rule(f"{family}-{name}", level, source, text) for name, level, source, text in _RULES)


def judge_metadata(family: str, samples: list[Sample], media: Media) -> list[Verdict]:
    """Judge onMetaData among all that came."""
    form, first, true = metadata_rules(family)
    found: list[dict[str, amf0.Value]] = []
    wrong: list[str] = []
    looked_at = 0
    for sample in media.scripts:
        values, problem = _read(sample)
        looked_at += values is not None or bool(problem)
        if problem:
            wrong.append(f"{sample.where}: {problem}")
        if values is not None:
            found.append(values)
    return [
        judged(form, wrong, looked_at, "onMetaData and unreadable script data"),
        _first(first, samples),
        _true(true, found, media),
    ]


def _read(sample: Sample) -> tuple[dict[str, amf0.Value] | None, str]:
    """Return the properties of onMetaData and what is wrong; (None, "") for other script data."""
    try:
        name, values = parse_script(sample.payload)
    except ProtocolError as error:
        return None, str(error)
    if name != NAME:
        return None, ""
    if len(values) != 1 or not isinstance(values[0], dict):
        return {}, f"{[type(value).__name__ for value in values]} after the name"
    return values[0], ""


def _is_metadata(sample: Sample) -> bool:
    return sample.kind is TagKind.SCRIPT and b"onMetaData" in sample.payload[:32]


def _first(rule: Rule, samples: list[Sample]) -> Verdict:
    frames = [sample for sample in samples if sample.kind is not TagKind.SCRIPT]
    if not frames:
        return Verdict(rule, Outcome.NOT_SEEN, "no audio and video")
    before = any(_is_metadata(sample) for sample in samples[: samples.index(frames[0])])
    wrong = [] if before else [f"{frames[0].where}: {frames[0].kind.name.lower()} without onMetaData before it"]
    return judged(rule, wrong, 1, "beginnings")


def _true(rule: Rule, found: list[dict[str, amf0.Value]], media: Media) -> Verdict:
    if not found:
        return Verdict(rule, Outcome.NOT_SEEN, "no onMetaData")
    wrong: list[str] = []
    said = found[0]
    looked_at = 0
    for name, wanted in _facts(media).items():
        if isinstance(value := said.get(name), float):
            looked_at += 1
            if value not in wanted:
                wrong.append(f"{name} is {value:g}, and {' or '.join(map(str, sorted(wanted)))} in the tracks")
    return judged(rule, wrong, looked_at, "values of onMetaData")


def _facts(media: Media) -> dict[str, set[int]]:
    """Return what the tracks say, by onMetaData's names: the values that are right."""
    facts: dict[str, set[int]] = {}
    for each in media.video[:1]:
        if each.packet.codec in _VIDEO_IDS:
            facts["videocodecid"] = _VIDEO_IDS[each.packet.codec]
    for sound in media.audio[:1]:
        if sound.packet.codec in _AUDIO_IDS:
            facts["audiocodecid"] = _AUDIO_IDS[sound.packet.codec]
    for each in media.video:
        if each.packet.sequence_header and each.packet.codec is VideoCodec.AVC:
            try:
                config = AvcConfig.parse(each.packet.data)
            except ProtocolError:
                continue
            return facts | {"width": {config.width}, "height": {config.height}}
    return facts
