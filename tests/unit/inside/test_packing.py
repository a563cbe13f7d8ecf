"""A report that is packed in the pod is the one that is unpacked here."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from srs_conformance.inside import packing
from srs_conformance.inside.unpacking import unpack


def test_it_comes_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report"
    (report / "evidence" / "EDGE-03").mkdir(parents=True)
    (report / "conformance.json").write_text("{}")
    (report / "evidence" / "EDGE-03" / "pod.log").write_text("a log\n" * 1000)
    (report / "link").symlink_to("/etc/passwd")
    monkeypatch.setattr(packing, "REPORT", str(report))
    monkeypatch.setattr(packing, "PACKED", str(tmp_path / "packed"))
    packing.main([])
    about = json.loads(capsys.readouterr().out)
    data = b""
    for offset in range(0, about["size"], 100):
        packing.main([str(offset), "100"])
        data += base64.b64decode(capsys.readouterr().out)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (about["size"], about["sha256"])
    (tmp_path / "came").write_bytes(data)
    unpack(tmp_path / "came", tmp_path / "here")
    found = {str(path.relative_to(tmp_path / "here")) for path in (tmp_path / "here").rglob("*") if path.is_file()}
    assert found == {"conformance.json", "evidence/EDGE-03/pod.log"}


def test_a_run_that_has_left_none(tmp_path: Path) -> None:
    assert packing.pack(tmp_path / "nowhere", tmp_path / "packed") == {}
