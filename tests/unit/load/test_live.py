"""The page of a load that goes on."""

from html.parser import HTMLParser
from random import Random

from srs_conformance.load.crowd import Standing
from srs_conformance.load.live import Live, render
from srs_conformance.load.measures import Measures
from srs_conformance.load.present import Present
from srs_conformance.load.visits import Kind
from tests.unit.load.making import a_series

EVIL = "<img src=x>\"'>&"


class Text(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.parts, self.tags, self.links = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.parts.append(data)

    def __str__(self):
        return " ".join(" ".join(self.parts).split())


def test_it_tells_figures_and_course():
    present = Present()
    present.take({Kind.RTMP: Standing(1234, 5, joined=[0.2])}, 1.0)
    links = [("./", "Locust"), ("./result", "Result")]
    live = Live("rtmp", ["rtmp://h"], ["live/a", "live/b", "live/c", "live/d"], "running", 75.9, links=links)
    live.rows, live.series = present.rows(Measures()), a_series(Random(1))
    page = Text(render(live))
    for words in ("running 75 s", "rtmp rtmp://h live/a live/b live/c and 1 more", "1,234", "200 ms", "Throughput"):
        assert words in str(page)
    assert page.tags.count("svg") == 4
    assert page.links == ["./", "./result"]


def test_it_refreshes_without_a_script_too():
    html = render(Live("rtmp"))
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in html
    assert "Nothing has been measured yet" in html


def test_what_comes_from_outside_is_escaped():
    page = Text(render(Live(EVIL, [EVIL], [EVIL], EVIL, links=[(EVIL, EVIL)])))
    assert "img" not in page.tags
    assert str(page).count(EVIL) >= 5
