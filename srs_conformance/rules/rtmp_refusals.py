"""Rules of how an RTMP server refuses a connection, a player or a publisher, and how it sends one elsewhere."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.errors import LocalProtocolError
from srs_conformance.media.rtmp.url import RtmpUrl
from srs_conformance.requirements import Level
from srs_conformance.rules.rtmp_commands import LEVELS
from srs_conformance.rules.rtmp_reading import Called, Talk
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged

REDIRECTED: Final = 302.0
_STARTS: Final = ("NetStream.Publish.Start", "NetStream.Play.Start")

STATUS: Final = Rule(
    "RTMP-REFUSAL-STATUS",
    Level.SHOULD,
    "RTMP 1.0 7.2.1.1, 7.2.2",
    "Who is refused is told so, by _error or by onStatus with level error, before the connection ends.",
)
FORM: Final = Rule(
    "RTMP-REFUSAL-FORM",
    Level.MUST,
    "RTMP 1.0 7.2.2",
    "A refusal has level error, a code that begins with NetConnection or NetStream, and a description.",
)
NOT_STARTED: Final = Rule(
    "RTMP-REFUSAL-NOT-STARTED",
    Level.MUST,
    "RTMP 1.0 7.2.2.1, 7.2.2.6",
    "Who is refused is not told before that the publishing or playing had started.",
)
REDIRECT: Final = Rule(
    "RTMP-REDIRECT",
    Level.MUST,
    "measured of SRS 3 and 6 (NetConnection.Connect.Rejected, ex)",
    "Who is sent elsewhere gets an error whose `ex` has code 302 and, as `redirect`, the RTMP URL of an application.",
)
RULES: Final[tuple[Rule, ...]] = (STATUS, FORM, NOT_STARTED, REDIRECT)


def judge_refusals(talks: list[Talk]) -> list[Verdict]:
    """Judge connections that the server ended because it refused what we asked for."""
    told = [each for talk in talks for each in _refusals(talk)]
    silent = [_asked(talk) for talk in talks if not _refusals(talk)]
    started = [
        f"{each.said.where}: {each.text('code')}, and then the end ({talk.conversation.why or 'no more'})"
        for talk in talks
        for each in talk.theirs("onStatus")
        if each.text("code") in _STARTS and not any(_is_redirect(one) for one in _refusals(talk))
    ]
    redirects = [each for each in told if _is_redirect(each)]
    return [
        judged(STATUS, [f"{asked}: ended without a word" for asked in silent], len(talks), "refusals"),
        judged(
            FORM, [f"{each.said.where}: {text}" for each in told if (text := _wrong_form(each))], len(told), "refusals"
        ),
        judged(NOT_STARTED, started, len(talks), "refusals"),
        judged(REDIRECT, [text for each in redirects if (text := _wrong_redirect(each))], len(redirects), "redirects")
        if redirects
        else Verdict(REDIRECT, Outcome.NOT_SEEN, "nobody was sent elsewhere"),
    ]


def _refusals(talk: Talk) -> list[Called]:
    """Return what tells of a refusal: each _error, each onStatus of level error or of a code that says so."""
    return [
        each
        for each in talk.called
        if not each.said.sent
        and (
            each.command.name == "_error"
            or (each.command.name == "onStatus" and (each.text("level") not in LEVELS - {"error"} or _bad(each)))
        )
    ]


def _bad(each: Called) -> bool:
    return any(word in each.text("code") for word in ("BadName", "Failed", "Rejected", "NotFound", "Denied"))


def _asked(talk: Talk) -> str:
    ours = [each for each in talk.called if each.said.sent]
    last = next((each for each in reversed(ours) if each.command.name in ("play", "publish", "connect")), None)
    return last.command.name if last else "a connection"


def _wrong_form(each: Called) -> str:
    code = each.text("code")
    if each.text("level") != "error":
        return f"{code or each.command.name} of level {each.info.get('level')!r}"
    if not code.startswith(("NetConnection.", "NetStream.")):
        return f"code {code!r}"
    return "" if each.text("description") else f"{code} without a description"


def _is_redirect(each: Called) -> bool:
    ex = each.info.get("ex")
    return (isinstance(ex, dict) and ex.get("code") == REDIRECTED) or "302" in each.text("description")


def _wrong_redirect(each: Called) -> str:
    ex = each.info.get("ex")
    if not isinstance(ex, dict) or ex.get("code") != REDIRECTED:
        return f"{each.said.where}: {each.text('description')!r}, and no `ex` with code 302"
    to = ex.get("redirect")
    try:
        RtmpUrl.parse(f"{to}/stream" if isinstance(to, str) else "")
    except LocalProtocolError as error:
        return f"{each.said.where}: redirect {to!r}: {error}"
    return ""
