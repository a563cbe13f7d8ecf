"""What independent servers do differently: read from their bytes, and held against docs/interop.md."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from srs_conformance.media.flv import FlvHeader, FlvParser, FlvTag, TagKind, parse_video
from srs_conformance.media.rtmp.connection import (
    Audio,
    ClientConnection,
    CommandReceived,
    Connected,
    ControlReceived,
    DataReceived,
    Event,
    HandshakeDone,
    Metadata,
    Status,
    StreamCreated,
    Video,
)
from srs_conformance.media.rtmp.messages import SetChunkSize, SetPeerBandwidth, StreamBegin, WindowAcknowledgementSize
from tests.unit.media.loopback import seeded

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data" / "media"
#: The column of docs/interop.md -> its vector, and whether our client spoke with digests.
PLAYED = {
    "ffmpeg -listen 1": ("ffmpeg-listen.server.bin", False),
    "nginx-rtmp": ("nginx-play.server.bin", True),
    "node-media-server": ("node-play.server.bin", True),
}
_NAMES: dict[type, str] = {Connected: "connect", StreamCreated: "createStream", Metadata: "onMetaData"}
Events = list[Event]


def played(server: str) -> Events:
    name, digest = PLAYED[server]
    client = ClientConnection("rtmp://127.0.0.1/live", "live", random=seeded(), digest=digest)
    client.play("a")
    return client.receive_data((DATA / name).read_bytes())


def one(events: Events, kind: type) -> object:
    """Return the first control message of a kind."""
    return next(each.control for each in events if isinstance(each, ControlReceived) and isinstance(each.control, kind))


def named(event: Event) -> str:
    """Return what stands for an event in the table, "" for what the table has elsewhere."""
    name = ""
    match event:
        case Status():
            name = event.code.removeprefix("NetStream.")
        case DataReceived():
            name = event.name
        case ControlReceived(control=StreamBegin(stream_id)):
            name = f"Stream Begin {stream_id}"
        case CommandReceived():
            name = event.command.name
        case Connected() | StreamCreated() | Metadata():
            name = _NAMES[type(event)]
    return name


def order(events: Events) -> str:
    media = next(at for at, each in enumerate(events) if isinstance(each, (Audio, Video)))
    return ", ".join(filter(None, map(named, events[:media])))


def handshake(events: Events) -> str:
    done = events[0]
    assert isinstance(done, HandshakeDone)
    assert done.answered
    return "with digests" if done.digest else "simple"


def first_frames(events: Events) -> str:
    """Return the timestamps of the first picture and of the first sound, in ms, sequence headers left out."""
    pictures = [each for each in events if isinstance(each, Video) and not parse_video(each.payload).sequence_header]
    sounds = [each for each in events if isinstance(each, Audio) and each.payload[1]]
    return f"{pictures[0].timestamp}, {sounds[0].timestamp}"


def streams(events: Events) -> str:
    return ", ".join(sorted({str(each.stream_id) for each in events if isinstance(each, (Audio, Video))}))


#: The row of docs/interop.md -> how it is measured.
ROWS: dict[str, Callable[[Events], object]] = {
    "handshake": handshake,
    "chunk size": lambda events: one(events, SetChunkSize).size,
    "acknowledgement window": lambda events: one(events, WindowAcknowledgementSize).size,
    "peer bandwidth": lambda events: one(events, SetPeerBandwidth).size,
    "order before media": order,
    "media's message stream": streams,
    "first picture and sound, ms": first_frames,
}


def documented() -> dict[tuple[str, str], str]:
    """Return the cells of the table of docs/interop.md by row and server."""
    lines = (ROOT / "docs" / "interop.md").read_text(encoding="utf-8").splitlines()
    split = [re.split(r"(?<!\\)\|", line.removeprefix("|").removesuffix("|")) for line in lines if line.startswith("|")]
    rows = [[cell.strip().replace("\\|", "|") for cell in row] for row in split]
    (head, _, *body) = rows
    return {(row[0], server): cell for row in body for server, cell in zip(head[1:], row[1:], strict=True)}


@pytest.mark.parametrize("server", PLAYED)
@pytest.mark.parametrize("row", ROWS)
def test_a_server_s_bytes_say_what_is_documented(row: str, server: str) -> None:
    assert str(ROWS[row](played(server))) == documented()[row, server]


def test_every_row_of_the_table_is_measured() -> None:
    assert {row for row, _ in documented()} == set(ROWS)


@pytest.mark.parametrize("server", PLAYED)
def test_every_server_gives_the_clip_s_pictures(server: str) -> None:
    clip = FlvParser().receive_data((DATA / "clip.flv").read_bytes())
    sent = [parse_video(tag.payload).data for tag in clip if isinstance(tag, FlvTag) and tag.kind is TagKind.VIDEO]
    got = [parse_video(each.payload).data for each in played(server) if isinstance(each, Video)]
    assert len(got) >= 10
    assert set(got) <= set(sent)


@pytest.mark.parametrize("server", PLAYED)
def test_any_split_of_a_server_s_bytes_gives_the_same_events(server: str) -> None:
    name, digest = PLAYED[server]
    client = ClientConnection("rtmp://127.0.0.1/live", "live", random=seeded(), digest=digest)
    client.play("a")
    data = (DATA / name).read_bytes()
    split = [event for at in range(0, len(data), 7) for event in client.receive_data(data[at : at + 7])]
    assert split == played(server)


def test_node_media_server_says_set_data_frame_in_flv_and_begins_in_the_middle() -> None:
    parser = FlvParser()
    header, *tags = parser.receive_data((DATA / "node-play.flv").read_bytes())
    assert header == FlvHeader(version=1, audio=True, video=True)
    assert parser.violations == []
    whole = [tag for tag in tags if isinstance(tag, FlvTag)]
    assert whole[0].kind is TagKind.SCRIPT
    assert whole[0].payload.startswith(b"\x02\x00\r@setDataFrame")
    video = [tag for tag in whole if tag.kind is TagKind.VIDEO]
    assert [parse_video(tag.payload).sequence_header for tag in video[:2]] == [True, False]
    assert parse_video(video[1].payload).keyframe
    assert (video[0].timestamp, video[1].timestamp) == (0, 1088)


def test_node_media_server_takes_a_publisher() -> None:
    client = ClientConnection("rtmp://127.0.0.1/live", "live", random=seeded(), digest=True)
    client.publish("b")
    events = client.receive_data((DATA / "node-publish.server.bin").read_bytes())
    assert order([*events, Video(0, b"\x17\x00\x00\x00\x00", 1)]) == "connect, createStream, Publish.Start"
