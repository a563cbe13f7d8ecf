"""Faults that break a specification byte by byte: what they make of one player's packets."""

import pytest

from srs_conformance.media.avc import AvcConfig
from srs_conformance.media.flv import TagKind
from srs_conformance.media.rtmp.chunks import Message
from srs_conformance.reference import flv_writer
from srs_conformance.reference.distortion import Distortion
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.media import AUDIO, VIDEO, Packet
from srs_conformance.rules.rule import broken
from srs_conformance.rules.samples import Sample, read
from srs_conformance.rules.tracks import judge_tracks
from tests.support.kept import Media, is_header, stream


def packets(seconds=8.0):
    """The media of `tests.support.kept` as the server's packets."""
    return [
        Packet.of(Message(each.kind, 1, each.timestamp, each.payload))
        for each in stream(seconds=seconds)
        if each.kind in (AUDIO, VIDEO)
    ]


def played(fault):
    """What a player gets with a fault on, as samples; timestamps as they go out."""
    distortion = Distortion(Switches([fault]), "flv")
    out = [
        (each, distortion.shift(each, each.timestamp)) for packet in packets() for each in distortion.packets(packet)
    ]
    return [Sample(TagKind(each.kind), time, each.payload, 0.0, number) for number, (each, time) in enumerate(out)]


def broken_by(fault):
    return {each.rule.id.removeprefix("FLV-") for each in broken(judge_tracks("FLV", read(played(fault))))}


@pytest.mark.parametrize(
    ("fault", "rules"),
    [
        ("sequence-headers-repeated", {"CONFIGURATION-ONCE"}),
        ("audio-drifts", {"INTERLEAVING"}),
        ("pictures-out-of-order", {"TIMESTAMP-ORDER", "PICTURE-ORDER"}),
        ("composition-time-wrong", {"PICTURE-ORDER"}),
        ("first-frame-late", set()),
    ],
)
def test_a_fault_breaks_the_rules_that_it_is_made_for(fault, rules):
    assert broken_by(fault) == rules


def test_a_gop_comes_again_once():
    assert "PICTURE-ONCE" in broken_by("gop-repeated")
    assert len(played("gop-repeated")) - len(packets()) == 25 + 43


def test_the_configuration_of_another_stream_is_one_that_a_decoder_takes():
    (header,) = (
        each
        for each in played("configuration-of-another-stream")
        if is_header(VIDEO)(Media(each.kind, 0, each.payload))
    )
    assert (AvcConfig.parse(header.payload[5:]).width, AvcConfig.parse(header.payload[5:]).height) == (320, 240)


def test_a_size_after_a_tag_can_leave_out_its_header():
    assert flv_writer.tag(8, 0, b"abc")[2] == (14).to_bytes(4, "big")
    assert flv_writer.tag(8, 0, b"abc", counted=0)[2] == (3).to_bytes(4, "big")
