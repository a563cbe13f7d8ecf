"""A small HLS stream as a viewer and a prober would have kept it, sound to begin with, to be broken by tests.

Segments of two seconds come every two seconds, the window is five of them. Each playlist is asked for twice, each
segment once when it has come and once when it has gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from srs_conformance.reference.ts_writer import AUDIO_PID, PACKET, VIDEO_PID, TsWriter, adts
from srs_conformance.viewers.keeping import Piece, Response

URL = "http://127.0.0.1:8080/live/a.m3u8"
SEGMENTS, WINDOW, SECONDS = 9, 5, 2
SPS, PPS, IDR, SLICE = (
    b"\x67\x42\xc0\x1e\xd9\x00\xa0\x47\xfe\xc8",
    b"\x68\xce\x3c\x80",
    b"\x65\x88" * 200,
    b"\x41\x9a" * 60,
)
RATE, FRAME = 25, bytes(range(40, 120))
#: Where a 33 bit clock wraps within the stream, in ms.
START = ((1 << 33) - 5 * 90_000) / 90


@dataclass
class Making:
    """What a segment is made of; a test changes one thing for one segment.

    Attributes:
        shift: ms that are added to its timestamps; sound: ms that are added to the sound's alone.
        seconds: how long it is.
        sps: its parameter set; rate: the index of the sound's sampling rate.
        audio, marked, keyed: whether it has sound, a random_access_indicator, an IDR picture first.
        cut: bytes that its last AAC frame lacks.
    """

    writer: TsWriter
    shift: float = 0.0
    sound: float = 0.0
    seconds: float = SECONDS
    sps: bytes = SPS
    rate: int = 4
    audio: bool = True
    marked: bool = True
    keyed: bool = True
    cut: int = 0


def segment(making: Making, number: int) -> bytes:
    """Return the bytes of a segment."""
    began = START + number * SECONDS * 1000 + making.shift
    out = [making.writer.tables(audio=making.audio, video=True)]
    for picture in range(int(making.seconds * RATE)):
        dts = began + picture * 1000 / RATE
        first = [making.sps, PPS, IDR if making.keyed else SLICE]
        nals = first if picture == 0 else [SLICE]
        out.append(making.writer.video(nals, dts + 80, dts, keyframe=picture == 0 and making.marked and making.keyed))
        if picture % 5 == 0 and making.audio:
            frames = b"".join(adts(FRAME, 2, making.rate, 2) for _ in range(8))
            last = picture + 5 >= making.seconds * RATE
            out.append(making.writer.audio(frames[: len(frames) - making.cut * last], dts + making.sound))
    return b"".join(out)


@dataclass
class Stream:
    """The stream: texts of playlists by version, bytes of segments by number, headers by suffix; all may be changed.

    Attributes:
        gone, missing: segments that are not there after their removal, or not even while they are named.
        times: when a version is there, in seconds; looks: how long after that it is asked for.
    """

    bodies: list[bytes] = field(default_factory=list)
    playlists: list[str] = field(default_factory=list)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    url: str = URL
    master: str | None = None
    gone: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    times: dict[int, float] = field(default_factory=dict)
    looks: dict[int, tuple[float, ...]] = field(default_factory=dict)

    def responses(self) -> list[Response]:
        """Return what was kept of it."""
        found = []
        if self.master is not None:
            found.append(self._response(self.url.replace("a.m3u8", "master.m3u8"), 0.0, self.master.encode()))
        for version, text in enumerate(self.playlists):
            at = self.times.get(version, (version + 1) * float(SECONDS))
            data = text.encode("utf-8", "surrogateescape")
            found += [self._response(self.url, at + after, data) for after in self.looks.get(version, (0.0, 1.0))]
            if version < len(self.bodies):
                found.append(self._segment(version, at + 0.1, there=version not in self.missing))
            if version >= WINDOW:
                found.append(self._segment(version - WINDOW, at + 1.1, there=version - WINDOW not in self.gone))
        return found

    def _segment(self, number: int, at: float, *, there: bool) -> Response:
        url = self.url.rpartition("/")[0] + f"/a-{number}.ts"
        return self._response(url, at, self.bodies[number]) if there else Response(url, at, 0.01, 404)

    def _response(self, url: str, at: float, body: bytes) -> Response:
        suffix = url.partition("?")[0].rpartition(".")[2]
        headers = {"content-length": str(len(body)), **self.headers.get(suffix, {})}
        return Response(url, at, 0.01, 200, tuple(headers.items()), [Piece(at, body)])


def playlist(version: int, *, sequence: int | None = None) -> str:
    """Return the text of a version: its newest segment has the version's number."""
    first = max(version - WINDOW + 1, 0)
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"]
    lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first if sequence is None else sequence}")
    lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{int(first > 0)}")
    for number in range(first, version + 1):
        lines += ["#EXT-X-DISCONTINUITY"] if number == 0 else []
        lines += [f"#EXTINF:{SECONDS}.000, no desc", f"a-{number}.ts"]
    return "\n".join(lines) + "\n"


def good(change: Callable[[int, Making], None] | None = None) -> Stream:
    """Return a stream that keeps every rule; `change` may change how the segment of a number is made."""
    headers = {
        "m3u8": {"content-type": "application/vnd.apple.mpegurl", "cache-control": "max-age=1"},
        "ts": {"content-type": "video/MP2T", "expires": "Sun, 29 Nov 2026 10:00:00 GMT"},
    }
    master = f'#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=600000,CODECS="avc1.42c01e,mp4a.40.2"\n{URL}\n'
    bodies = list(_unchanged()) if change is None else _bodies(change)
    return Stream(bodies, [playlist(version) for version in range(SEGMENTS)], headers, master=master)


def _bodies(change: Callable[[int, Making], None]) -> list[bytes]:
    writer, bodies = TsWriter(), []
    for number in range(SEGMENTS):
        making = Making(writer)
        change(number, making)
        bodies.append(segment(making, number))
    return bodies


@cache
def _unchanged() -> tuple[bytes, ...]:
    return tuple(_bodies(lambda *_: None))


def edited(old: str, new: str, *, versions: range = range(SEGMENTS), count: int = -1) -> Stream:
    """Return the good stream with something else in its playlists."""
    stream = good()
    for version in versions:
        assert old in stream.playlists[version]
        stream.playlists[version] = stream.playlists[version].replace(old, new, count)
    return stream


def patched(change: Callable[[list[bytes]], list[bytes]], number: int = 3) -> Stream:
    """Return the good stream with one segment's packets changed."""
    stream = good()
    data = stream.bodies[number]
    packets = [data[at : at + PACKET] for at in range(0, len(data), PACKET)]
    stream.bodies[number] = b"".join(change(packets))
    return stream


def pid(packet: bytes) -> int:
    return (packet[1] & 0x1F) << 8 | packet[2]


def first_of(packets: list[bytes], wanted: int, *, start: bool = True, skip: int = 0) -> int:
    """Return the index of a packet of a PID that begins a PES packet or section, or that does not."""
    found = [at for at, each in enumerate(packets) if pid(each) == wanted and bool(each[1] & 0x40) is start]
    return found[skip]


__all__ = ["AUDIO_PID", "VIDEO_PID", "Making", "Stream", "edited", "first_of", "good", "patched", "pid", "playlist"]
