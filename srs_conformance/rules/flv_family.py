"""All rules of HTTP-FLV, and the judgement of one response by all of them."""

from __future__ import annotations

from typing import Final

from srs_conformance.rules import codecs, flv_container, flv_delivery
from srs_conformance.rules.codecs import Published, judge_codecs
from srs_conformance.rules.flv_metadata import judge_metadata, metadata_rules
from srs_conformance.rules.flv_reading import read_flv
from srs_conformance.rules.rule import Rule, Verdict
from srs_conformance.rules.samples import read
from srs_conformance.rules.tracks import judge_tracks, track_rules
from srs_conformance.viewers.keeping import Response

FAMILY: Final = "FLV"
TRACK_RULES: Final = track_rules(FAMILY)
METADATA_RULES: Final = metadata_rules(FAMILY)
RULES: Final[tuple[Rule, ...]] = (*METADATA_RULES, *TRACK_RULES)
"""Those that have no module of their own; container and delivery have theirs in `flv_container` and `flv_delivery`."""
ALL_RULES: Final[tuple[Rule, ...]] = (*flv_container.RULES, *RULES, *flv_delivery.RULES)


CONTAINER: Final = tuple(
    rule
    for rule in ALL_RULES
    if rule in flv_container.RULES or rule.id in ("FLV-METADATA-FORM", "FLV-VIDEO-HEADER", "FLV-AUDIO-HEADER")
)
"""What each tag is."""
CONFIGURATION: Final = (
    *(rule for rule in TRACK_RULES if rule.id in ("FLV-COMPOSITION-ZERO", "FLV-CONFIGURATION-FIRST")),
    *codecs.RULES,
)
"""What a decoder needs."""
TIMES: Final = tuple(rule for rule in TRACK_RULES if rule not in (*CONTAINER, *CONFIGURATION))
"""Order and timestamps."""
DELIVERY: Final = flv_delivery.RULES


def judge_flv(response: Response, published: Published | None = None, page: Response | None = None) -> list[Verdict]:
    """Judge a kept HTTP-FLV response by all rules of its family and of codecs; `page` as in `judge_delivery`."""
    flv = read_flv(response)
    samples = flv.samples
    media = read(samples, published.again_after if published else None)
    return [
        *flv_container.judge_container(flv),
        *judge_metadata(FAMILY, samples, media),
        *judge_tracks(FAMILY, media),
        *flv_delivery.judge_delivery(response, flv, page),
        *judge_codecs(media, published),
    ]
