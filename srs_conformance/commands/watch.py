"""`srs-conformance watch`: play one stream, show how it stands, and say what its protocol's rules have against it."""

from __future__ import annotations

import json
import sys

import click

from srs_conformance.commands.examples import examples
from srs_conformance.interrupts import EXIT_CODE, terminable
from srs_conformance.watching.document import document
from srs_conformance.watching.screen import Screen
from srs_conformance.watching.session import Session
from srs_conformance.watching.tally import BUFFER_SECONDS
from srs_conformance.watching.telling import lines
from srs_conformance.watching.wording import time_of

option = click.option


@click.command(
    "watch",
    epilog=examples(
        "watch rtmp://127.0.0.1/live/livestream",
        "watch http://127.0.0.1:8080/live/livestream.flv --for 5m",
        "watch https://cdn.example/live/livestream.m3u8 --strict --json > seen.json",
    ),
)
@click.argument("url")
@option("--for", "time", default="30s", show_default=True, metavar="TIME", help="How long at most: 30s, 10m, 1h30m.")
@option("--json", "as_json", is_flag=True, help="Nothing but one JSON document, at the end.")
@option("--strict", is_flag=True, help="A broken SHOULD counts as a broken MUST.")
@option("--rules", is_flag=True, help="Say of each rule what came of it, of those that are kept too.")
@option(
    "--buffer",
    default=f"{BUFFER_SECONDS:g}s",
    show_default=True,
    metavar="TIME",
    help="What the modelled player waits for before it plays, and after a stall; over HLS, a target duration more.",
)
@option("--from-start", is_flag=True, help="HLS: begin with the oldest segment, not near the live edge.")
def command(url: str, *, time: str, as_json: bool, strict: bool, rules: bool, buffer: str, from_start: bool) -> int:
    """Play the stream at URL as a player does, and judge it.

    URL is rtmp://HOST[:PORT]/APP/STREAM, or http:// or https:// with a path that ends in .flv or .m3u8. No cluster is
    needed. Ctrl-C ends the watch early; what was seen until then is judged all the same.

    Exit code 0: it plays and keeps every MUST that it could be judged by. 1: a MUST is broken (with --strict, a
    SHOULD), or it stalled or was cut. 10: it could not be tested: nobody answers, something else does, or no frame
    came. 4: what was given is wrong. 130: Ctrl-C or SIGTERM, whatever was seen.
    """
    seconds = time_of("--for", time)
    session = Session(url, buffer=time_of("--buffer", buffer), from_start=from_start)
    with terminable():
        session.run(seconds, Screen(sys.stdout, quiet=as_json))
        conclusion = session.conclude(strict=strict)
    code = EXIT_CODE if session.interrupted else int(conclusion.exit_code)
    if as_json:
        click.echo(json.dumps(document(conclusion, code), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(conclusion, every_rule=rules)))
    return code
