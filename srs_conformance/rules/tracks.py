"""Rules of audio and video as FLV tags and RTMP messages carry them: their headers, order and timestamps.

RTMP's audio and video messages have the payloads of FLV tags, so that one set of rules serves both; each family has
it under IDs of its own. Bounds that no specification gives are this suite's, and stand in the rules' texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from srs_conformance.media.flv import TagKind
from srs_conformance.media.packets import AudioCodec, PacketType, VideoCodec
from srs_conformance.requirements import Level
from srs_conformance.rules.nal_units import closes_gop
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged
from srs_conformance.rules.samples import Media, Picture, Sound

START_MS: Final = 1000
SKEW_MS: Final = 1000
REPEATED: Final = 5
REPEATED_BYTES: Final = 64
CONFIGURED_VIDEO: Final = frozenset({VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.AV1})
CONFIGURED_AUDIO: Final = frozenset({AudioCodec.AAC, AudioCodec.OPUS, AudioCodec.FLAC})

_VIDEO: Final = "FLV 10.1 E.4.3.1"
_AUDIO: Final = "FLV 10.1 E.4.2.1"
_ORDER: Final = "RTMP 1.0 5"

_RULES: Final = (
    (
        "VIDEO-HEADER",
        Level.MUST,
        f"{_VIDEO}; Enhanced RTMP v2, Enhanced Video",
        "Video has a frame type of 1 to 5, a codec id or FourCC that is defined, and a packet type that is.",
    ),
    (
        "AUDIO-HEADER",
        Level.MUST,
        f"{_AUDIO}, E.4.2.2; Enhanced RTMP v2, Enhanced Audio",
        "Audio has a sound format or FourCC that is defined, and AAC a packet type of 0 or 1.",
    ),
    (
        "AAC-FLAGS",
        Level.SHOULD,
        _AUDIO,
        "AAC says 44 kHz and stereo in its first byte, whatever it is: the configuration tells the truth.",
    ),
    (
        "COMPOSITION-ZERO",
        Level.MUST,
        "FLV 10.1 E.4.3.1",
        "A composition time is 0 where no coded picture follows it.",
    ),
    (
        "CONFIGURATION-FIRST",
        Level.MUST,
        "FLV 10.1 E.4.3.1, E.4.2.2",
        "H.264, H.265, AV1 and AAC come after the sequence header that a decoder needs for them.",
    ),
    (
        "CONFIGURATION-ONCE",
        Level.SHOULD,
        "FLV 10.1 E.4.3.1, E.4.2.2",
        "A sequence header comes again only when it is another: players set up their decoder anew for it.",
    ),
    (
        "KEYFRAME-FIRST",
        Level.SHOULD,
        _VIDEO,
        "The first picture is a keyframe, for nothing before one can be decoded.",
    ),
    (
        "TIMESTAMP-ORDER",
        Level.MUST,
        _ORDER,
        "Within a track no timestamp is before the last one; they wrap at 2^32 ms.",
    ),
    (
        "PICTURE-ORDER",
        Level.MUST,
        "FLV 10.1 E.4.3.1; H.264 C.4, H.265 7.4.2.2",
        "No two pictures are shown at one time, and none on the other side of an IDR picture than it is decoded.",
    ),
    (
        "PICTURE-ONCE",
        Level.MUST,
        _ORDER,
        f"No {REPEATED} pictures in a row, a keyframe among them, come a second time.",
    ),
    (
        "TRACKS-START",
        Level.SHOULD,
        "FLV 10.1 E.4.1",
        f"The first timestamps of audio and video are less than {START_MS} ms apart.",
    ),
    (
        "INTERLEAVING",
        Level.MUST,
        _ORDER,
        f"Audio and video come in the order of their timestamps, {SKEW_MS} ms aside.",
    ),
)


def track_rules(family: str) -> tuple[Rule, ...]:
    """Return the rules under the IDs of a family, FLV or RTMP."""
    return tuple(Rule(f"{family}-{name}", level, source, text) for name, level, source, text in _RULES)


def judge_tracks(family: str, media: Media) -> list[Verdict]:
    """Judge audio and video as they came."""
    rules = {rule.id.removeprefix(f"{family}-"): rule for rule in track_rules(family)}
    return [judge(rules[name], media) for name, judge in _JUDGES.items()]


def _headers(kind: TagKind, what: str) -> Callable[[Rule, Media], Verdict]:
    def judge(rule: Rule, media: Media) -> Verdict:
        wrong = [f"{sample.where}: {error}" for sample, error in media.unreadable if sample.kind is kind]
        tracks: dict[TagKind, Sequence[object]] = {TagKind.VIDEO: media.video, TagKind.AUDIO: media.audio}
        return judged(rule, wrong, len(wrong) + len(tracks[kind]), what)

    return judge


def _aac_flags(rule: Rule, media: Media) -> Verdict:
    aac = [each for each in media.audio if each.packet.codec is AudioCodec.AAC and not each.packet.enhanced]
    wrong = [
        f"{each.sample.where}: {each.packet.sample_rate} Hz, {each.packet.channels} channel(s)"
        for each in aac
        if (each.packet.sample_rate, each.packet.channels) != (44100, 2)
    ]
    return judged(rule, wrong, len(aac), "AAC payloads")


def _composition_zero(rule: Rule, media: Media) -> Verdict:
    others = [each for each in media.video if each.packet.packet_type in (PacketType.SEQUENCE_HEADER, PacketType.END)]
    wrong = [
        f"{each.sample.where}: {each.packet.composition_time} ms in a {each.packet.packet_type.value}"
        for each in others
        if each.packet.composition_time
    ]
    return judged(rule, wrong, len(others), "sequence headers and ends")


def _configuration_first(rule: Rule, media: Media) -> Verdict:
    tracks: tuple[tuple[Sequence[Picture | Sound], frozenset[object]], ...] = (
        (media.video, frozenset(CONFIGURED_VIDEO)),
        (media.audio, frozenset(CONFIGURED_AUDIO)),
    )
    wrong, looked_at = [], 0
    for track, codecs in tracks:
        configured: set[object] = set()
        for each in track:
            if each.packet.sequence_header:
                configured.add(each.packet.codec)
            elif each.packet.packet_type is PacketType.FRAMES and each.packet.codec in codecs:
                looked_at += 1
                if each.packet.codec not in configured:
                    wrong.append(f"{each.sample.where}: {each.packet.codec.name} without a configuration before it")
    return judged(rule, wrong, looked_at, "coded frames")


def _configuration_once(rule: Rule, media: Media) -> Verdict:
    wrong, looked_at = [], 0
    tracks: tuple[Sequence[Picture | Sound], ...] = (media.video, media.audio)
    for track in tracks:
        headers = [each for each in track if each.packet.sequence_header]
        looked_at += len(headers)
        wrong += [
            f"{now.sample.where}: the {now.packet.codec.name} configuration of {before.sample.where} again"
            for before, now in pairwise(headers)
            if now.packet.data == before.packet.data
        ]
    return judged(rule, wrong, looked_at, "sequence headers")


def _keyframe_first(rule: Rule, media: Media) -> Verdict:
    first = media.pictures[:1]
    wrong = [f"{each.sample.where}: {each.packet.frame_type.name}" for each in first if not each.packet.keyframe]
    return judged(rule, wrong, len(first), "first pictures")


def _timestamp_order(rule: Rule, media: Media) -> Verdict:
    wrong, looked_at = [], 0
    tracks: tuple[Sequence[Picture | Sound], ...] = (media.pictures, media.sounds)
    for track in tracks:
        looked_at += max(0, len(track) - 1)
        wrong += [
            f"{now.sample.where}: {before.time - now.time} ms before the one before it"
            for before, now in pairwise(track)
            if now.time < before.time
        ]
    return judged(rule, wrong, looked_at, "steps within a track")


def _picture_order(rule: Rule, media: Media) -> Verdict:
    wrong: list[str] = []
    shown: set[int] = set()
    latest: int | None = None
    since_key: int | None = None
    for each in media.pictures:
        time = each.time + each.packet.composition_time
        if time in shown:
            wrong.append(f"{each.sample.where}: shown at {time} ms, as another picture is")
        elif closes_gop(each.packet) and latest is not None and time < latest:
            wrong.append(f"{each.sample.where}: a keyframe shown at {time} ms, after one of {latest} ms")
        elif since_key is not None and not each.packet.keyframe and time < since_key:
            wrong.append(f"{each.sample.where}: shown at {time} ms, before its keyframe at {since_key} ms")
        shown.add(time)
        latest = time if latest is None else max(latest, time)
        if each.packet.keyframe:  # pictures that lead another keyframe may be shown before it
            since_key = time if closes_gop(each.packet) else None
    return judged(rule, wrong, len(media.pictures), "pictures")


def _picture_once(rule: Rule, media: Media) -> Verdict:
    seen: dict[tuple[bytes, ...], Picture] = {}
    wrong, looked_at, looped = [], 0, 0
    pictures = media.pictures
    for row in _rows(pictures):
        looked_at += 1
        key = tuple(each.packet.data for each in row)
        before = seen.get(key)
        seen[key] = row[0]
        if before is None:
            continue
        if media.again_after is not None and row[0].sample.at - before.sample.at >= media.again_after:
            looped += 1
        else:
            wrong.append(f"{row[0].sample.where}: what came at {before.sample.where}")
    loop = f", {looped} of them again as of a loop" if looped else ""
    return judged(rule, wrong, looked_at, f"rows of pictures from a keyframe on{loop}")


def _rows(pictures: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    """Return the rows that are long enough to be told apart: a still picture's may all be the same few bytes."""
    for start, each in enumerate(pictures):
        row = pictures[start : start + REPEATED]
        if not each.packet.keyframe or len({one.packet.data for one in row}) < REPEATED:
            continue
        if sum(len(one.packet.data) for one in row) >= REPEATED * REPEATED_BYTES:
            yield row


