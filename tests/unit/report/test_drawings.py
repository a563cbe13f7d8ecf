"""The pictures' geometry: all that is drawn lies inside, and says what the plot says."""

import pytest

from srs_conformance.report import drawings, topology
from srs_conformance.report.drawings import LEFT, RIGHT, WIDTH
from tests.support.reports import pulls
from tests.support.reports import topology as deployment


def test_bars_last_until_the_next_change_and_the_last_to_the_end():
    (lane,) = drawings.lanes(pulls((0, 0), (5, 1), (8, 2))).lanes
    assert [bar.style for bar in lane.bars] == ["none", "one", "many"]
    assert [bar.text for bar in lane.bars] == ["", "1", "2"]
    half = LEFT + (WIDTH - LEFT - RIGHT) / 2
    assert lane.bars[1].x == pytest.approx(half, abs=0.2)
    assert lane.bars[2].x + lane.bars[2].width == pytest.approx(WIDTH - RIGHT, abs=0.2)


def test_the_words_of_a_picture_say_what_it_shows_and_its_keys_only_what_is_in_it():
    picture = drawings.lanes(pulls((0, 0), (5, 2)))
    assert "edge-1: 2 at most" in picture.text
    assert [key for key, _ in picture.keys] == ["none", "many"]


def test_many_edges_are_bounded_to_those_that_pulled_most():
    curves = {f"edge-{number:02}": [[0, int(number >= 80)]] for number in range(90)}
    picture = drawings.lanes({**pulls((0, 0)), "curves": curves})
    assert len(picture.lanes) == drawings.MOST_LANES
    assert {f"edge-{number}" for number in range(80, 90)} <= {lane.name for lane in picture.lanes}


@pytest.mark.parametrize("seconds", [0, 0.4, 3, 90, 86400])
def test_an_axis_has_its_ends_whatever_its_length(seconds):
    picture = drawings.lanes(pulls((0, 1), seconds=seconds))
    assert picture.ticks[0][1] == "0"
    assert len(picture.ticks) >= 2 or seconds < 0.4
    assert all(LEFT <= x <= WIDTH for x, _ in picture.ticks)


def test_of_a_playlist_the_newest_segments_are_drawn():
    segments = [[number, number, number + 3] for number in range(60)]
    picture = drawings.lanes({"kind": "hls-window", "title": "w", "seconds": 63, "segments": segments})
    assert [lane.label for lane in picture.lanes][-1] == "segment 59"
    assert len(picture.lanes) == drawings.MOST_LANES


@pytest.mark.parametrize(
    "plot",
    [
        {"kind": "load", "title": "a"},
        {"kind": "pulls", "title": "a"},
        {"kind": "hls-window", "title": "a", "segments": []},
    ],
)
def test_what_has_nothing_to_show_is_no_picture(plot):
    assert drawings.lanes(plot) is None
    assert drawings.load_charts(plot) == []


def test_a_short_name_keeps_its_end():
    name = "srs-edge-deploy-56ca338c1b-2a63b"
    assert len(drawings.short(name)) == 27
    assert drawings.short(name).endswith("1b-2a63b")
    assert drawings.short("srs") == "srs"


def test_a_deployment_is_drawn_with_those_who_pull_above_those_they_pull_from():
    picture = topology.drawn("t", deployment())
    workloads = [box for box in picture.boxes if box.style == "workload"]
    assert [box.lines[0][0] for box in workloads] == ["Deployment srs-edge-deploy", "Deployment srs-origin-deploy"]
    assert workloads[0].y + workloads[0].height < workloads[1].y
    (pull,) = [arrow for arrow in picture.arrows if arrow.label]
    assert (pull.style, pull.label[0]) == ("pull", "1 pull")
    assert "each pod of srs-edge-deploy had 1 pull" in picture.text


def test_all_boxes_lie_in_the_picture_and_none_on_another():
    picture = topology.drawn("t", deployment())
    for box in picture.boxes:
        assert 0 <= box.x <= box.x + box.width <= topology.WIDTH
        assert box.y + box.height <= picture.height
    for place, one in enumerate(picture.boxes):
        for other in picture.boxes[place + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)


def test_more_than_one_pull_of_an_edge_is_marked():
    found = deployment()
    found["pods"][0]["pulls"] = 4
    (pull,) = [arrow for arrow in topology.drawn("t", found).arrows if arrow.label]
    assert (pull.style, pull.label[0]) == ("pulls", "4 pulls")


def test_who_came_is_told_at_the_services_and_at_the_pods():
    words = [line for box in topology.drawn("t", deployment()).boxes if box.style == "outside" for line, _ in box.lines]
    assert words == ["viewers: 3 rtmp", "viewers: 2 rtmp", "straight at the pods", "publishers of 2 streams"]


def test_pods_of_no_workload_and_deployments_of_none_are_left_out():
    found = deployment()
    assert topology.drawn("t", {**found, "workloads": []}) is None
    found["pods"].append({**found["pods"][0], "name": "other", "owner": "Job/cleanup"})
    assert all("other" not in line for box in topology.drawn("t", found).boxes for line, _ in box.lines)


def test_many_pods_are_bounded():
    found = deployment()
    found["pods"] = [{**found["pods"][0], "name": f"srs-edge-deploy-77-{number}"} for number in range(40)]
    (box,) = [box for box in topology.drawn("t", found).boxes if box.lines[0][0].endswith("edge-deploy")]
    assert box.lines[-1][0] == f"and {40 - topology.MOST_PODS} more pods"
