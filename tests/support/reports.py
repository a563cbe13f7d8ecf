"""Hand-made reports, as `reading.read` gives them."""

from __future__ import annotations

from typing import Any

from srs_conformance.report.model import Verdict

Document = dict[str, Any]
VERDICTS = [str(verdict) for verdict in Verdict]


def result(identifier: str, verdict: str = "pass", message: str = "", **more: Any) -> dict[str, Any]:
    """Return one test's result."""
    return {
        "node": f"suites/small/test_small.py::test_of_{identifier.replace('-', '_')}",
        "requirements": [identifier],
        "verdict": verdict,
        "seconds": 1.5,
        "message": message,
        "evidence": "",
        "measured": {},
        "not_given": "",
        "plots": [],
        "earlier": "",
        **more,
    }


def promise(identifier: str, verdict: str = "pass", **more: Any) -> dict[str, Any]:
    """Return one requirement with one test of the same verdict, none where it was not run."""
    tests = [] if verdict == "not-run" else [result(identifier, verdict)]
    return {
        "id": identifier,
        "level": "MUST",
        "profile": "core",
        "heading": "A Heading",
        "text": f"the promise {identifier}",
        "known": [],
        "verdict": verdict,
        "tests": tests,
        **more,
    }


def chapter(name: str, *promises: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return one chapter."""
    return {
        "name": name,
        "title": f"The chapter {name}",
        "guide": "#small",
        "patches": [],
        "histories": {},
        "topologies": {},
        "requirements": list(promises),
        **more,
    }


def document(*chapters: dict[str, Any], reference: bool = False, **more: Any) -> Document:
    """Return a report on ossrs/srs:6, or on the reference server."""
    every = [each for one in chapters for each in one["requirements"]]
    server = {"asked": "ossrs/srs:6", "name": "srs:6", "digest": "sha256:ab", "source": "archive"}
    return {
        "kind": "srs-conformance/report",
        "version": 2,
        "suite": {"version": "0.1.0"},
        "started": "2026-11-01T10:00:00+00:00",
        "finished": "2026-11-01T10:05:30+00:00",
        "result": "holds",
        "exit_code": 0,
        "options": {"faults": [], "backend": "kind"},
        "server": {**server, "reference": reference, "version": "6.0.157"},
        "nginx": None,
        "cluster": {"backend": "kind", "name": "one", "version": "v1.34.4", "nodes": 1, "data_path": "a route"},
        "profiles": {
            name: {
                verdict: sum(each["verdict"] == verdict and each["profile"] == name for each in every)
                for verdict in VERDICTS
            }
            for name in ("core", "extended")
        },
        "times": {},
        "waits": {},
        "chapters": list(chapters),
        "other_tests": [],
        **more,
    }


def pulls(*points: tuple[float, int], seconds: float = 10.0, title: str = "Pulls of live/a") -> dict[str, Any]:
    """Return the plot of one edge's pulls."""
    return {"kind": "pulls", "title": title, "seconds": seconds, "curves": {"edge-1": [list(each) for each in points]}}


def topology(**more: Any) -> dict[str, Any]:
    """Return an edge cluster of two edges that pull, and an origin with nginx beside it."""

    def pod(name: str, owner: str, *containers: str, pulls: int = 0, **viewers: int) -> dict[str, Any]:
        plain = {"ip": "10.0.0.1", "ready": True, "restarts": 0, "streams": 0, "viewers": viewers, "pulls": pulls}
        return {"name": name, "owner": f"ReplicaSet/{owner}", "containers": list(containers), **plain}

    def service(name: str, *pods: str, streams: int = 0, **viewers: int) -> dict[str, Any]:
        plain = {"type": "LoadBalancer", "address": "10.1.0.1", "ports": [1935, 8080]}
        return {"name": name, **plain, "pods": list(pods), "streams": streams, "viewers": viewers}

    return {
        "namespace": "srs-edge-cluster-shared",
        "services": [
            service("srs-origin-service", "srs-origin-deploy-6f-a", streams=2),
            service("srs-edge-service", "srs-edge-deploy-77-a", "srs-edge-deploy-77-b", rtmp=3),
        ],
        "workloads": [
            {"kind": "Deployment", "name": "srs-origin-deploy", "wanted": 1, "ready": 1},
            {"kind": "Deployment", "name": "srs-edge-deploy", "wanted": 2, "ready": 2},
        ],
        "pods": [
            pod("srs-edge-deploy-77-a", "srs-edge-deploy-77", "srs", pulls=1, rtmp=2),
            pod("srs-edge-deploy-77-b", "srs-edge-deploy-77", "srs", pulls=1),
            pod("srs-origin-deploy-6f-a", "srs-origin-deploy-6f", "srs", "nginx", "srs-cp-files"),
        ],
        **more,
    }
