"""For each rule of FLV, of tracks and of codecs, media or a response in which it is broken, and what breaks with it."""

from dataclasses import replace

from srs_conformance.viewers.keeping import Piece
from tests.support.kept import (
    AUDIO,
    AVC,
    HEADERS,
    OTHER_SPS,
    PPS,
    SCRIPT,
    SPS,
    VIDEO,
    Media,
    audio,
    changed,
    flv_body,
    frames,
    is_header,
    is_inter,
    is_key,
    is_picture,
    is_sound,
    metadata,
    nal,
    picture,
    response,
    stream,
    tag,
    video,
)


def payload(each, data):
    return replace(each, payload=data)


def header_with(position, value):
    body = bytearray(flv_body())
    body[position] = value
    return response(bytes(body))


def with_tag(**changes):
    media = stream()
    tags = [tag(each) for each in media]
    tags[5] = tag(media[5], **changes)
    return response(flv_body([]) + b"".join(tags))


def late(seconds, *, after):
    """The same response, its pieces from one on late by so much."""
    whole = response()
    whole.pieces[:] = [
        Piece(piece.at + (seconds if n >= after else 0), piece.data) for n, piece in enumerate(whole.pieces)
    ]
    return whole


def record(sps=SPS, pps=PPS, head=b"\x01\x4d\x40\x1e\xff\xe1"):
    return head + len(sps).to_bytes(2, "big") + sps + b"\1" + len(pps).to_bytes(2, "big") + pps


def configured(data):
    return changed(stream(), is_header(VIDEO), lambda each: payload(each, video(data, key=True, kind=0)))


def sounding(data):
    return changed(stream(), is_header(AUDIO), lambda each: payload(each, audio(data, 0)))


def moved(which, by, times=1):
    return changed(stream(), which, lambda each: replace(each, timestamp=each.timestamp + by), times)


def skipping(media, which, count):
    """The same without the first `count` that match."""
    return changed(media, which, lambda _: None, count)


def doubled_gop():
    media = stream()
    later = [replace(each, timestamp=each.timestamp + 3000) for each in frames(2.0)]
    return [*media, *later]


