"""What the kernel says of its processors."""

from pathlib import Path

import pytest

from srs_conformance.pressure import FULL, is_full


@pytest.mark.parametrize(
    ("text", "full"),
    [
        (
            f"some avg10={FULL:.2f} avg60=1.00 avg300=1.00 total=9\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
            True,
        ),
        (f"some avg10={FULL - 0.01:.2f} avg60=99.00 avg300=99.00 total=9\n", False),
        ("full avg10=99.00 avg60=0.00 avg300=0.00 total=0\n", False),
        ("", False),
    ],
)
def test_it_is_full_where_tasks_wait_for_most_of_ten_seconds(tmp_path: Path, text: str, full: bool) -> None:
    (tmp_path / "cpu").write_text(text)
    assert is_full(tmp_path / "cpu") is full


def test_where_the_kernel_does_not_tell_it_is_not_full(tmp_path: Path) -> None:
    assert is_full(tmp_path / "cpu") is False
