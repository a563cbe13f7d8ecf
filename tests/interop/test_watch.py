"""`srs-conformance watch` as a user runs it: what it says of every stream, and of all that is none."""

from __future__ import annotations

import functools
import http.server
import os
import pty
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from srs_conformance.publisher import DemoClip
from tests.support import media, watching
from tests.support.nginx import free_port
from tests.support.reference import Reference, publish
from tests.support.servers import Server, request, response
from tests.support.waiting import wait_for
from tests.support.watching import Said, run

SHORT = ("--for", "2s")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """A reference server with one stream, live/a, whose playlist has segments."""
    folder = tmp_path_factory.mktemp("origin")
    with Reference(folder, 3) as server, publish(DemoClip().ensure(), server.rtmp("a")):
        wait_for(lambda: server.get(8080, "/live/a.m3u8")[1].count(b".ts") > 2, "a playlist of three segments")
        yield server


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Serve a folder by the standard library's HTTP server, and give the URL."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def on_demand(folder: Path, text: bytes | None = None) -> None:
    (folder / "a.m3u8").write_bytes(media.playlist(0, 2, ended=True) if text is None else text)
    for number, data in enumerate(media.segments()):
        (folder / f"{number}.ts").write_bytes(data)


def says(connection: socket.socket, words: bytes) -> None:
    connection.sendall(words)
    while connection.recv(4096):
        pass


def urls(port: int) -> dict[str, str]:
    return {
        "rtmp": f"rtmp://127.0.0.1:{port}/live/a",
        "flv": f"http://127.0.0.1:{port}/live/a.flv",
        "hls": f"http://127.0.0.1:{port}/live/a.m3u8",
    }


def could_not(said: Said, *words: str) -> None:
    assert said.code == 10, said.out + said.err
    assert ": could not be tested" in said.out
    for each in words:
        assert each in said.out, said.out


def test_a_stream_over_rtmp_plays_and_keeps_the_rules(origin: Reference) -> None:
    said = run("watch", origin.rtmp("a"), "--for", "4s")
    assert said.code == 0, said.out
    assert "plays, and keeps every MUST" in said.out
    for each in ("SRS/3.0.170(Reference)", "profile 77", "44100 Hz", "MUST kept: RTMP-S0-VERSION", "0 broken"):
        assert each in said.out


def test_a_stream_over_http_flv_plays_and_keeps_the_rules(origin: Reference) -> None:
    said = run("watch", origin.web("live/a.flv"), "--for", "4s", "--rules")
    assert said.code == 0, said.out
    assert "  MUST kept: FLV-SIGNATURE (" in said.out
    assert "not seen: " in said.out


def test_a_live_stream_over_hls_plays_and_keeps_the_rules(origin: Reference) -> None:
    said = run("watch", origin.web("live/a.m3u8"), "--for", "7s")
    assert said.code == 0, said.out
    assert "HLS-SEQUENCE-FORWARD" in said.out
    assert re.search(r"target \d s, grew \d s ago", said.out)


def test_json_is_one_document_and_nothing_else(origin: Reference) -> None:
    document = run("watch", origin.rtmp("a"), "--json", *SHORT).json()
    assert document["outcome"] == "plays"
    assert document["exit_code"] == 0
    assert document["figures"]["pictures"] > 40
    assert {each["outcome"] for each in document["rules"]} == {"kept", "not-seen"}


def test_a_stream_whose_frames_stop_stalls_and_is_cut(origin: Reference) -> None:
    with origin.faulty("cuts-players"):
        said = run("watch", origin.rtmp("a"), "--for", "20s")
    assert said.code == 1, said.out
    assert "does not hold" in said.out
    assert "the stream was cut after" in said.out


def test_video_on_demand_plays_to_its_end(tmp_path: Path) -> None:
    on_demand(tmp_path)
    with site(tmp_path) as base:
        said = run("watch", f"{base}/a.m3u8")
        strict = run("watch", f"{base}/a.m3u8", "--strict")
    assert said.code == 0, said.out
    assert "the playlist is complete" in said.out
    assert "100 pictures" in said.out
    # The library's server knows no type of segments, or another one: that is recommended only.
    assert ("HLS-SEGMENT-TYPE" in strict.out.partition("rules:")[0]) is (strict.code == 1)


