"""Manifests of the user's own, under other names, on other ports, judged as a user has them judged."""

import json
from pathlib import Path

import pytest

from tests.support.suites import MISSED, ROOT, run

OWN = ROOT / "tests" / "data" / "own_manifests"
CHAPTERS = ("suites/quick_start", "suites/shared_volume", "suites/edge_cluster")
SECONDS = 200


def judged(folder: Path, *ids: str, more: tuple[str, ...] = ()) -> tuple[dict[str, str], str]:
    chosen = [word for each in ids for word in ("--requirement", each)]
    return run(folder, "--manifests", str(OWN), *chosen, *more, timeout=SECONDS, suites=CHAPTERS)


def test_they_are_deployed_and_judged_and_the_report_says_so(tmp_path):
    found, output = judged(tmp_path, "QS-03", "SV-05", "SV-11", "EDGE-00", "EDGE-03", "EDGE-06", "EDGE-12")
    expected = {
        **dict.fromkeys(("QS-03", "SV-05", "EDGE-00", "EDGE-03", "EDGE-12"), "pass"),
        **dict.fromkeys(("SV-11", "EDGE-06"), "unsupported"),
    }
    assert {name: found[name] for name in expected} == expected, output
    assert f"manifests: not the guide's for quick_start, shared_volume, edge_cluster: {OWN}, sha256:" in output
    report = json.loads((tmp_path / "conformance.json").read_text())
    assert report["manifests"]["chapters"] == ["quick_start", "shared_volume", "edge_cluster"]
    (edges,) = [each for each in report["chapters"] if each["name"] == "edge_cluster"]
    (stood,) = edges["topologies"].values()
    assert {each["name"] for each in stood["workloads"]} == {"core", "fanout"}
    (lacking, *_) = [each for each in edges["requirements"] if each["id"] == "EDGE-06"]
    assert "edge_cluster: nobody plays the role nginx" in lacking["tests"][0]["message"]
    page = (tmp_path / "index.html").read_text()
    assert report["manifests"]["digest"] in page
    assert str(OWN) in page


@pytest.mark.parametrize(("requirement", "fault"), [("EDGE-03", "edge-pulls-per-viewer")])
def test_a_fault_of_the_server_is_found_in_them(tmp_path, requirement, fault):
    found, output = judged(tmp_path, requirement, more=("--reference-fault", fault))
    assert found[requirement] in MISSED, output
