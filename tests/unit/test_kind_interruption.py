"""Interruptions of pods' traffic, with the node's nftables played."""

import os
import re
import signal

import pytest

from srs_conformance.clusters.kind import interruption
from srs_conformance.clusters.kind.commands import Result
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.node import Node
from srs_conformance.clusters.kind.state import Daemon
from srs_conformance.errors import EngineError, UsageError
from tests.support.recording import RecordingRunner

POD = "198.18.2.5"
COUNTERS = '{"nftables": [{"metainfo": {}}, {"counter": {"name": "dropped", "packets": 7, "bytes": 420}}]}'


class Nftables(RecordingRunner):
    """Keeps the names of tables that are made and deleted."""

    def __init__(self) -> None:
        super().__init__({"nft -f": self.load, "nft list tables": self.list_them, "nft delete": self.delete})
        self.answers["nft -j list counters"] = COUNTERS
        self.tables: list[str] = ["kube-proxy"]

    def load(self, words: tuple[str, ...]) -> Result:
        found = re.search(r"table inet (\S+)", str(self.given[-1]))
        assert found
        self.tables.append(found[1])
        return Result(words, 0)

    def list_them(self, words: tuple[str, ...]) -> Result:
        return Result(words, 0, "".join(f"table inet {name}\n" for name in self.tables))

    def delete(self, words: tuple[str, ...]) -> Result:
        self.tables.remove(words[-1])
        return Result(words, 0)

    @property
    def node(self) -> Node:
        return Node(Engine("podman", self, {}), "x-control-plane")


def test_packets_are_dropped_for_the_block_and_counted() -> None:
    nft = Nftables()
    with interruption.dropping(nft.node, [POD, "198.18.2.4"], interruption.ALL_TRAFFIC, 12.5) as pause:
        rules = str(nft.given[0])
        assert "timeout 12500ms; elements = { 198.18.2.4, 198.18.2.5 }" in rules
        assert "ip saddr @pods counter name dropped drop" in rules
        assert "ip daddr @pods counter name dropped drop" in rules
        assert len(nft.tables) == 2
        assert pause.dropped() == 7
    assert nft.tables == ["kube-proxy"]


def test_only_look_ups_are_dropped() -> None:
    nft = Nftables()
    with interruption.dropping(nft.node, [POD], interruption.NAME_LOOKUPS, 1):
        rules = [line.strip() for line in str(nft.given[0]).splitlines() if line.strip().endswith("drop")]
    assert rules == ["ip saddr @pods meta l4proto { tcp, udp } th dport 53 counter name dropped drop"]


def test_two_at_once_do_not_meet() -> None:
    nft = Nftables()
    with interruption.dropping(nft.node, [POD], interruption.ALL_TRAFFIC, 1):
        with interruption.dropping(nft.node, [POD], interruption.NAME_LOOKUPS, 1):
            assert len(nft.tables) == 3
        assert len(nft.tables) == 2


@pytest.mark.parametrize("error", [ValueError("in the block"), KeyboardInterrupt()])
def test_it_ends_whatever_happens_in_the_block(error: BaseException) -> None:
    nft = Nftables()
    with pytest.raises(type(error)), interruption.dropping(nft.node, [POD], interruption.ALL_TRAFFIC, 1):
        raise error
    assert nft.tables == ["kube-proxy"]


def test_it_ends_when_the_process_is_told_to_end() -> None:
    nft = Nftables()
    with pytest.raises(KeyboardInterrupt), interruption.dropping(nft.node, [POD], interruption.ALL_TRAFFIC, 1):
        os.kill(os.getpid(), signal.SIGTERM)
    assert nft.tables == ["kube-proxy"]


def test_it_ends_when_it_was_interrupted_while_it_began() -> None:
    nft = Nftables()

    def interrupted(words: tuple[str, ...]) -> Result:
        nft.load(words)
        raise KeyboardInterrupt

    nft.answers["nft -f"] = interrupted
    with pytest.raises(KeyboardInterrupt), interruption.dropping(nft.node, [POD], interruption.ALL_TRAFFIC, 1):
        pass
    assert nft.tables == ["kube-proxy"]


def test_a_node_that_refuses_is_an_error_and_leaves_nothing() -> None:
    nft = Nftables()
    nft.answers["nft -f"] = 1
    with (
        pytest.raises(EngineError, match="refused"),
        interruption.dropping(nft.node, [POD], interruption.ALL_TRAFFIC, 1),
    ):
        pass
    assert not nft.lines("podman exec --privileged x-control-plane nft delete")


@pytest.mark.parametrize(("pods", "words"), [([], "no pods"), (["srs-edge"], "srs-edge"), (["::1"], "::1")])
def test_pods_are_given_by_their_addresses(pods: list[str], words: str) -> None:
    nft = Nftables()
    with pytest.raises(UsageError, match=words), interruption.dropping(nft.node, pods, interruption.ALL_TRAFFIC, 1):
        pass
    assert nft.calls == []


def test_only_what_killed_processes_left_is_mended() -> None:
    nft, me = Nftables(), Daemon.of(os.getpid())
    alive, dead = f"srs_conformance_{me.pid}_{me.started}_1", f"srs_conformance_{me.pid}_{me.started - 1}_1"
    nft.tables += [alive, dead]
    assert interruption.left_over(nft.node) == [dead]
    interruption.mend(nft.node)
    assert nft.tables == ["kube-proxy", alive]


def test_a_node_without_nftables_cannot() -> None:
    assert not interruption.possible(Node(Engine("podman", RecordingRunner({"nft": 127}), {}), "x"))
