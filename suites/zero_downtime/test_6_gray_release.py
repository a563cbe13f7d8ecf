"""Gray release: two Deployments behind one Service, the next version with a quarter, then with all of the pods."""

import pytest

from fixtures.binding import isolated, requirement
from fixtures.changing import Stage
from fixtures.deploying import Deployer
from fixtures.evidence import Record
from fixtures.graying import ALL, NONE, QUARTER, SHARES, THREE_QUARTERS, TOLD
from fixtures.releasing import CHAPTER, GRAY, R5, R6
from srs_conformance.errors import CouldNotTest
from srs_conformance.observing import must

POINTS = 7.0

pytestmark = isolated("it scales two sets of edges and deletes one of them")


@requirement("CAN-00")
def test_the_documented_manifests_roll_out(deployer: Deployer) -> None:
    must(deployer.documented(CHAPTER, "gray", GRAY))


@requirement("CAN-01")
@pytest.mark.parametrize("step", SHARES)
def test_the_services_endpoints_are_the_ready_pods_of_both(gray_release: Stage, step: str) -> None:
    gray_release.must_have_seen(f"endpoints, {step}")


@requirement("CAN-02")
@pytest.mark.parametrize("step", [QUARTER, THREE_QUARTERS])
def test_the_next_version_serves_its_share(gray_release: Stage, step: str, record: Record) -> None:
    must_serve(gray_release, "CAN-02", step, record)


@requirement("CAN-03")
def test_players_are_told_the_version_of_their_edge(gray_release: Stage) -> None:
    gray_release.must_have_seen("metadata")


@requirement("CAN-04")
def test_nobody_who_stays_is_cut(gray_release: Stage) -> None:
    gray_release.must("CAN-04", "uncut", roles=["stays", "control"], until_grace=gray_release.scene.grace)


@requirement("CAN-04")
def test_no_new_connection_is_lost_while_the_old_version_is_scaled_down(gray_release: Stage) -> None:
    gray_release.must("CAN-04", "greeted", phases=["scale down", THREE_QUARTERS, "last step", ALL])


@requirement("CAN-05")
def test_in_the_end_only_the_next_version_serves(gray_release: Stage, record: Record) -> None:
    must_serve(gray_release, "CAN-05", ALL, record)


@requirement("CAN-05")
def test_deleting_the_old_deployment_disturbs_nobody(gray_release: Stage) -> None:
    gray_release.must_have_seen("deleted")


@requirement("CAN-06")
@pytest.mark.parametrize("step", SHARES)
def test_neither_deployment_takes_the_others_pods(gray_release: Stage, step: str) -> None:
    gray_release.must_have_seen(f"owners, {step}")


@requirement("CAN-07")
def test_backed_out_the_old_version_serves_everybody(gray_release: Stage, record: Record) -> None:
    must_serve(gray_release, "CAN-07", NONE, record)


def must_serve(gray_release: Stage, requirement_id: str, step: str, record: Record) -> None:
    """Demand that at a step the next version serves its share of those who join, and the old one the rest.

    Raises:
        CouldNotTest: nothing tells the two versions apart.
    """
    pods = gray_release.versions.get(TOLD, {})
    old = {version for pod, version in pods.items() if pod.startswith(R5)}
    new = {version for pod, version in pods.items() if pod.startswith(R6)}
    record.measure("versions", {"old": sorted(old), "next": sorted(new)})
    if len(old) != 1 or len(new) != 1 or old == new:
        raise CouldNotTest(f"server_version does not tell the next version from the old one: {pods}")
    expected = {new.pop(): SHARES[step], old.pop(): 1 - SHARES[step]}
    gray_release.must(requirement_id, "shares", expected=expected, tolerance=POINTS, phase=step, roles=[])
