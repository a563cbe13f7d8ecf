"""What the page shows, of the report and the files beside it."""

import pytest

from srs_conformance.load.series import Sample, Series
from srs_conformance.report.beside import Beside
from srs_conformance.report.view import MOST_HISTORIES, MOST_PLOTS, page
from tests.support.reports import chapter, document, promise, pulls, result, topology

NOWHERE = Beside(None)
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>{}</text></svg>'


def shown(*chapters, beside=NOWHERE, **more):
    return page(document(*chapters, **more), beside)


def history_of(name, plots=()):
    losses = {"by_protocol": {"rtmp": {"lost_per_thousand": 3.14159}, "hls": {"lost_per_thousand": None}}}
    where = {"history": f"histories/{name}.ndjson", "picture": f"histories/{name}.svg"}
    return {**where, "context": {}, "losses": losses, "plots": list(plots)}


def test_chapters_stand_in_the_guides_order_and_unknown_ones_last():
    names = ("zoo", "soak", "tips", "edge_cluster", "quick_start", "shared_volume")
    found = shown(*(chapter(name, promise(f"A{place}-01")) for place, name in enumerate(names)))
    assert [each.name for each in found.chapters] == [
        "quick_start",
        "shared_volume",
        "edge_cluster",
        "tips",
        "soak",
        "zoo",
    ]


def test_chapters_of_which_nothing_ran_are_only_counted():
    found = shown(chapter("a", promise("A-01")), chapter("b", promise("B-01", "not-run"), promise("B-02", "not-run")))
    assert [each.name for each in found.chapters] == ["a"]
    assert found.not_run == (("The chapter b", 2),)


def test_the_head_says_what_was_tested():
    head = dict(shown(chapter("a", promise("A-01"))).head)
    assert head["image"] == "ossrs/srs:6"
    assert head["digest"] == "sha256:ab"
    assert head["server version"] == "6.0.157"
    assert head["cluster"] == "kind one, Kubernetes v1.34.4, 1 node"
    assert head["run"] == "2026-11-01 10:00:00 UTC, for 5 min 30 s"


def test_of_the_reference_server_the_head_says_so():
    found = shown(chapter("a", promise("A-01")), reference=True, options={"faults": ["edge-silent"]})
    assert found.reference
    assert dict(found.head)["server version"] == "6.0.157, the reference server"
    assert found.faults == ("edge-silent",)


def test_a_run_that_knew_neither_server_nor_cluster_has_a_page_too():
    found = shown(chapter("a", promise("A-01", "could-not-test")), server=None, cluster=None, finished="")
    assert [name for name, _ in found.head] == ["suite", "run"]


def test_the_options_that_were_given_are_told():
    options = {"keep": True, "faithful": False, "archives": ["a.tar", "b.tar"], "context": "", "seed": 1}
    told = dict(shown(options=options).options)
    assert told == {"archives": "a.tar, b.tar", "keep": "yes", "seed": "1"}


def test_each_verdict_that_came_is_counted_by_profile():
    found = shown(chapter("a", promise("A-01"), promise("A-02", "fail"), promise("A-03", "warn", profile="extended")))
    assert found.profiles == ("core", "extended")
    assert [(word.verdict, counts) for word, counts in found.tally] == [
        ("pass", (1, 0)),
        ("fail", (1, 0)),
        ("warn", (0, 1)),
    ]


def test_that_nothing_failed_is_counted_too():
    found = shown(chapter("a", promise("A-01")))
    assert [(word.verdict, counts) for word, counts in found.tally] == [("pass", (1, 0)), ("fail", (0, 0))]


def test_measured_values_are_flat_rows_and_bounded():
    tests = [result("A-01", measured={"gap, s": {"a": 0.123456, "b": {"c": 2}}, "lines": ["x"], "long": "y" * 999})]
    (rows,) = [rows for _, rows in shown(chapter("a", promise("A-01", tests=tests))).chapters[0].promises[0].measured]
    assert rows[:3] == (("gap, s: a", "0.1235"), ("gap, s: b: c", "2"), ("lines", '["x"]'))
    assert len(rows[3][1]) < 310
    tests = [result("A-01", measured={"first frame, s": [8.571459335000327, 9.0]})]
    (rows,) = [rows for _, rows in shown(chapter("a", promise("A-01", tests=tests))).chapters[0].promises[0].measured]
    assert rows == (("first frame, s", "8.571, 9"),)
    tests = [result("A-01", measured={str(number): 1 for number in range(99)})]
    (rows,) = [rows for _, rows in shown(chapter("a", promise("A-01", tests=tests))).chapters[0].promises[0].measured]
    assert rows[-1][1].startswith("75 more values")


