"""An interruption that comes while something is made."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from srs_conformance.interrupts import terminable


@contextmanager
def interrupted() -> Iterator[Callable[[], None]]:
    """Expect that the block is interrupted by the signal that it is given a function for."""
    with terminable(), pytest.raises(KeyboardInterrupt):
        yield lambda: signal.raise_signal(signal.SIGTERM)
