"""The API client against answers captured from SRS 3.0.170, 4.0.271, 5.0.216 and 6.0.157."""

from __future__ import annotations

import socket
from collections import Counter
from typing import Any

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.srs import ApiUnavailable, ClientKind, SrsApi
from tests.unit.srs.conftest import CAPTURED, Answering


def test_every_release_was_captured() -> None:
    assert sorted(CAPTURED) == ["3.0.170", "4.0.271", "5.0.216", "6.0.157"]


def test_the_version_and_the_run(server: Answering, version: str, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    answer = SrsApi(server.url).versions()
    assert (answer.text, answer.major, answer.reference) == (version, int(version[0]), False)
    assert answer.server_id.startswith("vid-")
    assert bool(answer.service_id) is (answer.major >= 5)


def test_the_reference_server_is_told_apart(server: Answering) -> None:
    server.give("/api/v1/versions", CAPTURED["6.0.157"]["versions"] | {"reference": True})
    assert SrsApi(server.url).versions().reference


def test_a_new_run_is_another_instance(server: Answering) -> None:
    api = SrsApi(server.url)
    server.give("/api/v1/versions", CAPTURED["6.0.157"]["versions"])
    first = api.versions().instance
    server.give("/api/v1/versions", CAPTURED["6.0.157"]["versions"] | {"service": "aaaaaaaa"})
    assert api.versions().instance != first


def test_the_process(server: Answering, version: str, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    summary = SrsApi(server.url).summaries()
    assert summary.version == version
    assert summary.pid > 0
    assert 8 <= summary.uptime <= 12
    assert summary.connections >= 3
    assert summary.folder == "/usr/local/srs"


def test_a_published_stream(server: Answering, version: str, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    api = SrsApi(server.url)
    row = api.stream("live", "livestream")
    assert row is not None
    assert row.active
    assert row.publisher_id in {client.id for client in api.clients() if client.publish}
    assert row.video is not None
    assert (row.video.codec, row.video.width, row.video.height) == ("H264", 640, 368 if version[0] == "3" else 360)
    assert row.audio is not None
    assert (row.audio.codec, row.audio.sample_rate) == ("AAC", 44100)


def test_a_stream_that_nobody_sends(server: Answering, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    row = SrsApi(server.url).stream("live", "other")
    assert row is not None
    assert (row.active, row.publisher_id, row.video, row.audio) == (False, "", None, None)
    assert SrsApi(server.url).stream("live", "nobody-asked") is None


def test_after_the_publisher_has_left(server: Answering, version: str, captured: dict[str, Any]) -> None:
    server.give_captured(captured, "-after")
    row = SrsApi(server.url).stream("live", "livestream")
    if version[0] == "3":
        assert row is None
    else:
        assert row is not None
        assert not row.active


def test_who_the_clients_are(server: Answering, version: str, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    kinds = Counter(client.kind for client in SrsApi(server.url).clients() if client.name == "livestream")
    expected = {
        "3": {ClientKind.PUBLISHER: 1, ClientKind.PLAYER: 2},
        "4": {ClientKind.PUBLISHER: 1, ClientKind.RTMP_PLAYER: 3},
    }.get(version[0], dict.fromkeys([*ClientKind][:4], 1))
    assert kinds == expected


def test_clients_name_their_stream_alike(server: Answering, captured: dict[str, Any]) -> None:
    server.give_captured(captured)
    clients = SrsApi(server.url).clients()
    assert {(client.app, client.name) for client in clients} == {("live", "livestream"), ("live", "other")}
    assert all(isinstance(client.id, str) and client.alive > 0 for client in clients)


def test_lists_are_asked_whole_and_with_a_slash(server: Answering) -> None:
    server.give_captured(CAPTURED["3.0.170"])
    api = SrsApi(server.url + "/")
    api.streams()
    api.clients()
    assert server.asked == ["/api/v1/streams/?count=1000", "/api/v1/clients/?count=1000"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (502, b"<html>Bad Gateway</html>", "status 502, body '<html>Bad Gateway"),
        (200, b"<html>", "not JSON: '<html>'"),
        (200, b'{"code":2049}', "no code 0"),
        (200, b"[]", "no code 0"),
        (200, b'{"code":0,"server":"x"}', "KeyError 'clients'"),
        (200, b'{"code":0,"clients":[{"id":"1"}]}', "KeyError"),
        (200, b'{"code":0,"clients":[1]}', "TypeError"),
        (200, b'{"code":0,"clients":"none"}', "TypeError"),
        (200, b"x" * 5000, "of 5000 bytes"),
    ],
)
def test_an_answer_that_is_none(server: Answering, status: int, body: bytes, said: str) -> None:
    server.answers["/api/v1/clients/"] = (status, body)
    with pytest.raises(ApiUnavailable) as raised:
        SrsApi(server.url).clients()
    assert said in str(raised.value)
    assert f"{server.url}/api/v1/clients/?count=1000" in str(raised.value)
    assert raised.value.exit_code is ExitCode.MISSED


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ApiUnavailable, match="no answer"):
        SrsApi(f"http://127.0.0.1:{port}").versions()


def test_a_server_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        api = SrsApi(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)
        with pytest.raises(ApiUnavailable, match="no answer"):
            api.summaries()
