"""Any split of the same bytes gives the same events and the same error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.media.flv import FlvParser
from srs_conformance.media.mpegts import TsParser
from srs_conformance.media.rtmp.chunks import ChunkReader, ChunkWriter, Message
from srs_conformance.media.rtmp.connection import ClientConnection, ServerConnection
from tests.property.media.quick import CUTS, QUICK, Feed, outcome, pieces
from tests.unit.media.loopback import seeded
from tests.unit.media.making import Packets, pat, pes, pmt

FOLDER = Path(__file__).parents[2] / "data" / "media"
DAMAGE = st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), max_size=3)
"""Bytes to overwrite: where, and with what."""


def damaged(data: bytes, damage: list[tuple[int, int]], start: int = 0) -> bytes:
    out = bytearray(data)
    for place, value in damage:
        out[start + place % (len(out) - start)] = value
    return bytes(out)


def same(make: Callable[[], Feed], data: bytes, cuts: list[int]) -> None:
    assert outcome(make(), pieces(data, cuts)) == outcome(make(), [data])


def messages() -> st.SearchStrategy[list[Message]]:
    times = st.one_of(st.integers(0, 100), st.integers(2**24 - 10, 2**24 + 10), st.integers(2**32 - 50, 2**32 - 1))
    sizes = st.one_of(st.integers(0, 10), st.sampled_from([127, 128, 129, 1000]))
    ids = st.sampled_from([2, 3, 63, 64, 319, 320, 65599])
    message = st.builds(
        lambda kind, stream, time, size, csid: Message(kind, stream, time, bytes([size % 251]) * size, csid),
        st.sampled_from([8, 9, 18, 20, 22]),
        st.integers(0, 2),
        times,
        sizes,
        ids,
    )
    chunk_size = st.builds(lambda size: Message(1, 0, 0, size.to_bytes(4, "big"), 2), st.integers(1, 300))
    return st.lists(st.one_of(message, message, message, chunk_size), max_size=20)


@QUICK
@given(messages(), CUTS, st.booleans())
def test_chunks_come_back_in_any_split(sent: list[Message], cuts: list[int], compress: bool) -> None:
    writer = ChunkWriter(compress=compress)
    data = b"".join(writer.write(message) for message in sent)
    assert outcome(ChunkReader().receive_data, pieces(data, cuts)) == (sent, "")


@QUICK
@given(messages(), CUTS, DAMAGE)
def test_damaged_chunks(sent: list[Message], cuts: list[int], damage: list[tuple[int, int]]) -> None:
    writer = ChunkWriter(compress=True)
    data = b"".join(writer.write(message) for message in [*sent, Message(8, 1, 0, b"x")])
    same(lambda: ChunkReader(max_message_size=2000).receive_data, damaged(data, damage), cuts)


@QUICK
@given(CUTS, DAMAGE, st.sampled_from(["ffmpeg-publish.client.bin", "ffmpeg-play.client.bin"]))
def test_a_servers_connection(cuts: list[int], damage: list[tuple[int, int]], name: str) -> None:
    data = damaged((FOLDER / name).read_bytes(), damage, 3073)
    same(lambda: ServerConnection(random=seeded()).receive_data, data, cuts)


@QUICK
@given(CUTS, DAMAGE, st.sampled_from(["ffmpeg-listen.server.bin", "nginx-play.server.bin"]))
def test_a_clients_connection(cuts: list[int], damage: list[tuple[int, int]], name: str) -> None:
    def make() -> Feed:
        client = ClientConnection("rtmp://h/live", "live", random=seeded(), digest="nginx" in name)
        client.play("a")
        return client.receive_data

    same(make, damaged((FOLDER / name).read_bytes(), damage, 3073), cuts)


@QUICK
@given(CUTS, DAMAGE, st.booleans())
def test_flv(cuts: list[int], damage: list[tuple[int, int]], strict: bool) -> None:
    data = damaged((FOLDER / "clip.flv").read_bytes(), damage)
    same(lambda: FlvParser(strict=strict).receive_data, data, cuts)


def transport_stream() -> bytes:
    packets = Packets()
    out = b""
    for index in range(12):
        out += packets.table(0, pat({1: 0x1001})) + packets.table(0x1001, pmt([(0x1B, 0x100), (0x0F, 0x101)]))
        out += packets.pes(0x100, pes(b"v" * 150 * index, 3000 * index, sized=index % 2 == 0), pcr=900_000 * index)
        out += packets.pes(0x101, pes(b"a" * 90, 3000 * index, stream=0xC0))
    return out


TRANSPORT_STREAM = transport_stream()


@QUICK
@given(CUTS, DAMAGE)
def test_mpegts(cuts: list[int], damage: list[tuple[int, int]]) -> None:
    data = damaged(TRANSPORT_STREAM, damage)

    same(lambda: TsParser().receive_data, data, cuts)


def test_the_undamaged_transport_stream_is_right() -> None:
    parser = TsParser()
    parser.receive_data(TRANSPORT_STREAM)
    assert len(parser.flush()) == 1
