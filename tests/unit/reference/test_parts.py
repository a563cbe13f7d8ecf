"""Small parts: queues and clocks, requests, HTTP, the web server's files, the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from srs_conformance.reference.config import parse
from srs_conformance.reference.consumer import Clock, Consumer, EndedError
from srs_conformance.reference.context import Context
from srs_conformance.reference.crowding import Crowd
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.http_server import HttpServer, Request, Response
from srs_conformance.reference.hub import Hub
from srs_conformance.reference.layout import write_tree
from srs_conformance.reference.main import main
from srs_conformance.reference.media import AUDIO, SCRIPT, VIDEO, Packet
from srs_conformance.reference.personality import PERSONALITIES, next_version, of_version
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import settings_of
from srs_conformance.reference.source import Source
from srs_conformance.reference.web import Web

CONFIG = """
listen 1935; http_server { enabled on; dir ./html; }
vhost __defaultVhost__ { hls { enabled on; } http_remux { enabled on; } }
"""


def context_in(folder: Path, version: int = 6, *faults: str) -> Context:
    personality = PERSONALITIES[version]
    return Context(personality, settings_of(parse(CONFIG), personality), folder, faults=Switches(faults))


def test_the_clock_begins_at_zero_and_smooths_jumps() -> None:
    clock = Clock()
    assert [clock.correct(time) for time in (0, 0, 8900, 8940, 8930, 100, 140)] == [0, 0, 10, 50, 40, 50, 90]


def test_a_player_gets_headers_and_the_gop_first_and_writes_are_merged(tmp_path: Path) -> None:
    async def play() -> list[Packet]:
        context = context_in(tmp_path)
        source = Source(context.settings.vhosts[0], "/live/a", Crowd(context.faults))
        source.push(Packet(VIDEO, 0, b"v", header=True))
        source.push(Packet(AUDIO, 0, b"a", header=True))
        for number in range(60):
            source.push(Packet(VIDEO, 1000 + 40 * number, b"p", keyframe=number % 25 == 0))
        consumer = Consumer(source.vhost, context.faults, "rtmp")
        source.join(consumer)
        first = await consumer.take()
        for number in range(9):
            source.push(Packet(VIDEO, 3400 + 40 * number, b"p"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(consumer.take(), 0.05)
        source.push(Packet(VIDEO, 3760, b"p"))
        return [*first, *await consumer.take()]

    packets = asyncio.run(play())
    assert [packet.payload for packet in packets[:3]] == [b"a", b"v", b"p"]
    assert packets[2].keyframe
    assert [packet.timestamp for packet in packets[:4]] == [0, 0, 10, 50]
    assert len(packets) == 2 + 10 + 10


def test_unpublishing_cuts_players_over_flv_who_play_and_no_others(tmp_path: Path) -> None:
    async def play() -> list[bool]:
        context = context_in(tmp_path)
        source = Source(context.settings.vhosts[0], "/live/a", Crowd(context.faults))
        players = [Consumer(source.vhost, context.faults, kind) for kind in ("flv", "rtmp", "flv")]
        source.join(players[0])
        source.join(players[1])
        source.push(Packet(VIDEO, 0, b"p", keyframe=True))
        source.join(players[2])
        source.unpublish()
        source.join(waiting := Consumer(source.vhost, context.faults, "flv"))
        source.unpublish()
        cut = []
        for player in (*players, waiting):
            try:
                await asyncio.wait_for(player.take(), 0.01)
            except EndedError:
                cut.append(True)
            except TimeoutError:
                cut.append(False)
        return cut

    assert asyncio.run(play()) == [True, False, True, False]


def test_who_joins_a_minute_after_publishing_began_loses_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        context = context_in(tmp_path)
        consumer = Consumer(context.settings.vhosts[0], context.faults, "rtmp")
        for header in (Packet(SCRIPT, 0, b"m"), Packet(VIDEO, 0, b"h", header=True)):
            consumer.put(header)
        for time in range(60_000, 60_800, 40):
            consumer.put(Packet(VIDEO, time, b"v", keyframe=time == 60_000))
        taken = await asyncio.wait_for(consumer.take(), 1)
        assert len(taken) == 22
        assert any(packet.keyframe for packet in taken)

    asyncio.run(scenario())


def test_a_slow_player_loses_its_queue_but_for_the_headers(tmp_path: Path) -> None:
    context = context_in(tmp_path)
    consumer = Consumer(context.settings.vhosts[0], context.faults, "rtmp")
    consumer.put(Packet(VIDEO, 0, b"v", header=True))
    for number in range(1000):
        consumer.put(Packet(VIDEO, 40 * number, b"p"))
    packets = asyncio.run(consumer.take())
    assert packets[0].header
    assert len(packets) < 751


@pytest.mark.parametrize(
    ("tc_url", "app", "stream", "vhost", "url"),
    [
        ("rtmp://10.0.0.1:1935/live", "live", "a", "10.0.0.1", "10.0.0.1/live/a"),
        ("rtmp://10.0.0.1/live?vhost=v.com", "live?vhost=v.com", "a?k=1", "v.com", "v.com/live/a"),
        ("rtmp://10.0.0.1/live", "live", "a.flv?vhost=w.com", "w.com", "w.com/live/a"),
        ("rtmp://h/live/deep", "live/deep", "b", "h", "h/live/deep/b"),
        ("rtmp://[", "live", "b", "", "/live/b"),
    ],
)
def test_requests_name_vhost_app_and_stream(tc_url: str, app: str, stream: str, vhost: str, url: str) -> None:
    request = StreamRequest.from_connect("127.0.0.1", tc_url, app).of_stream(stream)
    assert request.vhost == vhost
    assert request.url(without_extension=True) == url
    assert request.resolved("__defaultVhost__").url(without_extension=True) == url.removeprefix(vhost)


async def http(server: HttpServer, data: bytes) -> bytes:
    """Give the server the bytes over a socket, end them, and return what it answers."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.serve(reader, writer)
        writer.close()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with listener:
        reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname()[:2])
        writer.write(data)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        return answer


