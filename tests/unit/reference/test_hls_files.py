"""What is left of a stream on the volume, and when it goes; a stream that stays busy by fault."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from srs_conformance.reference.config import parse
from srs_conformance.reference.context import Context
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.hls_out import HlsOut
from srs_conformance.reference.media import AUDIO, Packet
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import Hls, settings_of

REQUEST = StreamRequest("127.0.0.1", "rtmp://h/live", "h", "__defaultVhost__", "live", "a")
HEADER = bytes((0xAF, 0, 0x12, 0x10))
FRAME = bytes((0xAF, 1)) + b"x" * 20


def made(folder: Path, *faults: str, dispose: str = "0.05") -> HlsOut:
    personality = PERSONALITIES[6]
    hls = f"hls {{ enabled on; hls_path .; hls_fragment 1; hls_window 3; hls_dispose {dispose}; }}"
    settings = settings_of(parse(f"listen 1935; vhost __defaultVhost__ {{ {hls} }}"), personality)
    context = Context(personality, settings, folder, faults=Switches(faults))
    found: Hls = settings.vhosts[0].hls
    return HlsOut(context, found)


def publish(out: HlsOut, seconds: int) -> None:
    """Send sound of so many seconds, in ten frames each."""
    out.begin(REQUEST)
    out.write(Packet(AUDIO, 0, HEADER))
    for frame in range(seconds * 10 + 1):
        out.write(Packet(AUDIO, frame * 100, FRAME))
    out.end()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def discontinuities(folder: Path) -> int:
    return (folder / "live/a.m3u8").read_text().splitlines().count("#EXT-X-DISCONTINUITY")


def test_what_is_left_goes_after_hls_dispose(tmp_path: Path) -> None:
    async def scene() -> None:
        publish(made(tmp_path), 2)
        assert "a.m3u8" in files(tmp_path)
        await asyncio.sleep(0.2)

    asyncio.run(scene())
    assert files(tmp_path) == []


@pytest.mark.parametrize(("faults", "dispose"), [(("hls-dispose-never-comes",), "0.05"), ((), "0")])
def test_it_stays_by_fault_and_without_hls_dispose(faults: tuple[str, ...], dispose: str, tmp_path: Path) -> None:
    async def scene() -> None:
        publish(made(tmp_path, *faults, dispose=dispose), 2)
        await asyncio.sleep(0.2)

    asyncio.run(scene())
    assert "a.m3u8" in files(tmp_path)


def test_a_publisher_who_is_back_in_time_keeps_it(tmp_path: Path) -> None:
    async def scene() -> None:
        out = made(tmp_path)
        publish(out, 2)
        out.begin(REQUEST)
        await asyncio.sleep(0.2)

    asyncio.run(scene())
    assert "a.m3u8" in files(tmp_path)


@pytest.mark.parametrize(("faults", "forgotten"), [((), False), (("hls-cleanup-forgets",), True)])
def test_publishers_who_come_and_go_leave_nothing_but_by_fault(
    faults: tuple[str, ...], forgotten: bool, tmp_path: Path
) -> None:
    async def scene() -> None:
        out = made(tmp_path, *faults, dispose="0")
        for _ in range(3):
            publish(out, 5)

    asyncio.run(scene())
    numbers = {int(name.removeprefix("a-").removesuffix(".ts")) for name in files(tmp_path) if name.endswith(".ts")}
    assert numbers >= set(range(11, 15))
    assert (min(numbers) < 5) is forgotten  # of the last publisher's predecessors nothing is as young as five seconds


@pytest.mark.parametrize(("faults", "kept"), [((), {2, 3}), (("hls-removes-segments-at-once",), set())])
def test_removed_segments_stay_for_a_while_but_by_fault(
    faults: tuple[str, ...], kept: set[int], tmp_path: Path
) -> None:
    """RFC 8216 6.2.2: their own second, and the four of the longest playlist that they were in."""

    async def scene() -> None:
        publish(made(tmp_path, *faults, dispose="0"), 8)

    asyncio.run(scene())
    playlist = (tmp_path / "live/a.m3u8").read_text()
    left = [name for name in files(tmp_path) if name.endswith(".ts") and name not in playlist]
    assert {int(name.removeprefix("a-").removesuffix(".ts")) for name in left} >= kept
    assert bool(left) is bool(kept)


@pytest.mark.parametrize(("faults", "count"), [((), 2), (("hls-hides-a-new-publisher",), 1)])
def test_a_new_publisher_is_a_discontinuity_but_by_fault(faults: tuple[str, ...], count: int, tmp_path: Path) -> None:
    async def scene() -> None:
        out = made(tmp_path, *faults, dispose="0")
        publish(out, 1)
        publish(out, 1)

    asyncio.run(scene())
    assert discontinuities(tmp_path) == count
