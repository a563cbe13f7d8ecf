"""AAC: the AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1) and ADTS frames (1.A.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.reading import BitReader, Buffer

# ISO/IEC 14496-3 table 1.18
SAMPLE_RATES: Final = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
SAMPLES_PER_FRAME: Final = 1024
_CHANNELS: Final = (0, 1, 2, 3, 4, 5, 6, 8)  # by channel configuration, table 1.19; 0 is told elsewhere
_ADTS_HEADER: Final = 7


@dataclass(frozen=True, slots=True)
class AacConfig:
    """An AudioSpecificConfig: object type (2 is AAC-LC), sample rate in Hz, and channels (0: told in the stream)."""

    object_type: int
    sample_rate: int
    channels: int

    @classmethod
    def parse(cls, asc: Buffer) -> AacConfig:
        """Parse an AudioSpecificConfig, e.g. the data of an AAC sequence header.

        Raises:
            ProtocolError: it is too short or uses a reserved value.
        """
        bits = BitReader(bytes(asc)[:16], "AudioSpecificConfig")
        object_type = bits.bits(5)
        if object_type == 31:
            object_type = 32 + bits.bits(6)
        index = bits.bits(4)
        rate = bits.bits(24) if index == 15 else _sample_rate(index, "AudioSpecificConfig", 0)
        channels = bits.bits(4)
        if channels >= len(_CHANNELS):
            raise ProtocolError("AudioSpecificConfig", 1, "a channel configuration of 0 to 7", str(channels))
        return cls(object_type, rate, _CHANNELS[channels])


@dataclass(frozen=True, slots=True)
class AdtsFrame:
    """One ADTS frame; `data` is the raw frame without the header, the same bytes as in FLV."""

    object_type: int
    sample_rate: int
    channels: int
    data: bytes


def split_adts(data: Buffer) -> list[AdtsFrame]:
    """Return the frames of whole ADTS frames, e.g. of one PES packet.

    Raises:
        ProtocolError: no syncword where a frame must begin, a reserved value, or the last frame is cut off.
    """
    data = bytes(data)
    frames: list[AdtsFrame] = []
    position = 0
    while position < len(data):
        header = data[position : position + _ADTS_HEADER]
        if len(header) < _ADTS_HEADER:
            raise ProtocolError("ADTS", position, f"a header of {_ADTS_HEADER} bytes", f"{len(header)} bytes")
        if header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
            raise ProtocolError("ADTS", position, "the syncword 0xfff and layer 0", header[:2].hex())
        size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        start = _ADTS_HEADER if header[1] & 1 else _ADTS_HEADER + 2  # a CRC follows unless protection is absent
        if not start <= size <= len(data) - position:
            expected = f"a frame of {start} to {len(data) - position} bytes"
            raise ProtocolError("ADTS", position, expected, f"{size} bytes")
        rate = _sample_rate(header[2] >> 2 & 15, "ADTS", position)
        channels = _CHANNELS[(header[2] & 1) << 2 | header[3] >> 6]
        frames.append(AdtsFrame((header[2] >> 6) + 1, rate, channels, data[position + start : position + size]))
        position += size
    return frames


def _sample_rate(index: int, where: str, offset: int) -> int:
    if index >= len(SAMPLE_RATES):
        raise ProtocolError(where, offset, f"a sampling frequency index of 0 to {len(SAMPLE_RATES) - 1}", str(index))
    return SAMPLE_RATES[index]
