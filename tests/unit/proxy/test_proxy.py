"""The proxy as a process: what it passes, what it disturbs, what it counts, and that it leaves nothing behind."""

import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.support.proxies import SECONDS, ProxyProcess, free_port, proxied, until
from tests.support.servers import Handler, Server, reset

MEBIBYTE = 1 << 20


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


@contextmanager
def before(*handlers: Handler, seed: int = 0) -> Iterator[ProxyProcess]:
    with Server(*handlers) as server, proxied(server.port, seed) as proxy:
        yield proxy


def exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (piece := connection.recv(count - len(data))):
        data += piece
    return data


def to_the_end(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(65536):
        data += piece
    return data


def ended(proxy: ProxyProcess, end: str, times: int = 1) -> None:
    until(lambda: proxy.counters()["ends"].get(end) == times, f"{times} connection(s) ended as {end}")


def test_an_undisturbed_connection_passes_everything_and_is_counted() -> None:
    with before(echo) as proxy, proxy.connect() as client:
        client.sendall(b"hello")
        assert exactly(client, 5) == b"hello"
        seen = proxy.counters()
        assert (seen["accepted"], seen["open"], seen["up"], seen["down"]) == (1, 1, 5, 5)
        (row,) = seen["connections"]
        assert (row["client"], row["port"], row["ended"], row["up"]) == ("127.0.0.1", proxy.port, None, 5)
        client.close()
        ended(proxy, "closed")
        assert proxy.counters()["open"] == 0
        assert all(each["chosen"] == 0 for each in proxy.counters()["faults"].values())


def test_a_half_closed_connection_goes_on_in_the_other_direction() -> None:
    def answer_after_the_end(connection: socket.socket) -> None:
        connection.sendall(to_the_end(connection)[::-1])

    with before(answer_after_the_end) as proxy, proxy.connect() as client:
        client.sendall(b"abc" * 100_000)
        client.shutdown(socket.SHUT_WR)
        assert to_the_end(client) == b"cba" * 100_000
        ended(proxy, "closed")


def test_a_server_that_ends_first_still_gets_what_the_client_sends() -> None:
    got: list[bytes] = []

    def end_first(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_WR)
        got.append(to_the_end(connection))

    with before(end_first) as proxy, proxy.connect() as client:
        assert client.recv(1) == b""
        client.sendall(b"late")
        client.close()
        ended(proxy, "closed")
        until(lambda: got == [b"late"], "the server got it")


def test_a_peer_that_resets_is_seen_as_a_reset_by_the_other() -> None:
    def reset_when_it_hears(connection: socket.socket) -> None:
        connection.recv(1)  # or it might reset while the proxy still connects, which is "unreachable"
        reset(connection)

    with before(reset_when_it_hears) as proxy, proxy.connect() as client:
        client.sendall(b"x")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        ended(proxy, "cut by a peer")


def test_a_target_that_refuses_refuses() -> None:
    with proxied(free_port()) as proxy, proxy.connect() as client:
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        ended(proxy, "unreachable")


def test_a_receiver_who_is_slow_holds_the_sender_back() -> None:
    go = threading.Event()

    def read_late(connection: socket.socket) -> None:
        assert go.wait(SECONDS)
        while connection.recv(MEBIBYTE):
            pass

    with before(read_late) as proxy, proxy.connect() as client:
        client.setblocking(False)
        sent = 0
        while select.select([], [client], [], 0.5)[1]:
            sent += client.send(bytes(65536))
            assert sent < 32 * MEBIBYTE, "the proxy takes everything"
        held = sent
        go.set()
        assert select.select([], [client], [], SECONDS)[1], "the sender goes on when the receiver does"
        client.close()
        until(lambda: proxy.counters()["up"] == held, "everything arrives")


def test_a_delay_lets_every_byte_come_later_and_in_order() -> None:
    with before(echo) as proxy, proxy.connect() as client:
        proxy.put({"kind": "delay", "direction": "down", "seconds": 0.4})
        began = time.monotonic()
        client.sendall(b"first")
        client.sendall(b"second")
        assert exactly(client, 11) == b"firstsecond"
        assert 0.4 <= time.monotonic() - began < 2
        effect = proxy.effect("delay")
        assert (effect["chosen"], effect["took_effect"], effect["bytes"]) == (1, 1, 11)


def test_what_is_delayed_comes_together_and_not_one_by_one() -> None:
    def send_ten(connection: socket.socket) -> None:
        for sent in range(1, 11):
            connection.sendall(b"x")
            until(lambda sent=sent: proxy.effect("delay")["bytes"] >= sent)  # the proxy has read it by itself
        connection.recv(1)

    with before(send_ten) as proxy:
        proxy.put({"kind": "delay", "direction": "down", "seconds": 0.5})
        began = time.monotonic()
        with proxy.connect() as client:
            assert exactly(client, 10) == b"x" * 10
            assert 0.5 < time.monotonic() - began < 3  # one by one would take 5 s


def test_an_end_is_delayed_too() -> None:
    with before(lambda connection: connection.sendall(b"bye")) as proxy:
        proxy.put({"kind": "delay", "direction": "down", "seconds": 0.3})
        began = time.monotonic()
        with proxy.connect() as client:
            assert to_the_end(client) == b"bye"
            assert time.monotonic() - began >= 0.3


def test_a_throttle_keeps_to_its_rate() -> None:
    with before(lambda connection: connection.sendall(bytes(100_000))) as proxy:
        proxy.put({"kind": "throttle", "direction": "down", "rate": 100_000})
        began = time.monotonic()
        with proxy.connect() as client:
            assert len(to_the_end(client)) == 100_000
            assert 0.8 < time.monotonic() - began < 3
        effect = proxy.effect("throttle")
        assert (effect["chosen"], effect["took_effect"], effect["bytes"]) == (1, 1, 100_000)
        assert effect["seconds"] > 0.5


def test_a_stall_passes_nothing_for_its_time_and_loses_nothing() -> None:
    with before(echo) as proxy, proxy.connect() as client:
        client.sendall(b"before")
        assert exactly(client, 6) == b"before"
        proxy.put({"kind": "stall", "direction": "down", "seconds": 0.5})
        began = time.monotonic()
        client.sendall(b"after")
        assert exactly(client, 5) == b"after"
        assert time.monotonic() - began >= 0.4
        until(lambda: proxy.effect("stall")["seconds"] >= 0.5, "its time is counted")
        assert proxy.effect("stall")["took_effect"] == 1


def test_a_stall_without_an_end_ends_with_the_next_plan() -> None:
    with before(echo) as proxy, proxy.connect() as client:
        proxy.put({"kind": "stall"})
        client.sendall(b"held")
        assert select.select([client], [], [], 0.4)[0] == []
        assert proxy.effect("stall")["took_effect"] == 1
        proxy.put()
        assert exactly(client, 4) == b"held"
        assert proxy.effect("stall")["seconds"] >= 0.4


def test_a_stalled_line_holds_the_sender_back() -> None:
    with before(echo) as proxy:
        proxy.put({"kind": "stall", "direction": "up"})
        with proxy.connect() as client:
            client.setblocking(False)
            sent = 0
            while select.select([], [client], [], 0.5)[1]:
                sent += client.send(bytes(65536))
                assert sent < 32 * MEBIBYTE, "the proxy takes everything"
            assert proxy.counters()["up"] == 0


def test_a_reset_is_seen_by_both_even_where_nothing_is_sent() -> None:
    seen: list[str] = []

    def wait(connection: socket.socket) -> None:
        try:
            connection.recv(1)
        except ConnectionResetError:
            seen.append("reset")

    with before(wait) as proxy, proxy.connect() as client:
        proxy.put({"kind": "reset", "after_seconds": 0.2})
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        ended(proxy, "reset")
        until(lambda: seen == ["reset"], "the server sees it too")
        assert proxy.effect("reset")["took_effect"] == 1
        assert proxy.counters()["connections"][0]["faults"] == ["reset"]


def test_a_reset_comes_although_the_receiver_does_not_read() -> None:
    with before(lambda connection: connection.sendall(bytes(64 * MEBIBYTE))) as proxy, proxy.connect():
        until(lambda: proxy.counters()["down"], "it sends")
        proxy.put({"kind": "reset", "after_seconds": 0.2})
        ended(proxy, "reset")


def test_a_truncation_passes_just_so_many_bytes_and_ends_in_order() -> None:
    with before(lambda connection: connection.sendall(bytes(200_000))) as proxy:
        proxy.put({"kind": "truncate", "direction": "down", "after_bytes": 70_001})
        with proxy.connect() as client:
            assert len(to_the_end(client)) == 70_001
        ended(proxy, "truncated")
        assert proxy.effect("truncate")["took_effect"] == 1


def test_bytes_count_from_the_plan_for_connections_that_were_there() -> None:
    with before(echo) as proxy, proxy.connect() as client:
        client.sendall(bytes(5000))
        assert len(exactly(client, 5000)) == 5000
        proxy.put({"kind": "truncate", "direction": "down", "after_bytes": 1000})
        client.sendall(bytes(3000))
        assert len(to_the_end(client)) == 1000


def test_only_connections_that_are_there_or_only_new_ones_are_disturbed() -> None:
    with before(echo) as proxy, proxy.connect() as old:
        old.sendall(b"x")
        assert exactly(old, 1) == b"x"
        proxy.put({"kind": "reset", "present": True})
        with pytest.raises(ConnectionResetError):
            old.recv(1)
        with proxy.connect() as new:
            new.sendall(b"y")
            assert exactly(new, 1) == b"y"
            proxy.put({"kind": "reset", "present": False})
            new.sendall(b"z")
            assert exactly(new, 1) == b"z"
            with pytest.raises(ConnectionResetError), proxy.connect() as newer:  # be it while it connects
                newer.recv(1)
        assert proxy.effect("reset")["took_effect"] == proxy.effect("reset")["chosen"] == 2


def test_the_same_seed_disturbs_the_same_connections() -> None:
    def resets(seed: int) -> list[int]:
        with before(lambda connection: connection.sendall(b"whole"), seed=seed) as proxy:
            proxy.put({"kind": "truncate", "direction": "down", "share": 0.5, "after_bytes": [1, 4]})
            lengths = []
            for _ in range(12):
                with proxy.connect() as client:
                    lengths.append(len(to_the_end(client)))
            effect = proxy.effect("truncate")
            assert effect["chosen"] == effect["took_effect"] == sum(length < 5 for length in lengths)
            return lengths

    first = resets(7)
    assert 0 < first.count(5) < 12
    assert resets(7) == first
    assert resets(8) != first


@pytest.mark.parametrize(
    ("request_it", "status", "words"),
    [
        (lambda url: httpx.put(f"{url}/plan", content="no JSON"), 400, "Expecting value"),
        (lambda url: httpx.put(f"{url}/plan", json={"faults": [{"kind": "lose"}]}), 400, "faults[0].kind"),
        (lambda url: httpx.put(f"{url}/plans", json={}), 404, "/plan"),
        (lambda url: httpx.get(f"{url}/"), 404, "/counters"),
    ],
)
def test_the_control_port_says_what_is_wrong_and_nothing_changes(
    request_it: Callable[[str], httpx.Response], status: int, words: str
) -> None:
    with before(echo) as proxy, proxy.connect() as client:
        url = f"http://127.0.0.1:{proxy.control}"
        answer = request_it(url)
        assert answer.status_code == status
        assert words in answer.json()["error"]
        assert httpx.get(f"{url}/plan").json() == {"faults": []}
        client.sendall(b"as before")
        assert exactly(client, 9) == b"as before"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_leaves_nothing_behind(how: signal.Signals) -> None:
    with before(echo) as proxy, proxy.connect() as client:
        proxy.put({"kind": "stall"})
        client.sendall(b"held")
        proxy.process.send_signal(how)
        assert proxy.process.wait(SECONDS) == 0
        with pytest.raises(OSError, match=r"refused|reset"):
            client.recv(1)
        for port in (proxy.port, proxy.control):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 1)


def test_the_control_port_is_the_last_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from srs_conformance.proxy import main
    from srs_conformance.proxy.relay import Relay, Route

    order: list[str] = []

    async def start(_: Relay) -> None:
        order.append("relay")

    class Control:
        def __init__(self, *_: object, **__: object) -> None:
            order.append("control")
            raise OSError("far enough")

    monkeypatch.setattr(Relay, "start", start)
    monkeypatch.setattr(main, "Control", Control)
    with pytest.raises(OSError, match="far enough"):
        asyncio.run(main.serve([Route(1, "h", 1), Route(2, "h", 2)], control=3, seed=0))
    assert order == ["relay", "relay", "control"]


def test_a_port_that_is_taken_ends_it_at_once() -> None:
    from srs_conformance.proxy.main import main

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["--bind", "127.0.0.1", "--listen", f"{port}=127.0.0.1:1", "--control", str(free_port())]
        assert main(words) == 1


@pytest.mark.parametrize("words", ["1935", "1935=host", "x=host:1", "1935=:1935"])
def test_a_route_that_is_none_is_refused(words: str) -> None:
    from srs_conformance.proxy.main import main

    with pytest.raises(SystemExit):
        main(["--listen", words])
