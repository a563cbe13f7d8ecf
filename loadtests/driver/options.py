"""The options of a load test, on the command line and in Locust's web form."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import Draw, Popularity, duration, parse_streams
from srs_conformance.load.shapes import Shape
from srs_conformance.load.slo import Slo
from srs_conformance.load.viewing import Settings

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "reports" / "load"
BITRATE = "530k"
"""Of the picture; with the sound and all framing 600 kbit/s."""


@dataclass(frozen=True)
class Options:
    """What the user asked for, parsed."""

    streams: tuple[str, ...]
    popularity: Popularity
    watch: Draw
    rest: Draw
    deep: float
    settings: Settings
    slo: Slo | None
    shape: Shape | None
    seed: int
    folder: Path
    probe: bool
    clip: Path | None
    bitrate: str


def add(parser: Any) -> None:
    """Add the options to Locust's parser."""
    option = parser.add_argument
    option("--stream", default="live/livestream", help="app/name, several with commas, or a range: live/s[1-20]")
    option("--zipf", default="1.0", metavar="EXPONENT", help="popularity of several streams by rank; 0: all alike")
    option("--watch", default="forever", metavar="TIME", help="how long one stays: 60s, exponential:60s, uniform:10s-2m, ...")
    option("--rest", default="1s", metavar="TIME", help="how long one stays away before coming again (same forms)")
    option("--buffer", default="1s", metavar="TIME", help="media that a player waits for before it starts, and after a stall")
    option("--deep", default="1.0", metavar="RATIO", help="share of viewers followed frame by frame; the rest is only drained")
    option("--patience", default="10s", metavar="TIME", help="within which the first keyframe must come (HLS: 30 s at least)")
    option("--slo", default="", metavar="FILE", help="YAML of what must hold; decides the exit code")
    option("--shape", default="", metavar="SHAPE", help="ramp:users=1000,over=60s,hold=60s, or steps:, flash:, diurnal:")
    option("--seed", default="1", metavar="NUMBER", help="of all draws")
    option("--result", default=str(RESULTS), metavar="FOLDER", include_in_web_ui=False, help="where result.json and index.html go")
    option("--no-probe", action="store_true", include_in_web_ui=False, help="do not look first whether one viewer gets the stream")
    option("--clip", default="", metavar="FILE.flv", include_in_web_ui=False, help="publishers: send this FLV of H.264 and AAC")
    option("--bitrate", default=BITRATE, metavar="RATE", include_in_web_ui=False, help="publishers: of the demo clip's picture")
    for kind, example in (("rtmp", "rtmp://EDGE:1935"), ("flv", "http://EDGE:8080"), ("hls", "http://HOST")):
        option(f"--{kind}-url", default="", metavar="URL", help=f"mixed: where {kind.upper()} viewers go, as {example}")


def parse(given: Namespace) -> Options:
    """Return the options parsed.

    Raises:
        UsageError: one of them is wrong; names it.
    """
    slo = Path(given.slo) if given.slo else None
    clip = Path(given.clip) if given.clip else None
    for name, path in (("--slo", slo), ("--clip", clip)):
        if path is not None and not path.is_file():
            raise UsageError(f"{name} {path}: no such file", hint="give the path of an existing file")
    streams = parse_streams(given.stream)
    patience = duration(given.patience)
    return Options(
        streams=tuple(streams),
        popularity=Popularity(streams, _number("--zipf", given.zipf, 0, 10)),
        watch=Draw.parse(given.watch),
        rest=Draw.parse(given.rest),
        deep=_number("--deep", given.deep, 0, 1),
        settings=Settings(buffer=duration(given.buffer), patience=patience, hls_patience=max(30.0, patience)),
        slo=Slo.load(slo) if slo else None,
        shape=Shape.parse(given.shape) if given.shape else None,
        seed=int(_number("--seed", given.seed, 0, 2**63)),
        folder=Path(given.result),
        probe=not given.no_probe,
        clip=clip,
        bitrate=given.bitrate,
    )


def for_result(given: Namespace) -> dict[str, str]:
    """Return our options as they were given."""
    names = ("stream", "zipf", "watch", "rest", "buffer", "deep", "patience", "slo", "shape", "seed", "clip", "bitrate")
    return {name: str(getattr(given, name)) for name in names if getattr(given, name) != ""}


def _number(name: str, text: str, least: float, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise UsageError(f"{name} {text}: expected a number from {least:g} to {most:g}")
    return value
