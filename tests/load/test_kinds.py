"""Each locustfile puts its kind of load on a server and tells what it met."""

from srs_conformance.load.measures import Measure
from srs_conformance.load.visits import Kind
from srs_conformance.viewers import watch
from tests.support.locust import Locust, headless
from tests.support.waiting import wait_for

STAMPED = [Measure.CONNECT, Measure.FIRST_BYTE, Measure.FIRST_KEYFRAME, Measure.BEHIND]


def told(ran, kind, *measures):
    """Check what every run has in its result, and return its counts."""
    assert ran.code == 0, ran.out
    result = ran.result
    counts = result.measures.counts(kind)
    assert result.joined >= counts.joined == counts.visits > 0
    assert (counts.refused, counts.cut, counts.stalls, counts.jumps) == (0, 0, 0, 0), ran.out
    assert counts.received > 50_000
    assert result.invalid == result.engine_errors == []
    assert max(row.viewers for row in result.series.rows()) > 0
    for measure in measures:
        assert result.measures.count(kind, measure) >= 1, measure
    assert (ran.folder / "index.html").read_text().count("<svg") >= 5
    return counts


def test_flv(fanout, tmp_path):
    ran = headless("flv", tmp_path, "--host", f"http://{fanout}:8080", "--stream", "live/s[1-3]")
    counts = told(ran, Kind.HTTP_FLV, *STAMPED)
    assert counts.visits == 4
    assert ran.result.measures.percentile(Kind.HTTP_FLV, Measure.BEHIND, 50) < 3
    assert ran.result.streams == ["live/s1", "live/s2", "live/s3"]
    assert ran.result.server == "srs-conformance-fanout"
    assert ran.result.options["users"] == "4"
    assert "HOLDS: no SLO clause was set, 4 visits joined" in ran.out


def test_rtmp_comes_and_goes(fanout, tmp_path):
    arguments = ("--watch", "uniform:0.3s-0.5s", "--rest", "0.1s", "--deep", "0.5")
    counts = told(headless("rtmp", tmp_path, "--host", f"rtmp://{fanout}", *arguments), Kind.RTMP, *STAMPED[:3])
    assert counts.visits >= 8
    assert 0 < counts.deep < counts.visits


def test_hls(reference, tmp_path):
    ran = headless("hls", tmp_path, "--host", reference.web(""), "--stream", "live/clip", users=2, seconds=3)
    counts = told(ran, Kind.HLS, *STAMPED[:3], Measure.PLAYLIST, Measure.SEGMENT)
    assert counts.visits == 2
    assert not ran.result.measures.count(Kind.HLS, Measure.BEHIND)  # ffmpeg does not stamp


def test_mixed(fanout, reference, tmp_path):
    arguments = ["--rtmp-url", reference.rtmp("").removesuffix("/live/"), "--flv-url", f"http://{fanout}:8080"]
    ran = headless("mixed", tmp_path, *arguments, "--hls-url", reference.web(""), "--stream", "live/clip", users=6)
    for kind in (Kind.RTMP, Kind.HTTP_FLV, Kind.HLS):
        assert told(ran, kind, Measure.FIRST_KEYFRAME).visits == 2
    assert ran.result.command == "flv+hls+rtmp"
    assert len(ran.result.urls) == 3


def test_a_kind_without_a_url_stays_away(fanout, tmp_path):
    ran = headless("mixed", tmp_path, "--flv-url", f"http://{fanout}:8080")
    assert told(ran, Kind.HTTP_FLV).visits == 4
    assert ran.result.measures.kinds == [Kind.HTTP_FLV]


def test_publish(reference, tmp_path):
    arguments = ("--headless", "-u", "2", "-r", "10", "-t", "3s")
    host = reference.rtmp("").removesuffix("/live/")
    with Locust("publish", tmp_path, *arguments, "--host", host, "--stream", "live/load") as locust:
        wait_for(lambda: {"load", "load-2"} <= set(reference.streams()), "both streams in the list of the API")
        with watch(reference.rtmp("load-2")) as viewer:
            wait_for(lambda: len(viewer.timeline.video) >= 25, "a second of the picture", 5)
        ran = locust.ended()
    assert viewer.stop().jumps() == []
    counts = told(ran, Kind.PUBLISHER, Measure.CONNECT, Measure.FIRST_KEYFRAME)
    assert counts.visits == 2
    assert "HOLDS" in ran.out
