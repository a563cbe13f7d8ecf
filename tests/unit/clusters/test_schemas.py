"""What schemas of Kubernetes versions find wrong with manifests, and what they pass."""

import copy

import pytest

from srs_conformance.clusters.schemas import problems, versions
from srs_conformance.errors import CouldNotTest

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "srs-service", "annotations": {"name": "true"}},
    "spec": {"type": "LoadBalancer", "loadBalancerClass": "a/b", "ports": [{"port": 1935, "protocol": "TCP"}]},
}


@pytest.mark.parametrize("version", versions())
def test_what_is_right_has_no_problems(version):
    assert problems([SERVICE], version) == []


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("metadata", "annotations", "name"), True, "metadata.annotations.name: True is not of type"),
        (("spec", "ports", 0, "port"), "1935", "spec.ports.0.port: '1935' is not of type"),
        (("spec", "loadbalancerClass"), "a/b", "'loadbalancerClass' was unexpected"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(place, value, words):
    service = copy.deepcopy(SERVICE)
    spot = service
    for step in place[:-1]:
        spot = spot[step]
    spot[place[-1]] = value
    (problem,) = problems([SERVICE, service], "1.34")
    assert problem.startswith("Service srs-service: Kubernetes 1.34: ")
    assert words in problem


def test_a_kind_that_a_version_no_longer_has_is_a_problem():
    job = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "cleanup"}, "spec": {}}
    assert problems([job], "1.34") == ["CronJob cleanup: Kubernetes 1.34 has no CronJob of batch/v1beta1"]


def test_a_version_without_schemas_cannot_be_asked():
    with pytest.raises(CouldNotTest, match=r"no schemas of Kubernetes 1\.99"):
        problems([SERVICE], "1.99")
