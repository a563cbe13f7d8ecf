import math
from typing import Any

import pytest

from srs_conformance.proxy.errors import PlanError
from srs_conformance.proxy.plan import Direction, Kind, parse


def plan(*faults: dict[str, Any]) -> dict[str, Any]:
    return {"faults": list(faults)}


def test_a_fault_says_only_what_is_not_as_usual() -> None:
    (fault,) = parse(plan({"kind": "reset"})).faults
    assert (fault.directions, fault.port, fault.share, fault.after_seconds) == (tuple(Direction), None, 1.0, (0.0, 0.0))


def test_a_pair_is_drawn_from_and_a_number_taken_as_it_is() -> None:
    drawn = [
        parse(plan({"kind": "delay", "seconds": [1, 2], "after_bytes": 100})).draw(7, 0, number, port=1935)[0]
        for number in range(50)
    ]
    assert len({each.seconds for each in drawn}) == 50
    assert all(1 <= each.seconds <= 2 and each.after_bytes == 100 for each in drawn)


def test_a_stall_without_seconds_has_no_end() -> None:
    assert parse(plan({"kind": "stall"})).draw(0, 0, 0, port=1935)[0].seconds == math.inf


def test_only_connections_of_the_port_are_chosen() -> None:
    read = parse(plan({"kind": "reset", "port": 1935}))
    assert read.draw(0, 0, 0, port=1935)
    assert not read.draw(0, 1, 0, port=8080)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "a plan is"),
        ({"faults": {}}, "a plan is"),
        ({"faults": [], "seed": 1}, "a plan is"),
        (plan({"kind": "lose"}), r"faults\[0\].kind: 'lose'; there are delay"),
        (plan({}), "kind: None"),
        (plan({"kind": "reset"}, {"kind": "reset", "when": 1}), r"faults\[1\]: unknown when; there are after_bytes"),
        (plan({"kind": "delay"}), "delay needs seconds"),
        (plan({"kind": "throttle"}), "throttle needs rate"),
        (plan({"kind": "throttle", "rate": 0}), "rate: at least 1"),
        (plan({"kind": "reset", "rate": 5}), "rate: reset takes none"),
        (plan({"kind": "truncate", "seconds": 5}), "seconds: truncate takes none"),
        (plan({"kind": "reset", "share": 1.5}), "share: 1.5; expected a number from 0 to 1"),
        (plan({"kind": "reset", "share": [0, 1]}), "share"),
        (plan({"kind": "reset", "after_seconds": -1}), "after_seconds: -1"),
        (plan({"kind": "reset", "after_seconds": [2, 1]}), "the least comes first"),
        (plan({"kind": "reset", "after_bytes": [1]}), "a pair"),
        (plan({"kind": "delay", "seconds": float("nan")}), "seconds: nan"),
        (plan({"kind": "delay", "seconds": True}), "seconds: True"),
        (plan({"kind": "reset", "present": 1}), "present: 1; expected true or false"),
        (plan({"kind": "reset", "direction": "sideways"}), "sideways.*up, down and both"),
        (plan({"kind": "reset", "port": "1935"}), "a port's number"),
        (plan(3), "expected an object"),
    ],
)
def test_what_is_wrong_is_named(value: Any, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        parse(value)


def test_kinds_are_those_that_the_documentation_lists() -> None:
    from srs_conformance.proxy import plan as module

    assert all(kind in (module.__doc__ or "") for kind in Kind)
