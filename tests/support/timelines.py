"""Hand-made timelines: what a viewer of a sound stream of 25 pictures a second would have seen."""

from __future__ import annotations

from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Config, Ending, PlaylistFetch, Protocol, SegmentFetch, Timeline

STARTED = 1000.0
GOP = 50
PERIOD = 1500
AUDIO_MS = 1024 / 44.1


def picture(index: int, *, first: float = 0.0, arrival: float | None = None, number: bool = True) -> Frame:
    """Return the picture `index` of the stream, whose dts starts at `first`."""
    at = STARTED + 0.05 + index * 0.04 if arrival is None else arrival
    dts = first + index * 40.0
    label = index % PERIOD if number else None
    return Frame(Kind.VIDEO, index % GOP == 0, dts, dts, 2000, at, 10_000 + index % PERIOD, label)


def sound(index: int, *, first: float = 0.0, arrival: float | None = None) -> Frame:
    """Return the audio frame `index` of the stream."""
    at = STARTED + 0.05 + index * AUDIO_MS / 1000 if arrival is None else arrival
    dts = first + index * AUDIO_MS
    return Frame(Kind.AUDIO, True, dts, dts, 186, at, 50_000 + index % 2583)


def good(
    seconds: float = 8.0, protocol: Protocol = Protocol.RTMP, *, skip: float = 0.0, decode: bool = True
) -> Timeline:
    """Return a timeline that joined `skip` seconds (whole GOPs) into the stream, and still goes on."""
    frames = [picture(i, number=decode) for i in range(round(skip * 25), round((skip + seconds) * 25))]
    first_sound = round(skip * 1000 / AUDIO_MS)
    frames += [sound(i) for i in range(first_sound, first_sound + int(seconds * 1000 / AUDIO_MS))]
    for frame in frames:
        frame.arrival -= skip
    frames.sort(key=lambda frame: frame.arrival)
    timeline = Timeline(f"{protocol} viewer", f"{protocol}://127.0.0.1/live/a", protocol, STARTED, 1.7e9)
    timeline.connected, timeline.first_byte, timeline.playing = STARTED + 0.01, STARTED + 0.02, STARTED + 0.03
    timeline.first_picture = frames[0].arrival if decode else None
    timeline.frames = frames
    timeline.configs = [
        Config(Kind.VIDEO, STARTED + 0.03, 0, "AVC", "profile 77 level 3 640x360"),
        Config(Kind.AUDIO, STARTED + 0.03, 0, "AAC", "object type 2 44100 Hz 2 channel(s)"),
    ]
    timeline.as_of = frames[-1].arrival + 0.01
    return timeline


def good_hls(segments: int = 3) -> Timeline:
    """Return a timeline of an HLS viewer with segments of two seconds, the playlist fetched before each."""
    timeline = good(segments * 2.0, Protocol.HLS)
    timeline.content_type = "application/vnd.apple.mpegurl"
    frames: list[Frame] = []
    for number in range(segments):
        at = STARTED + 0.05 + number * 2
        part = [f for f in timeline.frames if number * 2000 <= f.dts < (number + 1) * 2000]
        part.sort(key=lambda frame: frame.dts)
        for frame in part:
            frame.arrival = at
        url = f"http://127.0.0.1/live/a-{number}.ts"
        timeline.playlists.append(
            PlaylistFetch("http://127.0.0.1/live/a.m3u8", at, 0.01, 200, 300, False, number, 3, 2)
        )
        first = len(frames)
        frames += part
        timeline.segments.append(SegmentFetch(url, number, 2.0, at, 0.02, 200, 150_000, first, len(frames)))
    timeline.frames = frames
    timeline.as_of = frames[-1].arrival + 0.5
    return timeline


def end(timeline: Timeline, ending: Ending, why: str = "") -> Timeline:
    """Return the timeline with an end, at its last frame."""
    timeline.ended = timeline.frames[-1].arrival if timeline.frames else STARTED + 1
    timeline.ending, timeline.error = ending, why
    return timeline
