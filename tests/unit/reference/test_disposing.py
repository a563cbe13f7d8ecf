"""hls_dispose of the reference server: when the files of a stream that has ended go, and when they stay."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import pytest

from srs_conformance.reference.faults import Switches
from srs_conformance.reference.hls_out import HlsOut
from srs_conformance.reference.personality import of_version
from srs_conformance.reference.settings import read

REQUEST = SimpleNamespace(vhost="__defaultVhost__", app="live", stream="livestream")
CONFIG = "listen 1935; vhost __defaultVhost__ { hls { enabled on; hls_dispose 30; } }"


@pytest.fixture
def make(tmp_path):
    """Return a function that makes an HLS writer whose files are there, with a dispose time in seconds."""
    (tmp_path / "srs.conf").write_text(CONFIG)
    settings = read(tmp_path / "srs.conf", of_version("3"))

    def made(dispose, *faults):
        hls = replace(settings.vhosts[0].hls, dispose=dispose)
        context = SimpleNamespace(faults=Switches(faults), path=lambda name: tmp_path / name)
        writer = HlsOut(context, hls)
        writer.begin(REQUEST)
        playlist = writer._playlist
        playlist.parent.mkdir(parents=True, exist_ok=True)
        playlist.write_text("#EXTM3U\n")
        return writer, playlist

    return made


def test_files_go_when_their_stream_has_ended_for_so_long(make):
    async def scene():
        writer, playlist = make(0.01)
        writer.end()
        assert playlist.exists()
        async with asyncio.timeout(5):
            while playlist.exists():
                await asyncio.sleep(0)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("dispose", "faults", "again"), [(0, (), False), (0.01, ("hls-dispose-never-comes",), False), (0.01, (), True)]
)
def test_files_stay_without_hls_dispose_by_the_fault_and_when_the_stream_is_back(make, dispose, faults, again):
    async def scene():
        writer, playlist = make(dispose, *faults)
        writer.end()
        if again:
            writer.begin(REQUEST)
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, passed.set)
        await passed.wait()
        assert playlist.exists()

    asyncio.run(scene())


def test_a_reload_does_not_end_a_stream(make):
    async def scene():
        writer, _ = make(0.01)
        writer.change(writer._hls)
        assert writer._disposal is None

    asyncio.run(scene())
