"""The report's page in a real browser: in light and dark, on a phone and on a wide screen, and on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.browser import chromium, libraries
from srs_conformance.browser.devtools import Page
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import events
from srs_conformance.load.series import Sample, Series
from srs_conformance.report import matrix, page, timelines
from tests.support.histories import history, hls, numbered, phases, pods, session, update
from tests.support.reports import chapter, document, promise, pulls, result, topology
from tests.support.waiting import wait_for

PHONE, WIDE = 390, 1400
LOOKS = [(width, scheme) for width in (PHONE, WIDE) for scheme in ("light", "dark")]
LONG = "srs-edge-deploy-56ca338c1b-2a63b-and-a-word-that-is-longer-than-any-phone-is-wide-0123456789"
#: Rules of WCAG 2.0 to 2.2, levels A and AA, and the auditor's own of landmarks and headings.
AUDIT = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    .then(found => found.violations.map(each => [each.id, each.help, each.nodes.slice(0, 3).map(node => node.html)]))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[chromium.Browser]:
    try:
        program = chromium.find()
    except CouldNotTest as none:
        pytest.skip(str(none))
    with chromium.Browser(program, ()) as opened:
        yield opened


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        modules = libraries.installed(Path(__file__).parent / "axe", "page-audit")
    except CouldNotTest as none:
        pytest.skip(str(none))
    return (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all that a page can show, and its files."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "histories").mkdir()
    made = history(
        numbered(),
        phases(before=1, during=10, after=20),
        update(),
        pods({LONG[:60]: (0, 11, 19)}, 30),
        events.Disturbed(at=22, number=2, what="reset between viewers and edges", values={}),
        session(f"rtmp on {LONG}", 3, 30),
        session("r", 3, 12, role="returns"),
        hls("h", 4, 30),
        ended=30.1,
    )
    for name in ("first", "second"):
        (folder / f"histories/{name}.svg").write_text(timelines.svg(made, name), encoding="utf-8")
    bundle = folder / "evidence" / "test-a b"
    bundle.mkdir(parents=True)
    (bundle / f"{LONG}.srs.log").write_text("a log")
    page.write(_whole(), folder)
    return folder / "index.html"


def _whole() -> dict[str, Any]:
    message = f"did:      published {LONG}\nnot within PULL\nexpected: {LONG}\nseen:     {LONG}\n{LONG}\n  hint: look"
    plot = pulls((0, 0), (2, 1), (5, 2), title=f"Pulls of live/{LONG}")
    missed = result("EDGE-03", "fail", message, evidence="evidence/test-a b", plots=[plot])
    window = {"kind": "hls-window", "title": "HLS playlist", "seconds": 30, "segments": [[4, 0, 30], [5, 10, 30]]}
    measured = result("EDGE-04", measured={"first frame, s": {LONG: 0.1}}, plots=[window])
    series = Series()
    for at in range(30):
        series.add(Sample(at=at, viewers=at, stalled=at // 2, received=90_000 * at))
    load = result("EDGE-05", plots=[{"kind": "load", "title": "100 flv players", "series": series.to_json()}])
    promises = [
        promise("EDGE-03", "fail", tests=[missed], known=["SRS #2911"]),
        promise("EDGE-04", tests=[measured], known=["SRS #2911"]),
        promise("EDGE-05", tests=[load]),
        *(promise(f"EDGE-1{place}", each) for place, each in enumerate(("warn", "unsupported", "could-not-test"))),
        *(promise(f"EDGE-2{place}", each) for place, each in enumerate(("disabled", "engine-error", "not-run"))),
    ]
    figures = {"by_protocol": {"rtmp": {"lost_per_thousand": 2.0}}}
    patch = {
        "name": "sv-d1",
        "cause": "nothing is copied",
        "reference": "SRS #2625",
        "text": f"kind: {LONG * 3}\n  - a",
    }
    made = chapter(
        "edge_cluster",
        *promises,
        patches=[patch],
        topologies={"shared": topology(), "isolated": topology()},
        histories={
            name: {"history": "", "picture": f"histories/{name}.svg", "context": {}, "losses": figures, "plots": []}
            for name in ("first", "second")
        },
    )
    times = {name: {"setup": 70.0, "call": 3.0, "teardown": 1.0, "waited": 4.0} for name in ("edge_cluster", "tips")}
    return document(
        made,
        chapter("tips", promise("T-01", "not-run")),
        times=times,
        options={"faults": ["edge-pulls-per-viewer"], "context": LONG},
        reference=True,
    )


@pytest.fixture
def look(browser: chromium.Browser, report: Path) -> Iterator[Page]:
    with browser.page() as opened:
        yield opened


def show(opened: Page, path: Path, width: int, scheme: str) -> None:
    """Show a file, all that it hides opened."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    opened.call("Emulation.setDeviceMetricsOverride", **metrics)
    opened.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    opened.call("Page.navigate", url=path.as_uri())
    there = f"location.href === {json.dumps(path.as_uri())} && document.readyState === 'complete'"
    wait_for(lambda: opened.evaluate(there), "the page")
    opened.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_passes_an_audit_of_its_accessibility(
    look: Page, report: Path, axe: str, width: int, scheme: str
) -> None:
    show(look, report, width, scheme)
    look.evaluate(f"{axe}; undefined")
    assert look.evaluate(AUDIT) == []


