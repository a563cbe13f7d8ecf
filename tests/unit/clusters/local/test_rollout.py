from __future__ import annotations

from srs_conformance.clusters.local.rollout import Replica, Step, merge, next_step, workload


def old(name: str, *, ready: bool = True) -> Replica:
    return Replica(name, new=False, ready=ready)


def new(name: str, *, ready: bool = True) -> Replica:
    return Replica(name, new=True, ready=ready)


def test_a_first_rollout_makes_all_pods_at_once() -> None:
    assert next_step(3, []) == Step(3, ())


def test_a_rollout_goes_one_pod_beyond_and_keeps_all_available() -> None:
    three = [old("a"), old("b"), old("c")]
    assert next_step(3, three) == Step(1, ())
    assert next_step(3, [*three, new("d", ready=False)]) == Step(0, ())
    assert next_step(3, [*three, new("d")]) == Step(0, ("a",))


def test_old_pods_that_do_not_work_go_first() -> None:
    assert next_step(1, [old("a", ready=False)]) == Step(1, ("a",))


def test_scaling_down_ends_pods_that_are_not_ready_first() -> None:
    assert next_step(1, [new("a"), new("b", ready=False)]) == Step(0, ("b",))
    assert next_step(0, [new("a")]) == Step(0, ("a",))


def test_a_rollout_always_comes_to_its_end() -> None:
    replicas = [old(f"old-{number}") for number in range(4)]
    for turn in range(20):
        step = next_step(4, replicas)
        replicas = [each for each in replicas if each.name not in step.end]
        assert sum(each.ready for each in replicas) >= 3
        assert len(replicas) + step.create <= 5
        replicas = [Replica(each.name, new=each.new, ready=True) for each in replicas]
        replicas += [new(f"new-{turn}-{number}", ready=False) for number in range(step.create)]
    assert workload("d", 4, replicas, observed=True).settled
    assert not workload("d", 4, replicas, observed=False).settled


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
