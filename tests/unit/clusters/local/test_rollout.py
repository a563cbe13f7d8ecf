from __future__ import annotations

import pytest

from srs_conformance.clusters.local.rollout import Replica, Step, Strategy, merge, next_step, paused_step

QUARTER = Strategy(surge=1, unavailable=0)


def old(name: str, *, ready: bool = True) -> Replica:
    return Replica(name, new=False, ready=ready)


def new(name: str, *, ready: bool = True) -> Replica:
    return Replica(name, new=True, ready=ready)


def test_a_first_rollout_makes_all_pods_at_once() -> None:
    assert next_step(3, [], QUARTER) == Step(3, ())


def test_a_rollout_goes_one_pod_beyond_and_keeps_all_available() -> None:
    three = [old("a"), old("b"), old("c")]
    assert next_step(3, three, QUARTER) == Step(1, ())
    assert next_step(3, [*three, new("d", ready=False)], QUARTER) == Step(0, ())
    assert next_step(3, [*three, new("d")], QUARTER) == Step(0, ("a",))


def test_old_pods_that_do_not_work_go_first_when_as_many_new_ones_work() -> None:
    ill = old("b", ready=False)
    assert next_step(2, [old("a"), ill], QUARTER) == Step(1, ())
    assert next_step(2, [old("a"), ill, new("c", ready=False)], QUARTER) == Step(0, ())
    assert next_step(2, [old("a"), ill, new("c")], QUARTER) == Step(0, ("b",))


def test_a_rollout_of_what_never_worked_comes_to_its_end() -> None:
    replicas = [old(f"old-{number}", ready=False) for number in range(3)]
    for turn in range(20):
        step = next_step(3, replicas, QUARTER)
        replicas = [each for each in replicas if each.name not in step.end]
        assert len(replicas) + step.create <= 4
        replicas += [new(f"new-{turn}-{number}") for number in range(step.create)]
    assert [each.new for each in replicas] == [True] * 3


def test_scaling_down_ends_pods_that_are_not_ready_first() -> None:
    assert next_step(1, [new("a"), new("b", ready=False)], QUARTER) == Step(0, ("b",))
    assert next_step(0, [new("a")], QUARTER) == Step(0, ("a",))


def test_a_rollout_always_comes_to_its_end() -> None:
    replicas = [old(f"old-{number}") for number in range(4)]
    for turn in range(20):
        step = next_step(4, replicas, Strategy.of({}, 4))
        replicas = [each for each in replicas if each.name not in step.end]
        assert sum(each.ready for each in replicas) >= 3
        assert len(replicas) + step.create <= 5
        replicas = [Replica(each.name, new=each.new, ready=True) for each in replicas]
        replicas += [new(f"new-{turn}-{number}", ready=False) for number in range(step.create)]
    assert [each.new for each in replicas] == [True] * 4


@pytest.mark.parametrize(
    ("strategy", "wanted", "surge", "unavailable"),
    [
        ({}, 2, 1, 0),
        ({}, 4, 1, 1),
        ({}, 5, 2, 1),
        ({"rollingUpdate": {"maxSurge": 3, "maxUnavailable": "50%"}}, 3, 3, 1),
        ({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}, 3, 0, 1),
    ],
)
def test_shares_are_rounded_as_kubernetes_does(
    strategy: dict[str, object], wanted: int, surge: int, unavailable: int
) -> None:
    assert Strategy.of({"strategy": strategy}, wanted) == Strategy(surge, unavailable)


def test_recreate_waits_until_the_old_pods_are_gone() -> None:
    recreate = Strategy.of({"strategy": {"type": "Recreate"}}, 2)
    assert next_step(2, [old("a"), old("b")], recreate) == Step(0, ("a", "b"))
    assert next_step(2, [], recreate, leaving=True) == Step(0, ())
    assert next_step(2, [], recreate) == Step(2, ())


def test_a_paused_deployment_keeps_its_number_and_replaces_nothing() -> None:
    assert paused_step(2, [old("a"), old("b")]) == Step(0, ())
    assert paused_step(3, [old("a"), old("b")]) == Step(1, ())
    assert paused_step(1, [old("a"), old("b", ready=False)]) == Step(0, ("b",))


def test_a_patch_merges_lists_by_name_and_deletes_with_null() -> None:
    base = {"spec": {"replicas": 1, "containers": [{"name": "srs", "image": "a"}, {"name": "nginx"}], "ports": [1]}}
    patch = {
        "spec": {"replicas": None, "containers": [{"name": "srs", "env": [{"name": "A", "value": "1"}]}], "ports": [2]}
    }
    assert merge(base, patch) == {
        "spec": {
            "containers": [{"name": "srs", "image": "a", "env": [{"name": "A", "value": "1"}]}, {"name": "nginx"}],
            "ports": [2],
        }
    }
    assert base["spec"]["replicas"] == 1


def test_a_patch_may_replace_a_mapping_whole() -> None:
    base = {"template": {"metadata": {"annotations": {"a": "1"}}, "spec": {}}}
    assert merge(base, {"template": {"$patch": "replace", "spec": {"b": 2}}}) == {"template": {"spec": {"b": 2}}}


def test_a_rollout_that_is_paused_half_way_keeps_its_surge() -> None:
    assert paused_step(2, [old("a"), old("b"), new("c", ready=False)]) == Step(0, ())
