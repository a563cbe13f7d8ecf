"""The page: self-contained, escaped, complete."""

from html.parser import HTMLParser

import pytest

from srs_conformance.load import page
from srs_conformance.load.measures import Measures
from srs_conformance.load.result import Result
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending
from tests.unit.load.making import a_result

EVIL = "<script>alert(1)</script>\"'>&"
VOID = {"meta", "line", "br", "path", "polyline", "circle"}


class Reader(HTMLParser):
    """Collects the elements and what they refer to; fails when they are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.refers, self.text = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.refers += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, _):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(result):
    reader = Reader()
    html = page.render(result)
    reader.feed(html)
    reader.close()
    assert reader.open == []
    assert not reader.seen & {"script", "link", "img", "iframe", "object"}
    assert reader.refers == []
    assert "url(" not in html
    assert "@import" not in html
    return " ".join(" ".join(reader.text).split())


def test_the_page_tells_everything():
    result = a_result(visits=600)
    text = read(result)
    for expected in (
        "MISSED",
        "rtmp://127.0.0.1:31935",
        "live/s1 ",
        "and 14 more",
        "SRS/6.0.155(Hang)",
        "2026-03-01 10:00:00 UTC, for 7 min",
        "suite 0.1.0",
        "Throughput",
        "Lag of the load generator",
        "First keyframe by percentile",
        "all viewers",
        "[Errno 104] Connection reset by peer",
        "worker 2",
    ):
        assert expected in text
    for judged in result.slo:
        assert judged.seen in text


def test_missed_clauses_come_first():
    text = read(a_result(visits=600))
    assert text.index("✕ missed") < text.index("✓ kept")
    assert text.rindex("✕ missed") < text.index("✓ kept")


def test_what_comes_from_outside_is_escaped():
    result = a_result(visits=60)
    result.measures.visit(Visit(Kind.RTMP, "live/a", ending=Ending.REJECTED, error=EVIL))
    result.command = result.server = result.started = EVIL
    result.urls, result.streams, result.invalid, result.engine_errors = [EVIL], [EVIL], [EVIL], [EVIL]
    result.options, result.versions, result.workers = {EVIL: EVIL}, {EVIL: EVIL}, [{EVIL: EVIL}]
    text = read(result)
    assert text.count(EVIL) >= 12


@pytest.mark.parametrize(
    "result",
    [
        Result("watch"),
        Result("watch", engine_errors=["KeyError"]),
        Result("watch", invalid=["we lagged"], measures=a_result(visits=5).measures),
    ],
)
def test_a_run_that_found_little_has_a_page(result):
    assert read(result)


def test_publishers_alone_have_a_page():
    measures = Measures()
    measures.visit(Visit(Kind.PUBLISHER, "live/a", connect=0.001, first_keyframe=0.002, watched=5, received=1000))
    text = read(Result("publish", measures=measures))
    assert "accepted, p99" in text
    assert "of the time stalled" not in text
