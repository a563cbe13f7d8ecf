"""`srs-conformance publish`: send the demo stream, or a file, and show how it is taken."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from srs_conformance.commands.examples import examples
from srs_conformance.errors import UsageError
from srs_conformance.interrupts import EXIT_CODE, terminable
from srs_conformance.publisher import DemoClip
from srs_conformance.watching.broadcast import Broadcast
from srs_conformance.watching.screen import Screen
from srs_conformance.watching.sending import document, exit_code, lines
from srs_conformance.watching.wording import time_of

option = click.option
_CLIP = ("size", "rate", "gop", "bitrate", "profile", "b_frames")
_FIELDS = {"bitrate": "video_bitrate"}


@click.command(
    "publish",
    epilog=examples(
        "publish rtmp://127.0.0.1/live/livestream",
        "publish rtmp://127.0.0.1/live/livestream --for 1m --size 1280x720 --bitrate 2M",
        "publish rtmp://127.0.0.1/live/livestream --clip mine.mp4 --republish",
    ),
)
@click.argument("url")
@option("--for", "time", metavar="TIME", help="How long: 30s, 10m, 1h30m; default: until Ctrl-C.")
@option("--clip", type=click.Path(path_type=Path), metavar="FILE", help="Send this file in a loop, not the demo clip.")
@option("--size", metavar="WxH", help=f"Of the demo clip's picture; default {DemoClip.size}.")
@option("--rate", type=int, metavar="N", help=f"Its pictures a second; default {DemoClip.rate}.")
@option("--gop", type=float, metavar="SECONDS", help=f"From keyframe to keyframe; default {DemoClip.gop:g}.")
@option("--bitrate", metavar="RATE", help=f"Of the picture; default {DemoClip.video_bitrate}.")
@option("--profile", type=click.Choice(["baseline", "main", "high"]), help=f"Of H.264; default {DemoClip.profile}.")
@option("--b-frames", type=int, metavar="N", help=f"How many in a row at most; default {DemoClip.b_frames}.")
@option("--live-encode", is_flag=True, help="Encode while sending: any file will do, and no picture comes twice.")
@option("--republish", is_flag=True, help="Begin again whenever the stream is cut or refused.")
@option("--json", "as_json", is_flag=True, help="Nothing but one JSON document, at the end.")
def command(url: str, **given: Any) -> int:
    """Publish a stream to URL, rtmp://HOST[:PORT]/APP/STREAM, by ffmpeg.

    Each picture of the demo clip bears its number. Ctrl-C ends the stream as an encoder does.

    Exit code 0: it was sent for as long as was asked for. 1: it was cut after the server had taken it, even if it was
    published again. 10: no server took it. 4: what was given is wrong. 130: Ctrl-C or SIGTERM, whatever came before.
    """
    seconds = math.inf if given["time"] is None else time_of("--for", given["time"])
    broadcast = Broadcast(url, _source(given), republish=given["republish"], live_encode=given["live_encode"])
    with terminable():
        sending = broadcast.run(seconds, Screen(sys.stdout, quiet=given["as_json"]))
    code = EXIT_CODE if broadcast.interrupted else int(exit_code(sending))
    if given["as_json"]:
        click.echo(json.dumps(document(sending, code), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(sending)))
    return code


def _source(given: dict[str, Any]) -> DemoClip | Path:
    asked = {name: given[name] for name in _CLIP if given[name] is not None}
    clip: Path | None = given["clip"]
    if clip is None:
        return DemoClip(**{_FIELDS.get(name, name): value for name, value in asked.items()})
    if asked:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise UsageError(f"--clip names a file, and {names} is of the demo clip", hint="give one or the other")
    return clip
