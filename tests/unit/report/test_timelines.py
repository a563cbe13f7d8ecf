"""The picture of a history is well-formed, whole, and holds what words came from outside as words."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fixtures.evidence import Record
from fixtures.histories import Chronicles
from fixtures.images import Images
from srs_conformance.clusters.base import ClusterDescription
from srs_conformance.histories import Given, History, Outcome, events, losses
from srs_conformance.images.server import ServerImage, Source
from srs_conformance.report import lossrows, timelines
from srs_conformance.viewers.timeline import Ending, Protocol
from tests.support.histories import history, hls, numbered, phases, pods, published, session, update

SVG = "{http://www.w3.org/2000/svg}"


def busy() -> History:
    return history(
        numbered(),
        [published("started", 0.1), published("ended", 25), published("restarted", 26)],
        phases(before=1, during=10, after=20),
        update(),
        events.Disturbed(at=11, number=2, what="edge <pod> & killed"),
        pods({"srs-edge-deploy-6f7c9d-abcde": (0, 11, 19), "srs-edge-deploy-77b8cc-k2x4z": (10.5, 99, 99)}, 30),
        session("a<b>", 3, 30),
        session("cut", 3, 18, Ending.CLOSED, until=30, protocol=Protocol.HTTP_FLV),
        session("r", 3, 12, Ending.RESET, role="returns"),
        session("r", 12.3, 12.4, Ending.REFUSED, role="returns", number=2),
        session("r", 14, 30, role="returns", number=3),
        [session(f"g{n}", 5 + n, 6.5 + n, role="comes and goes") for n in range(6)],
        hls("h", 4, 30),
        ended=30.1,
    )


def drawn(svg: str, style: str) -> list[ET.Element]:
    return [each for each in ET.fromstring(svg).iter() if style in each.get("class", "").split()]


def test_everything_is_in_the_picture_and_inside_it() -> None:
    svg = timelines.svg(busy(), "an update")
    root = ET.fromstring(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    for words in ("an update", "1 update", "2 edge <pod> & killed (no effect proven)", "before", "during", "after"):
        assert words in texts
    assert "comes and goes, rtmp: 6 viewers" in texts
    assert any("seat 2: 3 visits" in text for text in texts)
    assert any("a<b>" in text for text in texts)
    for rectangle in root.iter(f"{SVG}rect"):
        x, y, wide, high = (float(rectangle.get(name, "0")) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 < float(text.attrib["y"]) < height
    assert len(drawn(svg, "cut")) == 3  # two and the legend's
    assert len(drawn(svg, "refused")) == 2
    assert len(drawn(svg, "rejoined")) == 2
    assert len(drawn(svg, "lost")) == 2 + 1
    assert len(drawn(svg, "disturbance")) == 2
    assert len(drawn(svg, "terminating")) == 2
    assert len(drawn(svg, "publishing")) == 2
    assert "lost viewer-seconds of" in svg


def test_it_needs_nothing_else_and_its_styles_stay_inside() -> None:
    svg = timelines.svg(busy())
    assert not re.search(r"href|<script|@import|url\((?!#)", svg)
    assert "prefers-color-scheme: dark" in svg
    style = re.sub(r"@media[^{]*{", "", ET.fromstring(svg).findtext(f"{SVG}style") or "")
    selectors = [part.strip() for part in re.findall(r"([^{}]+){", style)]
    assert selectors
    assert all(selector.startswith(".timelines") for selector in selectors)


@pytest.mark.parametrize(
    "made",
    [
        history(),
        history(update(effect=None, settled=None)),
        history(session("v", 3, 3.1, Ending.REFUSED)),
        history([events.Sample(at=1, observer="pods", values={"edge": "nonsense"})]),
    ],
)
def test_a_history_with_little_in_it_is_drawn_too(made: History) -> None:
    assert ET.fromstring(timelines.svg(made)).tag == f"{SVG}svg"


def test_the_table_says_who_lost_what() -> None:
    found = losses(busy())
    text = lossrows.text(found).splitlines()
    assert text[0].split() == " ".join(lossrows.HEADINGS).split()
    assert text[1].startswith("all viewers")
    assert [line.split("  ")[0] for line in text[2:12]] == [
        "rtmp",
        "http-flv",
        "hls",
        "stays",
        "returns",
        "comes and goes",
        "control",
        "before",
        "during",
        "after",
    ]
    assert text[-1].startswith("(a modelled player")
    html = ET.fromstring(lossrows.html(found))
    assert len(html.findall("tbody")) == 4
    assert len(html.findall(".//tbody/tr")) == 11
    assert [cell.text for cell in html.find(".//tbody/tr") or []] == list(lossrows.rows(found)[0].cells)


def test_the_table_says_that_frames_were_not_numbered_and_dashes_what_is_unknown() -> None:
    text = lossrows.text(losses(history()))
    assert "not numbered" in text
    assert "–" in text


def test_labels_do_not_repeat_their_heading_and_the_title_says_what_was_run() -> None:
    context = {"image": "srs:3", "next_image": "srs:6", "stage": "rollback", "cluster": {"backend": "kind"}}
    made = history(session("rtmp 1 on edge-1, stays", 3, 30), ended=90)
    svg = timelines.svg(replace(made, head=replace(made.head, context=context)))
    root = ET.fromstring(svg)
    texts = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert "1 on edge-1" in texts
    assert "srs:3 → srs:6 · rollback · kind" in texts
    assert "30 s" in texts  # the last tick: what comes after the last thing seen is not drawn
    assert "1 min" not in texts


def test_the_head_says_what_a_run_writes_and_the_axis_ends_with_what_was_last_seen(tmp_path: Path) -> None:
    options: Any = SimpleNamespace(report_folder=tmp_path, faults=(), demo_rate=25, demo_gop=2.0)
    cluster: Any = SimpleNamespace(describe=lambda: ClusterDescription("kind", "x", "v1.34.4", 1, "directly"))
    images = Images(
        *(ServerImage(name, name, "", Source.ARCHIVE, reference=False) for name in ("srs:3", "web", "srs:6"))
    )
    chronicles = Chronicles(options, cluster, images, {})
    context = chronicles.begin("x", "failures", Record(), {"failure": "killed edge"}).history.context
    chronicles.close()
    late = events.Judged(at=95, requirement="X", check="effective", parameters={}, given=Given(Outcome.HOLDS))
    made = history(published("started", 1), session("v", 3, 30), late, ended=96)
    svg = timelines.svg(replace(made, head=replace(made.head, context=context)))
    assert ET.fromstring(svg).findtext(f"{SVG}text") == "srs:3 → srs:6 · killed edge · kind"
    (publishing,), right = drawn(svg, "publishing"), timelines.WIDTH - timelines.RIGHT
    assert float(publishing.attrib["x"]) + float(publishing.attrib["width"]) == pytest.approx(right, abs=0.2)
    assert "30 s" in svg
    assert "1 min" not in svg


def crowded() -> History:
    """A soak: many guests one after the other, pods replaced again and again, and a disturbance every 20 s."""
    found: list[events.Event] = []
    for number in range(30):
        at = 10.0 + number * 20
        found += [
            events.Disturbed(at=at, number=2 * number + 1, what="stall"),
            events.TookEffect(at=at + 1, number=2 * number + 1, proof="counters"),
            events.Disturbed(at=at + 3, number=2 * number + 2, what="end of stall"),
            events.TookEffect(at=at + 3, number=2 * number + 2, proof="done", values={"of": 2 * number + 1}),
        ]
    lives = {
        f"srs-edge-deploy-6f7c9d-a{number:04}": (number * 30.0, number * 30 + 28, number * 30 + 29)
        for number in range(20)
    }
    return history(
        numbered(),
        found,
        [published("started", number * 20, f"live/{number}") for number in range(20)],
        pods(lives, 900, every=5),
        [session(f"short {n}", 5.0 + n * 10, 12.0 + n * 10, role="returns") for n in range(60)],
    )


def test_many_guests_pods_and_disturbances_share_rows_and_labels() -> None:
    svg = timelines.svg(crowded())
    root = ET.fromstring(svg)
    texts = ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]
    assert "seat 1: 60 visits" in texts
    assert "srs-edge-deploy" in texts
    assert any(text.startswith("stall: 1, 3, 5, ") for text in texts)
    assert not any("end of stall" in text for text in texts)
    _, _, _, height = map(float, root.attrib["viewBox"].split())
    assert height < 800
    assert all(0 < float(text.attrib["y"]) < height for text in root.iter(f"{SVG}text"))


def test_what_outlives_the_viewers_does_not_squeeze_the_time_axis() -> None:
    made = history(
        update(settled=14),
        session("a", 3, 30),
        pods({"edge-1": (0, 500, 600), "edge-2": (400, 900, 900)}, 600, every=5),
        published("started", 0),
    )
    svg = timelines.svg(made)
    ticks = re.findall(r">(\d+) s</text>", svg)
    assert max(map(int, ticks)) <= 30
    right = max(float(each.get("x", "0")) + float(each.get("width", "0")) for each in drawn(svg, "ready"))
    assert right <= timelines.WIDTH - timelines.RIGHT + 1


def test_the_title_names_the_cluster_in_words() -> None:
    made = history(session("a", 3, 30))
    context = {"image": "ossrs/srs:6", "cluster": {"backend": "kind", "name": "x", "nodes": 1}, "stage": "soak"}
    svg = timelines.svg(replace(made, head=replace(made.head, context=context)))
    assert "ossrs/srs:6 · soak · kind" in svg