def test_a_broken_should_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    on_demand(tmp_path, media.playlist(0, 2, ended=True).replace(b"VERSION:3", b"VERSION:6"))
    with site(tmp_path) as base:
        assert run("watch", f"{base}/a.m3u8").code == 0
        said = run("watch", f"{base}/a.m3u8", "--strict")
    assert said.code == 1
    assert "HLS-VERSION-NO-MORE" in said.out.partition("rules:")[0]


def test_a_playlist_that_breaks_a_must_plays_and_does_not_hold(tmp_path: Path) -> None:
    on_demand(tmp_path, media.playlist(0, 2, ended=True, target=1))
    with site(tmp_path) as base:
        said = run("watch", f"{base}/a.m3u8")
    assert said.code == 1
    assert "HLS-WITHIN-TARGET (RFC 8216 4.3.3.1)" in said.out
    assert "line " in said.out.partition("HLS-WITHIN-TARGET (")[2]


def test_a_playlist_that_no_player_can_read_breaks_a_must(tmp_path: Path) -> None:
    on_demand(tmp_path, media.playlist(0, 2).replace(b"#EXTM3U\n", b""))
    with site(tmp_path) as base:
        said = run("watch", f"{base}/a.m3u8", *SHORT)
    assert said.code == 1, said.out
    assert "HLS-EXTM3U" in said.out
    assert "no playlist that can be played" in said.out


def test_a_page_is_no_broken_playlist(tmp_path: Path) -> None:
    on_demand(tmp_path, b"<html>welcome</html>")
    with site(tmp_path) as base:
        could_not(run("watch", f"{base}/a.m3u8", *SHORT), "no playlist that can be played", "welcome")


def test_segments_that_are_not_there_are_named(tmp_path: Path) -> None:
    on_demand(tmp_path)
    (tmp_path / "0.ts").unlink()
    (tmp_path / "1.ts").unlink()
    with site(tmp_path) as base:
        said = run("watch", f"{base}/a.m3u8", *SHORT)
    assert said.code == 1, said.out
    assert "HLS-LISTED" in said.out
    assert "1.ts: status 404" in said.out


@pytest.mark.parametrize("form", ["rtmp", "flv", "hls"])
def test_a_port_that_refuses(form: str) -> None:
    could_not(run("watch", urls(free_port())[form]), "nobody listens there", "connection refused", "hint: ")


