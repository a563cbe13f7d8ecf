from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from srs_conformance.commands.faults import command
from srs_conformance.reference.distortion import Distortion
from srs_conformance.reference.fault_port import FaultPort
from srs_conformance.reference.faults import CATALOGUE, Switches, UnknownFaultError, faithful_to, known
from srs_conformance.reference.http_server import Request
from srs_conformance.reference.media import AUDIO, SCRIPT, VIDEO, Packet

SUITES = Path(__file__).parents[3] / "suites"


def requirements() -> set[str]:
    return {
        row["id"]
        for file in SUITES.glob("*/requirements.yaml")
        for row in yaml.safe_load(file.read_text())["requirements"]
    }


def chapter_of(requirement: str) -> str:
    return requirement.partition("-")[0]


def test_each_fault_says_what_it_is_and_breaks_requirements_that_exist() -> None:
    assert len(CATALOGUE) >= 30
    known_ones = requirements()
    judged = {chapter_of(each) for each in known_ones}
    for name, fault in CATALOGUE.items():
        assert name == fault.name
        assert fault.summary
        assert fault.seen_in
        assert fault.breaks
        assert {each for each in fault.breaks if chapter_of(each) in judged} <= known_ones, name


def test_versions_have_their_own_faults() -> None:
    reloads = {"config-is-not-watched", "broken-config-ends-the-server", "reload-of-listen-ends-the-server"}
    both = {
        *("edge-publishes-to-the-first-origin", "origins-publish-a-stream-twice"),
        "refuses-without-a-word",
        *("hls-no-discontinuity-sequence", "hls-removes-segments-at-once"),
    }
    assert faithful_to(3) == {"join-race", *reloads, *both}
    of_6 = {"docker-conf-missing", "reload-leaves-http", "sh-is-dash", "quit-deletes-hls", "hls-dispose-never-comes"}
    assert faithful_to(6) == {*of_6, *both}


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFaultError, match=r"unknown fault\(s\) a, b; known are edge-pulls-per-viewer, "):
        known(["b", "stalls", "a"])


def ask(port: FaultPort, method: str, body: bytes = b"", path: str = "/faults") -> tuple[int, object]:
    answer = port.handle(Request(method, path, "", {}, body, ""))
    return answer.status, json.loads(answer.body)


def test_the_fault_port_switches() -> None:
    switches = Switches(["stalls"])
    port = FaultPort(switches)
    assert ask(port, "GET") == (200, ["stalls"])
    assert ask(port, "PUT", b'["no-playlist", "audio-missing"]') == (200, ["audio-missing", "no-playlist"])
    assert "audio-missing" in switches
    for body in (b'["x"]', b"{}", b"[1]", b"?"):
        status, answer = ask(port, "PUT", body)
        assert status == 400
        assert isinstance(answer, dict)
        assert answer["known"] == list(CATALOGUE)
    assert switches.on == {"audio-missing", "no-playlist"}
    assert ask(port, "DELETE")[0] == 405
    assert ask(port, "GET", path="/")[0] == 404


def stream(seconds: float = 20) -> list[Packet]:
    """25 pictures a second with a keyframe each second, and 20 sounds a second."""
    pictures = [Packet(VIDEO, 40 * n, n.to_bytes(4, "big"), keyframe=n % 25 == 0) for n in range(int(seconds * 25))]
    sounds = [Packet(AUDIO, 50 * n, b"s") for n in range(int(seconds * 20))]
    headers = [Packet(SCRIPT, 0, b"m"), Packet(AUDIO, 0, b"a", header=True), Packet(VIDEO, 0, b"v", header=True)]
    return [*headers, *sorted([*pictures, *sounds], key=lambda packet: packet.timestamp)]


def distorted(*faults: str, kind: str = "rtmp") -> tuple[list[Packet], list[Packet]]:
    """Return the pictures and the sounds that come through."""
    distortion = Distortion(Switches(faults), kind)
    out = [got for packet in stream() if (got := distortion.apply(packet)) is not None and not got.header]
    return [got for got in out if got.kind == VIDEO], [got for got in out if got.kind == AUDIO]


def test_without_faults_everything_comes_through() -> None:
    pictures, sounds = distorted()
    assert (len(pictures), len(sounds)) == (500, 400)


def test_frozen_video_repeats_a_picture_at_new_times() -> None:
    pictures, sounds = distorted("frozen-video")
    assert [each.timestamp for each in pictures] == [40 * n for n in range(500)]
    assert len({each.payload for each in pictures}) == 50
    assert len(sounds) == 400


@pytest.mark.parametrize(
    ("fault", "pictures", "sounds"),
    [
        ("video-stops", 50, 400),
        ("audio-missing", 500, 0),
        ("rtmp-play-sends-nothing", 0, 0),
        ("flv-sends-nothing", 500, 400),
        ("dropped-frames", 448, 400),
        ("starts-without-keyframe", 499, 400),
    ],
)
def test_faults_take_frames_away(fault: str, pictures: int, sounds: int) -> None:
    got = distorted(fault)
    assert (len(got[0]), len(got[1])) == (pictures, sounds)


def test_frames_are_dropped_at_other_times_over_each_protocol() -> None:
    rtmp, flv = (distorted("dropped-frames", kind=kind)[0] for kind in ("rtmp", "flv"))
    all_times = set(range(0, 20000, 40))
    missing = [all_times - {packet.timestamp for packet in got} for got in (rtmp, flv)]
    assert not missing[0] & missing[1]
    assert len(missing[1]) >= 48


def test_sequence_headers_may_be_missing() -> None:
    distortion = Distortion(Switches(["no-sequence-headers"]), "rtmp")
    assert [got.kind for packet in stream(0.01) if (got := distortion.apply(packet)) is not None] == [SCRIPT]


def test_timestamps_jump_back_and_forth() -> None:
    distortion = Distortion(Switches(["timestamps-jump-back"]), "flv")
    times = [distortion.shift(Packet(VIDEO, time, b""), time) for time in range(0, 20000, 40)]
    back = [(a, b) for a, b in pairwise(times) if b < a]
    assert back == [(3960, 1000), (11960, 9000)]


def test_the_command_lists_faults() -> None:
    listed = CliRunner().invoke(command, [])
    assert listed.exit_code == 0
    assert all(f"{name}\n" in listed.output for name in CATALOGUE)
    some = CliRunner().invoke(command, ["--breaking", "edge-02", "--json"])
    names = {row["name"] for row in json.loads(some.output)}
    assert {"edge-ignores-forwarded-publish", "api-omits-clients"} <= names
    assert "stalls" not in names
