from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.kustomize import find_kubectl, render
from srs_conformance.errors import UsageError

MANIFESTS = Path(__file__).parents[3] / "fixtures" / "manifests"
#: Chapter and base; the tips have several bases, and none for all of them.
BASES = [
    (chapter.parent.name, base.parent.name)
    for chapter in sorted(MANIFESTS.glob("*/mended"))
    for base in sorted(chapter.parent.glob("*/kustomization.yaml"))
    if base.parent.name == "documented" or not (chapter.parent / "documented").exists()
]
DIGEST = "sha256:" + "a" * 64


@pytest.fixture(scope="session")
def kubectl() -> Path:
    return find_kubectl()


def containers(objects: list[dict[str, Any]], deployment: str) -> list[dict[str, Any]]:
    found = next(each for each in objects if each["metadata"]["name"] == deployment)
    listed: list[dict[str, Any]] = found["spec"]["template"]["spec"]["containers"]
    return listed


@pytest.mark.parametrize(("chapter", "base"), BASES)
def test_every_subset_of_patches_keeps_the_order_of_containers(
    chapter: str, base: str, tmp_path: Path, kubectl: Path
) -> None:
    patches = sorted(f"mended/{path.name}" for path in (MANIFESTS / chapter / "mended").iterdir())
    as_documented = render(MANIFESTS / chapter, components=[], images={}, out=tmp_path, kubectl=kubectl, base=base)
    deployments = [each["metadata"]["name"] for each in as_documented if each["kind"] == "Deployment"]
    for count in range(1, len(patches) + 1):
        for some in itertools.combinations(patches, count):
            mended = render(MANIFESTS / chapter, components=some, images={}, out=tmp_path, kubectl=kubectl, base=base)
            assert [each["metadata"]["name"] for each in mended] == [each["metadata"]["name"] for each in as_documented]
            for name in deployments:
                before, after = containers(as_documented, name), containers(mended, name)
                assert [each["name"] for each in after] == [each["name"] for each in before]


def test_patches_change_just_what_they_mend(tmp_path: Path, kubectl: Path) -> None:
    chapter = MANIFESTS / "edge_cluster"
    before = render(chapter, components=[], images={}, out=tmp_path, kubectl=kubectl)
    after = render(
        chapter,
        components=[f"mended/{name}" for name in ("qs-d1", "edge-d9", "sv-d1")],
        images={},
        out=tmp_path,
        kubectl=kubectl,
    )
    origin = containers(after, "srs-origin-deploy")
    assert origin[0].pop("command") == ["./objs/srs", "-c", "conf/docker.conf"]
    assert containers(after, "srs-edge-deploy")[0].pop("command") == ["./objs/srs", "-c", "conf/srs.conf"]
    script = origin[2]["args"]
    script[1] = script[1].replace("[ ", "[[ ").replace(" ]", " ]]") + "\n"  # kustomize strips a patch of white space
    assert after == before


def test_images_are_put_in_by_name_and_tag_or_digest(tmp_path: Path, kubectl: Path) -> None:
    images = {"ossrs/srs:3": f"registry.example:5000/srs@{DIGEST}", "nginx": "nginx:1.27"}
    objects = render(MANIFESTS / "edge_cluster", components=[], images=images, out=tmp_path, kubectl=kubectl)
    names = [each["image"] for each in containers(objects, "srs-origin-deploy")]
    srs = f"registry.example:5000/srs@{DIGEST}"
    assert names == [srs, "docker.io/library/nginx:1.27", srs]


def test_the_overlay_stands_by_itself_with_relative_paths(tmp_path: Path, kubectl: Path) -> None:
    out = tmp_path / "applied" / "quick_start"
    render(MANIFESTS / "quick_start", components=["mended/qs-d1"], images={}, out=out, kubectl=kubectl)
    text = (out / "kustomization.yaml").read_text()
    assert str(MANIFESTS) not in text.split()
    assert os.path.relpath(MANIFESTS / "quick_start" / "documented", out) in text


def test_an_unknown_patch_is_named(tmp_path: Path, kubectl: Path) -> None:
    with pytest.raises(UsageError, match="mended/no-such"):
        render(MANIFESTS / "quick_start", components=["mended/no-such"], images={}, out=tmp_path, kubectl=kubectl)


