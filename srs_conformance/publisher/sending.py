"""What ffmpeg says of how far it has sent: its `-progress` lines, key=value, each report ended by `progress=...`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent: pictures, bytes of FLV, and seconds of media; the first are 0 until a server takes the stream."""

    pictures: int = 0
    size: int = 0
    seconds: float = 0.0

    def __add__(self, other: Sent) -> Sent:
        return Sent(self.pictures + other.pictures, self.size + other.size, self.seconds + other.seconds)


def reports(lines: Iterable[bytes]) -> Iterator[Sent]:
    """Yield what each report says; a value that is not known yet (N/A) counts as 0."""
    values: dict[bytes, bytes] = {}
    for line in lines:
        name, _, value = line.strip().partition(b"=")
        values[name] = value.strip()
        if name == b"progress":
            yield Sent(_number(values, b"frame"), _number(values, b"total_size"), _number(values, b"out_time_us") / 1e6)
            values.clear()


def _number(values: dict[bytes, bytes], name: bytes) -> int:
    text = values.get(name, b"")
    return int(text) if text.isdigit() else 0
