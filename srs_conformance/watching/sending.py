"""A stream that is being published, as text, and what came of it."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any

from srs_conformance.errors import ExitCode
from srs_conformance.load import figures as words
from srs_conformance.publisher.sending import Sent
from srs_conformance.watching.wording import count, plain, row

TAKEN_SECONDS = 20.0
"""What a server may take before the first picture: ffmpeg by itself would wait for ever for one that says nothing."""
LATE = 1.0
"""Seconds by which what was sent is behind the clock and worth telling: the server, or the way to it, is too slow."""
_MARK = re.compile(r"\[([^\]]+ @ 0x[0-9a-f]+|error|warning|fatal|panic)\] ?")
_SHOWN = 6


@dataclass(frozen=True)
class Sending:
    """How a publisher stands.

    Attributes:
        url: where to; what: what is sent, in words.
        seconds: since the start; sent: by all processes of ffmpeg so far.
        restarts: how often it was ended by others and started again; died: whether it was ended for good.
        killed: the signal that ended ffmpeg, "" where none did; its last words.
        republishes: whether it is started again.
    """

    url: str
    what: str
    seconds: float
    sent: Sent
    restarts: int = 0
    died: bool = False
    killed: str = ""
    last_words: str = ""
    republishes: bool = False

    @property
    def taken(self) -> bool:
        """Whether a server has taken pictures."""
        return self.sent.pictures > 0

    @property
    def hopeless(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.died or (not self.taken and not self.republishes and self.seconds >= TAKEN_SECONDS)


def rows(sending: Sending) -> list[str]:
    """Return the live view, one string a row."""
    sent = sending.sent
    return [
        f"{plain(sending.url)}  {sending.seconds:.0f} s",
        row("sends", sending.what),
        row("state", state(sending)),
        row("sent", f"{count(sent.pictures, 'picture')}, {words.size(sent.size)}, {_rate(sent)}"),
        row("restarts", f"{sending.restarts}"),
        *(row("last said", each) for each in _said(sending)[-1:]),
    ]


def line(sending: Sending) -> str:
    """Return how it stands in one line."""
    sent = sending.sent
    parts = [f"{sending.seconds:4.0f} s", state(sending)]
    if sending.taken:
        parts += [count(sent.pictures, "picture"), words.size(sent.size), _rate(sent)]
    if sending.restarts:
        parts.append(count(sending.restarts, "restart"))
    return "  ".join(parts)


def state(sending: Sending) -> str:
    """Return in what state it is."""
    if sending.died:
        return "ended"
    if not sending.taken:
        return "the server has taken nothing yet"
    behind = sending.seconds - sending.sent.seconds
    late = not sending.restarts and behind > LATE
    return f"taken, {behind:.1f} s behind" if late else "taken"


def exit_code(sending: Sending) -> ExitCode:
    """Return the exit code: 0 sent as asked, 1 cut after a server had taken it, 10 never taken, or our own trouble."""
    if not sending.taken or sending.killed:
        return ExitCode.COULD_NOT_TEST
    return ExitCode.MISSED if sending.died or sending.restarts else ExitCode.HOLDS


def lines(sending: Sending) -> list[str]:
    """Return the account of a publication that is over."""
    sent = sending.sent
    found = [f"{plain(sending.url)}: {headline(sending)}", *(f"  {each}" for each in _why(sending))]
    if not sending.taken:
        found.append("  hint: is the address right, does an RTMP server listen there, and is the name free?")
    if sending.taken:
        told = f"{count(sent.pictures, 'picture')} in {words.seconds(sent.seconds)} of media"
        found.append(row("sent", f"{told}, {words.size(sent.size)}, {_rate(sent)}"))
    if sending.restarts:
        found.append(row("restarts", f"{sending.restarts}"))
    return found


def headline(sending: Sending) -> str:
    """Return what came of it in a few words."""
    if sending.killed:
        return f"could not be published: ffmpeg was ended by {sending.killed}"
    after = words.seconds(round(sending.seconds, 1))
    if not sending.taken:
        return f"could not be published: the server did not take it in {after}"
    if sending.died:
        return f"was cut after {after}"
    if sending.restarts:
        return f"was cut {count(sending.restarts, 'time')} in {after}, and published again"
    return f"was published for {after}"


def document(sending: Sending, code: int) -> dict[str, Any]:
    """Return the account as JSON values."""
    values = {name: round(value, 3) if isinstance(value, float) else value for name, value in asdict(sending).items()}
    return {"format": 1, **values, "sent": asdict(sending.sent), "taken": sending.taken, "exit_code": code}


def _rate(sent: Sent) -> str:
    return words.bits(sent.size, sent.seconds)


def _why(sending: Sending) -> list[str]:
    """Return what ffmpeg said of its end, where others brought it about."""
    return _said(sending) if sending.died or sending.restarts or not sending.taken else []


def _said(sending: Sending) -> list[str]:
    """Return the last of what ffmpeg said, without the marks of its parts."""
    said = [plain(_MARK.sub("", each)) for each in sending.last_words.splitlines()]
    return list(dict.fromkeys(each for each in said if each))[-_SHOWN:]
