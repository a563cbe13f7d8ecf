from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.clusters.kind.assignment import Wanted, assign, is_ours

POOL = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def service(name: str, *ports: int, asked: str = "", has: str = "", created: str = "", group: str = "") -> Wanted:
    numbers = frozenset(("TCP", port) for port in ports or (80,))
    return Wanted("ns", name, f"uid-{name}", numbers, asked, has, created, group)


def test_every_service_gets_an_address_of_its_own() -> None:
    result = assign([service("a"), service("b")], POOL)
    assert result.addresses == {"uid-a": "10.0.0.1", "uid-b": "10.0.0.2"}
    assert not result.refusals


def test_an_address_once_given_stays() -> None:
    assert assign([service("a"), service("b", has="10.0.0.1")], POOL).addresses["uid-b"] == "10.0.0.1"


def test_a_new_address_is_not_the_one_that_was_just_freed() -> None:
    assert assign([service("a")], POOL, after="10.0.0.1").addresses == {"uid-a": "10.0.0.2"}
    assert assign([service("a")], POOL, after="10.0.0.3").addresses == {"uid-a": "10.0.0.1"}


def test_services_that_ask_for_one_address_share_it() -> None:
    services = [service("a", 1935, asked="10.0.0.2"), service("b", 8080, asked="10.0.0.2")]
    assert set(assign(services, POOL).addresses.values()) == {"10.0.0.2"}


def test_services_of_a_group_share_an_address_that_nobody_else_gets() -> None:
    services = [service("a", 1935, group="lb"), service("b", 80, group="lb"), service("c", 8080)]
    addresses = assign(services, POOL).addresses
    assert addresses == {"uid-a": "10.0.0.1", "uid-b": "10.0.0.1", "uid-c": "10.0.0.2"}


def test_a_service_moves_to_the_group_that_it_has_joined() -> None:
    services = [service("a", 1935, group="lb", has="10.0.0.1"), service("b", 80, group="lb", has="10.0.0.3")]
    assert set(assign(services, POOL).addresses.values()) == {"10.0.0.1"}


def test_a_port_that_is_taken_in_the_group_is_refused() -> None:
    old = service("old", 1935, group="lb", has="10.0.0.1")
    result = assign([old, service("new", 1935, group="lb")], POOL)
    assert result.addresses == {"uid-old": "10.0.0.1"}
    assert result.refusals == {"uid-new": "port 1935/TCP of 10.0.0.1 is taken by the Service ns/old"}


def test_the_id_of_a_load_balancer_makes_a_group_within_its_namespace() -> None:
    def live(namespace: str, **annotations: str) -> dict[str, object]:
        meta = {"namespace": namespace, "name": "a", "uid": "1", "annotations": annotations}
        return {"metadata": meta, "spec": {"type": "LoadBalancer"}}

    named = {"service.beta.kubernetes.io/alicloud-loadbalancer-id": "lb-1"}
    assert Wanted.of(live("one", **named)).group == "one/lb-1"
    assert Wanted.of(live("two", **named)).group == "two/lb-1"
    assert Wanted.of(live("one")).group == ""


def test_one_protocol_does_not_clash_with_another() -> None:
    udp = Wanted("ns", "u", "uid-u", frozenset({("UDP", 53)}), asked="10.0.0.2")
    assert not assign([service("t", 53, asked="10.0.0.2"), udp], POOL).refusals


def test_a_service_may_ask_for_the_address_that_another_got() -> None:
    result = assign([service("a", 1935, has="10.0.0.1"), service("b", 8080, asked="10.0.0.1")], POOL)
    assert result.addresses == {"uid-a": "10.0.0.1", "uid-b": "10.0.0.1"}


