"""The manifests as they are applied: what a cluster that is strict about pods lets in, and what an overlay sets."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from srs_conformance.clusters.kustomize import find_kubectl, overlay
from srs_conformance.loadrun.manifests import MASTER, PAGE_PORT, RESULTS, WORKER, render
from srs_conformance.loadrun.plan import CONFIG_FOLDER, Kind
from tests.unit.loadrun.making import a_plan

FOLDER = Path(__file__).parents[3] / "loadtests" / "kubernetes"
Objects = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def kubectl() -> Path:
    return find_kubectl()


def by_name(objects: list[dict[str, Any]]) -> Objects:
    return {(each["kind"], each["metadata"]["name"]): each for each in objects}


def rendered(tmp_path: Path, kubectl: Path, **changes: Any) -> Objects:
    image = "localhost/srs-conformance/load:1234"
    return by_name(render(a_plan(**changes), base=FOLDER / "base", image=image, out=tmp_path, kubectl=kubectl))


def spec_of(objects: Objects, deployment: str) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment", deployment]["spec"]["template"]["spec"]
    return found


def test_the_plan_stands_in_the_overlay(tmp_path: Path, kubectl: Path) -> None:
    objects = rendered(tmp_path, kubectl, workers=7, kind=Kind.FLV)
    assert objects["Deployment", WORKER]["spec"]["replicas"] == 7
    assert objects["Deployment", MASTER]["spec"]["replicas"] == 1
    [config] = [each for (kind, _), each in objects.items() if kind == "ConfigMap"]
    assert list(config["data"]) == ["load.toml"]
    assert tomllib.loads(config["data"]["load.toml"])["tool"]["locust"]["expect-workers"] == 7
    for name in (MASTER, WORKER):
        spec = spec_of(objects, name)
        assert spec["containers"][0]["image"] == "localhost/srs-conformance/load:1234"
        assert spec["containers"][0]["imagePullPolicy"] == "IfNotPresent"
        assert spec["volumes"][0]["configMap"]["name"] == config["metadata"]["name"]


def test_what_must_hold_is_mounted_where_locust_is_told_to_look(tmp_path: Path, kubectl: Path) -> None:
    slo = tmp_path / "mine.yaml"
    slo.write_text("cut: 0\n")
    objects = rendered(tmp_path / "out", kubectl, slo=slo)
    [config] = [each for (kind, _), each in objects.items() if kind == "ConfigMap"]
    assert config["data"]["slo.yaml"] == "cut: 0\n"
    mounts = {each["name"]: each["mountPath"] for each in spec_of(objects, MASTER)["containers"][0]["volumeMounts"]}
    assert mounts["arguments"] == CONFIG_FOLDER
    assert mounts["results"] == RESULTS


@pytest.mark.parametrize("name", [MASTER, WORKER])
def test_pods_have_no_privileges(tmp_path: Path, kubectl: Path, name: str) -> None:
    """As Kubernetes' Pod Security Standard `restricted` has it, and a root file system that is not written to."""
    spec = spec_of(rendered(tmp_path, kubectl), name)
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] > 0
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    [container] = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert "cpu" not in container["resources"]["limits"]


def test_all_is_labelled_and_the_master_can_be_found(tmp_path: Path, kubectl: Path) -> None:
    objects = rendered(tmp_path, kubectl)
    for each in objects.values():
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "srs-conformance-load"
    service = objects["Service", MASTER]
    assert [port["port"] for port in service["spec"]["ports"]] == [5557, PAGE_PORT]
    master = objects["Deployment", MASTER]["spec"]["template"]
    assert service["spec"]["selector"].items() <= master["metadata"]["labels"].items()
    assert master["spec"]["containers"][0]["readinessProbe"]["tcpSocket"]["port"] == "workers"
    assert MASTER in spec_of(objects, WORKER)["containers"][0]["args"]


def test_other_arguments_make_other_pods(tmp_path: Path, kubectl: Path) -> None:
    names = {
        spec_of(rendered(tmp_path, kubectl, users=users), WORKER)["volumes"][0]["configMap"]["name"] for users in (4, 5)
    }
    assert len(names) == 2


def test_the_example_sets_all_that_an_overlay_may(tmp_path: Path, kubectl: Path) -> None:
    objects = by_name(overlay(FOLDER / "example", fields={}, images={}, out=tmp_path, kubectl=kubectl))
    [config] = [each for (kind, _), each in objects.items() if kind == "ConfigMap"]
    values = tomllib.loads(config["data"]["load.toml"])["tool"]["locust"]
    assert values["expect-workers"] == objects["Deployment", WORKER]["spec"]["replicas"]
    assert yaml.safe_load(config["data"]["slo.yaml"])["cut"] == "0 %"
    for name in (MASTER, WORKER):
        assert spec_of(objects, name)["containers"][0]["image"] == "my/srs-conformance-load:1"
    resources = spec_of(objects, WORKER)["containers"][0]["resources"]
    assert resources == {"requests": {"cpu": "1", "memory": "512Mi"}, "limits": {"memory": "2Gi"}}


def test_the_base_is_a_run_by_itself() -> None:
    values = tomllib.loads((FOLDER / "base" / "load.toml").read_text())["tool"]["locust"]
    documents = yaml.safe_load_all((FOLDER / "base" / "workers.yaml").read_text())
    [replicas] = [each["spec"]["replicas"] for each in documents]
    assert values["expect-workers"] == replicas
    assert values["headless"]
    assert values["progress"]
