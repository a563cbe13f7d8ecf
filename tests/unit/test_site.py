"""The site of the documents: what is made for it, where links lead, and that it knows every document.

mkdocs itself is not needed here; `make site` builds with it, in its strict mode.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from docs.site import catalogues, outside, places
from srs_conformance import manifest_faults
from srs_conformance.bindings import bindings
from srs_conformance.reference.faults import CATALOGUE

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def configuration():
    return yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def led_to(entry):
    """Return the pages that a part of the navigation leads to."""
    if isinstance(entry, str):
        return [entry]
    return [page for each in (entry.values() if isinstance(entry, dict) else entry) for page in led_to(each)]


def test_every_document_is_led_to_once():
    pages = led_to(configuration()["nav"])
    assert sorted(pages) == sorted(set(pages))
    written = {path.name for path in DOCS.glob("*.md")}
    made = {catalogues.REQUIREMENTS, catalogues.FAULTS, "decisions/index.md"}
    brought = {places.place_of(file) for file in places.brought(ROOT) if file.endswith(".md")}
    assert set(pages) == written | made | brought


def test_nothing_comes_from_other_hosts():
    found = configuration()
    assert found["theme"]["font"] is False
    assert found["strict"] is True
    assert not {"extra_javascript", "repo_url"} & found.keys()


def test_every_requirement_has_its_row_its_tests_and_what_breaks_it():
    page = catalogues.requirements(ROOT / "suites")
    for each in bindings(ROOT / "suites"):
        (row,) = (line for line in page.splitlines() if f'<span id="{each.requirement.id}">' in line)
        assert str(each.requirement.level) in row
        assert all(f"`{test}`" in row for test in each.tests)
        assert each.tests or "no test: " in row
        assert len(re.findall(r"(?<!\\)\|", row)) == 3
    (edge,) = (line for line in page.splitlines() if '<span id="EDGE-03">' in line)
    assert "[edge-pulls-per-viewer](faults.md#edge-pulls-per-viewer)" in edge


def test_every_fault_has_its_row_and_leads_to_requirements_that_are_there():
    page, requirements = catalogues.faults(), catalogues.requirements(ROOT / "suites")
    for name in (*CATALOGUE, *manifest_faults.CATALOGUE):
        (row,) = (line for line in page.splitlines() if f'<span id="{name}">' in line)
        for target in re.findall(r"requirements\.md#([\w-]+)", row):
            assert f'<span id="{target}">' in requirements


def test_what_a_text_holds_does_not_break_its_table():
    assert catalogues._text("a|b <c> *d* e_f") == "a&#124;b &lt;c&gt; &#42;d&#42; e&#95;f"


def test_decisions_are_listed_by_their_headings():
    assert catalogues.decisions([("0001-a.md", "# 1. One\n\nText")]).endswith("- [1. One](0001-a.md)\n")


@pytest.mark.parametrize(
    ("file", "link", "becomes"),
    [
        ("README.md", "[k](docs/kind.md)", "[k](kind.md)"),
        ("README.md", "[d](docs/decisions/)", "[d](decisions/index.md)"),
        ("README.md", "[e](reports/example)", "[e](example/index.md)"),
        ("README.md", "![r](docs/pictures/report.png)", "![r](pictures/report.png)"),
        ("docs/architecture.md", "[w](../README.md#words)", "[w](index.md#words)"),
        ("docs/load.md", "[b](../benchmarks/results/viewers.md)", "[b](benchmarks/viewers.md)"),
        ("docs/load.md", "[s](../loadtests/slo.yaml)", "[s](files/loadtests/slo.yaml)"),
        ("docs/decisions/0002-a.md", "[1](0001-one-environment.md)", "[1](0001-one-environment.md)"),
        ("reports/example/README.md", "[p](passing/index.html)", "[p](passing/index.html)"),
        ("docs/kind.md", "[x](absent.md)", "[x](absent.md)"),
        ("docs/kind.md", "[h](https://host.example/a.md)", "[h](https://host.example/a.md)"),
        ("docs/kind.md", "[a](#words)", "[a](#words)"),
        ("docs/kind.md", "[o](../../elsewhere)", "[o](../../elsewhere)"),
    ],
)
def test_links_lead_to_where_their_targets_are_in_the_site(file, link, becomes):
    text, linked = places.relinked(link, file, ROOT)
    assert text == becomes
    assert linked == (["loadtests/slo.yaml"] if "slo.yaml" in link else [])


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name)
def test_every_link_of_a_document_leads_to_something(page):
    text = re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<script src="https://a.example/x.js"></script>', ["https://a.example/x.js"]),
        ('<link rel="stylesheet" href="//a.example/x.css">', ["//a.example/x.css"]),
        ('<link rel="canonical" href="https://a.example/">', []),
        ('<img src="http://a.example/x.png"/>', ["http://a.example/x.png"]),
        ('<a href="https://a.example/">a</a><img src="pictures/x.png"><script>1</script>', []),
    ],
)
def test_what_a_page_would_load_from_other_hosts_is_found(page, found):
    assert outside.loaded(page) == found


def test_no_package_is_pinned_twice():
    names = [
        set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / file).read_text(encoding="utf-8")))
        for file in ("requirements.txt", "docs/requirements.txt")
    ]
    assert names[0] & names[1] == set()
    assert {"mkdocs", "mkdocs-material"} <= names[1]
