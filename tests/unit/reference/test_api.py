"""The API's formats, held to what real SRS answered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.media import amf0
from srs_conformance.reference.api import Api
from srs_conformance.reference.config import parse
from srs_conformance.reference.context import Context
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.http_server import Request
from srs_conformance.reference.media import AUDIO, VIDEO, Packet, metadata
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import settings_of

CAPTURED = Path(__file__).parents[1] / "srs/data"
ADDED = {"reference"}
AVC = bytes.fromhex(
    "17000000000142c01effe100196742c01eda0280bfe5c0440000030004000003 00c83c58ba8001000468ce3c80".replace(" ", "")
)
AAC = bytes.fromhex("af001210")


class Bytes:
    received = 11
    sent = 22


def context_of(version: int, *faults: str) -> Context:
    config = "listen 1935; http_api { enabled on; } vhost __defaultVhost__ { hls { enabled on; } }"
    personality = PERSONALITIES[version]
    return Context(personality, settings_of(parse(config), personality), Path("/"), faults=Switches(faults))


def ask(context: Context, target: str, **headers: str) -> Any:
    path, _, query = target.partition("?")
    answer = Api(context, lambda: 3).handle(Request("GET", path, query, headers, b"", "127.0.0.1"))
    return answer if answer.status != 200 else json.loads(answer.body)


def wish(stream: str = "livestream") -> StreamRequest:
    return StreamRequest("10.0.0.2", "rtmp://10.0.0.1:1935/live", "10.0.0.1", "__defaultVhost__", "live", stream)


def filled(version: int, *faults: str) -> Context:
    """A server with a stream that is published and played."""
    context = context_of(version, *faults)
    statistics = context.statistics
    publisher = statistics.enter(wish(), "fmle-publish", Bytes(), publish=True)
    row = statistics.published(wish(), publisher.id)
    statistics.packet(row, Packet(VIDEO, 0, AVC, header=True))
    statistics.packet(row, Packet(AUDIO, 0, AAC, header=True))
    statistics.enter(wish(), context.personality.player_types["rtmp"], Bytes())
    return context


def shape(value: Any) -> Any:
    """Return keys and kinds of a JSON value; of a list its first element."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items() if name not in ADDED}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


@pytest.mark.parametrize("version", [3, 6])
@pytest.mark.parametrize("name", ["versions", "summaries", "streams", "clients"])
def test_answers_have_the_form_of_the_real_ones(version: int, name: str) -> None:
    (file,) = CAPTURED.glob(f"srs-{version}.*.json")
    real = json.loads(file.read_text())[name]
    ours = ask(filled(version), f"/api/v1/{name}" + ("/" if name in ("streams", "clients") else ""))
    assert shape(ours) == shape(real)
    if name in ("streams", "clients"):
        assert list(ours[name][0]) == list(real[name][0])


@pytest.mark.parametrize("version", [3, 6])
def test_ids_have_the_form_of_the_version(version: int) -> None:
    context = filled(version)
    (stream,) = ask(context, "/api/v1/streams/")["streams"]
    clients = ask(context, "/api/v1/clients/")["clients"]
    entity, client = {3: (r"vid-\d+-\d{1,3}", r"\d+"), 6: (r"vid-[0-9a-z]{7}", r"[0-9a-z]{8}")}[version]
    assert re.fullmatch(entity, stream["id"])
    assert re.fullmatch(entity, stream["vhost"])
    assert all(re.fullmatch(client, row["id"]) and row["stream"] == stream["id"] for row in clients)
    assert stream["publish"] == {"active": True, "cid": clients[0]["id"]}
    assert stream["clients"] == 2
    assert stream["video"] == {
        "codec": "H264",
        "profile": "Baseline",
        "level": "3",
        "width": 640,
        "height": {3: 368, 6: 360}[version],
    }
    assert stream["audio"] == {"codec": "AAC", "sample_rate": 44100, "channel": 2, "profile": "LC"}


