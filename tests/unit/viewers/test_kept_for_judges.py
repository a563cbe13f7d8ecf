"""What HTTP-FLV and RTMP viewers keep for those who judge protocols: all bytes in order, and why it ended."""

import socket

from srs_conformance.rules.flv_reading import read_flv
from srs_conformance.rules.rtmp_family import judge_refused
from srs_conformance.rules.rtmp_reading import read_talk
from srs_conformance.rules.rule import broken
from srs_conformance.viewers import Keeping, watch
from tests.support import media
from tests.support.servers import Server, request, response
from tests.support.waiting import wait_for
from tests.unit.viewers.test_rtmp import plays, refuses, waits

BODY = media.flv()


def whole(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(BODY, "Content-Type: video/x-flv"))


def held(connection: socket.socket) -> None:
    request(connection)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"%x\r\n%s\r\n" % (len(BODY), BODY))
    while connection.recv(4096):
        pass


def kept_of(server: Server, url: str, keep: Keeping) -> None:
    with watch(url.format(port=server.port), keep=keep) as viewer:
        wait_for(lambda: viewer.timeline.ended is not None, "the viewer's end")


def test_a_response_is_kept_whole_with_its_head_and_the_reason_of_its_end() -> None:
    keep = Keeping()
    with Server(whole) as server:
        kept_of(server, "http://127.0.0.1:{port}/live/a.flv", keep)
    (kept,) = keep.responses
    assert (kept.status, kept.body, kept.header("content-type")) == (200, BODY, "video/x-flv")
    assert len(read_flv(kept).tags) == len(media.tags())
    assert "server" in kept.why


def test_a_response_that_we_left_has_no_reason_of_the_servers() -> None:
    keep = Keeping()
    with Server(held) as server, watch(f"http://127.0.0.1:{server.port}/live/a.flv", keep=keep) as viewer:
        wait_for(lambda: keep.kept >= len(BODY), "the body")
        viewer.stop()
    assert keep.responses[0].why == ""


def test_both_sides_of_a_connection_are_kept_in_order() -> None:
    keep = Keeping()
    with Server(plays) as server:
        kept_of(server, "rtmp://127.0.0.1:{port}/live/a", keep)
    (kept,) = keep.conversations
    talk = read_talk(kept)
    assert [each.command.name for each in talk.called if each.said.sent] == ["connect", "createStream", "play"]
    assert len(talk.samples) == len(media.tags())
    assert talk.answer(talk.ours("createStream")) is not None
    assert kept.why


def test_a_refusal_is_kept_and_can_be_judged() -> None:
    keep = Keeping()
    with Server(refuses) as server:
        kept_of(server, "rtmp://127.0.0.1:{port}/live/a", keep)
    assert keep.conversations[0].why == "NetStream.Play.StreamNotFound: no such stream"
    assert not broken(judge_refused(keep.conversations))


def test_a_connection_that_we_left_has_no_reason_of_the_servers() -> None:
    keep = Keeping()
    with Server(waits) as server, watch(f"rtmp://127.0.0.1:{server.port}/live/a", keep=keep) as viewer:
        wait_for(lambda: viewer.timeline.playing is not None, "the play's start")
        viewer.stop()
    assert keep.conversations[0].why == ""