def test_the_audit_sees_what_is_wrong(look: Page, report: Path, axe: str) -> None:
    show(look, report, WIDE, "light")
    look.evaluate("document.querySelector('.meta').style.color = '#ddd'; document.documentElement.lang = ''")
    look.evaluate(f"{axe}; undefined")
    assert {"color-contrast", "html-has-lang"} <= {each[0] for each in look.evaluate(AUDIT)}


@pytest.mark.parametrize("width", [PHONE, 768, WIDE])
def test_the_page_itself_never_scrolls_sideways(look: Page, report: Path, width: int) -> None:
    show(look, report, width, "light")
    wide = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    scrolls, visible = look.evaluate(wide)
    assert scrolls <= visible
    beyond = """[...document.querySelectorAll('main *, header *')].filter(each =>
        !each.closest('.scroll, .drawing, pre, .skip') && each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.outerHTML.slice(0, 200))"""
    assert look.evaluate(beyond) == []


def test_tables_and_pictures_scroll_in_their_own_box_on_a_phone(look: Page, report: Path) -> None:
    show(look, report, PHONE, "light")
    boxes = "[...document.querySelectorAll('.scroll .numbers, .wide svg, .wider svg')].map(each => each.parentElement)"
    kinds = look.evaluate(f"{boxes}.map(each => getComputedStyle(each).overflowX)")
    assert len(kinds) >= 5
    assert set(kinds) == {"auto"}
    assert look.evaluate(f"{boxes}.some(each => each.scrollWidth > each.clientWidth)")


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_verdict_and_time_of_a_test_stand_in_a_line_each(look: Page, report: Path, width: int) -> None:
    show(look, report, width, "light")
    lines = """[...document.querySelectorAll('.tests td, .tests thead th')].map(each => {
        const words = document.createRange()
        words.selectNodeContents(each.querySelector('.badge')?.lastChild ?? each)
        return words.getClientRects().length
    })"""
    found = look.evaluate(lines)
    assert found
    assert set(found) == {1}


def test_the_tally_is_seen_whole_on_a_phone(look: Page, report: Path) -> None:
    show(look, report, PHONE, "light")
    assert look.evaluate("document.querySelector('.tally').getBoundingClientRect().right <= innerWidth")


def test_every_anchor_leads_somewhere_and_every_file_is_there(look: Page, report: Path) -> None:
    show(look, report, WIDE, "light")
    lost = "[...document.querySelectorAll('a[href^=\"#\"]')].filter(each => !document.querySelector(each.hash)).length"
    assert look.evaluate(lost) == 0
    files = look.evaluate(
        "[...document.querySelectorAll('a')].map(each => each.href).filter(each => each.startsWith('file'))"
    )
    inside = [each for each in files if "#" not in each]
    assert inside
    for each in inside:
        opened = look.evaluate(f"decodeURIComponent(new URL({json.dumps(each)}).pathname)")
        assert Path(opened).exists(), opened


def test_all_words_of_a_picture_are_in_it(look: Page, report: Path) -> None:
    show(look, report, WIDE, "light")
    beyond = """[...document.querySelectorAll('svg text')].filter(each => {
        const own = each.getBoundingClientRect(), whole = each.closest('svg').getBoundingClientRect()
        return own.left < whole.left - 1 || own.right > whole.right + 1
    }).map(each => each.textContent)"""
    assert look.evaluate(beyond) == []


def test_light_and_dark_differ_and_each_picture_follows(look: Page, report: Path) -> None:
    asked = """[getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.querySelector('svg.timelines .page')).fill,
        getComputedStyle(document.querySelector('svg.topology .box')).fill]"""
    seen = []
    for scheme in ("light", "dark"):
        show(look, report, WIDE, scheme)
        seen.append(look.evaluate(asked))
    assert all(light != dark for light, dark in zip(*seen, strict=True))


def test_it_asks_nobody_for_anything_and_has_no_script(look: Page, report: Path) -> None:
    show(look, report, WIDE, "light")
    assert look.evaluate("performance.getEntriesByType('resource').map(each => each.name)") == []
    assert look.evaluate("document.scripts.length") == 0


def test_it_can_be_printed(look: Page, report: Path) -> None:
    show(look, report, WIDE, "dark")
    good = "getComputedStyle(document.querySelector('.badge.good')).color"
    on_screen = look.evaluate(good)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    look.call("Emulation.setEmulatedMedia", media="print", features=dark)
    assert look.evaluate(good) != on_screen, "colours made for a dark ground"
    assert look.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert look.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_table_by_image_passes_the_audit_too(look: Page, tmp_path: Path, axe: str, width: int, scheme: str) -> None:
    path = tmp_path / "matrix.html"
    path.write_text(matrix.matrix([_whole(), _whole()]).html(["matrix.html", ""]), encoding="utf-8")
    show(look, path, width, scheme)
    assert look.evaluate("document.documentElement.scrollWidth") <= width
    look.evaluate(f"{axe}; undefined")
    assert look.evaluate(AUDIT) == []
