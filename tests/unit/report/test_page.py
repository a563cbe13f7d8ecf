"""The page as it is written: whole, without script, and of what came from outside only words."""

import re
from collections import Counter
from html.parser import HTMLParser

from srs_conformance.report.page import render, write
from tests.support.reports import chapter, document, promise, pulls, result, topology

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


class Read(HTMLParser):
    """What a page has: tags, IDs, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.classes, self.handlers = Counter(), [], [], Counter(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags[tag] += 1
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values[name] for name in ("href", "src") if name in values]
        self.classes.update((values.get("class") or "").split())
        self.handlers += [name for name in values if name.startswith("on")]


def whole(**more):
    """Return a report that has all that a page can show, every word of it hostile."""
    missed = result("EDGE-03", "fail", f"did:      {HOSTILE}\nexpected: {HOSTILE}\nseen:     {HOSTILE}\n{HOSTILE}")
    missed |= {"evidence": f"evidence/{HOSTILE}", "plots": [pulls((0, 1), (5, 2), title=HOSTILE)]}
    missed["measured"] = {HOSTILE: HOSTILE}
    found = topology()
    found["services"][0]["name"] = found["pods"][0]["name"] = HOSTILE
    patch = {"name": HOSTILE, "cause": HOSTILE, "reference": HOSTILE, "text": HOSTILE}
    losses = {"history": HOSTILE, "picture": HOSTILE, "context": {}, "losses": {}, "plots": []}
    promises = [
        promise("EDGE-03", "fail", text=HOSTILE, heading=HOSTILE, known=[HOSTILE, "SRS #2911"], tests=[missed]),
        promise("EDGE-04", "unsupported", tests=[result("EDGE-04", "unsupported", HOSTILE)]),
    ]
    made = chapter(
        "edge_cluster",
        *promises,
        title=HOSTILE,
        patches=[patch],
        topologies={HOSTILE: found},
        histories={HOSTILE: losses},
    )
    times = {HOSTILE: {"setup": 1, "call": 1, "teardown": 1, "waited": 1}}
    base = document(made, chapter("tips", promise("T-01", "not-run")), times=times, options={"faults": [HOSTILE]})
    base["server"] |= {"asked": HOSTILE, "version": HOSTILE, "reference": True}
    base["other_tests"] = [result("", "engine-error", HOSTILE)]
    return {**base, **more}


def test_hostile_words_stay_words_everywhere():
    page = Read(render(whole()))
    assert not page.tags["script"]
    assert not page.tags["img"]
    assert not page.handlers
    assert "{{ 7 * 7 }}" in render(whole())
    assert all(re.match(r"(#|https://github\.com/ossrs/srs/issues/\d+$|evidence/)", link) for link in page.links)


def test_every_anchor_leads_to_an_id_that_is_there_once():
    page = Read(render(whole()))
    assert [name for name, count in Counter(page.ids).items() if count > 1] == []
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert {"EDGE-03", "findings", "changes", "times", "not-run", "chapter-edge_cluster"} <= inside


def test_what_is_not_there_has_no_section():
    page = Read(render(document(chapter("quick_start", promise("QS-01")))))
    assert not {"findings", "changes", "not-run", "times"} & set(page.ids)
    assert not page.classes["loud"]


def test_the_reference_server_is_told_aloud_and_real_srs_is_not():
    assert "This run says nothing about SRS." in render(whole())
    assert "says nothing about SRS" not in render(document(chapter("quick_start", promise("QS-01"))))


def test_each_verdict_has_a_word_beside_its_colour():
    text = render(whole())
    assert re.search(r'class="badge bad"><span class="sign" aria-hidden="true">✕</span>failed</span>', text)
    assert re.search(r'class="badge quiet"><span class="sign" aria-hidden="true">–</span>unsupported</span>', text)


def test_every_picture_has_a_title_and_a_description():
    text = render(whole())
    for labels in re.findall(r'role="img" aria-labelledby="([^"]+)"', text):
        for label in labels.split():
            assert re.search(rf'<(title|desc) id="{label}">[^<]+</', text)
    assert text.count('role="img"') == 2


def test_nothing_is_loaded_from_anywhere():
    text = render(whole())
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert not Read(text).tags["link"]


def test_it_is_written_beside_the_report(tmp_path):
    path = write(document(chapter("quick_start", promise("QS-01"))), tmp_path)
    assert path == tmp_path / "index.html"
    assert "all 1 promises" in path.read_text(encoding="utf-8")