def test_manifests_that_kustomize_refuses_are_named_with_its_words(tmp_path: Path, kubectl: Path) -> None:
    (tmp_path / "chapter" / "documented").mkdir(parents=True)
    (tmp_path / "chapter" / "documented" / "kustomization.yaml").write_text("resources: [missing.yaml]\n")
    with pytest.raises(UsageError, match=r"out/kustomization\.yaml: kustomize refuses it: .*missing\.yaml"):
        render(tmp_path / "chapter", components=[], images={}, out=tmp_path / "out", kubectl=kubectl)


def test_a_named_kubectl_that_does_not_work_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SRS_CONFORMANCE_KUBECTL", str(tmp_path / "kubectl"))
    find_kubectl.cache_clear()
    try:
        with pytest.raises(UsageError, match="SRS_CONFORMANCE_KUBECTL"):
            find_kubectl()
    finally:
        find_kubectl.cache_clear()


def edges(folder: str, out: Path, kubectl: Path, *components: str, **more: Any) -> dict[str, dict[str, Any]]:
    """Return the chapter's Deployments of edges and its ConfigMap, by name."""
    chapter = MANIFESTS / "zero_downtime"
    found = render(chapter, base=folder, components=components, images={}, out=out, kubectl=kubectl, **more)
    return {each["metadata"]["name"]: each for each in found if each["metadata"]["name"].startswith("srs-edge")}


def test_updates_have_the_grace_that_the_guide_gives_them(tmp_path: Path, kubectl: Path) -> None:
    found = edges("documented", tmp_path, kubectl)
    spec = found["srs-edge-deploy"]["spec"]
    assert (spec["replicas"], spec["revisionHistoryLimit"]) == (2, 10)
    pod = spec["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] == 120
    (srs,) = pod["containers"]
    assert srs["image"] == "ossrs/srs:v4.0.5"
    assert srs["lifecycle"]["preStop"]["exec"]["command"] == ["/usr/local/srs/etc/init.d/srs", "grace"]
    assert [each["containerPort"] for each in srs["ports"]] == [1935, 1985, 8080]
    assert srs["volumeMounts"] == [{"name": "config-volume", "mountPath": "/usr/local/srs/conf"}]
    configuration = " ".join(found["srs-edge-config"]["data"]["srs.conf"].split())
    assert "grace_start_wait 700; grace_final_wait 800; force_grace_quit on;" in configuration
    assert set(found) == {"srs-edge-config", "srs-edge-deploy", "srs-edge-service"}


def test_without_grace_or_force_nothing_else_differs(tmp_path: Path, kubectl: Path) -> None:
    documented, unforced = (edges(each, tmp_path, kubectl) for each in ("documented", "unforced"))
    text = documented["srs-edge-config"]["data"]["srs.conf"]
    documented["srs-edge-config"]["data"]["srs.conf"] = text.replace("force_grace_quit    on;\n", "")
    assert unforced == documented
    plain = edges("plain", tmp_path, kubectl)["srs-edge-deploy"]["spec"]
    assert plain["replicas"] == 2
    assert "lifecycle" not in plain["template"]["spec"]["containers"][0]
    assert "terminationGracePeriodSeconds" not in plain["template"]["spec"]


def test_a_gray_release_has_two_sets_of_edges_behind_one_service(tmp_path: Path, kubectl: Path) -> None:
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
    patch += "      containers: [{name: srs, image: 'next:1'}]\n"
    later = {"target": {"kind": "Deployment", "name": "srs-edge-r6-deploy"}, "patch": patch}
    components = ("adapted/short-grace", "adapted/readiness-probe", "mended/edge-d9")
    found = edges("canary", tmp_path, kubectl, *components, patches=[later])
    assert set(found) == {"srs-edge-config", "srs-edge-r5-deploy", "srs-edge-r6-deploy", "srs-edge-service"}
    for number, replicas, image in ((5, 3, "ossrs/srs:v4.0.5"), (6, 1, "next:1")):
        spec = found[f"srs-edge-r{number}-deploy"]["spec"]
        labels = spec["template"]["metadata"]["labels"]
        assert spec["replicas"] == replicas
        assert spec["selector"]["matchLabels"] == {"run": f"srs-edge-r{number}"}
        assert labels == {"run": f"srs-edge-r{number}", "app": "srs-edge"}
        assert labels.items() >= found["srs-edge-service"]["spec"]["selector"].items()
        pod = spec["template"]["spec"]
        (srs,) = pod["containers"]
        assert srs["image"] == image
        assert srs["command"] == ["./objs/srs", "-c", "conf/srs.conf"]
        assert srs["readinessProbe"]["tcpSocket"] == {"port": 8080}
        assert pod["terminationGracePeriodSeconds"] == 20
