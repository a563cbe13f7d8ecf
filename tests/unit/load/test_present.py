"""How a load stands now: what is there by kind, from several workers, running visits included."""

from dataclasses import dataclass, field

import pytest

from srs_conformance.load.crowd import Crowd, Standing
from srs_conformance.load.measures import Measures
from srs_conformance.load.present import COLUMNS, Present
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending


@dataclass(eq=False)
class Member:
    still: bool = False
    record: Visit = field(default_factory=lambda: Visit(Kind.RTMP, "live/a"))

    def stalled(self, _):
        return self.still


def rows(present, measures=None):
    return {row["name"]: row for row in present.rows(measures or Measures())}


def test_a_look_counts_and_begins_anew():
    crowd = Crowd()
    group = crowd.group(Kind.HLS)
    assert crowd.group(Kind.HLS) is group
    stalled = Member(still=True)
    stalled.record.stalled = 2.5
    group.members |= {Member(), stalled}
    group.joining, group.received = 3, 1000
    group.joined.append(0.25)
    assert crowd.look(0.0) == {Kind.HLS: Standing(2, 3, 1, 2.5, 1000, [0.25])}
    assert crowd.look(1.0) == {Kind.HLS: Standing(2, 3, 1, 2.5)}


def test_a_look_goes_through_json():
    standing = Standing(2, 3, 1, 2.5, 1000, [0.25])
    assert Standing.from_json(standing.to_json()) == standing


def test_workers_add_up():
    present = Present()
    present.take({Kind.RTMP: Standing(10, 1, 2, 1.5, 125_000, [0.1] * 9)}, 1.0, "one")
    present.take({Kind.RTMP: Standing(20, 0, 1, 0.5, 250_000, [0.3])}, 2.0, "two")
    row = rows(present)["rtmp"]
    assert list(row) == list(COLUMNS)
    assert (row["viewers"], row["joining"], row["stalled"]) == ("30", "1", "3")
    assert (row["p50"], row["p99"]) == ("100 ms", "300 ms")
    assert row["rate"] == "2 Mbit/s"
    assert row["stalled_time"] == "2 s"


def test_those_of_a_lost_worker_are_gone_and_their_first_keyframes_stay():
    present = Present()
    present.take({Kind.RTMP: Standing(10, 0, 0, 0, 1000, [0.1])}, 1.0, "one")
    present.forget("one")
    row = rows(present)["rtmp"]
    assert (row["viewers"], row["rate"], row["p50"]) == ("0", "0 bit/s", "100 ms")


def test_visits_that_are_over_count_with_those_that_go_on():
    measures = Measures()
    measures.visit(
        Visit(Kind.RTMP, "live/a", first_keyframe=0.1, watched=9, stalls=1, stalled=1.0, ending=Ending.RESET)
    )
    measures.visit(Visit(Kind.HLS, "live/a", ending=Ending.REFUSED))
    present = Present()
    present.take({Kind.RTMP: Standing(1, 0, 0, 0.5)}, 1.0)
    told = rows(present, measures)
    assert (told["rtmp"]["stalled_time"], told["rtmp"]["cut"]) == ("1.5 s", "1")
    assert told["hls"]["refused"] == "1"
    assert (told["all viewers"]["cut"], told["all viewers"]["refused"]) == ("1", "1")


def test_publishers_are_no_viewers():
    present = Present()
    present.take({Kind.PUBLISHER: Standing(2), Kind.RTMP: Standing(3)}, 1.0)
    assert list(rows(present)) == ["rtmp", "publisher"]
    present.take({Kind.HTTP_FLV: Standing(4)}, 1.0)
    assert rows(present)["all viewers"]["viewers"] == "7"


def test_a_rate_is_of_the_last_seconds():
    present = Present()
    for _ in range(20):
        present.take({Kind.RTMP: Standing(1, received=125_000)}, 1.0)
    for _ in range(5):
        present.take({Kind.RTMP: Standing(1, received=0)}, 1.0)
    assert rows(present)["rtmp"]["rate"] == "167 kbit/s"


@pytest.mark.parametrize("standing", [Standing(), Standing(received=1000)])
def test_nobody_has_no_rate(standing):
    present = Present()
    present.take({Kind.RTMP: standing}, 1.0)
    assert rows(present)["rtmp"]["rate"] == "0 bit/s"
