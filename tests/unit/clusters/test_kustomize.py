from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.kustomize import find_kubectl, render
from srs_conformance.errors import UsageError

MANIFESTS = Path(__file__).parents[3] / "fixtures" / "manifests"
CHAPTERS = ("quick_start", "edge_cluster")
DIGEST = "sha256:" + "a" * 64


@pytest.fixture(scope="session")
def kubectl() -> Path:
    return find_kubectl()


def containers(objects: list[dict[str, Any]], deployment: str) -> list[dict[str, Any]]:
    found = next(each for each in objects if each["metadata"]["name"] == deployment)
    listed: list[dict[str, Any]] = found["spec"]["template"]["spec"]["containers"]
    return listed


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_subset_of_patches_keeps_the_order_of_containers(chapter: str, tmp_path: Path, kubectl: Path) -> None:
    patches = sorted(f"mended/{path.name}" for path in (MANIFESTS / chapter / "mended").iterdir())
    as_documented = render(MANIFESTS / chapter, components=[], images={}, out=tmp_path, kubectl=kubectl)
    deployments = [each["metadata"]["name"] for each in as_documented if each["kind"] == "Deployment"]
    for count in range(1, len(patches) + 1):
        for some in itertools.combinations(patches, count):
            mended = render(MANIFESTS / chapter, components=some, images={}, out=tmp_path, kubectl=kubectl)
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
