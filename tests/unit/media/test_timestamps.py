from __future__ import annotations

import pytest

from srs_conformance.media.timestamps import unwrap32, unwrap33


@pytest.mark.parametrize(
    ("raw", "near", "value"),
    [
        (5, None, 5),
        (40, 0, 40),
        (0x10, 0xFFFFFFF0, 0x1_0000_0010),
        (0xFFFFFFF0, 0x1_0000_0010, 0xFFFFFFF0),
        (0xFFFFFFF0, 0x10, -0x10),
        (7, 3 * 2**32 + 5, 3 * 2**32 + 7),
        (2**31 - 1, 0, 2**31 - 1),
    ],
)
def test_the_nearest_value_is_taken(raw: int, near: int | None, value: int) -> None:
    assert unwrap32(raw, near) == value


def test_mpegts_wraps_at_33_bits() -> None:
    assert unwrap33(5, 2**33 - 5) == 2**33 + 5
    assert unwrap33(2**33 - 5, 2**33 + 5) == 2**33 - 5
