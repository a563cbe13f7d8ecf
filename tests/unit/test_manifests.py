"""The documented manifests say what the guide says: names, labels, replicas, ports, volumes, configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

MANIFESTS = Path(__file__).parents[2] / "fixtures" / "manifests"
SRS_PORTS = [1935, 1985, 8080]
Object = dict[str, Any]


def documented(chapter: str, base: str = "documented") -> dict[tuple[str, str], Object]:
    folder = MANIFESTS / chapter / base
    files = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    objects = [each for file in files for each in yaml.safe_load_all((folder / file).read_text())]
    return {(each["kind"], each["metadata"]["name"]): each for each in objects}


def containers(deployment: Object) -> dict[str, Object]:
    return {each["name"]: each for each in deployment["spec"]["template"]["spec"]["containers"]}


def container_ports(container: Object) -> list[int]:
    return [each["containerPort"] for each in container.get("ports", [])]


def mounts(container: Object) -> dict[str, str]:
    return {each["name"]: each["mountPath"] for each in container.get("volumeMounts", [])}


@pytest.mark.parametrize(
    ("chapter", "objects"),
    [
        ("quick_start", [("Deployment", "srs-deployment"), ("Service", "srs-service")]),
        (
            "edge_cluster",
            [
                ("Deployment", "srs-origin-deploy"),
                ("Service", "srs-origin-service"),
                ("Service", "srs-http-service"),
                ("ConfigMap", "srs-edge-config"),
                ("Deployment", "srs-edge-deploy"),
                ("Service", "srs-edge-service"),
            ],
        ),
        ("shared_volume", [("Deployment", "srs-deploy"), ("Service", "srs-origin-service")]),
    ],
)
def test_a_chapter_has_the_guides_objects_in_the_guides_order(chapter: str, objects: list[tuple[str, str]]) -> None:
    assert list(documented(chapter)) == objects


@pytest.mark.parametrize(
    ("chapter", "name", "app", "replicas"),
    [
        ("quick_start", "srs-deployment", "srs", 1),
        ("shared_volume", "srs-deploy", "srs", 1),
        ("edge_cluster", "srs-origin-deploy", "srs-origin", 1),
        ("edge_cluster", "srs-edge-deploy", "srs-edge", 3),
    ],
)
def test_a_deployment_has_the_guides_labels_and_replicas(chapter: str, name: str, app: str, replicas: int) -> None:
    deployment = documented(chapter)["Deployment", name]
    spec = deployment["spec"]
    labels = {"app": app}
    assert deployment["metadata"]["labels"] == labels
    assert spec["selector"] == {"matchLabels": labels}
    assert spec["template"]["metadata"]["labels"] == labels
    assert spec["replicas"] == replicas
    srs = containers(deployment)["srs"]
    assert srs["image"] == "ossrs/srs:3"
    assert container_ports(srs) == SRS_PORTS
    assert "command" not in srs


@pytest.mark.parametrize(
    ("chapter", "name", "kind", "app", "ports"),
    [
        ("quick_start", "srs-service", "LoadBalancer", "srs", [1935, 1985, 8080]),
        ("shared_volume", "srs-origin-service", "LoadBalancer", "srs", [80, 1935, 1985, 8080]),
        ("edge_cluster", "srs-origin-service", "ClusterIP", "srs-origin", [1935]),
        ("edge_cluster", "srs-http-service", "LoadBalancer", "srs-origin", [80, 1985]),
        ("edge_cluster", "srs-edge-service", "LoadBalancer", "srs-edge", [1935, 8080]),
    ],
)
def test_a_service_has_the_guides_selector_and_ports(
    chapter: str, name: str, kind: str, app: str, ports: list[int]
) -> None:
    spec = documented(chapter)["Service", name]["spec"]
    assert (spec["type"], spec["selector"]) == (kind, {"app": app})
    for port, number in zip(spec["ports"], ports, strict=True):
        assert port == {"name": f"{name}-{number}-{number}", "port": number, "protocol": "TCP", "targetPort": number}


@pytest.mark.parametrize(("chapter", "name"), [("shared_volume", "srs-deploy"), ("edge_cluster", "srs-origin-deploy")])
def test_the_origin_shares_its_html_with_nginx_and_a_helper_fills_it(chapter: str, name: str) -> None:
    deployment = documented(chapter)["Deployment", name]
    assert deployment["spec"]["template"]["spec"]["volumes"] == [{"name": "cache-volume", "emptyDir": {}}]
    found = containers(deployment)
    assert list(found) == ["srs", "nginx", "srs-cp-files"]
    assert mounts(found["srs"]) == {"cache-volume": "/usr/local/srs/objs/nginx/html"}
    assert mounts(found["nginx"]) == {"cache-volume": "/usr/share/nginx/html"}
    assert mounts(found["srs-cp-files"]) == {"cache-volume": "/tmp/html"}  # noqa: S108 - the guide's path in a container
    assert found["nginx"]["image"] == "nginx"
    assert container_ports(found["nginx"]) == [80]
    assert found["nginx"]["volumeMounts"][0]["readOnly"] is True
    helper = found["srs-cp-files"]
    assert helper["command"] == ["/bin/sh"]
    assert helper["args"][0] == "-c"
    script = " ".join(helper["args"][1].split())
    assert script == (
        "if [[ ! -f /tmp/html/index.html ]]; then cp -R ./objs/nginx/html/* /tmp/html fi && sleep infinity"
    )


def test_the_edges_mount_their_configuration_over_conf() -> None:
    objects = documented("edge_cluster")
    deployment = objects["Deployment", "srs-edge-deploy"]
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    assert volumes == [{"name": "config-volume", "configMap": {"name": "srs-edge-config"}}]
    assert mounts(containers(deployment)["srs"]) == {"config-volume": "/usr/local/srs/conf"}
    data = objects["ConfigMap", "srs-edge-config"]["data"]
    assert list(data) == ["srs.conf"]
    assert " ".join(data["srs.conf"].split()) == (
        "listen 1935; max_connections 1000; daemon off; http_api { enabled on; listen 1985; } "
        "http_server { enabled on; listen 8080; } vhost __defaultVhost__ { cluster { mode remote; "
        "origin srs-origin-service; } http_remux { enabled on; } }"
    )


def test_the_origins_share_a_claim_and_know_each_other_by_their_names() -> None:
    objects = documented("origin_cluster")
    assert list(objects) == [
        ("PersistentVolume", "pv-nas"),
        ("PersistentVolumeClaim", "pvc-nas"),
        ("ConfigMap", "srs-origin-config"),
        ("Service", "socs"),
        ("StatefulSet", "srs-origin"),
        ("Service", "srs-api-service"),
        ("Deployment", "nginx-origin-deploy"),
        ("Service", "srs-http-service"),
        ("ConfigMap", "srs-edge-config"),
        ("Deployment", "srs-edge-deploy"),
        ("Service", "srs-edge-service"),
    ]
    volume, claim = (objects[kind, name]["spec"] for kind, name in list(objects)[:2])
    assert volume["storageClassName"] == claim["storageClassName"] == "nas"
    assert volume["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["accessModes"] == ["ReadWriteMany", "ReadOnlyMany"]
    assert claim["accessModes"] == ["ReadWriteMany"]
    assert claim["selector"]["matchLabels"] == objects["PersistentVolume", "pv-nas"]["metadata"]["labels"]
    assert objects["Service", "socs"]["spec"]["clusterIP"] == "None"
    assert [each["port"] for each in objects["Service", "socs"]["spec"]["ports"]] == [1935]
    selector = objects["Service", "srs-api-service"]["spec"]["selector"]
    assert selector == {"statefulset.kubernetes.io/pod-name": "srs-origin-0"}
    origins = objects["StatefulSet", "srs-origin"]
    assert (origins["spec"]["serviceName"], origins["spec"]["replicas"]) == ("socs", 3)
    assert mounts(containers(origins)["srs"]) == {
        "cache-volume": "/usr/local/srs/objs/nginx/html",
        "config-volume": "/usr/local/srs/conf",
    }
    names = [f"srs-origin-{number}.socs" for number in range(3)]
    conf = " ".join(objects["ConfigMap", "srs-origin-config"]["data"]["srs.conf"].split())
    assert f"cluster {{ origin_cluster on; coworkers {' '.join(f'{name}:1985' for name in names)}; }}" in conf
    conf = " ".join(objects["ConfigMap", "srs-edge-config"]["data"]["srs.conf"].split())
    assert f"cluster {{ mode remote; origin {' '.join(names)}; }}" in conf
    assert objects["Deployment", "srs-edge-deploy"]["spec"]["replicas"] == 4


def test_the_deployment_variant_has_an_origin_and_a_service_each_without_the_coworkers_port() -> None:
    objects = documented("origin_cluster", "deployments")
    conf = objects["ConfigMap", "srs-origin-config"]["data"]["srs.conf"]
    for number in range(3):
        origin = objects["Deployment", f"srs-origin-{number}-deploy"]
        assert origin["spec"]["replicas"] == 1
        assert list(mounts(containers(origin)["srs"])) == ["config-volume"]
        spec = objects["Service", f"srs-origin-{number}-socs"]["spec"]
        assert (spec["type"], spec["selector"]) == ("ClusterIP", {"app": f"srs-origin-{number}"})
        assert [each["port"] for each in spec["ports"]] == [1935]
        assert f"srs-origin-{number}-socs:1985" in conf
    assert objects["Service", "srs-api-service"]["spec"]["selector"] == {"app": "srs-origin-0"}


@pytest.mark.parametrize(
    "patch",
    sorted([*MANIFESTS.glob("*/mended/*"), *MANIFESTS.glob("*/adapted/*")]),
    ids=lambda path: f"{path.parts[-3]}-{path.name}",
)
def test_a_patch_is_a_component_that_says_why(patch: Path) -> None:
    text = (patch / "kustomization.yaml").read_text()
    assert text.startswith("# ")
    assert yaml.safe_load(text)["kind"] == "Component"
