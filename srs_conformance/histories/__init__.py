"""Histories: what publishers, viewers, disturbances and observers did and saw in one run, on one clock, in one file.

A run writes it with a `Recording`; `read` gives it back as a `History`, and `losses` says what its viewers lost. What
they lost is judged by `srs_conformance.checkers.histories`.
"""

from __future__ import annotations

from srs_conformance.histories.events import Given, Judged, Outcome, Published, Role, Sample, Session
from srs_conformance.histories.history import Disturbance, History, Span, Watcher
from srs_conformance.histories.losses import Figure, Losses, losses
from srs_conformance.histories.numbering import Numbering
from srs_conformance.histories.playing import Break
from srs_conformance.histories.reading import HistoryError, read
from srs_conformance.histories.recording import Recording

__all__ = [
    "Break",
    "Disturbance",
    "Figure",
    "Given",
    "History",
    "HistoryError",
    "Judged",
    "Losses",
    "Numbering",
    "Outcome",
    "Published",
    "Recording",
    "Role",
    "Sample",
    "Session",
    "Span",
    "Watcher",
    "losses",
    "read",
]
