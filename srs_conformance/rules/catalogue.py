"""All rules, by family, and the page that lists them."""

from __future__ import annotations

from typing import Final

from srs_conformance.rules import (
    codecs,
    flv_container,
    flv_delivery,
    flv_family,
    hls_delivery,
    hls_media,
    hls_playlists,
    hls_time,
    rtmp_chunks,
    rtmp_commands,
    rtmp_control,
    rtmp_handshake,
    rtmp_media,
    rtmp_refusals,
    ts_streams,
    ts_tables,
)
from srs_conformance.rules.rule import Rule

FAMILIES: Final[tuple[tuple[str, tuple[Rule, ...]], ...]] = (
    ("HLS: a playlist by itself", hls_playlists.RULES),
    ("HLS: a playlist over time", hls_time.RULES),
    ("HLS: delivery", hls_delivery.RULES),
    ("HLS: segments and their playlist", hls_media.RULES),
    ("MPEG-TS: packets and tables", ts_tables.RULES),
    ("MPEG-TS: elementary streams", ts_streams.RULES),
    ("FLV: header and tags", flv_container.RULES),
    ("FLV: metadata and tracks", flv_family.RULES),
    ("FLV: delivery over HTTP", flv_delivery.RULES),
    ("RTMP: handshake", rtmp_handshake.RULES),
    ("RTMP: chunks", rtmp_chunks.RULES),
    ("RTMP: control messages", rtmp_control.RULES),
    ("RTMP: commands and the order of a play", rtmp_commands.RULES),
    ("RTMP: media messages", rtmp_media.RULES),
    ("RTMP: refusals", rtmp_refusals.RULES),
    ("Decoder configurations, over FLV and RTMP", codecs.RULES),
)


def catalogue() -> tuple[Rule, ...]:
    """Return all rules, in the order of the families."""
    return tuple(rule for _, rules in FAMILIES for rule in rules)


def tables() -> str:
    """Return the tables of docs/rules.md: for each family its rules with level, source and text."""
    parts = []
    for title, rules in FAMILIES:
        rows = [f"| {each.id} | {each.level} | {each.source} | {each.text} |" for each in rules]
        parts.append(
            "\n".join([f"## {title}", "", "| rule | level | source | text |", "| --- | --- | --- | --- |", *rows])
        )
    return "\n\n".join(parts) + "\n"
