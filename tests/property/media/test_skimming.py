"""A skimmer tells the same as a parser does, however the bytes are split and wherever it takes over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.media import stamp
from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import FlvParser, FlvTag
from srs_conformance.media.flv_skimmer import FlvSkimmer
from srs_conformance.media.http_body import BodyRanges
from srs_conformance.media.packets import PacketType, parse_audio, parse_video
from srs_conformance.media.rtmp.chunks import ChunkReader, ChunkWriter, Message
from srs_conformance.media.rtmp.skimmer import ChunkSkimmer
from srs_conformance.media.steps import AUDIO, FRAME, HEADER, KEYFRAME, KINDS, VIDEO, Step, audio_mark, video_mark
from tests.property.media.quick import CUTS, QUICK, pieces
from tests.property.media.test_splits import messages

CLIP = (Path(__file__).parents[2] / "data" / "media" / "clip.flv").read_bytes()


def step_of(message: Message) -> Step:
    mark = HEADER
    if len(message.payload) >= 2:
        mark = (video_mark if message.type_id == VIDEO else audio_mark)(message.payload[0], message.payload[1])
    return message.type_id, message.timestamp, mark


def without_tiny_chunks(sent: list[Message]) -> list[Message]:
    """No peer sends chunks of one byte; there a mark cannot be read at once."""
    return [each for each in sent if each.type_id != 1 or each.payload != b"\0\0\0\1"]


@QUICK
@given(messages(), CUTS, st.booleans(), st.floats(0, 1))
def test_chunks(sent: list[Message], cuts: list[int], compress: bool, taken_over: float) -> None:
    sent = without_tiny_chunks(sent)
    writer = ChunkWriter(compress=compress)
    data = b"".join(writer.write(message) for message in sent)
    cut = int(len(data) * taken_over)
    reader = ChunkReader()
    read = reader.receive_data(data[:cut])
    skimmer = ChunkSkimmer(reader)
    steps = [step for piece in pieces(data[cut:], cuts) for step in skimmer.skim(memoryview(piece))]

    begun = len(read) + (1 if any(s[6] and s[4] in KINDS for s in reader.remembered().values()) else 0)
    later = [message for message in sent[len(read) :] if message.type_id in KINDS]
    skipped = begun - len(read)  # the message within which it took over is told by nobody
    assert steps == [step_of(message) for message in later[skipped:]]
    assert skimmer.messages == [message for message in sent[len(read) :] if message.type_id not in KINDS]


def parsed(data: bytes) -> list[Step]:
    steps: list[Step] = []
    for tag in FlvParser().receive_data(data):
        if isinstance(tag, FlvTag) and tag.kind in KINDS:
            if tag.kind == VIDEO:
                video = parse_video(tag.payload)
                frame, key = video.packet_type is PacketType.FRAMES, video.keyframe
            else:
                frame, key = parse_audio(tag.payload).packet_type is PacketType.FRAMES, False
            steps.append((int(tag.kind), tag.timestamp, KEYFRAME if key else FRAME if frame else HEADER))
    return steps


@QUICK
@given(CUTS)
def test_flv(cuts: list[int]) -> None:
    skimmer = FlvSkimmer()
    assert [step for piece in pieces(CLIP, cuts) for step in skimmer.skim(memoryview(piece))] == parsed(CLIP)


@QUICK
@given(CUTS, CUTS, st.integers(1, 3000))
def test_chunked_bodies(cuts: list[int], more: list[int], size: int) -> None:
    coded = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (CLIP[i : i + size] for i in range(0, len(CLIP), size))
    )
    body = BodyRanges(chunked=True)
    found = [bytes(part) for piece in pieces(coded + b"0\r\n\r\n", cuts) for part in body.pieces(memoryview(piece))]
    assert b"".join(found) == CLIP
    assert body.finished


@QUICK
@given(st.floats(0, 4e9), st.binary(max_size=60), st.binary(max_size=60))
def test_a_stamp_is_found_and_says_its_time(seconds: float, before: bytes, after: bytes) -> None:
    found = stamp.read(before + stamp.sei(seconds) + after)
    assert found == pytest.approx(seconds, abs=1e-6)
    assert b"\0\0\1" not in stamp.sei(seconds)
    assert b"\0\0\0" not in stamp.sei(seconds)


@pytest.mark.parametrize("head", [b"", stamp.IDENTIFIER, stamp.IDENTIFIER + b"x" * 16, stamp.sei(1)[:-5]])
def test_a_broken_stamp_is_none(head: bytes) -> None:
    assert stamp.read(head) is None


def test_what_is_no_flv_is_refused() -> None:
    with pytest.raises(ProtocolError, match="signature"):
        FlvSkimmer().skim(memoryview(b"<html>no stream here</html>"))
    with pytest.raises(ProtocolError, match="tag type"):
        FlvSkimmer().skim(memoryview(CLIP[:13] + b"\x07" * 20))


def test_what_is_no_chunk_is_refused() -> None:
    with pytest.raises(ProtocolError, match="hexadecimal"):
        BodyRanges(chunked=True).pieces(memoryview(b"no size here\r\n"))


def test_audio_is_never_a_keyframe() -> None:
    assert audio_mark(0xAF, 1) == FRAME
    assert audio_mark(0xAF, 0) == HEADER
    assert AUDIO in KINDS
