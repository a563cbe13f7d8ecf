"""The same seed gives the same choices, and shares are kept."""

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.proxy.plan import Drawn, Plan, parse

ranges = st.tuples(st.floats(0, 10), st.floats(0, 10)).map(sorted)
faults = st.fixed_dictionaries(
    {"kind": st.sampled_from(["reset", "truncate", "stall"])},
    optional={
        "share": st.floats(0, 1),
        "direction": st.sampled_from(["up", "down", "both"]),
        "after_seconds": ranges,
        "after_bytes": st.integers(0, 10**6),
        "port": st.sampled_from([1935, 8080]),
    },
)
plans = st.lists(faults, max_size=4).map(lambda each: {"faults": each})
connections = st.tuples(st.sampled_from([0, 1]), st.integers(0, 1000))


@given(plans, st.integers(), st.lists(connections, max_size=20))
def test_the_same_seed_gives_the_same_choices_in_any_order(
    value: dict[str, object], seed: int, asked: list[tuple[int, int]]
) -> None:
    first = {each: parse(value, 3).draw(seed, *each, port=1935) for each in asked}
    again = {each: parse(value, 3).draw(seed, *each, port=1935) for each in reversed(asked)}
    assert first == again


@given(plans, st.integers(), connections)
def test_what_is_drawn_lies_within_the_plan(value: dict[str, object], seed: int, asked: tuple[int, int]) -> None:
    plan = parse(value)
    for drawn in plan.draw(seed, *asked, port=1935):
        fault = plan.faults[drawn.at]
        assert fault.port in (None, 1935)
        assert fault.share > 0
        assert fault.after_seconds[0] <= drawn.after_seconds <= fault.after_seconds[1]


def test_another_seed_or_another_plan_draws_anew_and_shares_are_kept() -> None:
    value = {"faults": [{"kind": "reset", "share": 0.3}]}

    def chosen(plan: Plan, seed: int) -> list[tuple[Drawn, ...]]:
        return [plan.draw(seed, 0, number, port=1935) for number in range(1000)]

    one = chosen(parse(value, 1), 7)
    assert 250 < sum(map(bool, one)) < 350
    assert one != chosen(parse(value, 1), 8)
    assert one != chosen(parse(value, 2), 7)
