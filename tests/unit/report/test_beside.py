"""Pictures from beside a report: only what this suite draws with gets into the page."""

import pytest

from srs_conformance.report import beside, timelines
from srs_conformance.report.beside import Beside, inline
from tests.support.histories import history, numbered, phases, session, update

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<rect onload="alert(1)"/>',
        '<a href="javascript:alert(1)"><text>x</text></a>',
        '<rect class="a" fill="url(http://elsewhere/x)"/>',
        '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="http://elsewhere"/></foreignObject>',
        '<image href="http://elsewhere/x.png"/>',
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://elsewhere/#x"/>',
        "<style>@import 'http://elsewhere';</style>",
        '<rect style="background: url(http://elsewhere)"/>',
    ],
)
def test_nothing_that_runs_or_leads_elsewhere_is_taken_over(hostile):
    taken = inline(SVG.format(f"<g>{hostile}</g><circle r='1'/>"), "a")
    assert "circle" in taken
    for word in ("script", "onload", "href", "url(", "elsewhere", "iframe", "style", "alert"):
        assert word not in taken


@pytest.mark.parametrize(
    "text",
    [
        "no markup",
        "<html/>",
        "<svg/>",
        '<!DOCTYPE svg [<!ENTITY a "aaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
    ],
)
def test_what_is_no_svg_of_ours_is_left_out(text):
    assert inline(text, "a") == ""


def test_the_picture_of_a_history_stays_as_it_is_but_for_its_styles():
    drawn = timelines.svg(history(numbered(), phases(before=1, after=12), update(), session("a<b>", 3, 30), ended=31))
    taken = inline(drawn, "p")
    assert taken.count("<rect") == drawn.count("<rect")
    assert taken.count("<text") == drawn.count("<text")
    assert "a&lt;b&gt;" in taken
    assert 'id="p-timelines-terminating"' in taken
    assert "<style" not in taken


def test_only_files_within_the_folder_and_of_a_fair_size_are_read(tmp_path, monkeypatch):
    folder = tmp_path / "report"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "a.svg").write_text(SVG.format(""))
    (folder / "link.svg").symlink_to(tmp_path / "a.svg")
    here = Beside(folder)
    assert here.picture("a.svg", "x")
    assert not here.picture("../a.svg", "x")
    assert not here.picture("link.svg", "x")
    assert not here.picture("gone.svg", "x")
    assert (here.has("a.svg"), here.has("../a.svg")) == (True, False)
    monkeypatch.setattr(beside, "LARGEST", 10)
    assert not here.picture("a.svg", "x")


def test_where_there_is_no_folder_there_is_nothing():
    assert not Beside(None).files("evidence/a")
    assert not Beside(None).picture("a.svg", "x")
    assert not Beside(None).has("a.svg")