def test_it_never_passes_for_srs() -> None:
    assert ask(context_of(3), "/api/v1/versions")["data"]["reference"] is True
    assert context_of(6).personality.signature == "SRS/6.0.157(Reference)"


def test_lists_redirect_to_their_slash_and_keep_the_query() -> None:
    answer = ask(context_of(6), "/api/v1/clients?count=1000")
    assert (answer.status, answer.headers["Location"]) == (302, "/api/v1/clients/?count=1000")
    assert answer.body == b"Redirect to /api/v1/clients/?count=1000"


@pytest.mark.parametrize(("query", "rows"), [("", 10), ("?count=1", 10), ("?count=12", 12), ("?start=10&count=99", 5)])
def test_count_is_ten_at_least(query: str, rows: int) -> None:
    context = context_of(6)
    for _ in range(15):
        context.statistics.enter(wish(), "rtmp-play", Bytes())
    assert len(ask(context, f"/api/v1/clients/{query}")["clients"]) == rows


@pytest.mark.parametrize(("table", "code"), [("vhosts", 2014), ("streams", 2048), ("clients", 2049)])
def test_an_unknown_id_is_answered_with_its_code(table: str, code: int) -> None:
    context = filled(6)
    assert ask(context, f"/api/v1/{table}/nope") == {"code": code}
    row = ask(context, f"/api/v1/{table}/")[table][0]
    assert ask(context, f"/api/v1/{table}/{row['id']}")[table[:-1]]["id"] == row["id"]


def test_rows_of_3_go_at_once_and_clients_keep_the_old_id() -> None:
    context = filled(3)
    row = next(iter(context.statistics.streams.values()))
    context.statistics.unpublished(row)
    assert ask(context, "/api/v1/streams/")["streams"] == []
    assert {client["stream"] for client in ask(context, "/api/v1/clients/")["clients"]} == {row.id}
    assert context.statistics.published(wish(), "1").id != row.id


def test_rows_of_6_stay_while_somebody_plays() -> None:
    context = filled(6)
    publisher, player = context.statistics.clients.values()
    context.statistics.unpublished(publisher.stream)
    context.statistics.leave(publisher)
    (row,) = ask(context, "/api/v1/streams/")["streams"]
    assert (row["publish"]["active"], row["clients"], row["video"]) == (False, 1, None)
    context.statistics.leave(player)
    assert ask(context, "/api/v1/streams/")["streams"] == []


def test_faults_of_the_api() -> None:
    assert ask(filled(6, "api-omits-clients"), "/api/v1/clients/")["clients"] == []
    assert ask(filled(6, "api-wrong-version"), "/api/v1/versions")["data"]["major"] == 7
    context = filled(6, "stream-stays-active")
    row = next(iter(context.statistics.streams.values()))
    context.statistics.unpublished(row)
    assert ask(context, "/api/v1/streams/")["streams"][0]["publish"]["active"]


def test_a_callback_and_cross_origin_requests() -> None:
    answer = Api(context_of(6), lambda: 0).handle(
        Request("GET", "/api/v1/versions", "callback=f", {"origin": "http://x"}, b"", "")
    )
    assert answer.body.startswith(b"f({")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_is_not_there_is_404() -> None:
    assert ask(context_of(6), "/nope").status == 404
    assert ask(context_of(6), "/api/v1/nope").status == 404


def test_metadata_names_the_server() -> None:
    payload = amf0.encode("@setDataFrame", "onMetaData", amf0.EcmaArray({"width": 640.0, "duration": 0.0}))
    packet = metadata(payload, "SRS/6.0.157(Reference)", "6.0.157")
    assert packet is not None
    told = {"width": 640.0, "server": "SRS/6.0.157(Reference)", "server_version": "6.0.157"}
    assert amf0.decode(packet.payload) == ["onMetaData", told]
    assert metadata(amf0.encode("onCuePoint"), "", "") is None
    assert metadata(b"\xff", "", "") is None