def test_the_younger_of_two_that_clash_stays_pending_and_is_told_why() -> None:
    old = service("old", 1935, 8080, asked="10.0.0.2", created="2026-01-01T00:00:00Z")
    new = service("new", 8080, asked="10.0.0.2", created="2026-01-02T00:00:00Z")
    result = assign([new, old], POOL)
    assert result.addresses == {"uid-old": "10.0.0.2"}
    assert result.refusals == {"uid-new": "port 8080/TCP of 10.0.0.2 is taken by the Service ns/old"}


def test_one_that_has_its_address_keeps_it_against_an_elder_one() -> None:
    has = service("has", asked="10.0.0.2", has="10.0.0.2", created="2026-01-02T00:00:00Z")
    elder = service("elder", asked="10.0.0.2", created="2026-01-01T00:00:00Z")
    assert assign([elder, has], POOL).refusals.keys() == {"uid-elder"}


def test_an_address_that_is_not_the_clusters_is_refused() -> None:
    refusal = assign([service("a", asked="192.0.2.1")], POOL).refusals["uid-a"]
    assert "192.0.2.1" in refusal
    assert "10.0.0.1 to 10.0.0.3" in refusal


def test_one_too_many_stays_pending() -> None:
    result = assign([service(name) for name in "abcd"], POOL)
    assert len(result.addresses) == 3
    assert result.refusals == {"uid-d": "all 3 addresses of the cluster's network are taken"}


def test_an_address_of_somewhere_else_is_replaced() -> None:
    assert assign([service("a", has="192.0.2.1")], POOL).addresses == {"uid-a": "10.0.0.1"}


def test_only_load_balancers_without_a_class_that_are_to_stay_are_ours() -> None:
    def live(**spec: str) -> dict[str, object]:
        return {"metadata": {}, "spec": {"type": "LoadBalancer", **spec}}

    assert is_ours(live())
    assert not is_ours(live(type="NodePort"))
    assert not is_ours(live(loadBalancerClass="other"))
    assert not is_ours({"metadata": {"deletionTimestamp": "now"}, "spec": {"type": "LoadBalancer"}})


def test_a_live_service_is_read() -> None:
    live = {
        "metadata": {"namespace": "n", "name": "s", "uid": "u", "creationTimestamp": "c"},
        "spec": {"ports": [{"port": 1935}, {"port": 53, "protocol": "UDP"}], "loadBalancerIP": "10.0.0.2"},
        "status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}},
    }
    assert Wanted.of(live) == Wanted(
        "n", "s", "u", frozenset({("TCP", 1935), ("UDP", 53)}), asked="10.0.0.2", has="10.0.0.1", created="c"
    )


def services() -> st.SearchStrategy[list[Wanted]]:
    address = st.sampled_from(["", "", *POOL, "192.0.2.1"])
    one = st.builds(
        Wanted,
        namespace=st.just("ns"),
        name=st.text("abc", min_size=1, max_size=3),
        uid=st.uuids().map(str),
        ports=st.frozensets(st.tuples(st.just("TCP"), st.integers(1, 3)), min_size=1),
        asked=address,
        has=address,
    )
    return st.lists(one, max_size=6, unique_by=lambda each: each.uid)


@given(services())
def test_whatever_is_wanted_no_port_is_given_twice(wanted: list[Wanted]) -> None:
    result = assign(wanted, POOL)
    given_out = [
        (result.addresses[each.uid], port) for each in wanted if each.uid in result.addresses for port in each.ports
    ]
    assert len(given_out) == len(set(given_out))
    assert {each.uid for each in wanted} == {*result.addresses, *result.refusals}


@given(services())
def test_an_answer_holds_when_asked_again(wanted: list[Wanted]) -> None:
    first = assign(wanted, POOL)
    settled = list(_settled(wanted, first.addresses))
    assert assign(settled, POOL).addresses == first.addresses


def _settled(wanted: list[Wanted], addresses: dict[str, str]) -> Iterator[Wanted]:
    for each in wanted:
        yield Wanted(
            each.namespace, each.name, each.uid, each.ports, each.asked, addresses.get(each.uid, ""), each.created
        )
