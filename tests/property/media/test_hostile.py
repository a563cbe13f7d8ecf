"""Whatever a peer sends, nothing but ProtocolError is raised, and memory stays bounded."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.media import aac, amf0, avc, flv, hls, packets
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.mpegts import TsParser
from srs_conformance.media.pes import StreamKind, parse_pes
from srs_conformance.media.rtmp.chunks import ChunkReader, Message
from srs_conformance.media.rtmp.connection import ClientConnection, ServerConnection
from srs_conformance.media.rtmp.messages import CONTROL_TYPES, Command, Data, parse_control, split_aggregate
from tests.property.media.quick import QUICK
from tests.unit.media.loopback import answer, seeded
from tests.unit.media.making import FLV_HEADER, Packets, pat, pmt

BYTES = st.binary(max_size=600)
RECORDS: dict[str, Callable[[bytes], object]] = {
    "amf0": amf0.decode,
    "video": packets.parse_video,
    "audio": packets.parse_audio,
    "script": flv.parse_script,
    "avc": avc.AvcConfig.parse,
    "sps": avc.Sps.parse,
    "high sps": lambda data: avc.Sps.parse(b"\x67\x64" + data),
    "lengths": lambda data: avc.split_nal_units(data, 4),
    "start codes": avc.split_annexb,
    "asc": aac.AacConfig.parse,
    "adts": aac.split_adts,
    "pes": lambda data: parse_pes(data, 256, StreamKind.AVC),
    "command": lambda data: Command.parse(Message(17, 0, 0, data)),
    "data": lambda data: Data.parse(Message(15, 0, 0, data)),
    "aggregate": lambda data: split_aggregate(Message(22, 0, 0, data)),
}


@pytest.mark.parametrize("name", RECORDS)
@QUICK
@given(BYTES)
def test_records(name: str, data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        RECORDS[name](data)


@QUICK
@given(st.sampled_from(sorted(CONTROL_TYPES)), BYTES)
def test_control_messages(kind: int, data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        parse_control(Message(kind, 0, 0, data))


TAGS = "INF INF:1, -X-STREAM-INF -X-KEY -X-MAP -X-TARGETDURATION -X-MEDIA-SEQUENCE -X-BYTERANGE -X-PART -X-MEDIA"
TAGS += " -X-PROGRAM-DATE-TIME -X-DATERANGE -X-SKIP -X-START -X-SESSION-DATA -X-I-FRAME-STREAM-INF -X-CUE-OUT"
PIECES = [f"\n#EXT{tag}" for tag in TAGS.split()]
PIECES += [":", "9", "a.ts", "METHOD=AES-128", "BANDWIDTH=", "=", ",", '"', "@", "\n", "\na.ts\n", "http://[", "\x85"]


@QUICK
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_playlists(parts: list[str]) -> None:
    for head in ("", "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:1,\n"):
        with contextlib.suppress(ProtocolError):
            hls.parse_playlist(head + "".join(parts), "http://h/a/b.m3u8")


@QUICK
@given(st.lists(BYTES, max_size=6))
def test_chunks(parts: list[bytes]) -> None:
    reader = ChunkReader(max_message_size=1000, max_chunk_streams=4)
    with contextlib.suppress(ProtocolError):
        for part in parts:
            reader.receive_data(part)
            assert reader.buffered <= 1000 + 18


@QUICK
@given(st.lists(BYTES, max_size=6))
def test_connections(parts: list[bytes]) -> None:
    client = ClientConnection("rtmp://h/live", "live", random=seeded(1))
    client.play("a")
    server = ServerConnection(random=seeded(2))
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    with contextlib.suppress(ProtocolError):
        for part in parts:
            client.receive_data(part)
            client.data_to_send()
    with contextlib.suppress(ProtocolError):
        for event in server.receive_data(client.data_to_send()):
            answer(server, event)
        for part in parts:
            for event in server.receive_data(part):
                answer(server, event)


@QUICK
@given(st.sampled_from([17, 18, 20, 22, 4, 6]), st.lists(BYTES, max_size=4))
def test_messages_to_a_connection(kind: int, payloads: list[bytes]) -> None:
    client = ClientConnection("rtmp://h/live", "live", random=seeded(1))
    server = ServerConnection(random=seeded(2))
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    server.receive_data(client.data_to_send())
    with contextlib.suppress(ProtocolError):
        for payload in payloads:
            server.send(Message(kind, 0, 0, payload))
            client.receive_data(server.data_to_send())


@QUICK
@given(st.lists(BYTES, max_size=6))
def test_flv(parts: list[bytes]) -> None:
    parser = flv.FlvParser()
    parser.receive_data(FLV_HEADER)
    with contextlib.suppress(ProtocolError):
        for part in parts:
            parser.receive_data(part)


@QUICK
@given(st.lists(st.tuples(st.sampled_from([0, 0x1001, 0x100, 0x101]), st.booleans(), BYTES), max_size=10))
def test_mpegts(contents: list[tuple[int, bool, bytes]]) -> None:
    cutter, parser = Packets(), TsParser(max_pes_size=1000)
    parser.receive_data(cutter.table(0, pat({1: 0x1001})) + cutter.table(0x1001, pmt([(0x1B, 0x100), (0x0F, 0x101)])))
    with contextlib.suppress(ProtocolError):
        for pid, start, content in contents:
            head = b"\0\0\1\xe0\0\0" if pid >= 0x100 and start else b""
            parser.receive_data(cutter.packet(pid, (head + content)[:184], start=start))
        parser.flush()


def test_a_peer_that_announces_much_and_sends_little_holds_little() -> None:
    reader = ChunkReader()
    begun = [bytes([csid]) + bytes.fromhex("000000 07ffff 08 01000000") + bytes(128) for csid in range(3, 37)]
    with pytest.raises(ProtocolError, match="16777216 bytes of unfinished messages at most"):
        reader.receive_data(b"".join(begun))
