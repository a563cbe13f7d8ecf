"""The rules of a protocol over all that one watch has kept, where what came is that protocol at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from srs_conformance.media.rtmp import handshake
from srs_conformance.rules import hls
from srs_conformance.rules.codecs import Published
from srs_conformance.rules.flv_family import judge_flv
from srs_conformance.rules.rtmp_family import judge_play
from srs_conformance.rules.rule import Verdict
from srs_conformance.viewers.keeping import Conversation, Keeping, Response
from srs_conformance.viewers.timeline import Ending, Protocol, Timeline

LOOP_SECONDS = 10.0
"""What comes again after so long is taken for a publisher's loop over a file: a server repeats what it just sent."""
RTMP_VERSION: Final = 3
"""RTMP 1.0 5.2.2."""
_HANDSHAKE: Final = 1 + 2 * handshake.SIZE
_UNKNOWN: Final = Published(again_after=LOOP_SECONDS)
_UNREAD: Final = re.compile(rb"^#EXT-X-(MAP:|KEY:(?!.*METHOD=NONE))", re.MULTILINE)
"""Fragmented MP4 and encryption (RFC 8216 4.3.2.4, 4.3.2.5)."""
_TAG: Final = re.compile(rb"^#EXT", re.MULTILINE)


def judged(timeline: Timeline, keeping: Keeping) -> tuple[Verdict, ...]:
    """Return the verdicts on what was kept; none where nothing came that is the protocol.

    Of a watch that was sent on, the last server's answers are judged.
    """
    if timeline.protocol is Protocol.RTMP:
        talks = [each for each in keeping.conversations if _spoken(each)][-1:]
        # A refusal is no play: by the rules of one, all that did not come after it would be missing.
        plays = timeline.frames or timeline.playing is not None or timeline.ending is Ending.PROTOCOL_ERROR
        return tuple(verdict for talk in talks if plays for verdict in judge_play(talk, _UNKNOWN))
    if timeline.protocol is Protocol.HTTP_FLV:
        answers = [each for each in keeping.responses if each.status == 200 and each.body.startswith(b"FLV")]
        return tuple(verdict for answer in answers[-1:] for verdict in judge_flv(answer, _UNKNOWN))
    return _judged_hls(keeping)


def _judged_hls(keeping: Keeping) -> tuple[Verdict, ...]:
    responses = whole(keeping)
    playlists = [each.body for each in responses if _is_playlist(each)]
    if not playlists:
        return ()
    found = hls.judge(responses, bodies=not keeping.full)
    if any(map(_UNREAD.search, playlists)):  # the rules of segments are those of MPEG-TS in the clear
        return (*found.playlists, *found.time, *found.delivery)
    return found.all


def whole(keeping: Keeping) -> Sequence[Response]:
    """Return the responses that were over before the keeping was full: what it could not keep was not left out."""
    since = keeping.full_since
    return [each for each in tuple(keeping.responses) if since is None or each.at + each.took < since]


def _spoken(talk: Conversation) -> bool:
    received = talk.received
    return len(received) >= _HANDSHAKE and received[0] == RTMP_VERSION


def _is_playlist(response: Response) -> bool:
    return response.status == 200 and _TAG.search(response.body) is not None
