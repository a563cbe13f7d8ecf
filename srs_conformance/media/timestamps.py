"""Timestamps that wrap: raw values of 32 bits (RTMP, FLV; milliseconds) and of 33 bits (MPEG-TS; 90 kHz)."""

from __future__ import annotations


def unwrap32(raw: int, near: int | None) -> int:
    """Return the value that is `raw` modulo 2**32 and closest to `near`; `raw` itself where there is nothing before.

    RTMP 1.0 5.3: timestamps roll over after some 49 days, and adjacent ones are within 2**31 - 1 ms of each other.
    """
    return _unwrap(raw, near, 32)


def unwrap33(raw: int, near: int | None) -> int:
    """Return the value that is `raw` modulo 2**33 and closest to `near`; `raw` itself where there is nothing before."""
    return _unwrap(raw, near, 33)


def _unwrap(raw: int, near: int | None, bits: int) -> int:
    if near is None:
        return raw
    half, span = 1 << (bits - 1), 1 << bits
    return near + (raw - near + half) % span - half
