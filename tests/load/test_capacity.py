"""`srs-conformance capacity` against a server that has so many places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from srs_conformance import cli
from srs_conformance.errors import ExitCode
from tests.support.reference import ORIGIN, Reference, make_clip, publish
from tests.support.waiting import wait_for

PLACES = 12
"""Connections that the server takes; one of them is the publisher's."""


def test_the_places_of_a_server_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = ORIGIN.replace("max_connections 100", f"max_connections {PLACES}")
    clip = make_clip(tmp_path / "clip.mp4")
    with Reference(tmp_path / "server", 6, config) as server, publish(clip, server.rtmp("clip")):
        arguments = ["flv", "--host", f"http://{server.host}:8080", "--stream", "live/clip", "--result", str(tmp_path)]
        arguments += ["--start", "8", "--most", "64", "--each", "3", "--rate", "50"]
        wait_for(lambda: "clip" in server.streams(), "the stream")
        code = cli.run(["capacity", *arguments])
    told = json.loads((tmp_path / "capacity.json").read_text())
    output = capsys.readouterr().out
    assert code == ExitCode.HOLDS, output
    assert [trial["users"] for trial in told["trials"]] == [8, 16, 12, 10, 11]
    assert (told["held"], told["broke"]) == (PLACES - 1, PLACES)
    assert "turned away" in told["limit"]
    assert "could not look into the server: the server is in no cluster that was named" in output
