"""Faults of HLS on a shared volume: how a playlist gets onto the disk, and what the HTTP port makes of the files."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from srs_conformance.reference import hls_playlist, web
from srs_conformance.reference.config import parse
from srs_conformance.reference.context import Context
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.hls_out import BESIDE, HlsOut
from srs_conformance.reference.hls_playlist import HlsPlaylist
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import settings_of
from srs_conformance.reference.web import Web
from tests.unit.reference.test_parts import CONFIG, context_in, get, site


@dataclass
class Segment:
    number: int
    path: Path
    discontinuity: bool = False
    seconds: float = 10.0


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, *faults: str) -> list[str]:
    """Return what a reader finds at once, and when the fault's moment is over."""
    monkeypatch.setattr(hls_playlist, "_HALF_SECONDS", 0.0)
    path = folder / "a.m3u8"
    context = context_in(folder)
    (vhost,) = context.settings.vhosts

    async def write() -> list[str]:
        segments = [Segment(0, folder / "a-0.ts"), Segment(1, folder / "a-1.ts")]
        HlsPlaylist(Switches(faults)).write(path, segments, vhost.hls)
        first = path.read_text()
        await asyncio.sleep(0.01)
        return [first, path.read_text()]

    return asyncio.run(write())


def test_a_playlist_is_whole_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, then = written(tmp_path, monkeypatch)
    assert first == then
    assert then.endswith("a-0.ts\n#EXTINF:10.000, no desc\na-1.ts\n")


def test_a_playlist_is_half_for_a_moment_by_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, then = written(tmp_path, monkeypatch, "playlist-in-place")
    assert then.startswith(first)
    assert len(first) < len(then)
    assert not first.endswith("\n")


def test_a_playlist_names_an_unfinished_segment_by_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, then = written(tmp_path, monkeypatch, "playlist-names-unfinished")
    assert first.splitlines()[-1] == "a-1.ts.tmp"
    assert then == first.replace(".tmp", "")


def test_hls_is_written_elsewhere_by_fault_and_served_all_the_same(tmp_path: Path) -> None:
    context = context_in(site(tmp_path), 3, "hls-beside-the-volume")
    (vhost,) = context.settings.vhosts
    out = HlsOut(context, vhost.hls)
    assert out._folder == tmp_path / BESIDE
    (tmp_path / BESIDE / "live").mkdir(parents=True)
    (tmp_path / BESIDE / "live/b-0.ts").write_bytes(b"G")
    assert get(Web(context, Hub(context)), "/live/b-0.ts").status == 200
    context.faults.set([])
    assert get(Web(context, Hub(context)), "/live/b-0.ts").status == 404


def test_segments_have_a_packet_more_over_http_by_fault(tmp_path: Path) -> None:
    context = context_in(site(tmp_path), 3, "ports-differ")
    body = get(Web(context, Hub(context)), "/live/a-0.ts").body
    assert body[:188] == b"G" * 188
    assert len(body) == 376
    assert body[188:191] == b"\x47\x1f\xff"


def test_a_playlist_is_served_from_a_cache_by_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_in(site(tmp_path), 3, "http-caches-playlists")
    server = Web(context, Hub(context))
    first = get(server, "/live/a.m3u8").body
    (tmp_path / "html/live/a.m3u8").write_text("another")
    assert get(server, "/live/a.m3u8").body == first
    monkeypatch.setattr(web, "_CACHED_SECONDS", 0.0)
    assert get(server, "/live/a.m3u8").body == b"another"


@pytest.mark.parametrize(
    ("hls", "faults", "deleted"),
    [("", (), False), ("hls_dispose 0;", (), False), ("hls_dispose 5;", (), True), ("", ("quit-deletes-hls",), True)],
)
def test_who_ends_deletes_hls_where_it_is_asked_to_or_by_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hls: str, faults: tuple[str, ...], deleted: bool
) -> None:
    text = CONFIG.replace("hls { enabled on; }", f"hls {{ enabled on; {hls} }}")
    personality = PERSONALITIES[6]
    context = Context(personality, settings_of(parse(text), personality), tmp_path, faults=Switches(faults))
    (vhost,) = context.settings.vhosts
    hub, gone = Hub(context), list[HlsOut]()
    monkeypatch.setattr(HlsOut, "dispose", lambda out: gone.append(out))  # noqa: PLW0108 - it must become a method
    hub.for_player(vhost, StreamRequest("127.0.0.1", "rtmp://a/live", "a", "a", "live", "b"))
    hub.dispose()
    assert bool(gone) is deleted
