"""A clock that goes only where somebody sleeps: waiting takes no time, and as long as it must."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace

import pytest


def only_sleep(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
    """Have these modules read, and sleep by, one such clock in place of `time`."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    for module in modules:
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now, sleep=sleep))
