"""The HLS files of the reference server, judged by the rules of their specifications: kept, but by fault."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from srs_conformance.reference.config import parse
from srs_conformance.reference.context import Context
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.hls_out import HlsOut
from srs_conformance.reference.media import AUDIO, VIDEO, Packet
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import settings_of
from srs_conformance.reference.web import Web
from srs_conformance.rules import hls
from srs_conformance.rules.rule import Outcome, broken
from srs_conformance.viewers.keeping import Piece, Response
from tests.support import media
from tests.unit.reference.test_parts import Hub, get

REQUEST = StreamRequest("127.0.0.1", "rtmp://h/live", "h", "__defaultVhost__", "live", "a")
LOOPS, LOOP_MS, LOOK_MS = 10, 4000, 200
CONFIG = "listen 1935; http_server { enabled on; listen 8080; dir html; } vhost __defaultVhost__ { hls { enabled on; "
HLS = "hls_path ./html; hls_fragment 2; hls_window 10; hls_dispose 0; } }"
URL = "http://127.0.0.1:8080/live"

#: What a fault breaks of the rules; of a playlist that is written in place and of one that names temporary files the
#: moment is not seen here.
FAULTS = {
    "hls-sequence-goes-back": {"HLS-SEQUENCE-FORWARD", "HLS-SEQUENCE-STEP"},  # there, and back
    "hls-target-duration-changes": {"HLS-TARGET-CONSTANT"},
    "hls-target-duration-too-short": {"HLS-WITHIN-TARGET", "HLS-IN-TIME"},
    "hls-no-discontinuity-sequence": {"HLS-DISCONTINUITY-SEQUENCE"},
    "hls-removes-segments-at-once": {"HLS-AFTERWARDS"},
    "hls-cuts-after-keyframe": {"TS-KEYFRAME"},
    "hls-hides-a-jump": {"HLS-UNMARKED-TIMESTAMPS"},
    "hls-extinf-untrue": {"HLS-EXTINF-TRUE"},
    "hls-no-version": {"HLS-VERSION-ENOUGH"},
    "hls-playlists-as-text": {"HLS-PLAYLIST-TYPE"},
    "ts-counter-gaps": {"TS-CONTINUITY"},
    "ts-wrong-crc": {"TS-CRC"},
    "ts-no-pcr": {"TS-PCR"},
    "segment-404": {"HLS-LISTED", "HLS-AFTERWARDS"},
    "hls-loses-segments": {"HLS-SEQUENCE-STEP", "HLS-UNMARKED-TIMESTAMPS", "HLS-COUNTERS-GO-ON"},
}


class Watch:
    """Publishes the clip in a loop; looks at the playlist five times a second, at segments that come and have gone.

    Time is the stream's own, in seconds.
    """

    def __init__(self, folder: Path, *faults: str) -> None:
        personality = PERSONALITIES[3]
        context = Context(personality, settings_of(parse(CONFIG + HLS), personality), folder, faults=Switches(faults))
        self._out = HlsOut(context, context.settings.vhosts[0].hls)
        self._web = Web(context, Hub(context))
        self._named: list[str] = []
        self._asks: dict[str, float] = {}
        self.responses: list[Response] = []

    async def publish(self) -> None:
        self._out.begin(REQUEST)
        for loop in range(LOOPS):
            for tag in media.tags():
                header = tag.payload[1] == 0 and tag.kind in {AUDIO, VIDEO}
                if tag.kind not in {AUDIO, VIDEO} or (header and loop):
                    continue
                now = loop * LOOP_MS + tag.timestamp
                keyframe = tag.kind == VIDEO and tag.payload[0] >> 4 == 1
                self._out.write(Packet(tag.kind, now, tag.payload, header=header, keyframe=keyframe))
                if tag.kind == VIDEO and not now % LOOK_MS:
                    self._look_around(now / 1000)
        self._out.end()

    def _look_around(self, now: float) -> None:
        text = self._look("a.m3u8", now).decode()
        names = [line for line in text.splitlines() if line.endswith(".ts")]
        for name in (each for each in names if each not in self._named):
            self._look(name, now + 0.001)
        for name in (each for each in self._named if each not in names):
            self._asks[name] = now + 13
        self._named = names
        for name in [each for each, due in self._asks.items() if due <= now]:
            del self._asks[name]
            self._look(name, now + 0.002)

    def _look(self, name: str, at: float) -> bytes:
        answer = get(self._web, f"/live/{name}")
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
        told = tuple((key.lower(), value) for key, value in headers.items())
        response = Response(f"{URL}/{name}", at, 0.0, answer.status, told, [Piece(at, answer.body)])
        self.responses.append(response)
        return answer.body if answer.status == 200 else b""


def watched(folder: Path, *faults: str) -> list[Response]:
    watch = Watch(folder, *faults)
    asyncio.run(watch.publish())
    return watch.responses


def test_the_reference_server_keeps_all_rules(tmp_path: Path) -> None:
    verdicts = hls.judge(watched(tmp_path)).all
    assert [str(each) for each in broken(verdicts)] == []
    unseen = {each.rule.id for each in verdicts if each.outcome is Outcome.NOT_SEEN}
    assert unseen == {"HLS-ATTRIBUTE-LISTS", "HLS-STREAM-INF", "HLS-CODECS", "HLS-ENDED"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_breaks_its_rules_and_no_other(fault: str, tmp_path: Path) -> None:
    verdicts = broken(hls.judge(watched(tmp_path, fault)).all)
    assert {each.rule.id for each in verdicts} == FAULTS[fault], [str(each) for each in verdicts]
