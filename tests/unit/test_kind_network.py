import json
from ipaddress import IPv4Network
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.clusters.kind import commands, network
from tests.support.recording import RecordingRunner

FIRST = network.ranges_of(IPv4Network("198.18.0.0/22"))


def test_a_block_holds_the_three_ranges_of_a_cluster() -> None:
    assert (FIRST.network, FIRST.services, FIRST.pods) == ("198.18.0.0/24", "198.18.1.0/24", "198.18.2.0/24")
    assert FIRST.gateway == "198.18.0.1"


def test_every_block_has_a_bridge_name_of_its_own_that_the_kernel_takes() -> None:
    names = [ranges.link for ranges in network.free_ranges([])]
    assert len(names) == len(set(names)) == 128
    assert max(map(len, names)) <= 15


def test_blocks_that_something_overlaps_are_left_out() -> None:
    taken = [IPv4Network("198.18.0.0/24"), IPv4Network("198.18.4.128/32"), IPv4Network("10.0.0.0/8")]
    assert next(network.free_ranges(taken)).block == "198.18.8.0/22"
    assert list(network.free_ranges([IPv4Network("198.16.0.0/12")])) == []


@given(st.lists(st.tuples(st.integers(0, 2**17 - 1), st.integers(15, 32)), max_size=20))
def test_a_free_block_never_overlaps(taken: list[tuple[int, int]]) -> None:
    base = int(network.BENCHMARK_RANGE.network_address)
    networks = [IPv4Network((base + offset, length), strict=False) for offset, length in taken]
    for ranges in islice(network.free_ranges(networks), 3):
        assert not any(IPv4Network(ranges.block).overlaps(other) for other in networks)


def test_default_routes_do_not_count_as_taken() -> None:
    routes = [
        {"dst": "default", "gateway": "192.0.2.1"},
        {"dst": "0.0.0.0/1"},
        {"dst": "192.0.2.0/24"},
        {"type": "local", "dst": "192.0.2.2"},
        {"type": "blackhole", "dst": "198.18.0.0/22"},
    ]
    found = network.routed(RecordingRunner({"route show table all": json.dumps(routes)}))
    assert found == [IPv4Network("192.0.2.0/24"), IPv4Network("192.0.2.2/32"), IPv4Network("198.18.0.0/22")]


def test_a_block_is_reserved_by_the_kernel_taking_its_route() -> None:
    run = RecordingRunner()
    assert network.reserve(run, FIRST)
    assert run.lines() == ["ip route add blackhole 198.18.0.0/22 metric 4000"]
    assert not network.reserve(RecordingRunner({"ip route add": 2}), FIRST)


def test_the_machines_own_network_is_out_of_reach_of_unit_tests() -> None:
    with pytest.raises(pytest.fail.Exception, match="would change the machine's network: ip route del"):
        commands.run("ip", "route", "del", "blackhole", "192.0.2.0/24", "metric", "4000")  # a route that nobody has


def test_routes_lead_through_the_node_and_else_nowhere() -> None:
    run = RecordingRunner()
    network.add_routes(run, FIRST, "198.18.0.2")
    assert run.lines() == [
        "ip route replace 198.18.2.0/24 via 198.18.0.2 metric 100",
        "ip route replace 198.18.1.0/24 via 198.18.0.2 metric 100",
        "ip route replace blackhole 198.18.0.0/22 metric 4000",
    ]


def test_routes_are_seen_when_all_are_there() -> None:
    through = {"gateway": "198.18.0.2"}
    routes = [
        {"dst": FIRST.pods, **through},
        {"dst": FIRST.services, **through},
        {"dst": FIRST.block, "type": "blackhole"},
    ]
    assert network.has_routes(RecordingRunner({"route show": json.dumps(routes)}), FIRST, "198.18.0.2")
    assert not network.has_routes(RecordingRunner({"route show": json.dumps(routes)}), FIRST, "198.18.0.3")
    assert not network.has_routes(RecordingRunner({"route show": json.dumps(routes[1:])}), FIRST, "198.18.0.2")


def test_the_engine_and_the_load_balancer_give_different_addresses() -> None:
    leased = IPv4Network(network.lease_range(FIRST))
    balanced = network.balancer_addresses(FIRST.network)
    assert FIRST.gateway in map(str, leased)
    assert not set(map(str, leased)) & set(balanced)
    assert (balanced[0], balanced[-1]) == ("198.18.0.16", "198.18.0.254")


def test_several_nodes_have_half_of_a_larger_block_for_their_pods() -> None:
    first, second = islice(network.free_ranges([IPv4Network("198.18.0.0/22")], nodes=3), 2)
    assert (first.block, first.network, first.services) == ("198.18.16.0/20", "198.18.16.0/24", "198.18.17.0/24")
    assert first.pods == "198.18.24.0/21"
    assert second.block == "198.18.32.0/20"
