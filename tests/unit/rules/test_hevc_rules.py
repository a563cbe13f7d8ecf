"""H.265 in FLV, as ffmpeg's libx265 codes it: under codec id 12, as SRS has it, and as 'hvc1' of Enhanced RTMP."""

import subprocess
from functools import cache

import pytest

from srs_conformance.media.errors import ProtocolError
from srs_conformance.media.flv import FlvParser, FlvTag
from srs_conformance.media.hevc import HevcConfig
from srs_conformance.media.packets import PacketType, VideoCodec, parse_video
from srs_conformance.publisher import arguments
from srs_conformance.rules.codecs import Published
from srs_conformance.rules.flv_family import judge_flv
from srs_conformance.rules.rule import Outcome, broken
from tests.support.kept import PAGE, VIDEO, Media, flv_body, metadata, response

SOURCE = "-f lavfi -i testsrc2=size=64x64:rate=25 -t 1 -c:v libx265 -f flv -x265-params"
CLOSED = "log-level=none:bframes=0:keyint=12:min-keyint=12"
OPEN = "log-level=none:bframes=3:b-adapt=0:keyint=10:min-keyint=10:open-gop=1:scenecut=0"


@cache
def encoded(parameters=CLOSED):
    """The tags of a second of H.265, as ffmpeg writes them: enhanced."""
    command = [arguments.binary(), "-v", "error", "-nostdin", *SOURCE.split(), parameters, "pipe:1"]
    made = subprocess.run(command, capture_output=True, check=False)
    if made.returncode:
        pytest.skip("this ffmpeg has no libx265")
    tags = [each for each in FlvParser().receive_data(made.stdout) if isinstance(each, FlvTag)]
    return [Media(each.kind, each.timestamp, each.payload) for each in tags if each.kind == VIDEO]


def enhanced():
    return [Media(18, 0, metadata({})), *encoded()]


def old():
    """The same under codec id 12."""
    kinds = {"sequence header": 0, "coded frames": 1, "end of sequence": 2}
    media = [Media(18, 0, metadata({}))]
    for each in encoded():
        packet = parse_video(each.payload)
        if packet.packet_type.value in kinds:
            first = bytes([packet.frame_type << 4 | 12, kinds[packet.packet_type.value]])
            time = packet.composition_time.to_bytes(3, "big", signed=True)
            media.append(Media(VIDEO, each.timestamp, first + time + packet.data))
    return media


def judge(media, published=None):
    return judge_flv(response(flv_body(media, b"FLV\1\1\0\0\0\x09\0\0\0\0")), published, PAGE)


def record():
    headers = [parse_video(each.payload) for each in encoded()]
    return next(each.data for each in headers if each.sequence_header)


@pytest.mark.parametrize("form", [enhanced, old])
def test_h265_breaks_no_rule_in_either_form(form):
    verdicts = {each.rule.id: each for each in judge(form(), Published(record()))}
    assert not broken(verdicts.values())
    for name in ("CODEC-HEVC-CONFIGURATION", "CODEC-NAL-SIZES", "CODEC-KEYFRAME", "CODEC-AS-PUBLISHED"):
        assert verdicts[name].outcome is Outcome.KEPT


def test_pictures_that_lead_a_keyframe_may_be_shown_before_it():
    packets = [(each, parse_video(each.payload)) for each in encoded(OPEN)]
    pictures = [(each, packet) for each, packet in packets if packet.packet_type is PacketType.FRAMES]
    shown = [each.timestamp + packet.composition_time for each, packet in pictures]
    keys = [time for time, (_, packet) in zip(shown, pictures, strict=True) if packet.keyframe]
    assert len(keys) > 1
    assert any(time < keys[1] for time in shown[shown.index(keys[1]) :])
    assert not broken(judge([Media(18, 0, metadata({})), *encoded(OPEN)]))


def test_a_keyframe_of_h265_that_is_not_marked_is_told():
    media = [
        Media(each.kind, each.timestamp, b"\x2c" + each.payload[1:]) if each.payload[0] == 0x1C and n > 3 else each
        for n, each in enumerate(old())
    ]
    assert {each.rule.id for each in broken(judge(media))} == {"CODEC-KEYFRAME"}


def test_the_record_of_another_stream_is_not_the_published_one():
    other = record().replace(HevcConfig.parse(record()).pps[0], HevcConfig.parse(record()).pps[0][:-1] + b"\x01")
    assert {each.rule.id for each in broken(judge(old(), Published(other)))} == {"CODEC-AS-PUBLISHED"}


def test_a_record_tells_its_parameter_sets_level_and_lengths():
    config = HevcConfig.parse(record())
    assert (config.length_size, len(config.vps), len(config.sps), len(config.pps)) == (4, 1, 1, 1)
    assert config.level % 3 == 0
    assert parse_video(encoded()[0].payload).codec is VideoCodec.HEVC


@pytest.mark.parametrize("cut", [1, 12, 22, 30, 60])
def test_a_record_that_is_cut_off_is_refused(cut):
    with pytest.raises(ProtocolError, match="HEVC decoder configuration"):
        HevcConfig.parse(record()[:cut])


def test_a_set_in_the_array_of_another_type_is_refused():
    wrong = bytearray(record())
    wrong[23] = wrong[23] & 0xC0 | 33
    with pytest.raises(ProtocolError, match="a NAL unit of type 33, found type 32"):
        HevcConfig.parse(wrong)


@pytest.mark.parametrize(("at", "value"), [(0, 2), (21, 2)])
def test_a_record_of_another_version_or_with_lengths_of_3_bytes_is_refused(at, value):
    wrong = bytearray(record())
    wrong[at] = value
    with pytest.raises(ProtocolError):
        HevcConfig.parse(wrong)