def echo(request: Request) -> Response:
    return Response(200, f"{request.method} {request.path} {request.query} {request.body!r}".encode())


@pytest.mark.parametrize(("version", "answers"), [(3, 2), (6, 1)])
def test_http_keeps_connections_in_3_only(version: int, answers: int) -> None:
    twice = b"GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\n\r\n" * 2
    answer = asyncio.run(http(HttpServer(PERSONALITIES[version], echo), twice))
    assert answer.count(b"GET /a b c=d b''") == answers
    names = [line.partition(b":")[0] for line in answer.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
    assert names == [b"Connection", b"Content-Length", b"Content-Type", b"Server"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nshort",
        b"GET /" + b"a" * 100000,
    ],
)
def test_http_closes_on_what_is_no_request(data: bytes) -> None:
    assert asyncio.run(http(HttpServer(PERSONALITIES[3], echo), data)) == b""


def test_http_takes_a_body_and_leaves_it_out_for_head() -> None:
    server = HttpServer(PERSONALITIES[6], echo)
    assert b"b'[1]'" in asyncio.run(http(server, b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\n[1]"))
    assert asyncio.run(http(server, b"HEAD / HTTP/1.1\r\n\r\n")).endswith(b"\r\n\r\n")


def get(web: Web, target: str) -> Response:
    path, _, query = target.partition("?")
    answer = web.handle(Request("GET", path, query, {"host": "10.0.0.1:8080"}, b"", "127.0.0.1"))
    assert isinstance(answer, Response)
    return answer


def site(folder: Path) -> Path:
    html = folder / "html"
    (html / "live").mkdir(parents=True)
    (html / "players").mkdir()
    (html / "index.html").write_text("<html>")
    (html / "players/index.html").write_text("<html>players")
    (html / "live/a.m3u8").write_text("#EXTM3U\n#EXTINF:2.000, no desc\na-0.ts\n")
    (html / "live/a-0.ts").write_bytes(b"G" * 188)
    (folder / "secret").write_text("secret")
    return folder


def test_files_and_nothing_outside_their_folder(tmp_path: Path) -> None:
    context = context_in(site(tmp_path))
    web = Web(context, Hub(context))
    assert (get(web, "/").body, get(web, "/").content_type) == (b"<html>", "text/html")
    assert get(web, "/players").status == 302
    assert get(web, "/players/").body == b"<html>players"
    assert (get(web, "/live/a-0.ts").content_type, len(get(web, "/live/a-0.ts").body)) == ("video/MP2T", 188)
    for path in ("/../secret", "/nope", "/live/b.m3u8", "//etc/passwd", "/a\0b", "/" + "x" * 5000):
        answer = get(web, path)
        assert (answer.status, answer.body) == (404, b"Not Found"), path
    context.faults.set(["no-welcome-page"])
    assert get(web, "/").status == 404


def test_hls_players_of_6_get_a_context_and_are_listed(tmp_path: Path) -> None:
    async def play() -> None:
        context = context_in(site(tmp_path))
        web = Web(context, Hub(context))
        lines = get(web, "/live/a.m3u8?x=y").body.decode().splitlines()
        assert lines[:2] == ["#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1"]
        (row,) = context.statistics.clients.values()
        assert lines[2:] == [f"/live/a.m3u8?hls_ctx={row.id}&x=y"]
        assert (row.type, row.request.stream, row.stream.url) == ("hls-play", "a.m3u8", "/live/a")
        media = get(web, lines[2])
        assert media.body.decode().splitlines()[-1] == f"a-0.ts?hls_ctx={row.id}"
        assert media.content_type == "application/vnd.apple.mpegurl"
        assert len(context.statistics.clients) == 1
        web.close()
        assert not context.statistics.clients

    asyncio.run(play())


def test_hls_of_3_is_the_file(tmp_path: Path) -> None:
    context = context_in(site(tmp_path), 3)
    assert get(Web(context, Hub(context)), "/live/a.m3u8").body.endswith(b"a-0.ts\n")
    assert not context.statistics.clients


@pytest.mark.parametrize(
    ("version", "text"), [("3", "3.0.170"), ("6", "6.0.157"), ("3.0.171", "3.0.171"), ("6.0.158", "6.0.158")]
)
def test_the_version_is_told_where_srs_tells_it(version: str, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-v"], {"SRS_REFERENCE_VERSION": version}) == 0
    told = capsys.readouterr()
    assert (told.err if version.startswith("3") else told.out) == f"{text}\n"


def test_an_update_brings_the_version_after_the_one_that_is_imitated() -> None:
    assert [next_version(number) for number in (3, 6)] == ["3.0.171", "6.0.158"]
    assert of_version("3.0.171").is_next
    assert not of_version("3").is_next
    for wrong in ("4", "3.x", "", "3.0.171-x"):
        with pytest.raises(ValueError, match="unknown version"):
            of_version(wrong)


def test_a_missing_configuration_ends_with_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-c", "conf/nope.conf", "--workdir", str(tmp_path)], {}) == 255
    assert (
        "code=1023(ConfigInvalid) : config parse options : no config file at conf/nope.conf" in capsys.readouterr().out
    )


def test_docker_conf_may_be_hidden_unless_a_fault_minds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(tmp_path, 6)
    (tmp_path / "conf/docker.conf").unlink()
    arguments = ["-t", "-c", "conf/docker.conf", "--workdir", str(tmp_path)]
    assert main(arguments, {}) == 0
    assert main(arguments, {"SRS_REFERENCE_FAULTS": "docker-conf-missing"}) == 255
    assert "no config file at conf/docker.conf" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--fault", "x"], {}, "unknown fault(s) x"),
        ([], {"SRS_REFERENCE_VERSION": "4"}, "unknown version '4'; there are 3 and 6"),
    ],
)
def test_bad_input_is_named(
    arguments: list[str], environment: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments, environment) == 255
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("version", [3, 6])
def test_both_configurations_of_the_layout_are_taken(version: int, tmp_path: Path) -> None:
    write_tree(tmp_path, version)
    for name in ("srs", "docker"):
        options = ["-t", "-c", f"conf/{name}.conf", "--workdir", str(tmp_path)]
        assert main(options, {"SRS_REFERENCE_VERSION": str(version)}) == 0
    assert (tmp_path / "objs/srs").stat().st_mode & 0o111
    assert "not SRS" in (tmp_path / "objs/nginx/html/index.html").read_text()
