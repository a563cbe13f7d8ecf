"""A log that is read from a whole second on, again and again, gives each line once."""

from __future__ import annotations

from srs_conformance.inside.output import Output

HOUR = "2026-11-29T10:00"


def test_lines_that_were_read_are_passed_over() -> None:
    output = Output()
    assert output.new(f"{HOUR}:00.1Z a\n{HOUR}:00.15Z b\n{HOUR}:01Z c\n") == ["a", "b", "c"]
    assert output.since == f"{HOUR}:01Z"
    assert output.new(f"{HOUR}:01Z c\n") == []
    assert output.new(f"{HOUR}:01Z c\n{HOUR}:01Z d\n{HOUR}:01.000000001Z e\n") == ["d", "e"]
    assert output.new(f"{HOUR}:01Z c\n{HOUR}:01Z d\n{HOUR}:01.000000001Z e\n{HOUR}:02Z e\n") == ["e"]


def test_fractions_are_compared_as_numbers() -> None:
    output = Output()
    assert output.new(f"{HOUR}:00.9Z a\n") == ["a"]
    assert output.new(f"{HOUR}:00.123456789Z before\n{HOUR}:00.90Z a\n{HOUR}:00.95Z b\n") == ["b"]


def test_nodes_may_tell_the_time_of_their_place() -> None:
    output = Output()
    assert output.new("2026-11-29T18:00:00.5+08:00 a\n") == ["a"]
    assert output.since == "2026-11-29T18:00:00+08:00"
    assert output.new("2026-11-29T10:00:00.5Z a\n2026-11-29T10:00:00.6Z b\n") == ["b"]


def test_a_line_holds_what_it_likes() -> None:
    assert Output().new(f"{HOUR}:00Z \n{HOUR}:00Z a\rb\x0cc \u2028\nno time\n") == ["", "a\rb\x0cc \u2028"]
