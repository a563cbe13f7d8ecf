"""Why nothing came: in words for whoever gave the URL, with what to look at next."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from srs_conformance.viewers.timeline import Ending, Protocol, Timeline
from srs_conformance.watching.rows import problem
from srs_conformance.watching.wording import PROTOCOLS, plain

_SHOWN = 60
_PORTS = "SRS listens for RTMP on 1935, for HTTP-FLV and HLS on 8080, unless configured otherwise"
_UNPUBLISHED = "is it published, under this app and name? a server may keep its players waiting for it"
_SEGMENTS = "is it MPEG-TS, and not encrypted? no other segments are read here"
_ENDINGS: dict[Ending, tuple[str, str]] = {
    Ending.REFUSED: ("nobody listens there", f"is the server up, and the port right? {_PORTS}"),
    Ending.UNREACHABLE: ("it cannot be reached", "is the address right, and is there a way to it from this machine?"),
    Ending.REJECTED: ("the server refuses to play it", "are the app, the name and its parameters right?"),
    Ending.REDIRECTED: ("the server sends its players elsewhere", "inside a cluster that may be a name of its own DNS"),
}
_KNOWN = {
    b"HTTP/": "it is an HTTP server ({})",
    b"SSH-": "it is an SSH server ({})",
    b"\x15\x03": "it speaks TLS",  # an alert (RFC 8446 5.1)
    b"\x16\x03": "it speaks TLS",  # a handshake
    b"\x03": "it looks like an RTMP server",
}


@dataclass(frozen=True)
class Diagnosis:
    """What was found instead of a stream, and what can be done about it."""

    what: str
    hint: str


def diagnose(timeline: Timeline, first: bytes) -> Diagnosis:
    """Say why no frame came.

    Args:
        timeline: of a watch that is over.
        first: the first bytes that the server sent.
    """
    return (
        _foreign(timeline, first)
        or _refusal(timeline)
        or (_of_playlists(timeline) if timeline.playlists else None)
        or (_silence(timeline) if timeline.first_byte is None else None)
        or _no_frame(timeline)
    )


def sniffed(protocol: Protocol, first: bytes) -> str:
    """Return who it is that sends these first bytes, "" where they are what the protocol begins with, or none came."""
    expected = b"\x03" if protocol is Protocol.RTMP else b"HTTP/"
    if not first or first.startswith(expected[: len(first)]):
        return ""
    text = plain(first.partition(b"\n")[0].rstrip(b"\r")[:_SHOWN].decode("ascii", "replace"))
    known = next((what for begin, what in _KNOWN.items() if first.startswith(begin)), None)
    if known is not None:
        return known.format(text)
    readable = text.isascii() and text and not text.startswith("\\")
    return f"it says {text!r}" if readable else f"it begins with the bytes {first[:8].hex(' ')}"


def _foreign(timeline: Timeline, first: bytes) -> Diagnosis | None:
    foreign = sniffed(timeline.protocol, first)
    if not foreign:
        return None
    what = f"what listens there does not speak {PROTOCOLS[timeline.protocol]}: {foreign}"
    return Diagnosis(what, f"is the port right? {_PORTS}")


def _refusal(timeline: Timeline) -> Diagnosis | None:
    ending, error = timeline.ending, plain(timeline.error)
    if timeline.connected is None and ending is Ending.TIMEOUT:
        return Diagnosis(f"nobody answers: {error}", "is the machine up, and does no firewall swallow the connection?")
    if ending is Ending.HTTP_STATUS:
        return Diagnosis(f"the server has no such stream: status {error}", _UNPUBLISHED)
    if ending in _ENDINGS:
        what, hint = _ENDINGS[ending]
        return Diagnosis(f"{what}: {error}", hint)
    return None


def _no_frame(timeline: Timeline) -> Diagnosis:
    if timeline.ending is not Ending.STOPPED:
        what = f"no frame came: {plain(timeline.error)}"
        return Diagnosis(what, "does this port speak the protocol, and is the stream published?")
    said = "the server says that it plays" if timeline.playing is not None else "the server answers, and plays nothing"
    return Diagnosis(f"{said}; no frame came in {_lasted(timeline)}", _UNPUBLISHED)


def _silence(timeline: Timeline) -> Diagnosis:
    if timeline.connected is None:
        what = f"no connection: {plain(timeline.error)}" if timeline.error else f"no connection in {_lasted(timeline)}"
        return Diagnosis(what, "is the machine up, and the address right, with http:// or https:// as it listens?")
    if timeline.ending in {Ending.CLOSED, Ending.RESET}:
        what = f"the server hung up without a word: {plain(timeline.error)}"
        return Diagnosis(what, f"does this port speak {PROTOCOLS[timeline.protocol]}? {_PORTS}")
    what = f"the connection stands, and the server has said nothing in {_lasted(timeline)}"
    if timeline.protocol is Protocol.RTMP:
        return Diagnosis(what, f"does this port speak RTMP? {_PORTS}")
    return Diagnosis(what, f"{_UNPUBLISHED}; or does another protocol live on this port?")


def _of_playlists(timeline: Timeline) -> Diagnosis:
    last = timeline.playlists[-1]
    where = urlsplit(last.url).path
    if last.status is not None and last.status != 200:
        return Diagnosis(f"no playlist: status {last.status} for {plain(where)}", _UNPUBLISHED)
    if last.status is None:
        return Diagnosis(f"no playlist: {plain(problem(last))}", f"does this port speak HTTP? {_PORTS}")
    if last.problem:
        return Diagnosis(f"no playlist that can be played: {plain(last.problem)}", "is this the URL of a playlist?")
    if last.media_sequence is None:
        return Diagnosis("a master playlist, and no media playlist behind it", _UNPUBLISHED)
    wrong = next((each for each in reversed(timeline.segments) if each.problem or each.status != 200), None)
    if wrong is None:
        return Diagnosis(f"a playlist of {last.segments} segments, and no frame", "is it a stream that has ended?")
    why = f"status {wrong.status}" if wrong.status not in {200, None} else plain(wrong.problem)
    return Diagnosis(f"a playlist whose segments cannot be played: {plain(urlsplit(wrong.url).path)}: {why}", _SEGMENTS)


def _lasted(timeline: Timeline) -> str:
    return f"{timeline.until - timeline.started:.0f} s"
