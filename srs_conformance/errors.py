"""The errors of the library, one tree.

ConformanceError
├── UsageError       what the user gave is wrong: names the input, what was expected, what to do
├── CouldNotTest     the scene could not be set: nobody's verdict
│   ├── NotGiven     for want of an option that nobody has to give
│   └── ClusterLost  the cluster was there, and is no more: nothing can be tested on it from then on
├── EngineError      a defect of ours, or of the machine under us
└── BudgetExceeded   a condition did not hold within its named budget

Violations of a protocol by a peer are `srs_conformance.media.errors.ProtocolError`: the media core imports nothing of
ours.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes, the same in pytest, Locust and the command line; 2 to 5 are pytest's own."""

    HOLDS = 0
    MISSED = 1
    INTERRUPTED = 2
    INTERNAL = 3
    USAGE = 4
    NOTHING_COLLECTED = 5
    COULD_NOT_TEST = 10
    ENGINE_ERROR = 11


class ConformanceError(Exception):
    """Base of all errors of ours; `hint` says what the user can do about it."""

    exit_code = ExitCode.ENGINE_ERROR

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(ConformanceError):
    """What the user gave is wrong; the message names the input and what was expected."""

    exit_code = ExitCode.USAGE


class CouldNotTest(ConformanceError):  # noqa: N818 - the verdict's name in the report
    """The scene could not be set, so the requirement has no verdict."""

    exit_code = ExitCode.COULD_NOT_TEST


class NotGiven(CouldNotTest):
    """Something optional that the test is about was not given: what is not asked for hinders no run from holding."""

    exit_code = ExitCode.HOLDS

    def __init__(self, option: str, hint: str) -> None:
        super().__init__(f"{option} was not given", hint=hint)
        self.option = option


class Starved(CouldNotTest):
    """This machine gave too little processor time to who judges or what is judged: another try may give a verdict."""


class ClusterLost(CouldNotTest):
    """The cluster under the run is gone, so neither this nor anything after it can be tested."""


class EngineError(ConformanceError):
    """A defect of the suite itself or of the machine under it; never the server's fault."""


class BudgetExceeded(ConformanceError):  # noqa: N818 - reads as the fact it is
    """A condition did not hold within its named budget."""

    exit_code = ExitCode.MISSED
