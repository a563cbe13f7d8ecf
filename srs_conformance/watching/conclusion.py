"""What came of a watch: whether the stream plays, what it keeps and breaks, and the exit code for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from srs_conformance.errors import ExitCode
from srs_conformance.load import figures as words
from srs_conformance.requirements import Level
from srs_conformance.rules.rule import Verdict, broken
from srs_conformance.viewers.facts import Gap, Jump, Stall
from srs_conformance.viewers.keeping import Keeping
from srs_conformance.viewers.timeline import Ending, Protocol, Timeline
from srs_conformance.watching.diagnosis import diagnose
from srs_conformance.watching.judging import judged
from srs_conformance.watching.rows import problem
from srs_conformance.watching.tally import Figures
from srs_conformance.watching.wording import plain

GAP_SECONDS = 1.5
"""As `observing.Budget.BREAK`: what a player with a buffer of a second notices."""
_LENGTH = "FLV-CONTENT-LENGTH"
_A_FILE = "a response that tells its length is a file: is this a recording? The rules are those of live streams"
LAST_LOOKS = 2
"""Playlists in a row that were not there at the end: one alone may be an accident."""


class Outcome(StrEnum):
    """What came of it."""

    PLAYS = "plays"
    MISSED = "missed"
    COULD_NOT_TEST = "could-not-test"


_CODES = {
    Outcome.PLAYS: ExitCode.HOLDS,
    Outcome.MISSED: ExitCode.MISSED,
    Outcome.COULD_NOT_TEST: ExitCode.COULD_NOT_TEST,
}


@dataclass(frozen=True)
class Conclusion:
    """What came of a watch.

    Attributes:
        outcome: plays, missed or could-not-test; reasons: why it is not the first; hint: what can be done.
        timeline, figures: what was seen; buffer: seconds that the modelled player waits for.
        verdicts: of all rules that were judged; cut: whether not all bytes could be kept for them.
        stalls, gaps, jumps: as the timeline has them; no gaps of HLS, where frames come by segments.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    hint: str
    timeline: Timeline
    figures: Figures
    buffer: float
    verdicts: tuple[Verdict, ...]
    cut: bool
    stalls: tuple[Stall, ...]
    gaps: tuple[Gap, ...]
    jumps: tuple[Jump, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of a watch that came to its end."""
        return _CODES[self.outcome]


def conclude(
    timeline: Timeline, keeping: Keeping, first: bytes, figures: Figures, buffer: float, *, strict: bool
) -> Conclusion:
    """Conclude a watch that is over.

    Args:
        timeline: what was seen.
        keeping: what was kept of it.
        first: the first bytes that the server sent.
        figures: as they stood at the end.
        buffer: seconds of media that the modelled player waits for.
        strict: whether what the specifications recommend counts as what they demand.
    """
    verdicts = judged(timeline, keeping)
    stalls = tuple(timeline.stalls(buffer))
    reasons = [
        *_broken(verdicts, strict=strict),
        *([_stood_still(stalls, buffer)] if stalls else []),
        *_ended_early(timeline),
    ]
    hint = ""
    if not timeline.frames:
        found = diagnose(timeline, first)
        reasons, hint = [*reasons, found.what], found.hint
        # Who breaks a MUST of the protocol speaks it: that is a verdict, although nothing could be played.
        missed = bool(broken(verdicts, level=Level.MUST))
        outcome = Outcome.MISSED if missed else Outcome.COULD_NOT_TEST
    else:
        outcome = Outcome.MISSED if reasons else Outcome.PLAYS
        hint = _A_FILE if any(each.rule.id == _LENGTH for each in broken(verdicts, level=Level.MUST)) else ""
    return Conclusion(
        outcome,
        tuple(reasons),
        hint,
        timeline,
        figures,
        buffer,
        verdicts,
        keeping.full,
        stalls,
        () if timeline.protocol is Protocol.HLS else tuple(timeline.gaps(GAP_SECONDS)),
        tuple(timeline.jumps()),
    )


def _broken(verdicts: tuple[Verdict, ...], *, strict: bool) -> list[str]:
    levels = (Level.MUST, Level.SHOULD) if strict else (Level.MUST,)
    found = [(level, broken(verdicts, level=level)) for level in levels]
    return [f"{level} broken: {', '.join(each.rule.id for each in wrong)}" for level, wrong in found if wrong]


def _stood_still(stalls: tuple[Stall, ...], buffer: float) -> str:
    often = "once" if len(stalls) == 1 else f"{len(stalls)} times"
    seconds = words.seconds(sum(each.seconds for each in stalls))
    return f"a player that waits for {buffer:g} s of media stood still {often}, for {seconds}"


def _ended_early(timeline: Timeline) -> list[str]:
    """Say how the server ended a stream that had begun to play and did not say that it is complete."""
    if not timeline.frames:
        return []
    if timeline.lost and timeline.ending is not Ending.FINISHED:
        after = words.seconds(timeline.until - timeline.started)
        return [f"the stream was cut after {after}: {plain(timeline.error) or timeline.ending}"]
    last = timeline.playlists[-LAST_LOOKS:]
    if len(last) == LAST_LOOKS and all(each.media_sequence is None and not each.master for each in last):
        return [f"its playlist was gone at the end: {plain(problem(last[-1]))}"]
    return []
