"""Byte vectors captured from ffmpeg and nginx (tests/data/media), fed to the other side of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from srs_conformance.media.avc import split_nal_units, vcl_digest
from srs_conformance.media.flv import FlvParser, FlvTag, PacketType, TagKind, parse_audio, parse_video
from srs_conformance.media.rtmp.connection import (
    Audio,
    ClientConnection,
    CommandReceived,
    Connected,
    ConnectRequested,
    ControlReceived,
    CreateStreamRequested,
    Event,
    HandshakeDone,
    Metadata,
    PlayRequested,
    PublishRequested,
    ServerConnection,
    Status,
    Video,
)
from srs_conformance.media.rtmp.messages import SetChunkSize, WindowAcknowledgementSize
from tests.unit.media.loopback import seeded

FOLDER = Path(__file__).parents[2] / "data" / "media"


def clip() -> list[FlvTag]:
    events = FlvParser(strict=True).receive_data((FOLDER / "clip.flv").read_bytes())
    return [event for event in events if isinstance(event, FlvTag)]


def media(events: list[Event]) -> list[tuple[int, bytes]]:
    return [(event.timestamp, event.payload) for event in events if isinstance(event, (Audio, Video))]


def from_client(name: str) -> list[Event]:
    return ServerConnection(random=seeded()).receive_data((FOLDER / name).read_bytes())


def from_server(name: str, *, digest: bool, stream: str = "a", publish: bool = False) -> list[Event]:
    client = ClientConnection("rtmp://127.0.0.1/live", "live", random=seeded(), digest=digest)
    if publish:
        client.publish(stream)
    else:
        client.play(stream)
    return client.receive_data((FOLDER / name).read_bytes())


def test_ffmpeg_publishes() -> None:
    events = from_client("ffmpeg-publish.client.bin")
    assert events[0] == HandshakeDone(digest=True, answered=True)
    assert isinstance(events[1], ConnectRequested)
    assert events[1].app == "live"
    assert events[2] == ControlReceived(SetChunkSize(60000))
    names = [event.command.name for event in events if isinstance(event, CommandReceived)]
    assert names == ["releaseStream", "FCPublish", "FCUnpublish", "deleteStream"]
    assert PublishRequested("a", "", 1, 5.0, "live") in events
    assert any(isinstance(event, CreateStreamRequested) for event in events)
    metadata = next(event for event in events if isinstance(event, Metadata))
    assert (metadata.values["width"], metadata.values["height"]) == (64.0, 48.0)
    sent = [(tag.timestamp, tag.payload) for tag in clip() if tag.kind is not TagKind.SCRIPT]
    assert sorted(media(events)) == sorted(sent)


def test_ffmpeg_plays() -> None:
    events = from_client("ffmpeg-play.client.bin")
    assert events[0] == HandshakeDone(digest=True, answered=True)
    assert ControlReceived(WindowAcknowledgementSize(2_500_000)) in events
    assert PlayRequested("a", "", 1, 4.0, -2000.0) in events


def test_ffmpeg_listens() -> None:
    events = from_server("ffmpeg-listen.server.bin", digest=False)
    assert events[0] == HandshakeDone(digest=False, answered=True)
    assert [event.code for event in events if isinstance(event, Status)] == ["NetStream.Play.Start"]
    sent = [(tag.timestamp, tag.payload) for tag in clip() if tag.kind is not TagKind.SCRIPT]
    assert sorted(media(events)) == sorted(sent)


def test_nginx_lets_us_play() -> None:
    events = from_server("nginx-play.server.bin", digest=True)
    assert events[0] == HandshakeDone(digest=True, answered=True)
    connected = next(event for event in events if isinstance(event, Connected))
    assert connected.properties["fmsVer"] == "FMS/3,0,1,123"
    metadata = next(event for event in events if isinstance(event, Metadata))
    assert str(metadata.values["Server"]).startswith("NGINX RTMP")
    sent = {tag.payload for tag in clip()}
    assert {payload for _, payload in media(events)} <= sent
    assert len(media(events)) > 20


def test_nginx_lets_us_publish() -> None:
    events = from_server("nginx-publish.server.bin", digest=True, stream="b", publish=True)
    assert [event.code for event in events if isinstance(event, Status)] == ["NetStream.Publish.Start"]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_the_split_makes_no_difference(size: int) -> None:
    data = (FOLDER / "ffmpeg-publish.client.bin").read_bytes()
    server = ServerConnection(random=seeded())
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += server.receive_data(data[start : start + size])
    assert events == from_client("ffmpeg-publish.client.bin")


def test_the_clips_pictures_and_sound() -> None:
    pictures = [parse_video(tag.payload) for tag in clip() if tag.kind is TagKind.VIDEO]
    frames = [packet for packet in pictures if packet.packet_type is PacketType.FRAMES]
    assert len(frames) == 10
    assert [index for index, packet in enumerate(frames) if packet.keyframe] == [0, 5]
    assert len({vcl_digest(split_nal_units(packet.data, 4)) for packet in frames}) > 6
    sounds = [parse_audio(tag.payload) for tag in clip() if tag.kind is TagKind.AUDIO]
    assert [packet.sequence_header for packet in sounds[:2]] == [True, False]
