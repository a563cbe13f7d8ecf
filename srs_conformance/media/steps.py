"""What a skimmer tells of a stream: one small tuple for each frame, and no payload.

A skimmer steps from header to header and leaves the payloads where they are. That costs a load test's viewer a fraction
of what parsing costs, and still tells all by which playback is judged: when which frame came, and with what timestamp.
"""

from __future__ import annotations

from typing import Final

from srs_conformance.media.reading import Buffer

AUDIO: Final = 8
VIDEO: Final = 9
KINDS: Final = (AUDIO, VIDEO)

#: One tag or message of audio or video: its kind, its raw timestamp of 32 bits in ms, and its mark.
Step = tuple[int, int, int]

#: Marks: nothing to show (a sequence header, an end of sequence, metadata, a command) ...
HEADER: Final = 0
#: ... a coded frame ...
FRAME: Final = 1
#: ... and a video frame from which a player can start.
KEYFRAME: Final = 2

#: Bytes of a payload that say its mark: frame type and codec or sound format, and the packet type.
MARK_SIZE: Final = 2
#: Bytes at the start of a keyframe's payload in which a stamp is looked for (`media.stamp`).
HEAD_SIZE: Final = 256

_CODED: Final = (1, 3)  # packet types of coded frames in enhanced headers
_WITH_PACKET_TYPE: Final = (7, 12)  # AVC, and HEVC as SRS writes it
_KEY, _COMMAND = 1, 5
_AAC, _ENHANCED = 10, 9


def video_mark(first: int, second: int) -> int:
    """Return the mark of a video payload by its first two bytes (FLV E.4.3; Enhanced RTMP, "Enhanced Video")."""
    if first & 0x80:  # an enhanced header: the frame type in 3 bits, the packet type in 4
        frame, coded = first >> 4 & 7, first & 15 in _CODED
    else:
        frame, coded = first >> 4, second == 1 or first & 15 not in _WITH_PACKET_TYPE
    if not coded or frame == _COMMAND:
        return HEADER
    return KEYFRAME if frame == _KEY else FRAME


def audio_mark(first: int, second: int) -> int:
    """Return the mark of an audio payload by its first two bytes (FLV E.4.2; Enhanced RTMP, "Enhanced Audio")."""
    form = first >> 4
    if form == _ENHANCED:
        return FRAME if first & 15 == 1 else HEADER
    return HEADER if form == _AAC and second != 1 else FRAME


#: Marks by the first two bytes as one number: a look-up is what a skimmer can afford for each frame.
VIDEO_MARKS: Final = bytes(video_mark(pair >> 8, pair & 255) for pair in range(1 << 16))
AUDIO_MARKS: Final = bytes(audio_mark(pair >> 8, pair & 255) for pair in range(1 << 16))


def mark_of(kind: int, payload: Buffer) -> int:
    """Return the mark of a whole payload; one of less than two bytes is no frame."""
    if len(payload) < MARK_SIZE:
        return HEADER
    return (video_mark if kind == VIDEO else audio_mark)(payload[0], payload[1])
