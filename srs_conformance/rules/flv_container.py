"""Rules of the FLV file that an HTTP-FLV response is: its header, its tags, and what stands between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from srs_conformance.media.flv import TagKind
from srs_conformance.requirements import Level
from srs_conformance.rules.flv_reading import Flv, Tag
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged, must

HEADER_SIZE: Final = 9
AUDIO_FLAG: Final = 0b100
VIDEO_FLAG: Final = 0b001
KINDS: Final = frozenset(int(kind) for kind in TagKind)


def _must(name: str, section: str, text: str) -> Rule:
    return must(f"FLV-{name}", f"FLV 10.1 {section}", text)


SIGNATURE: Final = _must("SIGNATURE", "E.2", "The stream begins with FLV.")
VERSION: Final = _must("VERSION", "E.2", "The version is 1.")
HEADER: Final = _must("HEADER-SIZE", "E.2", "The header says that it has 9 bytes.")
RESERVED_FLAGS: Final = _must("RESERVED-FLAGS", "E.2", "The reserved bits beside the flags of the tracks are 0.")
TRACK_FLAGS: Final = _must("TRACK-FLAGS", "E.2", "The header announces each track of which tags come.")
TRACKS_COME: Final = Rule(
    "FLV-TRACKS-COME",
    Level.SHOULD,
    "FLV 10.1 E.2",
    "Of each track that the header announces frames come: players wait for it.",
)
FIRST_SIZE: Final = _must("FIRST-SIZE", "E.3", "The first PreviousTagSize is 0.")
PREVIOUS_SIZE: Final = _must(
    "PREVIOUS-TAG-SIZE", "E.3", "Each other PreviousTagSize is 11 and the size of the data of the tag before it."
)
TAG_TYPE: Final = _must("TAG-TYPE", "E.4.1", "A tag is audio (8), video (9) or script data (18).")
TAG_RESERVED: Final = _must("TAG-RESERVED", "E.4.1", "The two reserved bits before a tag's type are 0.")
TAG_FILTER: Final = _must("TAG-FILTER", "E.4.1", "No tag says that it is encrypted, as live streams are not.")
STREAM_ID: Final = _must("STREAM-ID", "E.4.1", "A tag's stream id is 0.")
TAG_SIZE: Final = _must("TAG-SIZE", "E.4.1", "A tag has data: at least the byte that tells the codec.")

RULES: Final[tuple[Rule, ...]] = (
    SIGNATURE,
    VERSION,
    HEADER,
    RESERVED_FLAGS,
    TRACK_FLAGS,
    TRACKS_COME,
    FIRST_SIZE,
    PREVIOUS_SIZE,
    TAG_TYPE,
    TAG_RESERVED,
    TAG_FILTER,
    STREAM_ID,
    TAG_SIZE,
)


def judge_container(flv: Flv) -> list[Verdict]:
    """Judge the header and the tags."""
    return [
        _of_header(SIGNATURE, flv, 3, lambda head: "" if head[:3] == b"FLV" else f"byte 0: {head[:3].hex()}"),
        _of_header(VERSION, flv, 4, lambda head: "" if head[3] == 1 else f"byte 3: {head[3]}"),
        _of_header(HEADER, flv, 9, _header_size),
        _of_header(RESERVED_FLAGS, flv, 5, lambda head: f"byte 4: {head[4]:#010b}" if head[4] & 0b11111010 else ""),
        _track_flags(flv),
        _tracks_come(flv),
        _first_size(flv),
        _previous_sizes(flv),
        _of_tags(TAG_TYPE, flv, lambda tag: "" if tag.kind in KINDS else f"type {tag.kind}"),
        _of_tags(TAG_RESERVED, flv, lambda tag: f"first byte {tag.first:#010b}" if tag.first & 0b11000000 else ""),
        _of_tags(TAG_FILTER, flv, lambda tag: f"first byte {tag.first:#010b}" if tag.first & 0b00100000 else ""),
        _of_tags(STREAM_ID, flv, lambda tag: f"stream id {tag.stream_id}" if tag.stream_id else ""),
        _of_tags(TAG_SIZE, flv, _size),
    ]


def _of_header(rule: Rule, flv: Flv, needs: int, wrong: Callable[[bytes], str]) -> Verdict:
    if len(flv.header) < needs:
        return Verdict(rule, Outcome.NOT_SEEN, "no whole header")
    found = wrong(flv.header)
    return judged(rule, [found] if found else [], 1, "headers")


def _header_size(head: bytes) -> str:
    size = int.from_bytes(head[5:9], "big")
    return "" if size == HEADER_SIZE else f"byte 5: {size}"


def _flags(flv: Flv) -> dict[int, bool]:
    return {TagKind.AUDIO: bool(flv.header[4] & AUDIO_FLAG), TagKind.VIDEO: bool(flv.header[4] & VIDEO_FLAG)}


def _track_flags(flv: Flv) -> Verdict:
    if len(flv.header) < 5:
        return Verdict(TRACK_FLAGS, Outcome.NOT_SEEN, "no whole header")
    wrong, looked_at = [], 0
    for kind, announced in _flags(flv).items():
        first = next((tag for tag in flv.tags if tag.kind == kind), None)
        looked_at += first is not None
        if first is not None and not announced:
            wrong.append(f"{first.where}: {TagKind(kind).name.lower()}, which the header denies ({flv.header[4]:#04x})")
    return judged(TRACK_FLAGS, wrong, looked_at, "tracks")


def _tracks_come(flv: Flv) -> Verdict:
    if len(flv.header) < 5 or not flv.tags:
        return Verdict(TRACKS_COME, Outcome.NOT_SEEN, "no tags")
    announced = [kind for kind, said in _flags(flv).items() if said]
    came = {tag.kind for tag in flv.tags if not _is_configuration(tag)}
    wrong = [
        f"no {TagKind(kind).name.lower()} within {len(flv.tags)} tags, although the header announces it"
        for kind in announced
        if kind not in came
    ]
    return judged(TRACKS_COME, wrong, len(announced), "announced tracks")


def _is_configuration(tag: Tag) -> bool:
    """Tell whether a tag is a sequence header of H.264, H.265 or AAC, which is no frame yet."""
    first = tag.payload[:1] or b"\0"
    configured = first[0] >> 4 == 10 if tag.kind == TagKind.AUDIO else first[0] & 0x0F in (7, 12)
    return configured and tag.payload[1:2] == b"\0"


def _first_size(flv: Flv) -> Verdict:
    if flv.first_size is None:
        return Verdict(FIRST_SIZE, Outcome.NOT_SEEN, "nothing after the header")
    wrong = [f"byte {len(flv.header)}: {flv.first_size}"] if flv.first_size else []
    return judged(FIRST_SIZE, wrong, 1, "first sizes")


def _previous_sizes(flv: Flv) -> Verdict:
    followed = [tag for tag in flv.tags if tag.back_pointer is not None]
    wrong = [
        f"{tag.where}: {tag.back_pointer} after a tag of {tag.size + 11} bytes"
        for tag in followed
        if tag.back_pointer != tag.size + 11
    ]
    return judged(PREVIOUS_SIZE, wrong, len(followed), "tags")


def _of_tags(rule: Rule, flv: Flv, wrong: Callable[[Tag], str]) -> Verdict:
    found = [f"{tag.where}: {text}" for tag in flv.tags if (text := wrong(tag))]
    return judged(rule, found, len(flv.tags), "tags")


def _size(tag: Tag) -> str:
    return "no data" if tag.kind in KINDS and not tag.size else ""
