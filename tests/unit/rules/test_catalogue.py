"""The catalogue of rules, and the page that lists them."""

from __future__ import annotations

import re
from pathlib import Path

from srs_conformance.rules.catalogue import FAMILIES, catalogue, tables

_CITED = (
    r"(RFC \d+|ISO/IEC \d+-\d+|FLV 10\.1|RTMP 1\.0|Enhanced RTMP v\d|H\.26[45]|Fetch Standard,) [A-Z\d]"
    "|bound of this suite|measured of SRS"
)
PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_lists_the_rules_as_they_are() -> None:
    """After a change of the rules: put what `tables()` returns behind the page's first paragraphs."""
    text = PAGE.read_text(encoding="utf-8")
    assert text[text.index("\n## ") + 1 :] == tables()


def test_no_two_rules_have_one_name() -> None:
    names = [rule.id for rule in catalogue()]
    assert len(names) == len(set(names))


def test_every_rule_is_named_after_its_family_and_cites_a_section() -> None:
    for title, rules in FAMILIES:
        family = title.partition(":")[0]
        prefix = {"MPEG-TS": "TS", "Decoder configurations, over FLV and RTMP": "CODEC"}.get(family, family)
        for rule in rules:
            assert rule.id.startswith(f"{prefix}-"), rule.id
            assert re.search(_CITED, rule.source), rule.id
            assert rule.text.endswith("."), rule.id
