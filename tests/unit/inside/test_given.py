"""Files of the user's on their way into the pod."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.inside import given, within
from srs_conformance.inside.manifests import objects


def test_they_lie_in_the_pod_where_pytest_is_told_they_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifests, clip, there = tmp_path / "my-srs", tmp_path / "clip.flv", tmp_path / "given"
    (manifests / "base").mkdir(parents=True)
    (manifests / "base" / "edge.yaml").write_text("kind: Deployment\n")
    clip.write_bytes(b"FLV")
    for module in (given, within):
        monkeypatch.setattr(module, "GIVEN", str(there))
    files = {"manifests": manifests, "demo-file": clip}
    monkeypatch.setattr(within, "PARCEL_FOLDER", str(tmp_path))
    (tmp_path / within.PARCEL).write_bytes(given.pack(files))
    monkeypatch.setattr(within, "ACCOUNT", tmp_path)
    within.main(["mine"])  # which is no pod
    assert Path(given.place("manifests", manifests), "base", "edge.yaml").read_text() == "kind: Deployment\n"
    assert Path(given.place("demo-file", clip)).read_bytes() == b"FLV"


def test_they_come_by_a_secret_that_only_the_suite_has() -> None:
    made = {each["kind"]: each for each in objects("srs-inside-1", "probe:1", [], {}, b"parcel")}
    assert made["Secret"]["data"] == {"given.tar.gz": "cGFyY2Vs"}
    suite, keeper = made["Pod"]["spec"]["containers"]
    assert {each["name"] for each in suite["volumeMounts"]} - {each["name"] for each in keeper["volumeMounts"]} == {
        "parcel"
    }
    assert "Secret" not in {each["kind"] for each in objects("srs-inside-1", "probe:1", [], {})}


def test_what_is_not_there_or_too_much_is_refused(tmp_path: Path) -> None:
    assert given.pack({}) == b""
    with pytest.raises(UsageError, match=r"--helm-chart nowhere: no such file or folder"):
        given.pack({"helm-chart": Path("nowhere")})
    (tmp_path / "clip.mp4").write_bytes(random.Random(1).randbytes(given.MOST_BYTES + 1))
    with pytest.raises(UsageError, match=r"--demo-file .*clip.mp4: too much to go into the pod"):
        given.pack({"demo-file": tmp_path / "clip.mp4"})