def drifting():
    return [replace(each, timestamp=each.timestamp * 3 // 2) if is_sound(each) else each for each in stream()]


def late_pictures():
    """Pictures begin 1.5 s after sound."""
    moved = [replace(each, timestamp=each.timestamp + 1500) if is_picture(each) else each for each in stream()]
    rest = sorted(moved[3:], key=lambda each: each.timestamp)
    return [*moved[:3], *(each for each in rest if each.timestamp < 2900)]


#: Rules of tracks by name -> (media in which it is broken, other rules that break with it).
TRACKS = {
    "VIDEO-HEADER": (changed(stream(), is_inter, lambda each: payload(each, b"\x77" + each.payload[1:])), ()),
    "AUDIO-HEADER": (changed(stream(), is_sound, lambda each: payload(each, b"\xdf" + each.payload[1:])), ()),
    "AAC-FLAGS": (changed(stream(), is_sound, lambda each: payload(each, b"\xae" + each.payload[1:])), ()),
    "COMPOSITION-ZERO": (
        changed(stream(), is_header(VIDEO), lambda each: payload(each, video(AVC, key=True, kind=0, composition=80))),
        (),
    ),
    "CONFIGURATION-FIRST": (skipping(stream(), is_header(AUDIO), 1), ()),
    "CONFIGURATION-ONCE": ([*stream()[:3], *stream()[2:]], ()),
    "KEYFRAME-FIRST": (skipping(stream(), is_key, 1), ()),
    "TIMESTAMP-ORDER": (
        changed(
            stream(), lambda each: is_sound(each) and each.timestamp > 500, lambda each: replace(each, timestamp=100)
        ),
        (),
    ),
    "PICTURE-ORDER": (
        changed(stream(), is_inter, lambda each: payload(each, each.payload[:2] + b"\0\0\x28" + each.payload[5:])),
        (),
    ),
    "PICTURE-ONCE": (doubled_gop(), ()),
    "TRACKS-START": (
        late_pictures(),
        (),
    ),
    "INTERLEAVING": (drifting(), ()),
}
#: Rules of onMetaData likewise.
METADATA = {
    "METADATA-FORM": (
        changed(stream(), lambda each: each.kind == SCRIPT, lambda each: payload(each, metadata("width"))),
        (),
    ),
    "METADATA-FIRST": ([*stream()[1:4], *stream()[:1], *stream()[4:]], ()),
    "METADATA-TRUE": (
        changed(stream(), lambda each: each.kind == SCRIPT, lambda each: payload(each, metadata({"width": 1280.0}))),
        (),
    ),
}
HEVC_HEADER = Media(VIDEO, 0, b"\x1c\0\0\0\0" + b"\1" + bytes(30))
#: Rules of codecs likewise; they have the same IDs in both families.
CODECS = {
    "CODEC-AVC-CONFIGURATION": (configured(record(head=bytes.fromhex("014d4015ffe1"))), ()),
    "CODEC-HEVC-CONFIGURATION": ([*stream()[:2], HEVC_HEADER, *stream()[2:]], ("CODEC-AS-PUBLISHED", "METADATA-TRUE")),
    "CODEC-AAC-CONFIGURATION": (sounding(bytes.fromhex("0ff8")), ("CODEC-AS-PUBLISHED",)),
    "CODEC-NAL-SIZES": (changed(stream(), is_inter, lambda each: payload(each, each.payload[:-9])), ()),
    "CODEC-PARAMETER-SETS": (
        changed(stream(), is_inter, lambda each: payload(each, video(nal(b"\x41\x99\x26" + bytes(9)), key=False))),
        (),
    ),
    "CODEC-IN-BAND": (
        changed(
            stream(), is_key, lambda each: payload(each, video(nal(OTHER_SPS, PPS, picture(0, key=True)), key=True))
        ),
        (),
    ),
    "CODEC-KEYFRAME": (
        changed(
            stream(),
            lambda each: is_inter(each) and each.timestamp > 500,
            lambda each: payload(each, b"\x17" + each.payload[1:]),
        ),
        (),
    ),
    "CODEC-AAC-RAW": (
        changed(stream(), is_sound, lambda each: payload(each, audio(b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9)))),
        (),
    ),
    "CODEC-AS-PUBLISHED": (configured(record(OTHER_SPS)), ()),
}
#: Rules of the container and the delivery by ID -> (a response, other rules that break with it).
RESPONSES = {
    "FLV-SIGNATURE": (header_with(2, ord("W")), ()),
    "FLV-VERSION": (header_with(3, 2), ()),
    "FLV-HEADER-SIZE": (response(flv_body(header=b"FLV\1\5\0\0\0\x0a\0\0\0\0\0")), ()),
    "FLV-RESERVED-FLAGS": (header_with(4, 0b00000111), ()),
    "FLV-TRACK-FLAGS": (header_with(4, 1), ()),
    "FLV-TRACKS-COME": (response(flv_body([each for each in stream() if each.kind != AUDIO])), ()),
    "FLV-FIRST-SIZE": (header_with(12, 9), ()),
    "FLV-PREVIOUS-TAG-SIZE": (with_tag(back=7), ()),
    "FLV-TAG-TYPE": (with_tag(high=0b00010110), ()),
    "FLV-TAG-RESERVED": (with_tag(high=0b01000000), ()),
    "FLV-TAG-FILTER": (with_tag(high=0b00100000), ()),
    "FLV-STREAM-ID": (with_tag(stream_id=1), ()),
    "FLV-TAG-SIZE": (response(flv_body([*stream(), Media(AUDIO, 3000, b"")])), ("FLV-AUDIO-HEADER",)),
    "FLV-STATUS": (response(status=206), ()),
    "FLV-CONTENT-TYPE": (response(headers=[("content-type", "application/octet-stream"), *HEADERS[1:]]), ()),
    "FLV-FRAMING": (response(headers=[*HEADERS[:1], ("connection", "keep-alive")]), ()),
    "FLV-CONTENT-LENGTH": (response(headers=[*HEADERS[:1], ("content-length", "99999999")]), ()),
    "FLV-STAYS-OPEN": (response(why="the server closed the connection"), ()),
    "FLV-PROMPT": (late(4.0, after=0), ()),
    "FLV-FLOW": (late(3.0, after=2), ()),
}
