"""What came of a watch as JSON, for scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from srs_conformance.rules.rule import Verdict
from srs_conformance.viewers.timeline import Timeline
from srs_conformance.watching.conclusion import Conclusion

FORMAT = 1


def document(conclusion: Conclusion, exit_code: int) -> dict[str, Any]:
    """Return a conclusion as JSON values; times in seconds from the start of the watch, timestamps in ms."""
    timeline = conclusion.timeline
    return {
        "format": FORMAT,
        "url": timeline.url,
        "protocol": str(timeline.protocol),
        "outcome": str(conclusion.outcome),
        "exit_code": exit_code,
        "reasons": list(conclusion.reasons),
        "hint": conclusion.hint,
        "server": timeline.server,
        "content_type": timeline.content_type,
        "seconds": _seconds(timeline, timeline.until),
        "ending": None if timeline.ending is None else str(timeline.ending),
        "error": timeline.error,
        "connected": _seconds(timeline, timeline.connected),
        "first_byte": _seconds(timeline, timeline.first_byte),
        "playing": _seconds(timeline, timeline.playing),
        "first_frame": _round(timeline.first_frame_after()),
        "first_is_keyframe": timeline.first_is_keyframe,
        "received": timeline.received,
        "skew_ms": _round(timeline.skew),
        "buffer": conclusion.buffer,
        "figures": {name: _round(value) for name, value in asdict(conclusion.figures).items()},
        "configs": [
            {"kind": str(each.kind), "codec": each.codec, "description": each.description} for each in timeline.configs
        ],
        "stalls": [{name: _round(value) for name, value in asdict(each).items()} for each in conclusion.stalls],
        "gaps": [{name: _round(value) for name, value in asdict(each).items()} for each in conclusion.gaps],
        "jumps": [
            {"kind": str(each.kind), "at": _seconds(timeline, each.arrival), "milliseconds": _round(each.milliseconds)}
            for each in conclusion.jumps
        ],
        "playlists": {"asked": len(timeline.playlists), "last": _last_playlist(timeline)},
        "segments": len(timeline.segments),
        "notes": [{"at": _seconds(timeline, each.at), "text": each.text} for each in timeline.notes],
        "rules": [_verdict(each) for each in conclusion.verdicts],
        "rules_of_the_first_part_only": conclusion.cut,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    rule = verdict.rule
    return {
        "id": rule.id,
        "level": str(rule.level),
        "source": rule.source,
        "text": rule.text,
        "outcome": str(verdict.outcome),
        "seen": verdict.seen,
        "details": list(verdict.details),
    }


def _last_playlist(timeline: Timeline) -> dict[str, Any] | None:
    if not timeline.playlists:
        return None
    last = asdict(timeline.playlists[-1])
    return {**last, "at": _seconds(timeline, last["at"]), "took": _round(last["took"])}


def _seconds(timeline: Timeline, at: float | None) -> float | None:
    return None if at is None else round(at - timeline.started, 3)


def _round(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
