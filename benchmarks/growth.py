"""How the cost of one process grows with its viewers, from 100 to 10,000.

    python -m benchmarks.growth [--seconds 15] [--out benchmarks/results]

HTTP-FLV from `benchmarks.fanout`: at 600 kbit/s up to 5,000 viewers, at 60 kbit/s up to 10,000. The server shares the
machine with the viewers; its own share of a processor stands in the table, since near 1.0 it is the limit and not they.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import drawing
from benchmarks.running import Cost, fanout, this_machine
from benchmarks.viewers import RESULTS

RUNS = (
    (600, "flv", (100, 300, 1000, 2500, 5000)),
    (600, "flv-drained", (100, 300, 1000, 2500, 5000)),
    (60, "flv", (100, 300, 1000, 3000, 10_000)),
    (60, "flv-drained", (100, 300, 1000, 3000, 10_000)),
)
_HOW = {"flv": "every frame followed", "flv-drained": "drained by the kernel"}


_COLUMNS = (
    "stream, viewers",
    "viewers",
    "microseconds per viewer-second",
    "times the fewest",
    "KiB per viewer",
    "worst lag, s",
    "stalled",
    "server's share of a processor",
    "valid",
)


def main(argv: list[str]) -> None:
    """Measure every size and write table and picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(argv)
    measured: dict[str, list[Cost]] = {}
    says = ""
    for kbits, kind, sizes in RUNS:
        name = f"{kbits} kbit/s, {_HOW[kind]}"
        with fanout(kbits) as server:
            says = server.says.partition(",")[0]
            for viewers in sizes:
                cost = server.ours(kind, viewers, given.seconds)
                measured.setdefault(name, []).append(cost)
                print(f"{name}, {viewers}: {cost}", file=sys.stderr)
    text = _table(measured, says)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "growth.md").write_text(text, encoding="utf-8")
    lines = {name: [(cost.viewers, cost.microseconds) for cost in costs] for name, costs in measured.items()}
    picture = drawing.lines("Microseconds per viewer-second by viewers in one process", lines)
    (given.out / "growth.svg").write_text(picture, encoding="utf-8")
    print(text)


def _table(measured: dict[str, list[Cost]], says: str) -> str:
    lines = [
        "# How the cost grows with the viewers of one process",
        "",
        f"Server: {says}, on the same machine. {this_machine()}. `python -m benchmarks.growth` repeats it.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, costs in measured.items():
        for cost in costs:
            cells = (
                name,
                f"{cost.viewers:,}",
                f"{cost.microseconds:.0f}",
                f"{cost.microseconds / costs[0].microseconds:.2f}",
                f"{cost.memory:.0f}",
                f"{cost.lag:.2f}",
                str(cost.stalled),
                f"{cost.server_share:.2f}",
                cost.invalid or "yes",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", "![The same as lines](growth.svg)", ""])


if __name__ == "__main__":
    main(sys.argv[1:])
