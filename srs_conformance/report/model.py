"""Verdicts, results of tests, and what follows from them for requirements, profiles and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from srs_conformance.errors import ExitCode
from srs_conformance.report.plots import Plot
from srs_conformance.requirements import Chapter


class Verdict(StrEnum):
    """What became of a test or a requirement, the gravest first."""

    ENGINE_ERROR = "engine-error"  # our own fault
    FAIL = "fail"  # a MUST was seen broken
    COULD_NOT_TEST = "could-not-test"  # the scene could not be set
    WARN = "warn"  # a SHOULD was seen broken
    UNSUPPORTED = "unsupported"  # this server or cluster lacks the feature
    DISABLED = "disabled"  # switched off by the user
    NOT_RUN = "not-run"  # no test of it was selected
    PASS = "pass"  # noqa: S105 - a verdict, not a password


#: How a message's line about what broke by itself begins: a publisher, the cluster.
BROKE = "the scene broke: "
_DID = "did:"
_GRAVITY = {verdict: place for place, verdict in enumerate(Verdict)}


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest of the verdicts, NOT_RUN when there is none."""
    return min(verdicts, key=_GRAVITY.__getitem__, default=Verdict.NOT_RUN)


def exit_code(results: Iterable[TestResult]) -> ExitCode:
    """Return a run's exit code: an engine error outweighs a miss (it may hide some), a miss what was not tested.

    What was not tested for want of an option hinders no run from holding, unless the run was about nothing else.
    """
    every = list(results)
    worst = gravest(result.verdict for result in [each for each in every if not each.not_given] or every)
    if worst is Verdict.ENGINE_ERROR:
        return ExitCode.ENGINE_ERROR
    if worst is Verdict.FAIL:
        return ExitCode.MISSED
    if worst is Verdict.COULD_NOT_TEST:
        return ExitCode.COULD_NOT_TEST
    return ExitCode.HOLDS


@dataclass(frozen=True)
class TestResult:
    """One test's outcome, as it travels from the process that ran it to the one that writes the report."""

    __test__ = False  # no test itself, whatever pytest makes of the name

    node: str
    requirements: tuple[str, ...]
    verdict: Verdict
    seconds: float
    message: str = ""
    evidence: str = ""
    measured: dict[str, Any] = field(default_factory=dict)
    not_given: str = ""  # the option for want of which there is no verdict
    plots: list[Plot] = field(default_factory=list)  # what pictures are drawn from
    earlier: str = ""  # of a second try, what hindered the first

    @property
    def hindrance(self) -> str:
        """What kept a verdict from the test, without what is its own: a cluster that is lost hinders many alike."""
        own = (*self.requirements, _DID)
        lines = [line for line in self.message.splitlines() if line.split(" ")[0] not in own]
        return "\n".join([line for line in lines if line.startswith(BROKE)] or lines)

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values."""
        return {
            "node": self.node,
            "requirements": list(self.requirements),
            "verdict": str(self.verdict),
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "evidence": self.evidence,
            "measured": self.measured,
            "not_given": self.not_given,
            "plots": self.plots,
            "earlier": self.earlier,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TestResult:
        """Read what `to_json` gave."""
        return cls(**{**values, "requirements": tuple(values["requirements"]), "verdict": Verdict(values["verdict"])})


def requirement_verdicts(chapter: Chapter, results: Iterable[TestResult]) -> dict[str, Verdict]:
    """Return the gravest verdict of each requirement's tests, NOT_RUN where none ran."""
    found: dict[str, list[Verdict]] = {requirement.id: [] for requirement in chapter.requirements}
    for result in results:
        for identifier in result.requirements:
            if identifier in found:
                found[identifier].append(result.verdict)
    return {identifier: gravest(verdicts) for identifier, verdicts in found.items()}
