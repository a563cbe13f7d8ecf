"""The frame number in the picture: black and white cells along the top, drawn by ffmpeg and read back from pictures.

24 cells stand in two rows of twelve over the top sixth of the picture, left to right: a white one, the sixteen bits
of the number (lowest first), six check bits, and a black one. The check bits are those of an extended Hamming code, so
that up to three wrong cells are always noticed. Big flat cells survive every remux, and a transcode or scaling to a
quarter of the width.
"""

from __future__ import annotations

from collections.abc import Sequence

import av

BITS = 16
PERIOD = 1 << BITS
CHECKS = 6
COLUMNS = 12
ROWS = 2
CELL_HEIGHT = 12
"""A cell is this fraction of the picture's height."""
LEAST_CONTRAST = 60
"""Between the white and the black cell, of 255; limited range gives 219."""
MARGIN = 0.2
"""How far from the middle a cell must be, as a fraction of the contrast."""


def _check_sets() -> tuple[tuple[int, ...], ...]:
    """Return, for each check bit, the data bits whose parity it is: Hamming's five, then the parity of all cells."""
    syndromes = [code for code in range(1, 1 << (CHECKS - 1)) if code.bit_count() > 1][:BITS]
    sets = [tuple(k for k in range(BITS) if syndromes[k] >> check & 1) for check in range(CHECKS - 1)]
    sets.append(tuple(k for k in range(BITS) if syndromes[k].bit_count() % 2 == 0))
    return tuple(sets)


CHECK_SETS = _check_sets()
_CHECK_MASKS = tuple(sum(1 << k for k in bits) for bits in CHECK_SETS)


def codeword(number: int) -> int:
    """Return the cells of a number as bits, white 1, first cell lowest; the white and the black cell included."""
    number %= PERIOD
    checks = sum(((number & mask).bit_count() & 1) << i for i, mask in enumerate(_CHECK_MASKS))
    return 1 | number << 1 | checks << (BITS + 1)


def drawbox_filter() -> str:
    """Return the ffmpeg filters that draw the number of each frame, for a filter graph's text.

    The number is the filter's own `n`: it starts at 0 and counts the frames that pass.
    """
    boxes = [f"drawbox=x=0:y=0:w=iw:h=ceil(ih*{ROWS}/{CELL_HEIGHT}):t=fill:color=black", _box(0, "")]
    boxes += [_box(1 + k, f":enable='mod(floor(n/{1 << k}),2)'") for k in range(BITS)]
    for check, bits in enumerate(CHECK_SETS):
        total = "+".join(f"floor(n/{1 << k})" for k in bits)
        boxes.append(_box(1 + BITS + check, f":enable='mod({total},2)'"))
    return ",".join(boxes)


def _box(cell: int, enable: str) -> str:
    row, column = divmod(cell, COLUMNS)
    x, y = f"round(iw*{column}/{COLUMNS})", f"round(ih*{row}/{CELL_HEIGHT})"
    return f"drawbox=x={x}:y={y}:w=ceil(iw/{COLUMNS}):h=ceil(ih/{CELL_HEIGHT}):t=fill:color=white{enable}"


def read(frame: av.VideoFrame) -> int | None:
    """Return the number drawn in a decoded picture, or None where there is none that can be trusted."""
    if not frame.format.name.startswith(("yuv420p", "yuvj4", "yuv422p", "yuv444p", "nv12", "gray")) or (
        frame.format.components[0].bits != 8
    ):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    return read_luma(memoryview(plane), plane.line_size, frame.width, frame.height)


def read_luma(luma: memoryview, stride: int, width: int, height: int) -> int | None:
    """Return the number drawn in an 8-bit luma plane of `height` rows of `stride` bytes, or None; see `read`."""
    if width < 4 * COLUMNS or height < 4 * CELL_HEIGHT:
        return None
    return read_levels([level for row in range(ROWS) for level in _row_levels(luma, stride, width, height, row)])


def read_levels(levels: Sequence[float]) -> int | None:
    """Return the number that the mean luma of each cell (0 to 255, first row first) tells, or None; see `read`."""
    white, black = levels[0], levels[-1]
    contrast = white - black
    if contrast < LEAST_CONTRAST:
        return None
    low, high = black + contrast * (0.5 - MARGIN), black + contrast * (0.5 + MARGIN)
    word = 0
    for cell, level in enumerate(levels):
        if level >= high:
            word |= 1 << cell
        elif level > low:
            return None
    number = word >> 1 & (PERIOD - 1)
    return number if word == codeword(number) else None


def _row_levels(luma: memoryview, stride: int, width: int, height: int, row: int) -> list[float]:
    """Return the mean luma at the middle of each cell of a row: nine points, a fifth of the cell apart."""
    sums = [0] * COLUMNS
    step = width / COLUMNS
    columns = [[int(step * (c + part)) for part in (0.3, 0.5, 0.7)] for c in range(COLUMNS)]
    for part in (0.3, 0.5, 0.7):
        start = int(height / CELL_HEIGHT * (row + part)) * stride
        for cell, (left, middle, right) in enumerate(columns):
            sums[cell] += luma[start + left] + luma[start + middle] + luma[start + right]
    return [total / 9 for total in sums]
