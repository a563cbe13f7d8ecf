"""The frame number in the picture: its code, and that it survives what media go through."""

import itertools
import subprocess
from pathlib import Path

import av
import pytest

from srs_conformance import watermark
from srs_conformance.publisher import arguments


def luma(word: int, *, black: int = 16, white: int = 235, width: int = 240, height: int = 144) -> memoryview:
    rows = bytearray(width * height)
    for cell in range(watermark.COLUMNS * watermark.ROWS):
        row, column = divmod(cell, watermark.COLUMNS)
        for y in range(row * 12, row * 12 + 12):
            start = y * width + column * 20
            rows[start : start + 20] = bytes([white if word >> cell & 1 else black]) * 20
    return memoryview(bytes(rows))


@pytest.mark.parametrize("number", [0, 1, 2, 255, 256, 1499, 32768, 65535])
@pytest.mark.parametrize(("black", "white"), [(16, 235), (0, 255), (30, 110)])
def test_a_number_is_read_back_in_every_range(number: int, black: int, white: int) -> None:
    picture = luma(watermark.codeword(number), black=black, white=white)
    assert watermark.read_luma(picture, 240, 240, 144) == number


def test_numbers_repeat_after_their_period() -> None:
    assert watermark.codeword(watermark.PERIOD + 3) == watermark.codeword(3)


@pytest.mark.parametrize("number", [0, 77, 65535])
def test_up_to_three_wrong_cells_never_give_a_number(number: int) -> None:
    word = watermark.codeword(number)
    for count in (1, 2, 3):
        for cells in itertools.combinations(range(24), count):
            if count == 3 and sum(cells) % 7:
                continue
            wrong = word
            for cell in cells:
                wrong ^= 1 << cell
            assert watermark.read_luma(luma(wrong, width=240, height=144), 240, 240, 144) is None


@pytest.mark.parametrize(
    "picture",
    [bytes(240 * 144), bytes([128]) * (240 * 144), bytes([255]) * (240 * 144)],
    ids=["black", "grey", "white"],
)
def test_a_picture_without_a_number_has_none(picture: bytes) -> None:
    assert watermark.read_luma(memoryview(picture), 240, 240, 144) is None


def test_a_picture_too_small_has_none() -> None:
    assert watermark.read_luma(memoryview(bytes(32 * 32)), 32, 32, 32) is None


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ("640x360", []),
        ("1280x720", ["-color_range", "pc"]),
        ("640x360", ["-vf", "scale=160:90", "-b:v", "40k"]),
        ("640x360", ["-pix_fmt", "yuv420p10le"]),
    ],
    ids=["as it is", "full range", "scaled and coarse", "ten bits"],
)
def test_it_survives_encoding(tmp_path: Path, size: str, options: list[str]) -> None:
    file = tmp_path / "clip.mp4"
    graph = f"testsrc2=size={size}:rate=25:duration=3,{watermark.drawbox_filter()}"
    command = [arguments.binary(), "-loglevel", "error", "-f", "lavfi", "-i", graph, "-c:v", "libx264"]
    subprocess.run([*command, "-preset", "ultrafast", *options, str(file)], check=True, timeout=60)
    with av.open(str(file)) as container:
        numbers = [watermark.read(frame) for frame in container.decode(video=0)]
    assert numbers == list(range(75))
