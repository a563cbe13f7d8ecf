from __future__ import annotations

import socket
from pathlib import Path

import pytest

from srs_conformance.reference.names import Names


def test_given_names_and_else_the_machines_own() -> None:
    names = Names({"socs": "127.0.0.2"})
    assert names.look_up("socs") == "127.0.0.2"
    assert names.look_up("example.invalid") == "example.invalid"


def test_a_file_is_read_each_time_and_has_all_names(tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    names = Names({}, file)
    file.write_text("# names\n127.0.0.3 o-0.socs o-0.socs.ns\n\n127.0.0.4 o-1.socs # the second\n")
    assert names.look_up("o-0.socs.ns") == "127.0.0.3"
    assert names.look_up("o-1.socs") == "127.0.0.4"
    assert names.look_up("127.0.0.9") == "127.0.0.9"
    file.write_text("127.0.0.5 o-1.socs\n")
    assert names.look_up("o-1.socs") == "127.0.0.5"
    with pytest.raises(socket.gaierror, match=r"o-0\.socs"):
        names.look_up("o-0.socs")
