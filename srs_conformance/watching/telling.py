"""What came of a watch, told to a person: the verdict, the facts, and the rules."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from srs_conformance.checkers.rules import told
from srs_conformance.load import figures as words
from srs_conformance.requirements import Level
from srs_conformance.rules import rule as rules
from srs_conformance.rules.rule import Verdict, broken
from srs_conformance.viewers.facts import Gap, Jump, Stall
from srs_conformance.viewers.frames import Kind
from srs_conformance.viewers.timeline import Protocol, Timeline
from srs_conformance.watching.conclusion import GAP_SECONDS, Conclusion, Outcome
from srs_conformance.watching.rows import bits, described, playlist
from srs_conformance.watching.wording import PROTOCOLS, count, plain, row

WIDTH = 110
SHOWN = 3
"""Stalls, gaps and jumps whose places are told."""


def lines(conclusion: Conclusion, *, every_rule: bool = False) -> list[str]:
    """Return the account of a watch, line by line; with `every_rule` also each rule that is kept or was not seen."""
    timeline = conclusion.timeline
    found = [f"{plain(timeline.url)}: {headline(conclusion)}", *(f"  {plain(each)}" for each in conclusion.reasons)]
    if conclusion.hint:
        found.append(f"  hint: {conclusion.hint}")
    if timeline.connected is not None:
        found += ["", *facts(conclusion)]
    if conclusion.verdicts:
        found += ["", *_rules(conclusion, every_rule=every_rule)]
    return found


def headline(conclusion: Conclusion) -> str:
    """Return the verdict in a few words."""
    if conclusion.outcome is Outcome.COULD_NOT_TEST:
        return "could not be tested"
    if conclusion.outcome is Outcome.MISSED:
        return "does not hold"
    kept = _of(conclusion.verdicts, Level.MUST, rules.Outcome.KEPT)
    demanded = f", and keeps every MUST that it could be judged by ({len(kept)})" if kept else ""
    return f"plays{demanded}"


def facts(conclusion: Conclusion) -> list[str]:
    """Return what was seen, as a table."""
    timeline, figures = conclusion.timeline, conclusion.figures
    server = f" from {plain(timeline.server)}" if timeline.server else ""
    watched = f"{words.seconds(timeline.until - timeline.started)} over {PROTOCOLS[timeline.protocol]}{server}"
    ended = f"; {timeline.ending}" + (f": {plain(timeline.error)}" if timeline.error else "")
    found = [row("watched", watched + ended), row("at first", _first(timeline))]
    if timeline.frames:
        every = "" if figures.keyframe_every is None else f", every {figures.keyframe_every:.3g} s at the end"
        rate = "" if figures.rate is None else f", {figures.rate:.4g} a second"
        pictures = f"{count(figures.pictures, 'picture')}{rate}, {count(figures.keyframes, 'keyframe')}{every}"
        found += [
            row("video", f"{described(timeline, Kind.VIDEO)}; {pictures}"),
            row("audio", f"{described(timeline, Kind.AUDIO)}; {count(figures.sounds, 'frame')}"),
        ]
    rate = f"; {bits(figures)} of media at the end" if figures.bits is not None else ""
    found.append(row("bytes", f"{timeline.received:,} received{rate}"))
    if timeline.frames:
        found += _faults(conclusion)
    if timeline.playlists:
        found.append(row("playlist", playlist(timeline, timeline.until)))
    found += [row("said" if at == 0 else "", plain(each)) for at, each in enumerate(_said(timeline))]
    return found


def _first(timeline: Timeline) -> str:
    marks = {"connected": timeline.connected, "first byte": timeline.first_byte, "playing": timeline.playing}
    parts = [f"{name} {_after(at - timeline.started)}" for name, at in marks.items() if at is not None]
    frame = timeline.first_frame_after()
    if frame is not None:
        key = {True: ", a keyframe", False: ", no keyframe", None: ""}[timeline.first_is_keyframe]
        parts.append(f"frame {_after(frame)}{key}")
    return "; ".join(parts) or "nothing came"


def _after(seconds: float) -> str:
    seconds = max(seconds, 0.0)
    return f"after {seconds * 1000:.0f} ms" if seconds < 1 else f"after {words.seconds(seconds)}"


def _faults(conclusion: Conclusion) -> list[str]:
    timeline = conclusion.timeline
    player = f"in a player that waits for {conclusion.buffer:g} s of media"
    found = [row("A/V skew", "-" if timeline.skew is None else f"{timeline.skew:.0f} ms at worst")]
    if timeline.protocol is not Protocol.HLS:
        found.append(row("gaps", _places(conclusion.gaps, f"of more than {GAP_SECONDS:g} s")))
    return [*found, row("stalls", _places(conclusion.stalls, player)), row("jumps", _jumps(conclusion.jumps, timeline))]


def _places(found: Sequence[Gap | Stall], what: str) -> str:
    if not found:
        return f"none {what}"
    at = [f"at {each.start:.1f} s for {words.seconds(each.seconds)}" for each in found[:SHOWN]]
    return f"{len(found)} {what}: {'; '.join(at)}" + ("; ..." if len(found) > SHOWN else "")


def _jumps(found: Sequence[Jump], timeline: Timeline) -> str:
    if not found:
        return "none of timestamps"
    at = [f"{e.kind} at {e.arrival - timeline.started:.1f} s by {e.milliseconds:+.0f} ms" for e in found[:SHOWN]]
    return f"{len(found)} of timestamps: {'; '.join(at)}" + ("; ..." if len(found) > SHOWN else "")


def _said(timeline: Timeline) -> list[str]:
    notes = [f"{each.at - timeline.started:.1f} s: {each.text}" for each in tuple(timeline.notes)]
    return notes if len(notes) <= 2 * SHOWN else [*notes[:SHOWN], f"... {len(notes) - 2 * SHOWN} more", *notes[-SHOWN:]]


def _rules(conclusion: Conclusion, *, every_rule: bool) -> list[str]:
    verdicts = conclusion.verdicts
    wrong = broken(verdicts)
    kept = [each for each in verdicts if each.outcome is rules.Outcome.KEPT]
    unseen = [each for each in verdicts if each.outcome is rules.Outcome.NOT_SEEN]
    part = " (of the first part of the watch: not all of it could be kept)" if conclusion.cut else ""
    found = [f"rules{part}: {len(kept)} kept, {len(wrong)} broken, {len(unseen)} of which nothing was seen"]
    for each in wrong:
        found += [f"  {each.rule.level} broken: {plain(told(each)[0])}", *(f"  {plain(at)}" for at in told(each)[1:])]
    if every_rule:
        return [*found, *(_told_kept(each) for each in (*kept, *unseen))]
    for level in Level:
        if ids := [each.rule.id for each in _of(verdicts, level, rules.Outcome.KEPT)]:
            indent = f"  {level} kept: "
            wrapped = textwrap.wrap(
                ", ".join(ids), WIDTH, initial_indent=indent, subsequent_indent="    ", break_on_hyphens=False
            )
            found += wrapped
    return found


def _told_kept(verdict: Verdict) -> str:
    rule = verdict.rule
    state = "kept" if verdict.outcome is rules.Outcome.KEPT else "not seen"
    return f"  {rule.level} {state}: {rule.id} ({rule.source}): {rule.text} {verdict.seen}."


def _of(verdicts: Sequence[Verdict], level: Level, outcome: rules.Outcome) -> list[Verdict]:
    return [each for each in verdicts if each.rule.level is level and each.outcome is outcome]
