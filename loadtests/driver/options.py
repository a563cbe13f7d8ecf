"""The options of a load test, on the command line and in Locust's web form."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from srs_conformance.errors import UsageError
from srs_conformance.load.draws import Draw, Popularity, duration, parse_streams
from srs_conformance.load.prepared import Clip
from srs_conformance.load.shapes import Shape
from srs_conformance.load.slo import Slo
from srs_conformance.load.viewing import Settings

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "reports" / "load"
BITRATE = "530k"
"""Of the picture; with the sound and all framing 600 kbit/s."""
_HLS_PATIENCE = 30.0
"""Seconds at least: a stream's first segment takes a whole fragment, and real SRS makes fragments of 10 s."""

_IN_FORM = {
    "stream": ("live/livestream", "APP/NAME", "app/name, several with commas, or a range: live/s[1-20]"),
    "zipf": ("1.0", "EXPONENT", "popularity of several streams by rank; 0: all alike"),
    "watch": ("forever", "TIME", "how long one stays: 60s, exponential:60s, uniform:10s-2m, lognormal:60s,0.8"),
    "rest": ("1s", "TIME", "how long one stays away before coming again (same forms)"),
    "buffer": ("1s", "TIME", "media that a player waits for before it starts, and after a stall"),
    "deep": ("1.0", "RATIO", "share of viewers followed frame by frame; the rest is only drained"),
    "patience": ("10s", "TIME", "within which the first keyframe must come (HLS: 30 s at least)"),
    "slo": ("", "FILE", "YAML of what must hold; decides the exit code"),
    "shape": ("", "SHAPE", "ramp:users=1000,over=60s,hold=60s, or steps:, flash:, diurnal:"),
    "seed": ("1", "NUMBER", "of all draws"),
    "rtmp_url": ("", "URL", "mixed: where RTMP viewers go, as rtmp://EDGE:1935"),
    "flv_url": ("", "URL", "mixed: where HTTP-FLV viewers go, as http://EDGE:8080"),
    "hls_url": ("", "URL", "mixed: where HLS viewers go, as http://HOST"),
}
"""Default, what stands for the value, and help of the options that Locust's web form has too."""

_ON_COMMAND_LINE = {
    "result": (str(RESULTS), "FOLDER", "where result.json and index.html go"),
    "clip": ("", "FILE.flv", "publishers: send this FLV of H.264 and AAC"),
    "bitrate": (BITRATE, "RATE", "publishers: of the demo clip's picture"),
}

_SWITCHES = {
    "no_probe": "do not look first whether one viewer gets the stream",
    "progress": "print once a second in JSON how the load stands",
}

_T = TypeVar("_T")


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


def option(name: str) -> str:
    """Return how an option is written on the command line."""
    return f"--{name.replace('_', '-')}"


def add(parser: Any) -> None:
    """Add the options to Locust's parser."""
    for table, in_form in ((_IN_FORM, True), (_ON_COMMAND_LINE, False)):
        for name, (default, metavar, words) in table.items():
            parser.add_argument(option(name), default=default, metavar=metavar, help=words, include_in_web_ui=in_form)
    for name, words in _SWITCHES.items():
        parser.add_argument(option(name), action="store_true", help=words, include_in_web_ui=False)


def with_form(given: Namespace, form: dict[str, str]) -> Namespace:
    """Return the options with those that a web form gives instead, as Locust will take them."""
    return Namespace(**vars(given) | {name: form[name] for name in _IN_FORM if name in form})


def parse(given: Namespace, *, judging: bool = True) -> Options:
    """Return the options parsed.

    Args:
        given: the options as text.
        judging: whether this process holds the load against its SLO; a worker elsewhere may not have that file.

    Raises:
        UsageError: one of them is wrong; names it.
    """
    streams = _read("stream", given, parse_streams)
    patience = _read("patience", given, duration)
    slo = _read("slo", given, _file) if judging and given.slo else None
    return Options(
        streams=tuple(streams),
        popularity=Popularity(streams, _read("zipf", given, _number(0, 10))),
        watch=_read("watch", given, Draw.parse),
        rest=_read("rest", given, Draw.parse),
        deep=_read("deep", given, _number(0, 1)),
        settings=Settings(
            buffer=_read("buffer", given, duration), patience=patience, hls_patience=max(_HLS_PATIENCE, patience)
        ),
        slo=_read("slo", given, lambda _: Slo.load(slo)) if slo else None,
        shape=_read("shape", given, Shape.parse) if given.shape else None,
        seed=int(_read("seed", given, _number(0, 2**63))),
        folder=Path(given.result),
        probe=not given.no_probe,
        clip=_read("clip", given, _clip) if given.clip else None,
        bitrate=given.bitrate,
    )


def for_result(given: Namespace) -> dict[str, str]:
    """Return our options as they were given."""
    names = [name for name in (*_IN_FORM, *_ON_COMMAND_LINE) if name != "result"]
    return {name: str(getattr(given, name)) for name in names if getattr(given, name) != ""}


def _read(name: str, given: Namespace, how: Callable[[str], _T]) -> _T:
    """Read an option; an error names it."""
    try:
        return how(getattr(given, name))
    except UsageError as error:
        raise UsageError(f"{option(name)}: {error.message}", hint=error.hint) from error


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise UsageError(f"{text}: no such file", hint="give the path of an existing file")
    return path


def _clip(text: str) -> Path:
    """Return a file that publishers can send, looked into now: a publisher would find out only at its turn."""
    path = _file(text)
    Clip(path)
    return path


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise UsageError(f"{text!r}: expected a number from {least:g} to {most:g}")
        return value

    return read
