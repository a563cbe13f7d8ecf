"""A Helm chart on a real kind cluster: helm built from its module, the chart installed, its deployment judged."""

from collections.abc import Iterator

import pytest

from srs_conformance.clusters.kind import lifecycle
from tests.cluster.test_suites import NEEDS_CHART, chosen, run, verdicts
from tests.support.charts import write_chart

NAME = "srs-conformance-charts"


@pytest.fixture(autouse=True)
def own_cluster() -> Iterator[None]:
    """A cluster of a name of its own, taken down here."""
    yield
    lifecycle.down(NAME)


def test_a_helm_chart_is_deployed_and_judged(tmp_path):
    chart = write_chart(tmp_path / "srs-server")
    arguments = ("--helm-chart", str(chart), "--srs-image", "ossrs/srs:6", *chosen(*NEEDS_CHART))
    code, output, report = run(
        tmp_path / "report", *arguments, suites=("suites/cloud_platforms",), cluster=("--cluster-name", NAME)
    )
    assert code == 0, output
    assert {name: verdicts(report)[name] for name in NEEDS_CHART} == dict.fromkeys(NEEDS_CHART, "pass"), output