@contextmanager
def deaf() -> Iterator[int]:
    """Give a port whose queue of connections is full, so that nobody answers: a machine that is down looks so."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        try:
            for _ in range(4):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for each in waiting:
                each.close()


@pytest.mark.parametrize("form", ["rtmp", "flv", "hls"])
def test_a_host_that_is_down(form: str) -> None:
    with deaf() as port:
        could_not(run("watch", urls(port)[form]), "nobody answers", "timed out", "is the machine up")


@pytest.mark.parametrize("form", ["rtmp", "flv", "hls"])
def test_a_name_that_does_not_resolve(form: str) -> None:
    url = urls(80)[form].replace("127.0.0.1", "nowhere.invalid")
    could_not(run("watch", url), "the name does not resolve", "it cannot be reached")


@pytest.mark.parametrize("form", ["rtmp", "flv", "hls"])
def test_a_port_that_accepts_and_says_nothing(form: str) -> None:
    with Server(lambda connection: says(connection, b"")) as server:
        said = run("watch", urls(server.port)[form], "--for", "6s")
    could_not(said)
    words = "no playlist: reading from 127.0.0.1: timed out" if form == "hls" else "the server has said nothing in 6 s"
    assert words in said.out, said.out


@pytest.mark.parametrize("form", ["rtmp", "flv", "hls"])
def test_a_port_of_ssh(form: str) -> None:
    with Server(lambda connection: says(connection, b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        said = run("watch", urls(server.port)[form], *SHORT)
    could_not(said, "does not speak", "it is an SSH server (SSH-2.0-OpenSSH_9.2)")


def test_an_http_server_on_the_port_of_rtmp(tmp_path: Path) -> None:
    with site(tmp_path) as base:
        could_not(run("watch", f"{base.replace('http', 'rtmp')}/live/a", *SHORT), "does not speak RTMP")


@pytest.mark.parametrize("form", ["flv", "hls"])
def test_a_port_of_rtmp_that_is_asked_for_http(origin: Reference, form: str) -> None:
    url = urls(1935)[form].replace("127.0.0.1", origin.host)
    could_not(run("watch", url, *SHORT), "hint: ")


def test_words_of_a_server_do_nothing_to_a_terminal() -> None:
    with Server(lambda connection: says(connection, b"\x1b[2J\x07boo\r\n")) as server:
        said = run("watch", urls(server.port)["flv"], *SHORT)
    could_not(said, "begins with the bytes 1b 5b")
    assert "\x1b" not in said.out


def test_a_stream_that_nobody_publishes(origin: Reference) -> None:
    could_not(run("watch", origin.rtmp("none"), *SHORT), "the server says that it plays; no frame came", "published")
    could_not(run("watch", origin.web("live/none.flv"), *SHORT), "has said nothing in 2 s", "is it published")
    could_not(run("watch", origin.web("live/none.m3u8"), *SHORT), "status 404", "is it published")


def test_an_http_server_that_has_no_such_stream() -> None:
    def refuse(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(response(b"no", status="404 Not Found"))

    with Server(refuse) as server:
        could_not(run("watch", urls(server.port)["flv"]), "status 404 Not Found")


@pytest.mark.parametrize(
    "url", ["hello", "rtsp://127.0.0.1/a", "http://127.0.0.1/a.mp4", "rtmp://127.0.0.1", "http://[1/a.flv"]
)
def test_a_url_that_cannot_be_watched(url: str) -> None:
    said = run("watch", url)
    assert said.code == 4
    assert "expected rtmp://host[:port]/app/stream" in said.err
    assert not said.out


@pytest.mark.parametrize(
    ("text", "words"), [("soon", "--for: 'soon' is no duration"), ("0s", "--for: '0s' is too short")]
)
def test_a_time_that_is_none_is_told(text: str, words: str) -> None:
    said = run("watch", "rtmp://127.0.0.1/live/a", "--for", text)
    assert said.code == 4
    assert words in said.err


def test_a_port_without_tls_that_is_asked_for_https(tmp_path: Path) -> None:
    with site(tmp_path) as base:
        could_not(run("watch", f"{base.replace('http', 'https')}/a.m3u8"), "no connection: ", "no TLS", "hint: ")


def test_a_reader_that_goes_away_ends_the_watch(origin: Reference) -> None:
    command = watching.command("watch", origin.rtmp("a"), "--for", "30s")
    with subprocess.Popen(
        command, env=watching.surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 1
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_watch_which_is_judged_all_the_same(
    origin: Reference, tmp_path: Path, how: signal.Signals
) -> None:
    said = watching.interrupted(
        "watch", origin.rtmp("a"), "--for", "5m", log=tmp_path / "log", when=lambda out: "pictures" in out, how=how
    )
    assert said.code == 130, said.err
    assert "plays, and keeps every MUST" in said.out
    assert not said.err


def test_a_terminal_is_redrawn(origin: Reference) -> None:
    ours, theirs = pty.openpty()
    command = watching.command("watch", origin.rtmp("a"), *SHORT)
    environment = watching.surroundings(COLUMNS="100", LINES="40", TERM="xterm")
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        try:
            while piece := os.read(ours, 65536):
                said += piece
        except OSError:  # the other side is gone
            pass
        assert process.wait(10) == 0
    os.close(ours)
    text = said.decode()
    assert re.search("\x1b\\[1[01]A\r\x1b\\[J", text)
    assert "A/V skew" in text.partition("plays, and keeps")[0]
