"""Rules of how HTTP-FLV is delivered: the response's head, and the pace at which its body comes."""

from __future__ import annotations

from typing import Final

from srs_conformance.media.flv import TagKind
from srs_conformance.requirements import Level
from srs_conformance.rules.flv_reading import Flv
from srs_conformance.rules.pace import GAP_SECONDS, PROMPT_SECONDS, Came, flow, prompt
from srs_conformance.rules.rule import Outcome, Rule, Verdict, judged
from srs_conformance.viewers.keeping import Response

STATUS: Final = Rule("FLV-STATUS", Level.MUST, "RFC 9110 15.3.1", "A stream that is published is answered with 200.")
CONTENT_TYPE: Final = Rule(
    "FLV-CONTENT-TYPE", Level.MUST, "RFC 9110 8.3; Adobe AIR SDK, FLV file type", "The response is of type video/x-flv."
)
FRAMING: Final = Rule(
    "FLV-FRAMING",
    Level.MUST,
    "RFC 9112 6.1, 6.3",
    "The body is chunked, or ends with the connection; chunked is the last coding, and no length stands beside it.",
)
LENGTH: Final = Rule(
    "FLV-CONTENT-LENGTH",
    Level.MUST,
    "RFC 9110 8.6",
    "Nobody knows a live stream's length, so the head tells none.",
)
STAYS_OPEN: Final = Rule(
    "FLV-STAYS-OPEN",
    Level.MUST,
    "RFC 9112 8",
    "The response goes on for as long as the stream is published and the player stays.",
)
CORS: Final = Rule(
    "FLV-CORS",
    Level.SHOULD,
    "Fetch Standard, CORS protocol, HTTP responses",
    "Pages of every origin may read the response (Access-Control-Allow-Origin: *), as players in browsers must.",
)
PROMPT: Final = Rule(
    "FLV-PROMPT",
    Level.SHOULD,
    "bound of this suite",
    f"The first picture comes within {PROMPT_SECONDS:g} s of the request, as it does from a GOP cache.",
)
FLOW: Final = Rule(
    "FLV-FLOW",
    Level.SHOULD,
    "bound of this suite",
    f"No {GAP_SECONDS:g} s pass in which nothing comes: players buffer a second or two.",
)
RULES: Final[tuple[Rule, ...]] = (STATUS, CONTENT_TYPE, FRAMING, LENGTH, STAYS_OPEN, CORS, PROMPT, FLOW)


def judge_delivery(response: Response, flv: Flv, page: Response | None = None) -> list[Verdict]:
    """Judge a response of a stream that was published during all of it; `page` was asked for with an Origin header."""
    if response.status is None:
        return [Verdict(rule, Outcome.NOT_SEEN, "no answer") for rule in RULES]
    content_type = (response.header("content-type") or "").partition(";")[0].strip().lower()
    length = response.header("content-length")
    return [
        _one(STATUS, "" if response.status == 200 else f"status {response.status}"),
        _one(CONTENT_TYPE, "" if content_type == "video/x-flv" else f"Content-Type: {content_type or 'none'}"),
        _one(FRAMING, _wrong_framing(response)),
        _one(LENGTH, "" if length is None else f"Content-Length: {length}, and {len(response.body)} bytes so far"),
        _one(STAYS_OPEN, f"after {response.took:.1f} s: {response.why}" if response.why else ""),
        _cors(page),
        prompt(PROMPT, _first_picture(flv), response.at, "the request"),
        flow(
            FLOW,
            [Came(each.at, f"{each.at - response.at:.1f} s after the request") for each in response.pieces],
            "pieces",
        ),
    ]


def _first_picture(flv: Flv) -> Came | None:
    pictures = (tag for tag in flv.tags if tag.kind == TagKind.VIDEO and len(tag.payload) > 1 and tag.payload[1])
    return next((Came(tag.at, tag.where) for tag in pictures), None)


def _one(rule: Rule, wrong: str) -> Verdict:
    return judged(rule, [wrong] if wrong else [], 1, "responses")


def _cors(page: Response | None) -> Verdict:
    if page is None or page.status is None:
        return Verdict(CORS, Outcome.NOT_SEEN, "nothing was asked for in the name of a page")
    allowed = page.header("access-control-allow-origin")
    return _one(CORS, "" if allowed == "*" else f"Access-Control-Allow-Origin: {allowed or 'none'}")


def _wrong_framing(response: Response) -> str:
    codings = [each.strip().lower() for each in (response.header("transfer-encoding") or "").split(",") if each.strip()]
    connection = {each.strip().lower() for each in (response.header("connection") or "").split(",")}
    if codings and response.header("content-length") is not None:
        return "both Transfer-Encoding and Content-Length"
    if codings and (codings[-1] != "chunked" or codings.count("chunked") > 1):
        return f"Transfer-Encoding: {', '.join(codings)}"
    if not codings and response.header("content-length") is None and "keep-alive" in connection:
        return "neither chunked nor a length, and a connection that is said to be kept"
    return ""
