from __future__ import annotations

import pytest

from srs_conformance.media import amf0
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import FlvHeader, FlvParser, FlvTag, TagKind, parse_script
from tests.unit.media.making import FLV_HEADER, flv_tag


def test_a_header_and_tags() -> None:
    parser = FlvParser(strict=True)
    data = FLV_HEADER + flv_tag(18, 0, b"meta") + flv_tag(9, 0x01000002, b"") + flv_tag(8, 5, b"aa")
    assert parser.receive_data(data) == [
        FlvHeader(1, audio=True, video=True),
        FlvTag(TagKind.SCRIPT, 0, b"meta", 13),
        FlvTag(TagKind.VIDEO, 0x01000002, b"", 32),
        FlvTag(TagKind.AUDIO, 5, b"aa", 47),
    ]
    assert parser.buffered == 0


@pytest.mark.parametrize(("flags", "audio", "video"), [(0, False, False), (1, False, True), (4, True, False)])
def test_the_headers_flags(flags: int, audio: bool, video: bool) -> None:
    (header,) = FlvParser(strict=True).receive_data(b"FLV\1" + bytes([flags]) + b"\0\0\0\x09")
    assert header == FlvHeader(1, audio=audio, video=video)


def test_a_longer_header_is_passed_over() -> None:
    data = b"FLV\1\5\0\0\0\x0bxx\0\0\0\0" + flv_tag(8, 0, b"a")
    assert FlvParser(strict=True).receive_data(data)[1] == FlvTag(TagKind.AUDIO, 0, b"a", 15)


WRONG = [
    (FLV_HEADER[:9] + b"\0\0\0\1", 9, "PreviousTagSize 0", "1"),
    (FLV_HEADER + flv_tag(8, 0, b"a", previous=11), 25, "PreviousTagSize 12", "11"),
    (FLV_HEADER + flv_tag(8, 0, b"a", stream_id=7), 21, "stream id 0", "7"),
    (b"FLV\2\5\0\0\0\x09", 3, "version 1", "2"),
    (b"FLV\1\7\0\0\0\x09", 4, "reserved flags of 0", "0b00000111"),
]


@pytest.mark.parametrize(("data", "offset", "expected", "found"), WRONG, ids=[row[2] for row in WRONG])
def test_what_leaves_the_tags_readable_is_collected_or_raised(
    data: bytes, offset: int, expected: str, found: str
) -> None:
    parser = FlvParser()
    data += b"\0\0\0\0" if len(data) == 9 else b""
    events = parser.receive_data(data + flv_tag(9, 1, b"v"))
    assert isinstance(events[-1], FlvTag)
    (violation,) = parser.violations
    assert (violation.offset, violation.expected, violation.found) == (offset, expected, found)
    with pytest.raises(ProtocolError) as caught:
        FlvParser(strict=True).receive_data(data)
    assert str(caught.value) == str(violation)


def test_violations_are_bounded() -> None:
    parser = FlvParser()
    events = parser.receive_data(FLV_HEADER + flv_tag(8, 0, b"", previous=0) * 150)
    assert len(events) == 151
    assert len(parser.violations) == FlvParser.MAX_VIOLATIONS


@pytest.mark.parametrize(("first", "offset"), [(b"<", 0), (b"HTTP/1.1 200 OK", 0), (b"FLX", 2)])
def test_what_is_no_flv_is_an_error_at_once(first: bytes, offset: int) -> None:
    with pytest.raises(ProtocolError, match="expected the signature 'FLV'") as caught:
        FlvParser().receive_data(first)
    assert caught.value.offset == offset


@pytest.mark.parametrize("size", [8, 5000])
def test_a_header_of_an_impossible_size_is_an_error(size: int) -> None:
    with pytest.raises(ProtocolError, match="a header of 9 bytes"):
        FlvParser().receive_data(b"FLV\1\5" + size.to_bytes(4, "big"))


def test_an_unknown_tag_type_is_an_error_after_the_tags_before_it() -> None:
    with pytest.raises(ProtocolError, match=r"byte 29: expected a tag type of 8 \(audio\), 9") as caught:
        FlvParser().receive_data(FLV_HEADER + flv_tag(8, 0, b"a") + b"\0")
    assert caught.value.before[-1] == FlvTag(TagKind.AUDIO, 0, b"a", 13)


def test_script_data_has_a_name_and_values() -> None:
    payload = amf0.encode("onMetaData", amf0.EcmaArray(width=64))
    assert parse_script(payload) == ("onMetaData", [{"width": 64.0}])
    for wrong in (b"", amf0.encode(1)):
        with pytest.raises(ProtocolError, match="a string that names it"):
            parse_script(wrong)


def test_a_stream_in_single_bytes() -> None:
    data = b"FLV\1\5\0\0\0\x0bxx\0\0\0\0" + flv_tag(8, 0, b"a")
    parser = FlvParser(strict=True)
    events = [event for place in range(len(data)) for event in parser.receive_data(data[place : place + 1])]
    assert events == FlvParser(strict=True).receive_data(data)
