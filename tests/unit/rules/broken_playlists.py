"""For every rule of playlists and their delivery a stream that breaks it and no other."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.rules.making import SEGMENTS, Making, Stream, TsWriter, edited, good, playlist

SIX = range(6, SEGMENTS)
LAST = range(SEGMENTS - 1, SEGMENTS)


def everywhere(change: Callable[[str], str]) -> Stream:
    stream = good()
    stream.playlists = [change(text) for text in stream.playlists]
    return stream


def mastered(old: str, new: str) -> Stream:
    stream = good()
    assert stream.master is not None
    assert old in stream.master
    stream.master = stream.master.replace(old, new)
    return stream


def last(text: str) -> Stream:
    stream = good()
    stream.playlists[-1] = text
    return stream


def served(suffix: str, **values: str | None) -> Stream:
    stream = good()
    for name, value in values.items():
        stream.headers[suffix].pop(name.replace("_", "-"), None)
        if value is not None:
            stream.headers[suffix][name.replace("_", "-")] = value
    return stream


def moved(text: str) -> str:
    """The media sequence number at the end."""
    lines = text.splitlines()
    tag = next(line for line in lines if line.startswith("#EXT-X-MEDIA-SEQUENCE"))
    return "\n".join([*(line for line in lines if line != tag), tag]) + "\n"


def late() -> Stream:
    stream = good()
    stream.looks[7], stream.times[8] = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0), 22.0
    return stream


def early() -> Stream:
    stream = good()
    stream.looks |= {5: (0.0, 1.9), 6: (0.0,)}
    stream.times[7] = 14.2
    return stream


def ended() -> Stream:
    stream = good()
    stream.playlists[-2] += "#EXT-X-ENDLIST\n"
    return stream


def short() -> Stream:
    text = playlist(8)
    for number in (4, 5, 6):
        text = text.replace(f"#EXTINF:2.000, no desc\na-{number}.ts\n", "")
    return last(text.replace("#EXT-X-MEDIA-SEQUENCE:4", "#EXT-X-MEDIA-SEQUENCE:7"))


def unidentified() -> Stream:
    stream = served("m3u8", content_type="text/plain")
    stream.headers["list"] = stream.headers.pop("m3u8")
    stream.url, stream.master = stream.url.replace(".m3u8", ".list"), None
    return stream


def lost(number: int) -> Stream:
    stream = good()
    stream.missing.add(number)
    return stream


def removed(number: int) -> Stream:
    stream = good()
    stream.gone.add(number)
    return stream


def changed(number: int, **values: object) -> Stream:
    """The stream whose segments are made in another way from a number on."""

    def change(now: int, making: Making) -> None:
        for name, value in values.items() if now >= number else ():
            setattr(making, name, value)

    return good(change)


def counted_anew() -> Stream:
    def change(number: int, making: Making) -> None:
        if number == 6:
            making.writer = TsWriter()

    return good(change)


BROKEN: dict[str, Callable[[], Stream]] = {
    "HLS-EXTM3U": lambda: edited("#EXTM3U\n", "#M3U\n"),
    "HLS-UTF8": lambda: edited(" no desc", " \udcff"),
    "HLS-NO-BOM": lambda: edited("#EXTM3U", "\ufeff#EXTM3U"),
    "HLS-NORMALIZED": lambda: edited(" no desc", " e\u0301"),
    "HLS-NO-CONTROL": lambda: edited(" no desc", " \x07"),
    "HLS-WHOLE-LINES": lambda: everywhere(lambda text: text.removesuffix("\n")),
    "HLS-NO-WHITESPACE": lambda: edited("a-6.ts\n", "a-6.ts \n", versions=SIX),
    "HLS-ATTRIBUTE-LISTS": lambda: mastered('.2"\n', '.2",BANDWIDTH=1\n'),
    "HLS-VALUE-TYPES": lambda: mastered("CODECS", "RESOLUTION=640*360,CODECS"),
    "HLS-ONE-VERSION": lambda: edited("#EXT-X-VERSION:3\n", "#EXT-X-VERSION:3\n#EXT-X-VERSION:3\n"),
    "HLS-ONE-OF-EACH": lambda: edited("#EXT-X-TARGET", "#EXT-X-TARGETDURATION:2\n#EXT-X-TARGET"),
    "HLS-TARGETDURATION": lambda: edited("#EXT-X-TARGETDURATION:2\n", ""),
    "HLS-SEQUENCE-FIRST": lambda: everywhere(moved),
    "HLS-VERSION-ENOUGH": lambda: edited("#EXT-X-VERSION:3\n", ""),
    "HLS-VERSION-NO-MORE": lambda: edited("#EXT-X-VERSION:3", "#EXT-X-VERSION:4"),
    "HLS-EXTINF": lambda: edited(", no desc", ""),
    "HLS-NOT-MIXED": lambda: mastered("#EXTM3U\n", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"),
    "HLS-STREAM-INF": lambda: mastered("BANDWIDTH=600000,", ""),
    "HLS-CODECS": lambda: mastered(',CODECS="avc1.42c01e,mp4a.40.2"', ""),
    "HLS-WITHIN-TARGET": lambda: edited("TARGETDURATION:2", "TARGETDURATION:1"),
    "HLS-RESOLVABLE": lambda: edited("a-6.ts\n", "http://[::1/a-6.ts\n", versions=SIX),
    "HLS-UNIQUE": lambda: edited("a-6.ts", "a-5.ts", versions=SIX),
    "HLS-SEQUENCE-FORWARD": lambda: last(playlist(8, sequence=2)),
    "HLS-SEQUENCE-STEP": lambda: last(playlist(8, sequence=5)),
    "HLS-APPEND-ONLY": lambda: edited("a-6.ts", "b-6.ts", versions=LAST),
    "HLS-SEGMENT-STAYS": lambda: edited("2.000, no desc\na-6", "1.900, no desc\na-6", versions=LAST),
    "HLS-TARGET-CONSTANT": lambda: edited("TARGETDURATION:2", "TARGETDURATION:3", versions=LAST),
    "HLS-DISCONTINUITY-SEQUENCE": lambda: edited("Y-SEQUENCE:1", "Y-SEQUENCE:0", versions=range(5, SEGMENTS)),
    "HLS-IN-TIME": late,
    "HLS-NOT-EARLY": early,
    "HLS-ENDED": ended,
    "HLS-THREE-TARGETS": short,
    "HLS-LIVE-HAS-NO-TYPE": lambda: edited("#EXT-X-TARGET", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGET"),
    "HLS-IDENTIFIED": unidentified,
    "HLS-PLAYLIST-TYPE": lambda: served("m3u8", content_type="text/plain"),
    "HLS-SEGMENT-TYPE": lambda: served("ts", content_type="application/vnd.apple.mpegurl"),
    "HLS-NOT-CACHED": lambda: served("m3u8", cache_control="public, max-age=60"),
    "HLS-LENGTH": lambda: served("ts", content_length="5"),
    "HLS-LISTED": lambda: lost(6),
    "HLS-AFTERWARDS": lambda: removed(2),
    "HLS-EXPIRES": lambda: served("ts", expires=None),
    "HLS-FINISHED": lambda: edited("a-6.ts", "a-6.ts.tmp", versions=SIX),
    "HLS-EXTINF-TRUE": lambda: edited("2.000, no desc\na-6", "1.000, no desc\na-6", versions=SIX),
    "HLS-UNMARKED-TIMESTAMPS": lambda: changed(4, shift=10_000.0),
    "HLS-UNMARKED-TRACKS": lambda: changed(6, audio=False),
    "HLS-UNMARKED-ENCODING": lambda: changed(6, sps=b"\x67\x42\xc0\x1f\xd9\x00\xa0\x47\xfe\xc8"),
    "HLS-COUNTERS-GO-ON": counted_anew,
    "HLS-TOGETHER": lambda: changed(0, sound=1_000.0),
}
