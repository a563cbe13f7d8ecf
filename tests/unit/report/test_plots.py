"""What pictures are drawn from: made of what was seen, and bounded."""

import jsonschema
import pytest

from srs_conformance.histories import events
from srs_conformance.report import plots
from srs_conformance.report.conformance import schema
from srs_conformance.srs import PullSample
from srs_conformance.viewers import Protocol, Timeline
from srs_conformance.viewers.timeline import PlaylistFetch
from tests.support.histories import history, hls, numbered

PLOTS = {"$ref": "#/$defs/plots", "$defs": schema()["$defs"]}


def looks(*windows, viewer="hls on nginx"):
    """Return a timeline whose playlists listed segments from a number on, so many: (at, first, count)."""
    fetches = [PlaylistFetch("u", at, 0.01, 200, media_sequence=first, segments=count) for at, first, count in windows]
    return Timeline(viewer, "http://a/live/a.m3u8", Protocol.HLS, playlists=fetches)


def test_of_pulls_only_the_changes_are_kept_and_failed_looks_left_out():
    samples = [PullSample(100 + at, {"e1": many, "e2": 0}) for at, many in enumerate([0, 1, 1, 2, 2, 1])]
    samples.insert(2, PullSample(101.5, error="no answer"))
    plot = plots.of_pulls("a", samples)
    assert plot["curves"] == {"e1": [[0, 0], [1, 1], [3, 2], [5, 1]], "e2": [[0, 0]]}
    assert plot["seconds"] == 5
    jsonschema.validate([plot], PLOTS)


def test_an_edge_that_comes_later_has_no_pulls_before():
    plot = plots.of_pulls("a", [PullSample(0, {"e1": 1}), PullSample(1, {"e1": 1, "e2": 1})])
    assert plot["curves"]["e2"] == [[0, 0], [1, 1]]


def test_of_an_origin_that_never_answered_there_is_no_plot():
    assert plots.of_pulls("a", [PullSample(0, error="no")]) is None
    assert plots.of_pulls("a", []) is None


def test_the_points_of_a_curve_are_bounded():
    plot = plots.of_pulls("a", [PullSample(at, {"e": at % 2}) for at in range(3 * plots.MOST_POINTS)])
    assert len(plot["curves"]["e"]) == plots.MOST_POINTS


def test_of_a_playlist_each_segment_has_its_first_and_last_look():
    plot = plots.of_window(looks((10, 5, 2), (15, 5, 3), (20, 6, 3)))
    assert plot["segments"] == [[5, 0, 5], [6, 0, 10], [7, 5, 10], [8, 10, 10]]
    assert plot["seconds"] == 10
    jsonschema.validate([plot], PLOTS)


@pytest.mark.parametrize("windows", [(), ((1, 0, 1),), ((1, None, None), (2, 0, 1))])
def test_of_fewer_than_two_playlists_there_is_no_plot(windows):
    assert plots.of_window(looks(*windows)) is None


def test_a_load_without_rows_has_no_plot():
    assert plots.of_load("a", {"step": 1, "columns": [], "rows": []}) is None
    assert plots.of_load("a", {"step": 1, "columns": ["at"], "rows": [[0]]})["kind"] == "load"


def test_a_history_gives_the_pulls_of_each_stream_and_the_longest_playlist():
    def sample(at, stream, many):
        return events.Sample(at=at, observer="pulls", values={"stream": stream, "counts": {"e": many}})

    failed = events.Sample(at=2.5, observer="pulls", values={"error": "no answer"})
    made = history(
        numbered(), sample(1, "a", 0), sample(2, "a", 1), sample(2, "b", 1), failed, hls("h", 4, 30), ended=31
    )
    found = plots.of_history("update", made)
    assert [(each["kind"], each["title"]) for each in found][:2] == [
        ("pulls", "Pulls of a, update"),
        ("pulls", "Pulls of b, update"),
    ]
    assert found[0]["curves"]["e"] == [[0, 0], [1, 1]]
    jsonschema.validate(found, PLOTS)
