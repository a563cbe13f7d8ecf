"""The publisher's clip, its commands, and the life of its process."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from srs_conformance import watermark
from srs_conformance.errors import CouldNotTest, EngineError, UsageError
from srs_conformance.publisher import DemoClip, Publisher, PublisherDied, arguments, process
from srs_conformance.publisher import clip as clips
from srs_conformance.runqueue import WATCHED_VARIABLE
from tests.support.ffmpeg import Listener
from tests.support.nginx import free_port
from tests.support.waiting import wait_for

SHORT = DemoClip(seconds=4)


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def tracks(file: Path) -> dict[str, list[float]]:
    with av.open(str(file)) as container:
        found: dict[str, list[float]] = {}
        for packet in container.demux():
            if packet.dts is not None and packet.time_base is not None:
                found.setdefault(packet.stream.type, []).append(float(packet.dts * packet.time_base))
        return found


def test_the_clip_has_its_parameters_and_a_number_in_every_picture() -> None:
    file = SHORT.ensure()
    with av.open(str(file)) as container:
        video = container.streams.video[0]
        assert (video.codec_context.width, video.codec_context.height) == (640, 360)
        assert video.codec_context.profile == "Main"
        assert container.streams.audio[0].codec_context.sample_rate == 44100
        assert container.streams.audio[0].codec_context.channels == 2
        keyframes = [i for i, packet in enumerate(container.demux(video=0)) if packet.is_keyframe]
    assert keyframes == [0, 50]
    with av.open(str(file)) as container:
        assert [watermark.read(frame) for frame in container.decode(video=0)] == list(range(100))


def test_the_clip_may_have_b_frames() -> None:
    with av.open(str(DemoClip(seconds=2, profile="high", b_frames=2).ensure())) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
        assert any(packet.pts != packet.dts for packet in packets)


def test_both_tracks_start_together_so_that_a_loop_keeps_its_pace(tmp_path: Path) -> None:
    looped = tmp_path / "looped.flv"
    copy = [arguments.binary(), "-v", "error", "-stream_loop", "4", "-i", str(SHORT.ensure()), "-c", "copy"]
    subprocess.run([*copy, str(looped)], check=True, timeout=60)
    found = tracks(looped)
    steps = {round((b - a) * 1000) for a, b in zip(found["video"], found["video"][1:], strict=False)}
    assert steps == {40}
    assert all(b > a for a, b in zip(found["audio"], found["audio"][1:], strict=False))
    assert found["video"][0] == found["audio"][0] == 0
    assert abs(found["video"][-1] - found["audio"][-1]) < 0.1


def test_the_clip_is_encoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tiny = DemoClip(size="64x48", seconds=2, gop=1.0)
    first = tiny.ensure()
    written = first.stat().st_mtime_ns
    assert tiny.ensure() == first
    assert first.stat().st_mtime_ns == written
    assert DemoClip(size="64x48", seconds=2, gop=2.0).ensure() != first
    assert not list(first.parent.glob("*.part"))


def test_a_clip_that_cannot_be_encoded_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="could not make"):
        DemoClip(seconds=2, profile="nonsense").ensure()
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.mp4"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"size": "big"}, "WIDTHxHEIGHT"),
        ({"seconds": 3, "gop": 2.0}, "whole number of GOPs"),
        ({"rate": 0}, "must be positive"),
        ({"seconds": 3600}, "frame numbers end"),
    ],
)
def test_contradicting_parameters_are_refused(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        DemoClip(**parameters)


def test_a_publisher_sends_and_leaves_no_process(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv") as listener:
        publisher = Publisher(listener.url, SHORT).start()
        pid = publisher.pid
        assert pid is not None
        wait_for(lambda: listener.written > 100_000, "some media")
        wait_for(lambda: publisher.alive, "life")
        publisher.check()
        started = time.monotonic()
        publisher.stop()
        assert time.monotonic() - started < 2
        assert listener.wait() == 0
    assert gone(pid)
    assert not publisher.alive
    assert not publisher.died
    publisher.stop()
    found = tracks(listener.file)
    assert set(found) == {"video", "audio"}


def test_live_encoding_draws_numbers_too(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv", seconds=1) as listener, Publisher(listener.url, SHORT, live_encode=True):
        listener.wait()
    with av.open(str(listener.file)) as container:
        assert [watermark.read(frame) for frame in container.decode(video=0)][:5] == [0, 1, 2, 3, 4]


def test_an_unexpected_end_is_noticed_with_its_last_words() -> None:
    publisher = Publisher(f"rtmp://127.0.0.1:{free_port()}/live/a", SHORT).start()
    wait_for(lambda: publisher.died, "the publisher's end")
    with pytest.raises(PublisherDied, match=r"(?s)ended with code \d+: .*refused"):
        publisher.check()
    publisher.stop()


def test_a_killed_server_ends_the_publisher(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv") as listener, Publisher(listener.url, SHORT) as publisher:
        wait_for(lambda: listener.written > 100_000, "some media")
        listener.kill()
        wait_for(lambda: publisher.died, "the publisher's end")


def test_republishing_records_each_restart(tmp_path: Path) -> None:
    with Listener(tmp_path / "one.flv") as first:
        publisher = Publisher(first.url, SHORT, republish=0.05).start()
        wait_for(lambda: first.written > 100_000, "some media")
        first.kill()
    wait_for(lambda: publisher.restarts, "a restart")
    publisher.check()
    with Listener(tmp_path / "two.flv", port=first.port) as second:
        wait_for(lambda: second.written > 100_000, "some media again")
        publisher.stop()
    restart = publisher.restarts[0]
    assert restart.started - restart.ended >= 0.05
    assert publisher.started is not None
    assert publisher.started < restart.ended
    restarts = len(publisher.restarts)
    assert not publisher.alive
    assert len(publisher.restarts) == restarts


def test_an_abrupt_stop_kills(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv") as listener, Publisher(listener.url, SHORT) as publisher:
        wait_for(lambda: listener.written > 50_000, "some media")
        pid = publisher.pid
        publisher.stop(abruptly=True)
        assert pid is not None
        assert gone(pid)


def test_ffmpeg_goes_with_a_killed_owner(tmp_path: Path) -> None:
    script = """