def test_why_a_test_gave_no_verdict_is_told():
    tests = [result("A-01", "unsupported", "no Kubernetes"), result("A-01", "could-not-test", not_given="--helm-chart")]
    found = shown(chapter("a", promise("A-01", "unsupported", tests=tests))).chapters[0].promises[0]
    assert [why for *_, why in found.tests] == ["no Kubernetes", "--helm-chart was not given"]


def test_plots_of_missed_tests_come_first_and_none_twice():
    missed, kept = pulls((0, 2), title="missed"), pulls((0, 1), title="kept")
    tests = {"A-01": result("A-01", plots=[kept, kept]), "A-02": result("A-02", "fail", plots=[missed, kept])}
    promises = [promise(name, each["verdict"], tests=[each]) for name, each in tests.items()]
    found = shown(chapter("a", *promises, histories={"h": history_of("h", [kept])}))
    assert [each.title for each in found.chapters[0].lanes] == ["missed", "kept"]


def test_the_pictures_of_a_chapter_are_bounded():
    plots = [pulls((0, 1), title=str(number)) for number in range(3 * MOST_PLOTS)]
    found = shown(chapter("a", promise("A-01", tests=[result("A-01", plots=plots)])))
    assert len(found.chapters[0].lanes) == MOST_PLOTS


def test_a_load_is_shown_by_its_charts_and_one_that_cannot_be_read_is_not():
    series = Series()
    for at in range(5):
        series.add(Sample(at=at, viewers=at))
    plots = [
        {"kind": "load", "title": "crowd", "series": series.to_json()},
        {"kind": "load", "title": "x", "series": {}},
    ]
    found = shown(chapter("a", promise("A-01", tests=[result("A-01", plots=plots)]))).chapters[0]
    assert [title for title, _ in found.charts] == ["crowd"]
    assert found.pictures


def test_the_timelines_of_histories_are_taken_in_and_linked_where_there_are_too_many(tmp_path):
    (tmp_path / "histories").mkdir()
    names = [f"h{number:02}" for number in range(MOST_HISTORIES + 1)]
    for name in names:
        (tmp_path / f"histories/{name}.svg").write_text(SVG.format(name))
    made = chapter("a", promise("A-01"), histories={name: history_of(name) for name in names})
    every = shown(made, beside=Beside(tmp_path)).chapters[0].timelines
    assert [bool(each.svg) for each in every] == [True] * MOST_HISTORIES + [False]
    assert all([link.words for link in each.links] == ["its picture alone"] for each in every)
    assert every[0].losses == "lost viewer-seconds in a thousand: rtmp 3.1"


def test_deployments_are_drawn():
    found = {"srs-edge-1": topology(purpose="shared"), "srs-edge-2": topology()}
    pictures = shown(chapter("a", promise("A-01"), topologies=found)).chapters[0].topologies
    assert [each.title for each in pictures] == ["As deployed: shared", "As deployed: srs-edge-2"]


def test_a_patch_that_several_chapters_needed_is_told_once():
    patch = {"name": "sv-d1", "cause": "nothing is copied", "reference": "SRS #2625, #2824", "text": "kind: Component"}
    found = shown(*(chapter(name, promise(f"{name.upper()}-01"), patches=[patch]) for name in ("a", "b")))
    (change,) = found.changes
    assert change.chapters == ("The chapter a", "The chapter b")
    assert [link.href.rpartition("/")[2] for link in change.known] == ["2625", "2824"]


@pytest.mark.parametrize(("times", "rows"), [(0, 0), (1, 1), (2, 3)])
def test_the_table_of_times_has_a_sum_where_there_is_something_to_add(times, rows):
    spent = {"setup": 10.0, "call": 5.0, "teardown": 1.0, "waited": 4.0}
    found = shown(chapter("soak", promise("S-01")), times=dict(list({"tips": spent, "soak": spent}.items())[:times]))
    assert len(found.times) == rows
    if rows == 3:
        assert found.times[-1] == ("all chapters", ("20 s", "10 s", "2 s", "32 s", "8 s"))
        assert [title for title, _ in found.times][:2] == ["tips", "The chapter soak"]


def test_the_head_says_whose_manifests_were_tested():
    digest = f"sha256:{'0' * 64}"
    own = {"folder": "my-srs", "digest": digest, "chapters": ["edge_cluster"], "replaced_images": ["my/srs:6"]}
    head = dict(shown(chapter("a", promise("A-01")), manifests=own).head)
    assert head["manifests"] == "my-srs for edge_cluster; what else was deployed is the guide's"
    assert head["their digest"] == digest
    assert head["images replaced in them"] == "my/srs:6"
    assert "manifests" not in dict(shown(chapter("a", promise("A-01"))).head)
