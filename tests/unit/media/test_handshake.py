from __future__ import annotations

import pytest

from srs_conformance.media.errors import LocalProtocolError, ProtocolError
from srs_conformance.media.rtmp import handshake
from srs_conformance.media.rtmp.handshake import SIZE, ClientHandshake, ServerHandshake
from tests.unit.media.loopback import seeded


def shake(client: ClientHandshake, server: ServerHandshake) -> None:
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    server.receive_data(client.data_to_send())


@pytest.mark.parametrize("digest", [False, True])
def test_both_sides_agree(digest: bool) -> None:
    client, server = ClientHandshake(digest, seeded(1)), ServerHandshake(seeded(2))
    shake(client, server)
    assert client.done
    assert server.done
    assert (client.digest, server.digest) == (digest, digest)
    assert client.peer_answered
    assert server.peer_answered


def test_the_simple_handshake_repeats_what_the_peer_sent() -> None:
    client, server = ClientHandshake(random=seeded(1)), ServerHandshake(seeded(2))
    c0c1 = client.data_to_send()
    assert c0c1[0] == 3
    assert c0c1[1:9] == bytes(8)
    assert len(c0c1) == 1 + SIZE
    server.receive_data(c0c1)
    answer = server.data_to_send()
    assert answer[1 + SIZE :] == c0c1[1:]
    client.receive_data(answer)
    assert client.data_to_send() == answer[1 : 1 + SIZE]


def test_the_server_answers_in_the_clients_schema() -> None:
    for schema in (0, 1):
        packet = bytes(4) + b"\x0a\0\x2d\2" + seeded(schema)(SIZE - 8)
        signed = handshake.sign(packet, schema=schema, key=b"Genuine Adobe Flash Player 001")
        server = ServerHandshake(seeded(9))
        server.receive_data(b"\3" + signed)
        answer = server.data_to_send()
        assert server.digest
        assert handshake.find_digest(answer[1 : 1 + SIZE], b"Genuine Adobe Flash Media Server 001") == schema


def test_the_digests_place_is_within_its_block() -> None:
    for schema, start in ((0, 772), (1, 8)):
        for fill in (0, 0xFF):
            packet = bytes([fill]) * SIZE
            assert start + 4 <= handshake.digest_position(packet, schema) <= start + 764 - 32


def test_a_version_without_a_digest_gets_the_simple_handshake() -> None:
    server = ServerHandshake(seeded(1))
    c1 = bytes(4) + b"\x0a\0\x2d\2" + seeded(3)(SIZE - 8)
    server.receive_data(b"\3" + c1)
    assert not server.digest
    assert server.data_to_send()[1 + SIZE :] == c1


def test_a_client_with_digest_makes_do_with_a_simple_server() -> None:
    client = ClientHandshake(digest=True, random=seeded(1))
    c1 = client.data_to_send()[1:]
    s1 = bytes(8) + seeded(2)(SIZE - 8)
    client.receive_data(b"\3" + s1 + c1)
    assert client.done
    assert not client.digest
    assert client.peer_answered
    assert client.data_to_send() == s1


def test_a_peer_that_answers_something_else_is_told_apart() -> None:
    client, server = ClientHandshake(random=seeded(1)), ServerHandshake(seeded(2))
    server.receive_data(client.data_to_send())
    server.receive_data(bytes(SIZE))
    assert server.done
    assert not server.peer_answered


def test_bytes_after_the_handshake_are_kept() -> None:
    client, server = ClientHandshake(random=seeded(1)), ServerHandshake(seeded(2))
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send() + b"more")
    assert client.trailing == b"more"
    with pytest.raises(LocalProtocolError):
        client.receive_data(b"x")


@pytest.mark.parametrize("side", [ClientHandshake, ServerHandshake])
@pytest.mark.parametrize("first", [b"\6", b"GET / HTTP/1.1", b"H"])
def test_another_version_is_an_error_at_the_first_byte(
    side: type[ClientHandshake | ServerHandshake], first: bytes
) -> None:
    with pytest.raises(ProtocolError, match="expected RTMP version 3") as caught:
        side().receive_data(first)
    assert caught.value.offset == 0
