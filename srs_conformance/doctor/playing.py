"""What streams and browsers need: ffmpeg, Chromium, and the players' libraries."""

from __future__ import annotations

import shutil

from srs_conformance.browser import chromium, libraries
from srs_conformance.clusters.kind.build.host import may_install
from srs_conformance.clusters.kind.commands import run
from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.errors import CouldNotTest
from srs_conformance.publisher import arguments


def ffmpeg() -> Finding:
    """Look for the ffmpeg that publishes, and see that it runs."""
    try:
        program = arguments.binary()
    except RuntimeError as error:  # of imageio-ffmpeg, for machines that it has no ffmpeg for
        return _no_ffmpeg(str(error).splitlines()[0])
    told = run(program, "-hide_banner", "-version", timeout=5)
    if told.code:
        return _no_ffmpeg(f"{program} does not run: {(told.err.strip() or f'code {told.code}').splitlines()[0]}")
    version = " ".join(told.out.split(maxsplit=3)[:3])
    return Finding(Part.STREAMS, "ffmpeg", State.OK, f"{version}, {program}")


def _no_ffmpeg(why: str) -> Finding:
    hint = "install one with x264, AAC and RTMP (Debian: apt-get install ffmpeg)"
    return Finding(Part.STREAMS, "ffmpeg", State.MISSING, why, hint)


def browser() -> list[Finding]:
    """Look for Chromium, and for the libraries of the players or npm, which brings them."""
    try:
        found = Finding(Part.BROWSER, "chromium", State.OK, chromium.find())
    except CouldNotTest:
        found = _package("chromium", "no Chromium here")
    if libraries.players_there():
        return [found, Finding(Part.BROWSER, "players", State.OK, "mpegts.js and hls.js, in the cache")]
    if not (npm := shutil.which("npm")):
        return [found, _package("npm", "no npm here, which brings mpegts.js and hls.js")]
    return [found, Finding(Part.BROWSER, "players", State.LATER, f"mpegts.js and hls.js come by {npm}")]


def _package(name: str, found: str) -> Finding:
    if may_install():
        return Finding(Part.BROWSER, name, State.LATER, f"{found}: installed by apt-get when the chapter runs")
    return Finding(Part.BROWSER, name, State.MISSING, found, f"apt-get install {name}")
