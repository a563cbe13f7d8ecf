"""What a container says it uses, and what follows from two looks."""

import pytest

from srs_conformance.capacity.usage import Sample, Sampler, between, look, parse
from srs_conformance.clusters.base import ExecResult
from srs_conformance.errors import CouldNotTest

TOLD = """@cpu.stat
usage_usec 5000000
user_usec 1
throttled_usec 250000
@cpu.max
{cpu} 100000
@memory.current
104857600
@memory.max
{memory}
@memory.stat
anon 1
inactive_file 4857600
@stat
cpu  100 0 50 700 50 0 10 0 0 0
2
"""


def test_limits_and_use_are_read() -> None:
    sample = parse(TOLD.format(cpu="50000", memory="268435456"), 7.0)
    assert (sample.used, sample.throttled, sample.cpu_limit) == (5.0, 0.25, 0.5)
    assert (sample.memory, sample.memory_limit) == (100_000_000, 268_435_456)
    assert (sample.node_busy, sample.node_time, sample.processors, sample.at) == (160, 910, 2, 7.0)


def test_a_container_without_limits_has_none() -> None:
    sample = parse(TOLD.format(cpu="max", memory="max"), 0.0)
    assert (sample.cpu_limit, sample.memory_limit) == (None, None)


TOLD_1 = """@cpu/cpu.stat
nr_periods 10
nr_throttled 4
throttled_time 250000000
@cpuacct/cpuacct.usage
5000000000
@cpu/cpu.cfs_quota_us
{cpu}
@cpu/cpu.cfs_period_us
100000
@memory/memory.usage_in_bytes
104857600
@memory/memory.limit_in_bytes
{memory}
@memory/memory.stat
inactive_file 1
total_inactive_file 4857600
@stat
cpu  100 0 50 700 50 0 10 0 0 0
2
"""


@pytest.mark.parametrize(("cpu", "memory"), [("50000", "268435456"), ("-1", "9223372036854771712")])
def test_version_1_says_the_same_in_other_words(cpu: str, memory: str) -> None:
    first = parse(TOLD_1.format(cpu=cpu, memory=memory), 7.0)
    limits = {"cpu": "max", "memory": "max"} if cpu == "-1" else {"cpu": cpu, "memory": memory}
    assert first == parse(TOLD.format(**limits), 7.0)


def sample(at: float, used: float, memory: int, throttled: float = 0.0, busy: int = 0) -> Sample:
    return Sample(at, used, throttled, 0.5, memory, None, busy, int(at * 200), 2)


def test_use_is_what_came_between_the_first_look_and_the_last() -> None:
    usage = between([sample(10, 1, 50), sample(12, 2, 90), sample(14, 3, 70, throttled=1, busy=400)])
    assert (usage.cores, usage.throttled, usage.memory) == (0.5, 0.25, 90)
    assert usage.node == pytest.approx(400 / 800)


def test_one_look_is_not_enough() -> None:
    with pytest.raises(CouldNotTest, match="less than twice"):
        between([sample(1, 1, 1)])


class Namespace:
    def exec(self, *_: object, **__: object) -> ExecResult:
        return ExecResult(1, "", "cat: cpu.stat: No such file or directory")


def test_a_container_without_a_control_group_is_told_as_such() -> None:
    with pytest.raises(CouldNotTest, match="No such file") as caught:
        look(Namespace(), "srs-edge-1")
    assert "/sys/fs/cgroup" in caught.value.hint


def test_a_pod_that_goes_is_told_by_the_sampler() -> None:
    def gone() -> Sample:
        raise KeyError("Pod srs-edge-1")

    with Sampler(gone) as sampler:
        pass
    with pytest.raises(CouldNotTest, match="srs-edge-1"):
        sampler.usage()
