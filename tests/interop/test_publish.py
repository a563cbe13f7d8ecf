"""`srs-conformance publish` as a user runs it, to servers that take a stream, refuse it, cut it, or are none."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from srs_conformance.publisher import DemoClip
from tests.support import media, watching
from tests.support.nginx import free_port
from tests.support.reference import Reference, publish
from tests.support.servers import Server
from tests.support.waiting import wait_for
from tests.support.watching import run


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    with Reference(tmp_path_factory.mktemp("origin"), 6) as server:
        yield server


def test_a_stream_is_sent_for_its_time_and_can_be_watched(origin: Reference) -> None:
    with publish(DemoClip().ensure(), origin.rtmp("other")):
        said = run("publish", origin.rtmp("a"), "--for", "3s")
    assert said.code == 0, said.out
    assert re.search(r"was published for 3(\.\d)? s", said.out), said.out
    assert "pictures in 3." in said.out


def test_json_is_one_document_and_nothing_else(origin: Reference) -> None:
    document = run("publish", origin.rtmp("a"), "--for", "2s", "--json").json()
    assert (document["exit_code"], document["taken"], document["restarts"]) == (0, True, 0)
    assert 40 <= document["sent"]["pictures"] <= 70


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_stream_as_an_encoder_does(origin: Reference, tmp_path: Path, how: signal.Signals) -> None:
    said = watching.interrupted(
        "publish", origin.rtmp("c"), log=tmp_path / "log", when=lambda out: "taken  " in out, how=how
    )
    assert said.code == 130, said.err
    assert "was published for" in said.out
    assert not said.err
    wait_for(lambda: not origin.streams().get("c", {"publish": {"active": False}})["publish"]["active"], "the end")


def test_a_name_that_is_taken_is_refused_in_the_server_s_words(origin: Reference) -> None:
    with publish(media.CLIP.ensure(), origin.rtmp("b")):
        wait_for(lambda: origin.streams().get("b", {}).get("publish", {}).get("active"), "the first publisher")
        said = run("publish", origin.rtmp("b"))
    assert said.code == 10, said.out
    assert "could not be published" in said.out
    assert "Stream is published by another" in said.out


def test_a_server_that_goes_cuts_the_stream(tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as server:

        def end(out: str) -> bool:
            if "taken  " in out and server.process.poll() is None:
                server.end()
            return False  # it ends by itself

        said = watching.interrupted("publish", server.rtmp("a"), log=tmp_path / "log", when=end)
    assert said.code == 1, said.out
    assert "was cut after" in said.out


def test_a_stream_that_was_cut_is_published_again(tmp_path: Path) -> None:
    with Reference(tmp_path, 6) as server:
        returned: list[Reference] = []

        def cut_once(out: str) -> bool:
            if "taken  " in out and not returned:
                server.end()
                returned.append(server.start())
            return "restart" in out

        said = watching.interrupted("publish", server.rtmp("a"), "--republish", log=tmp_path / "log", when=cut_once)
    assert said.code == 130, said.out
    assert "and published again" in said.out


def test_a_file_of_the_user_s_is_sent(origin: Reference) -> None:
    said = run("publish", origin.rtmp("f"), "--clip", str(media.CLIP.ensure()), "--for", "2s")
    assert said.code == 0, said.out


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("rtmp://nowhere.invalid/live/a", "Failed to resolve hostname"),
        ("rtmp://127.0.0.1:PORT/live/a", "Connection refused"),
    ],
)
def test_a_server_that_is_not_there_is_told_in_ffmpeg_s_words(url: str, words: str) -> None:
    said = run("publish", url.replace("PORT", str(free_port())))
    assert said.code == 10, said.out
    assert words in said.out
    assert "hint: " in said.out


def test_a_server_that_says_nothing_takes_nothing() -> None:
    def deaf(connection) -> None:
        while connection.recv(4096):
            pass

    with Server(deaf) as server:
        said = run("publish", f"rtmp://127.0.0.1:{server.port}/live/a", "--for", "2s")
    assert said.code == 10, said.out
    assert re.search(r"did not take it in 2(\.\d)? s", said.out), said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["http://127.0.0.1/live/a"], "expected rtmp://host[:port]/app/stream"),
        (["rtmp://127.0.0.1/live/a", "--clip", "absent.mp4"], "is no file"),
        (["rtmp://127.0.0.1/live/a", "--clip", "absent.mp4", "--size", "64x48"], "--size is of the demo clip"),
        (["rtmp://127.0.0.1/live/a", "--size", "big"], "expected WIDTHxHEIGHT"),
        (["rtmp://127.0.0.1/live/a", "--gop", "0.7"], "no whole number of GOPs"),
        (["rtmp://127.0.0.1/live/a", "--for", "soon"], "is no duration"),
    ],
)
def test_what_cannot_be_published_is_wrong_use(arguments: list[str], words: str) -> None:
    said = run("publish", *arguments)
    assert said.code == 4, said.out
    assert words in said.err
