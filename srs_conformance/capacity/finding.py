"""Trial after trial until the number of viewers is known that a server carries, and what to conclude from them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from srs_conformance.capacity.search import Search
from srs_conformance.capacity.trial import Trial
from srs_conformance.errors import ExitCode

KIND: Final = "srs-conformance/capacity"
VERSION: Final = 1
FILE_NAME: Final = "capacity.json"
_GIB: Final = 2**30
_LEAST_CORES: Final = 0.005
"""Below this the kernel's figure is noise, and so would be viewers per core."""


@dataclass
class Finding:
    """What was found.

    Attributes:
        what: what was tested: kind, host, stream, bitrate, SLO, server and so on, plain JSON values.
        trials: in the order in which they were made.
        stopped: why the search ended before it knew; "" when it knows.
    """

    what: dict[str, Any]
    trials: list[Trial] = field(default_factory=list)
    stopped: str = ""

    @property
    def held(self) -> Trial | None:
        """The trial with the most viewers that held."""
        return max((trial for trial in self.trials if trial.holds), key=lambda trial: trial.users, default=None)

    @property
    def broke(self) -> Trial | None:
        """The trial with the fewest viewers that did not."""
        broken = [trial for trial in self.trials if not trial.holds and not trial.invalid]
        return min(broken, key=lambda trial: trial.users, default=None)

    @property
    def per_core(self) -> float | None:
        """Viewers for each processor in use, at the most that held."""
        held = self.held
        if held is None or held.usage is None or held.usage.cores < _LEAST_CORES:
            return None
        return held.users / held.usage.cores

    @property
    def per_gib(self) -> float | None:
        """Viewers for each GiB in use, at the most that held.

        All that the server uses counts: one that has been busy before has kept its memory, and what a viewer adds to
        it would be nothing.
        """
        held = self.held
        return held.users / (held.usage.memory / _GIB) if held and held.usage and held.usage.memory > 0 else None

    @property
    def exit_code(self) -> ExitCode:
        """0: the number is known, or nothing broke up to the most that was asked for; 10: it could not be found."""
        return ExitCode.COULD_NOT_TEST if self.stopped or self.held is None else ExitCode.HOLDS

    def lines(self) -> list[str]:
        """Return the answer for the terminal."""
        lines = [f"{'viewers':>8}  {'SLO':6}  {'processors':>10}  {'MiB':>6}  {'node':>5}  what"]
        lines += [_row(trial) for trial in self.trials]
        held, broke = self.held, self.broke
        if held is None:
            return [*lines, "", f"no number of viewers held: {self.stopped or (broke.limit if broke else 'none came')}"]
        up_to = f"; {broke.users} do not: {broke.limit}" if broke else ", and nobody asked for more"
        lines += ["", f"{held.users} viewers hold{up_to}"]
        if self.per_core is not None:
            lines.append(f"{self.per_core:,.0f} viewers per processor in use")
        if self.per_gib is not None:
            lines.append(f"{self.per_gib:,.0f} viewers per GiB")
        lines += [f"could not look into the server: {held.blind}"] if held.blind else []
        lines += [f"not known more closely: {self.stopped}"] if self.stopped else []
        return lines

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        held, broke = self.held, self.broke
        return {
            "kind": KIND,
            "version": VERSION,
            **self.what,
            "held": held.users if held else None,
            "broke": broke.users if broke else None,
            "limit": broke.limit if broke else "",
            "viewers_per_core": self.per_core,
            "viewers_per_gib": self.per_gib,
            "stopped": self.stopped,
            "trials": [trial.to_json() for trial in self.trials],
        }

    def write(self, folder: Path) -> Path:
        """Write capacity.json into the folder, and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE_NAME
        path.write_text(json.dumps(self.to_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def find(search: Search, attempt: Callable[[int], Trial], finding: Finding, told: Callable[[Trial], None]) -> Finding:
    """Try numbers until it is known; each trial is told as soon as it is over.

    A number that the generator itself could not reach ends the search: what lies beyond says nothing of the server.
    """
    while (users := search.next) is not None:
        trial = attempt(users)
        finding.trials.append(trial)
        told(trial)
        if trial.invalid:
            finding.stopped = f"at {users} viewers {trial.invalid}"
            return finding
        search.tell(users, holds=trial.holds)
    return finding


def _row(trial: Trial) -> str:
    usage = trial.usage
    word = "?" if trial.invalid else "kept" if trial.holds else "missed"
    used = (
        f"{usage.cores:>10.2f}  {usage.memory / 2**20:>6.0f}  {usage.node:>5.0%}"
        if usage
        else f"{'?':>10}  {'?':>6}  {'?':>5}"
    )
    what = trial.invalid or "; ".join(trial.missed) or f"{trial.bits / 1e6:,.1f} Mbit/s"
    return f"{trial.users:>8}  {word:6}  {used}  {what}"
