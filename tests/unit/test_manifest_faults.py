"""Faults of manifests change what they say, in the manifests that have it, and nothing else."""

from pathlib import Path

import pytest
import yaml

from srs_conformance.errors import UsageError
from srs_conformance.manifest_faults import CATALOGUE, known, with_faults
from srs_conformance.requirements import load_all

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "fixtures/manifests").glob("*/documented/*.yaml"))
MANIFESTS = [
    each for path in FILES for each in yaml.safe_load_all(path.read_text()) if each and each["kind"] != "Kustomization"
]
SHARED_BALANCER = {
    "kind": "Service",
    "metadata": {"name": "a", "annotations": {"service.beta.kubernetes.io/alicloud-loadbalancer-id": "lb-1"}},
    "spec": {"ports": []},
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_changes_manifests_of_the_guide_and_leaves_the_given_ones_as_they_are(name):
    given = [*MANIFESTS, SHARED_BALANCER]
    before = yaml.safe_dump(given)
    changed = with_faults(given, [name])
    assert changed != given
    assert yaml.safe_dump(given) == before


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_adds_nothing_where_it_changes_nothing(name):
    unconcerned = [{"kind": "Secret", "metadata": {"name": "s"}}]
    assert with_faults(unconcerned, [name]) == unconcerned


def test_an_edge_that_keeps_its_old_configuration_finds_it():
    changed = with_faults(MANIFESTS, ["edges-keep-an-old-config"])
    mounted = {
        volume["configMap"]["name"]
        for each in changed
        if each["kind"] == "Deployment" and each["metadata"]["name"].startswith("srs-edge")
        for volume in each["spec"]["template"]["spec"].get("volumes", ())
        if "configMap" in volume
    }
    assert mounted <= {each["metadata"]["name"] for each in changed if each["kind"] == "ConfigMap"}


def test_every_fault_says_what_it_breaks_where_it_was_seen_and_breaks_what_there_is():
    ids = {name for chapter in load_all(ROOT / "suites") for name in chapter.ids()}
    for fault in CATALOGUE.values():
        assert fault.summary
        assert fault.seen_in
        assert fault.breaks
        assert fault.breaks <= ids


def test_an_unknown_fault_is_refused_with_those_that_there_are():
    with pytest.raises(UsageError, match="--manifest-fault nope: there is no such fault; there are service-lacks-http"):
        known(["nope"])
