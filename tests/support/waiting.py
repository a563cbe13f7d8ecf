"""Waiting for a condition, in tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

WAIT_SECONDS = 20.0


def wait_for(condition: Callable[[], Any], what: str = "it to come true", seconds: float = WAIT_SECONDS) -> Any:
    """Return the first true thing that the condition gives; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        pause.wait(0.02)
    return found