def _tracks_start(rule: Rule, media: Media) -> Verdict:
    if not media.pictures or not media.sounds:
        return Verdict(rule, Outcome.NOT_SEEN, "not both tracks")
    video, audio = media.pictures[0], media.sounds[0]
    apart = abs(_apart(video.time, audio.time))
    wrong = [f"video from {video.time} ms on, audio from {audio.time} ms on"] if apart >= START_MS else []
    return judged(rule, wrong, 1, "beginnings")


def _interleaving(rule: Rule, media: Media) -> Verdict:
    newest: dict[TagKind, int] = {}
    wrong, looked_at = [], 0
    for each in media.mixed:
        newest[each.sample.kind] = each.time
        if len(newest) == 2:
            looked_at += 1
            apart = _apart(newest[TagKind.AUDIO], newest[TagKind.VIDEO])
            if abs(apart) > SKEW_MS:
                wrong.append(f"{each.sample.where}: audio {apart:+d} ms from video")
    return judged(rule, wrong, looked_at, "frames of one track beside the other")


def _apart(one: int, other: int) -> int:
    """Return how far apart two times are whose tracks may have wrapped one after the other."""
    return (one - other + (1 << 31)) % (1 << 32) - (1 << 31)


_JUDGES: Final[dict[str, Callable[[Rule, Media], Verdict]]] = {
    "VIDEO-HEADER": _headers(TagKind.VIDEO, "video payloads"),
    "AUDIO-HEADER": _headers(TagKind.AUDIO, "audio payloads"),
    "AAC-FLAGS": _aac_flags,
    "COMPOSITION-ZERO": _composition_zero,
    "CONFIGURATION-FIRST": _configuration_first,
    "CONFIGURATION-ONCE": _configuration_once,
    "KEYFRAME-FIRST": _keyframe_first,
    "TIMESTAMP-ORDER": _timestamp_order,
    "PICTURE-ORDER": _picture_order,
    "PICTURE-ONCE": _picture_once,
    "TRACKS-START": _tracks_start,
    "INTERLEAVING": _interleaving,
}
