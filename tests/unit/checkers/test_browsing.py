"""Judgements over what was seen in a browser's page: they hold on a good watch, and fail on each kind of trouble."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from srs_conformance.browser.watching import Picture, Sight
from srs_conformance.checkers import browsing
from srs_conformance.observing import Budget

PERIOD = 250


def good(pictures: int = 250) -> Sight:
    """Return ten seconds of 25 pictures each, which begin near the end of the clip."""
    seen = tuple(Picture(0.5 + at / 25, at + 1, (200 + at) % PERIOD) for at in range(pictures))
    return Sight("mpegts.js", seen, ((0.4, "playing"),), "", seen[-1].at + 0.04)


def without(sight: Sight, which: Callable[[Picture], bool]) -> Sight:
    return replace(sight, pictures=tuple(each for each in sight.pictures if not which(each)))


def plays(sight: Sight) -> bool:
    return browsing.plays(sight, Budget.FIRST_FRAME, Budget.BROWSED).holds


def test_a_good_watch_holds() -> None:
    assert plays(good())
    assert browsing.numbers_go_on(good(), PERIOD).holds


@pytest.mark.parametrize(
    "broken",
    [
        replace(good(), error="NetworkError: HttpStatusCodeInvalid"),
        replace(good(), pictures=()),
        replace(good(), pictures=tuple(replace(each, at=each.at + 10) for each in good().pictures), until=21.0),
        without(good(), lambda each: 3 < each.at < 4.6),
        replace(good(), until=12.1),
        good(150),
    ],
    ids=["an error", "no picture", "late", "a break", "a break to the end", "too short"],
)
def test_trouble_is_told(broken: Sight) -> None:
    assert not plays(broken)


def test_pictures_that_the_page_has_not_sampled_are_not_missing() -> None:
    assert browsing.numbers_go_on(without(good(), lambda each: each.count % 2 == 0), PERIOD).holds


def lost(sight: Sight, count: int) -> Sight:
    """Return a sight in which the server has left out so many pictures in the middle."""
    pictures = (replace(p, number=((p.number or 0) + count * (p.count > 100)) % PERIOD) for p in sight.pictures)
    return replace(sight, pictures=tuple(pictures))


def test_pictures_that_never_came_are_missing() -> None:
    assert browsing.numbers_go_on(lost(good(), 5), PERIOD).holds
    found = browsing.numbers_go_on(lost(good(), 6), PERIOD)
    assert not found.holds
    assert "6 pictures missing" in found.seen


def test_pictures_that_the_browser_says_it_dropped_had_come() -> None:
    late = replace(lost(good(), 9), dropped=4)
    assert browsing.numbers_go_on(late, PERIOD).holds
    assert "9 pictures missing, 4 dropped by the browser" in browsing.numbers_go_on(late, PERIOD).seen
    assert not browsing.numbers_go_on(replace(late, dropped=3), PERIOD).holds


def test_pictures_that_were_due_while_the_browser_stood_still_are_not_missing() -> None:
    late = tuple(replace(each, at=each.at + 0.3 * (each.count > 100)) for each in lost(good(), 6).pictures)
    gone = replace(lost(good(), 6), pictures=late, late=((4.5, 4.8),))
    found = browsing.numbers_go_on(gone, PERIOD)
    assert found.holds
    assert "0 pictures missing, 6 due while the browser stood still" in found.seen
    assert browsing.numbers_go_on(replace(gone, late=((4.5, 4.6),)), PERIOD).holds, "two of six, and so few may go"
    assert not browsing.numbers_go_on(replace(lost(good(), 10), late=((4.46, 4.5),)), PERIOD).holds
    assert not browsing.numbers_go_on(replace(gone, late=((3.0, 4.4),)), PERIOD).holds


def test_numbers_that_go_back_are_told() -> None:
    found = browsing.numbers_go_on(lost(good(), -25), PERIOD)
    assert not found.holds
    assert found.details


def test_pictures_without_numbers_are_told() -> None:
    pictures = tuple(replace(each, number=None) if each.count % 5 == 0 else each for each in good().pictures)
    assert not browsing.numbers_go_on(replace(good(), pictures=pictures), PERIOD).holds
    assert not browsing.numbers_go_on(replace(good(), pictures=()), PERIOD).holds
