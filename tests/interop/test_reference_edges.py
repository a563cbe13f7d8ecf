"""Edges and their origin as processes; ffmpeg publishes and plays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from srs_conformance.viewers import watch
from tests.support.reference import EDGE, Recording, Reference, all_of, make_clip, publish
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.flv")


@dataclass
class Pair:
    """An origin with the stream `a`, and an edge."""

    version: int
    origin: Reference
    edge: Reference

    def pulls(self, stream: str) -> int:
        return sum(row["ip"] == self.edge.host and not row["publish"] for row in self.origin.clients(stream))

    def released(self, stream: str, seconds: float = 6) -> None:
        wait_for(lambda: not self.pulls(stream), "the release of the pull", seconds)

    @contextlib.contextmanager
    def playing(self, stream: str, folder: Path, each: int = 2) -> Iterator[Sequence[Recording]]:
        """Play over RTMP and HTTP-FLV from the edge until the end of the block; it begins when all have got media."""
        urls = {"r": self.edge.rtmp(stream), "f": self.edge.web(f"live/{stream}.flv")}
        recordings = [Recording(url, folder / f"{kind}{n}.flv") for kind, url in urls.items() for n in range(each)]
        with all_of(recordings):
            for recording in recordings:
                recording.grows()
            yield recordings


@contextlib.contextmanager
def started(folder: Path, version: int, clip: Path) -> Iterator[Pair]:
    with (
        Reference(folder, version) as origin,
        publish(clip, origin.rtmp("a")),
        Reference(folder, version, EDGE, "--host", f"srs-origin-service={origin.host}") as edge,
    ):
        yield Pair(version, origin, edge)


@pytest.fixture(scope="module", params=[3, 6])
def pair(request: pytest.FixtureRequest, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with started(tmp_path_factory.mktemp("pair"), request.param, clip) as pair:
        yield pair


@pytest.mark.parametrize("first", ["rtmp", "http-flv"])
def test_an_edge_of_6_asks_an_origin_of_3_in_vain_for_what_is_first_played_over_http_flv(
    first: str, clip: Path, tmp_path: Path
) -> None:
    """As measured: an edge of real 6 asks for "a.flv", which an origin of 6 takes for "a", and one of 3 does not."""
    with (
        Reference(tmp_path, 3) as origin,
        publish(clip, origin.rtmp("a")),
        Reference(tmp_path, 6, EDGE, "--host", f"srs-origin-service={origin.host}") as edge,
    ):
        wait_for(lambda: "a" in origin.streams(), "the stream")
        urls = {"rtmp": edge.rtmp("a"), "http-flv": edge.web("live/a.flv")}
        with watch(urls.pop(first)) as one:
            wait_for(lambda: origin.clients("a.flv" if first == "http-flv" else "a")[first == "rtmp" :], "the pull")
            if first == "rtmp":
                wait_for(lambda: one.timeline.frames, "frames")
            with watch(*urls.values()) as other:
                wait_for(lambda: len(edge.clients("a")) == 2, "both players")
                if first == "rtmp":
                    wait_for(lambda: other.timeline.frames, "frames at the other one")
            assert len(origin.clients("a.flv")) == (first == "http-flv")
            assert bool(one.timeline.frames) is bool(other.timeline.frames) is (first == "rtmp")


def test_an_edge_pulls_once_and_releases(pair: Pair, tmp_path: Path) -> None:
    with pair.playing("a", tmp_path):
        assert len(pair.edge.clients("a")) == 4
        assert pair.pulls("a") == 1
        (pull,) = (row for row in pair.origin.clients("a") if row["ip"] == pair.edge.host)
        assert pull["tcUrl"] == "rtmp://srs-origin-service/live"
        assert pair.edge.get(8080, "/live/a.m3u8")[0] == 404
    pair.released("a")


def test_a_stream_published_to_an_edge_reaches_the_origin_and_other_players(
    pair: Pair, clip: Path, tmp_path: Path
) -> None:
    with publish(clip, pair.edge.rtmp("b")):
        wait_for(lambda: pair.origin.clients("b"), "the stream at the origin")
        (publisher,) = pair.origin.clients("b")
        assert (publisher["type"], publisher["ip"], publisher["publish"]) == ("flash-publish", pair.edge.host, True)
        assert pair.edge.clients("b")[0]["type"] == "fmle-publish"
        with Recording(pair.edge.web("live/b.flv"), tmp_path / "f.flv") as player:
            player.grows()


def test_players_of_an_edge_may_each_have_a_pull_by_fault(pair: Pair, tmp_path: Path) -> None:
    with pair.edge.faulty("edge-pulls-per-viewer"), pair.playing("a", tmp_path):
        assert pair.pulls("a") == 4
    pair.released("a")


def test_a_pull_may_stay_by_fault(pair: Pair, clip: Path, tmp_path: Path) -> None:
    with pair.edge.faulty("edge-never-releases"), publish(clip, pair.origin.rtmp("c")):
        with pair.playing("c", tmp_path, each=1):
            assert pair.pulls("c") == 1
        wait_for(lambda: not pair.edge.clients("c"), "the players to have left")
        with pytest.raises(AssertionError, match="release"):
            pair.released("c", seconds=4 if pair.version == 3 else 1.5)


def test_the_join_race_silences_who_comes_too_soon_by_fault(pair: Pair, tmp_path: Path) -> None:
    with pair.edge.faulty("join-race"):
        with Recording(pair.edge.rtmp("a"), tmp_path / "1.flv") as first:
            first.grows()
        wait_for(lambda: not pair.edge.clients("a"), "the first player to have left")
        with watch(pair.edge.rtmp("a")) as second:  # which joins at once: an edge of 6 releases its pull after 0.6 s
            wait_for(lambda: len(pair.edge.clients("a")) == 1, "the second player")
            pair.released("a")
            before = len(second.timeline.frames)
            with pytest.raises(AssertionError, match="frames"):
                wait_for(lambda: len(second.timeline.frames) > before + 20, "frames", 1.5)
            assert not second.timeline.ended


def test_players_stay_while_the_origin_is_replaced(clip: Path, tmp_path: Path) -> None:
    with started(tmp_path, 6, clip) as pair, pair.playing("a", tmp_path, each=1) as recordings:
        pair.origin.process.kill()
        pair.origin.process.wait()
        pair.origin.start()
        with publish(clip, pair.origin.rtmp("a")):
            for recording in recordings:
                recording.grows()
            assert pair.pulls("a") == 1


def replace_origin(pair: Pair) -> None:
    pair.origin.process.kill()
    pair.origin.process.wait()
    pair.origin.start()


def test_an_edge_that_has_lost_its_origin_may_pull_twice_by_fault(clip: Path, tmp_path: Path) -> None:
    with started(tmp_path, 6, clip) as pair, pair.edge.faulty("failover-pulls-twice"):
        with pair.playing("a", tmp_path, each=1):
            replace_origin(pair)
            with publish(clip, pair.origin.rtmp("a")):
                wait_for(lambda: pair.pulls("a") == 2, "the second pull", 12)
        pair.released("a")


@pytest.mark.parametrize("faults", [(), ("reconnect-serves-an-old-gop",)])
def test_an_edge_that_finds_its_origin_again_may_repeat_a_gop_by_fault(
    faults: tuple[str, ...], clip: Path, tmp_path: Path
) -> None:
    """What is published afterwards is another clip, so that frames of the first one are old ones."""
    other = make_clip(tmp_path / "other.flv", picture="testsrc")
    with started(tmp_path, 6, clip) as pair, pair.edge.faulty(*faults), watch(pair.edge.rtmp("a")) as viewer:
        wait_for(lambda: len(viewer.timeline.frames) > 100, "frames of the first clip")
        replace_origin(pair)
        old, count = {frame.digest for frame in viewer.timeline.video}, len(viewer.timeline.frames)
        with publish(other, pair.origin.rtmp("a")):
            wait_for(lambda: len(viewer.timeline.frames) > count + 100, "frames of the second clip")
        timeline = viewer.stop()
        gap = max(timeline.gaps(1), key=lambda each: each.seconds)
        resumed = timeline.started + gap.start + gap.seconds
        later = [frame for frame in timeline.video if frame.arrival >= resumed]
        assert len(later) > 30
        assert bool([frame for frame in later if frame.digest in old]) is bool(faults)


def test_an_edge_goes_to_the_next_origin_in_its_list(clip: Path, tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as origin, publish(clip, origin.rtmp("a")):
        config = EDGE.replace("origin srs-origin-service;", f"origin 127.0.0.1:9 {origin.host};")
        with Reference(tmp_path, 6, config) as edge, Recording(edge.rtmp("a"), tmp_path / "r.flv") as player:
            player.grows()
