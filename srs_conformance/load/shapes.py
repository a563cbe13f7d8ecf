"""The shape of a load over time: how many users there shall be, and how fast they come. Pure functions of time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import duration

USERS_MAX = 1_000_000

_FORMS = {
    "ramp": "ramp:users=1000,over=60s,hold=60s",
    "steps": "steps:users=1000,step=100,each=30s",
    "flash": "flash:users=1000,within=5s,hold=60s[,base=100][,after=30s]",
    "diurnal": "diurnal:peak=1000,low=100,day=10m[,days=1]",
}
_FIELDS: dict[str, dict[str, str | None]] = {
    "ramp": {"users": None, "over": None, "hold": None},
    "steps": {"users": None, "step": None, "each": None},
    "flash": {"users": None, "within": None, "hold": None, "base": "0", "after": None},
    "diurnal": {"peak": None, "low": None, "day": None, "days": "1"},
}
"""The fields of each shape and what they are when they are not given; None: they must be."""
_COUNTS = {"users", "step", "base", "peak", "low", "days"}
_MAY_BE_ZERO = {"hold", "base", "low", "after"}
_HINT = "known are " + ", ".join(_FORMS.values())
_FLASH_AFTER = 30.0
_STEP_TAKES = 0.1
"""The part of a step in which its users come: they are a step and no ramp, and the rest of it is steady."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How many users there shall be at any time; `parse` makes one.

    ramp: they come evenly over a time and are held. steps: each brings some more, within its first tenth. flash: all
    come at once, to a base of others that was there for a while (30 s unless `after` says otherwise) and that counts
    among the users. diurnal: days of a sine wave, each beginning and ending at its low.

    Attributes:
        form: ramp, steps, flash or diurnal.
        peak: the most users there shall ever be.
        duration: seconds until it is over.
        text: as it was written.
    """

    form: str
    peak: int
    duration: float
    text: str
    _at: Callable[[float], tuple[int, float]] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> Shape:
        """Read a shape such as ramp:users=1000,over=60s,hold=60s.

        Raises:
            UsageError: the shape is unknown, or a field is unknown, missing, given twice or has no possible value.
        """
        form, _, fields = text.strip().partition(":")
        if form not in _FORMS:
            near = get_close_matches(form, _FORMS, 1)
            suggestion = f"; did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"unknown shape {form!r}{suggestion}", hint=_HINT)
        peak, seconds, at = _MAKERS[form](_Fields(form, fields))
        return cls(form, peak, seconds, text.strip(), at)

    def at(self, seconds: float) -> tuple[int, float] | None:
        """Return (users, spawn rate) at a time after the start; None when the shape is over.

        The rate is in users per second, always positive, and serves for coming and going; a number of users that is
        not reached yet is to be approached with it.
        """
        if seconds >= self.duration:
            return None
        return self._at(max(0.0, seconds))


class _Fields:
    """The fields of a shape, read strictly."""

    def __init__(self, form: str, text: str) -> None:
        self._form = form
        self._given: dict[str, str] = {}
        known = _FIELDS[form]
        for item in text.split(",") if text.strip() else ():
            name, equals, value = (part.strip() for part in item.partition("="))
            if not equals:
                raise self._wrong(f"{item.strip()!r} is no field; expected name=value")
            if name not in known:
                near = get_close_matches(name, known, 1)
                suggestion = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
                raise self._wrong(f"unknown field {name!r}{suggestion}")
            if name in self._given:
                raise self._wrong(f"{name} stands there twice")
            self._given[name] = value

    def given(self, name: str) -> bool:
        """Tell whether a field was given."""
        return name in self._given

    def __getitem__(self, name: str) -> float:
        """Return a field's value: a whole number of users or days, or seconds.

        Raises:
            UsageError: it is missing, or has no possible value.
        """
        text = self._given.get(name, _FIELDS[self._form][name])
        if text is None:
            raise self._wrong(f"{name} is missing")
        value = self._count(name, text) if name in _COUNTS else self._seconds(name, text)
        if not value and name not in _MAY_BE_ZERO:
            raise self._wrong(f"{name}={text}: expected more than 0")
        return value

    def at_most(self, name: str, other: str) -> tuple[int, int]:
        """Return two numbers of users of which the first must not exceed the second."""
        least, most = int(self[name]), int(self[other])
        if least > most:
            raise self._wrong(f"{name}={least}: expected no more than {other}={most}")
        return least, most

    def _count(self, name: str, text: str) -> float:
        if not (text.isascii() and text.isdigit()) or len(text) > 9 or int(text) > USERS_MAX:
            raise self._wrong(f"{name}={text}: expected a whole number up to {USERS_MAX}")
        return int(text)

    def _seconds(self, name: str, text: str) -> float:
        try:
            return duration(text)
        except UsageError as error:
            raise self._wrong(f"{name}={text}: expected a duration such as 60s or 10m") from error

    def _wrong(self, problem: str) -> UsageError:
        return UsageError(f"shape {self._form}: {problem}", hint=f"expected {_FORMS[self._form]}")


_Made = tuple[int, float, Callable[[float], tuple[int, float]]]


def _ramp(fields: _Fields) -> _Made:
    users, over, hold = int(fields["users"]), fields["over"], fields["hold"]
    # The goal is the whole number from the start and the rate makes the ramp: a goal that moves every second would let
    # the engine begin anew every second.
    return users, over + hold, lambda _: (users, users / over)


def _steps(fields: _Fields) -> _Made:
    step, users = fields.at_most("step", "users")
    each = fields["each"]
    rate = step / (each * _STEP_TAKES)
    return users, math.ceil(users / step) * each, lambda at: (min(users, step * (int(at / each) + 1)), rate)


def _flash(fields: _Fields) -> _Made:
    base, users = fields.at_most("base", "users")
    within, hold = fields["within"], fields["hold"]
    after = fields["after"] if fields.given("after") else _FLASH_AFTER if base else 0.0
    rate = max(1, users - base) / within

    def at(seconds: float) -> tuple[int, float]:
        # The base comes in the first half of its time, so that it is steady when the others come.
        return (base, max(1, base) / (after / 2)) if seconds < after else (users, rate)

    return users, after + within + hold, at


def _diurnal(fields: _Fields) -> _Made:
    low, peak = fields.at_most("low", "peak")
    day, days = fields["day"], fields["days"]
    steepest = (peak - low) * math.pi / day
    # Twice the steepest slope keeps up with the wave; the low shall be there within ten seconds.
    rate = max(1.0, 2 * steepest, low / 10)

    def at(seconds: float) -> tuple[int, float]:
        wave = (1 - math.cos(2 * math.pi * seconds / day)) / 2
        return round(low + (peak - low) * wave), rate

    return peak, day * days, at


_MAKERS: dict[str, Callable[[_Fields], _Made]] = {"ramp": _ramp, "steps": _steps, "flash": _flash, "diurnal": _diurnal}
