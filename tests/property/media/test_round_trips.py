"""What is written comes back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.media import amf0
from srs_conformance.media.avc import split_annexb, split_nal_units, vcl_digest
from srs_conformance.media.rtmp.handshake import ClientHandshake, ServerHandshake
from srs_conformance.media.rtmp.messages import Command
from srs_conformance.media.timestamps import unwrap32, unwrap33
from tests.property.media.quick import QUICK
from tests.unit.media.loopback import seeded

TEXTS = st.text(max_size=8)
PLAIN = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), TEXTS)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(TEXTS, inner, max_size=3),
        st.builds(amf0.EcmaArray, st.dictionaries(TEXTS, inner, max_size=3)),
        st.builds(amf0.TypedObject, TEXTS, st.dictionaries(TEXTS, inner, max_size=3)),
    ),
    max_leaves=12,
)


@QUICK
@given(st.lists(VALUES, max_size=4))
def test_amf0(values: list[amf0.Value]) -> None:
    assert amf0.decode(amf0.encode(*values)) == values


@QUICK
@given(TEXTS, st.floats(0, 1e6), VALUES, st.lists(VALUES, max_size=3), st.integers(0, 5))
def test_commands(name: str, number: float, target: amf0.Value, arguments: list[amf0.Value], stream: int) -> None:
    command = Command(name, number, target, tuple(arguments), stream)
    assert Command.parse(command.message()) == command


@QUICK
@given(st.integers(0, 2**31), st.integers(0, 2**31), st.booleans())
def test_handshakes(one: int, other: int, digest: bool) -> None:
    client, server = ClientHandshake(digest, seeded(one)), ServerHandshake(seeded(other))
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    server.receive_data(client.data_to_send())
    assert client.digest is server.digest is digest
    assert client.peer_answered
    assert server.peer_answered


# A NAL unit has no start code within it, and does not end with a zero byte (H.264 7.4.1).
NALS = st.lists(
    st.builds(
        lambda kind, body: bytes([kind]) + body.replace(b"\0", b"\1"),
        st.sampled_from([1, 5, 6, 7, 8, 9]),
        st.binary(max_size=20),
    ),
    max_size=6,
)


@QUICK
@given(NALS, st.sampled_from([1, 2, 4]), st.booleans())
def test_pictures_are_the_same_in_both_packagings(nals: list[bytes], size: int, long: bool) -> None:
    with_lengths = b"".join(len(nal).to_bytes(size, "big") + nal for nal in nals)
    with_codes = b"".join((b"\0\0\0\1" if long else b"\0\0\1") + nal for nal in nals)
    assert split_nal_units(with_lengths, size) == split_annexb(with_codes) == nals
    assert vcl_digest(split_nal_units(with_lengths, size)) == vcl_digest(split_annexb(with_codes))


@QUICK
@given(st.integers(-(2**40), 2**40), st.integers(-(2**31), 2**31 - 1))
def test_timestamps_unwrap_to_the_nearest(near: int, step: int) -> None:
    assert unwrap32((near + step) % 2**32, near) == near + step
    assert unwrap33((near + 2 * step) % 2**33, near) == near + 2 * step
