"""Charts as helm renders them, and what is wrong with one that is not as the specification describes srs-server."""

import shutil

import pytest

from srs_conformance.checkers.charts import as_promised, of_kind
from srs_conformance.clusters import helm
from srs_conformance.clusters.kind.build import parts
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.progress import NullProgress
from tests.support.charts import write_chart


@pytest.fixture(scope="module")
def program():
    """Helm, where this machine has it already; building it takes more than a minute, and is tests/cluster's."""
    if not shutil.which("helm") and not parts.is_built(helm.HELM, ["helm"]):
        pytest.skip("helm has not been built here yet")
    return helm.find_helm(NullProgress())


def test_helms_module_is_pinned_whole():
    sums = (helm.HELM.folder / "go.sum").read_text()
    assert f"helm.sh/helm/v3 v{helm.HELM.version} h1:" in sums
    assert f"version.version=v{helm.HELM.version}" in " ".join(helm.HELM.flags)


def test_helm_wants_no_newer_go_than_the_other_parts():
    line = next(line for line in (helm.HELM.folder / "go.mod").read_text().splitlines() if line.startswith("go "))
    from srs_conformance.clusters.kind.build import toolchain

    assert (toolchain.parse_version(line.replace("go ", "go")) or ()) <= toolchain.GO_MINIMUM


def test_a_helm_that_does_not_run_is_named(tmp_path):
    with pytest.raises(EngineError, match="absent"):
        helm.read(tmp_path, tmp_path / "absent")


def test_the_chart_of_the_specification_is_as_promised(tmp_path, program):
    chart = helm.read(write_chart(tmp_path), program)
    assert (chart.name, chart.version) == ("srs-server", "5.0.166")
    assert sorted(each["kind"] for each in chart.objects) == ["Deployment", "Service"]
    assert as_promised(chart.objects, chart.version).holds
    assert of_kind(chart.objects, "Service")[0]["metadata"]["name"] == "srs-srs-server"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"values": ("replicaCount: 1", "replicaCount: 2")}, "2 replicas"),
        ({"values": ("ossrs/srs", "ossrs/oryx")}, "image ossrs/oryx:5.0.166 in place of ossrs/srs:5.0.166"),
        ({"deployment": ('"-e"', '"-c", "conf/docker.conf"')}, "command ['./objs/srs', '-c', 'conf/docker.conf']"),
        ({"deployment": ("readinessProbe", "startupProbe")}, "readinessProbe None"),
        ({"deployment": ('SRS_DAEMON, value: "off"', 'SRS_DAEMON, value: "on"')}, "environment {'SRS_DAEMON': 'on'}"),
        ({"values": ("LoadBalancer", "ClusterIP")}, "a Service of type ClusterIP"),
        ({"service": ("targetPort: rtc, protocol: UDP", "targetPort: rtc, protocol: TCP")}, "'rtc': (8000, 'TCP')"),
        ({"values": ("enabled: false", "enabled: true")}, "a HorizontalPodAutoscaler, which is off"),
        ({"service": ("kind: Service", "kind: ConfigMap")}, "0 Services"),
        ({"deployment": ("kind: Deployment", "kind: DaemonSet")}, "0 Deployments"),
    ],
)
def test_a_chart_that_is_not_is_told(tmp_path, program, changed, words):
    chart = helm.read(write_chart(tmp_path, **changed), program)
    found = as_promised(chart.objects, chart.version)
    assert not found.holds
    assert words in found.seen


def test_a_folder_without_a_chart_is_wrong_use(tmp_path, program):
    with pytest.raises(UsageError, match="helm show chart"):
        helm.read(tmp_path, program)
