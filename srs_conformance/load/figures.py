"""Figures in words, the same in the terminal and on the page: three significant digits and a unit."""

from __future__ import annotations

NONE = "-"
"""What stands where nothing was measured."""


def seconds(value: float | None, digits: int = 3) -> str:
    """Return a duration in words: 250 us, 812 ms, 1.24 s, 2 min 5 s, 1 h 2 min."""
    if value is None:
        return NONE
    value = float(f"{value:.{digits}g}")
    if value >= 3600:
        return f"{int(value // 3600)} h {int(value % 3600 // 60)} min"
    if value >= 120:
        rest = round(value % 60)
        return f"{int(value // 60)} min" + (f" {rest} s" if rest else "")
    if value >= 1 or value == 0:
        return f"{value:g} s"
    if value >= 0.001:
        return f"{value * 1e3:g} ms"
    return f"{value * 1e6:g} us"


def percent(value: float | None, digits: int = 3) -> str:
    """Return a share, given in percent, in words; what is not all is never told as 100 %, what is not 0 never as 0."""
    if value is None:
        return NONE
    if 0 < value < 0.001:
        return "under 0.001 %"
    text = f"{float(f'{value:.{digits}g}'):g}"  # rounded first: 107 in two digits is 110, and not 1.1e+02
    if float(text) >= 100 > value:
        return "over 99.9 %"
    return f"{text if value < 1000 else f'{value:,.0f}'} %"


def number(value: float) -> str:
    """Return a count with its thousands marked."""
    return f"{value:,.0f}"


def bits(bytes_: float, over: float | None = 1.0) -> str:
    """Return the rate of some bytes over some seconds in words: 3.2 Mbit/s."""
    if not over:
        return NONE
    return _scaled(bytes_ * 8 / over, "bit/s")


def size(bytes_: float) -> str:
    """Return a number of bytes in words: 3.2 MB."""
    return _scaled(bytes_, "B")


def share(part: float, whole: float) -> float | None:
    """Return a part in percent of the whole; None of an empty whole."""
    return 100 * part / whole if whole else None


def _scaled(value: float, unit: str) -> str:
    value = float(f"{value:.3g}")
    for prefix in ("", "k", "M", "G"):
        if value < 1000:
            return f"{value:.3g} {prefix}{unit}"
        value /= 1000
    return f"{value:.3g} T{unit}"