import sys, time
from srs_conformance.publisher import DemoClip, Publisher
publisher = Publisher(sys.argv[1], DemoClip(seconds=4), republish=0.1).start()
print(publisher.pid, flush=True)
time.sleep(60)
"""
    with Listener(tmp_path / "got.flv") as listener:
        owner = subprocess.Popen([sys.executable, "-c", script, listener.url], stdout=subprocess.PIPE, text=True)
        assert owner.stdout is not None
        with owner.stdout:
            pid = int(owner.stdout.readline())
            wait_for(lambda: listener.written > 50_000, "some media")
            os.kill(owner.pid, signal.SIGKILL)
            owner.wait()
        wait_for(lambda: gone(pid), "ffmpeg to go with its owner", 5)


def test_a_user_s_file_is_sent_as_it_is(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv") as listener, Publisher(listener.url, SHORT.ensure()):
        wait_for(lambda: listener.written > 100_000, "some media")


def encoded(file: Path, *options: str) -> Path:
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2", *options]
    subprocess.run([arguments.binary(), "-v", "error", *source, str(file)], check=True, timeout=60)
    return file


def test_a_file_of_other_codecs_is_sent_only_by_encoding(tmp_path: Path) -> None:
    file = encoded(tmp_path / "other.mkv", "-c:v", "mpeg4")
    with pytest.raises(UsageError, match=r"other\.mkv has mpeg4 and no sound; only H\.264 with AAC") as refused:
        Publisher("rtmp://127.0.0.1/live/a", file).start()
    assert "encode" in refused.value.hint
    with Listener(tmp_path / "got.flv", seconds=0.5) as listener, Publisher(listener.url, file, live_encode=True):
        listener.wait()
    with av.open(str(listener.file)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert watermark.read(next(container.decode(video=0))) == 0


def test_what_is_no_video_is_refused_by_name(tmp_path: Path) -> None:
    text, noise = tmp_path / "notes.txt", tmp_path / "noise.mp4"
    text.write_text("no video at all\n" * 50)
    noise.write_bytes(bytes(range(7, 250)) * 50)
    for wrong, message in ((tmp_path / "absent.mp4", "is no file"), (text, "is a text"), (noise, "cannot be read")):
        with pytest.raises(UsageError, match=message) as refused:
            Publisher("rtmp://127.0.0.1/live/a", wrong).start()
        assert str(wrong) in str(refused.value)


def test_a_sound_file_has_no_pictures(tmp_path: Path) -> None:
    file = tmp_path / "sound.m4a"
    sound = ["-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(file)]
    subprocess.run([arguments.binary(), "-v", "error", *sound], check=True, timeout=60)
    with pytest.raises(UsageError, match="no picture track"):
        clips.inspect(file)


def test_a_url_that_is_not_rtmp_is_refused() -> None:
    with pytest.raises(UsageError, match="http://x/live/a"):
        Publisher("http://x/live/a")


def test_a_machine_without_ffmpeg_could_not_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(CouldNotTest, match="cannot start ffmpeg"):
        Publisher("rtmp://127.0.0.1/live/a", SHORT).start()


def test_a_publisher_that_something_else_kills_says_by_what(tmp_path: Path) -> None:
    with Listener(tmp_path / "got.flv") as listener, Publisher(listener.url, SHORT) as publisher:
        wait_for(lambda: listener.written, "the stream")
        assert publisher.killed == ""
        assert publisher.pid
        os.kill(publisher.pid, signal.SIGKILL)
        wait_for(lambda: publisher.died, "its end")
        assert publisher.killed == "SIGKILL"
    assert publisher.killed == "SIGKILL", "also when it was told to stop afterwards"
    with Publisher(listener.url, SHORT) as refused:
        wait_for(lambda: refused.died, "the end of one whom nobody takes")
        assert refused.killed == ""


def test_its_process_is_known_to_whoever_asks_how_long_it_waited_for_a_processor() -> None:
    program = shutil.which("sleep")
    assert program
    spawned = process._spawn([program, "60"], subprocess.DEVNULL)
    running = Path(f"/proc/{spawned.pid}")
    try:
        wait_for(lambda: (running / "comm").read_text() == "sleep\n", "the program in the guard's place")
        assert f"{WATCHED_VARIABLE}=publisher" in (running / "environ").read_text().split("\0")
    finally:
        spawned.kill()
        spawned.communicate()
