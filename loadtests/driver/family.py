"""Workers that Locust forks (`--processes`) end with the process that forked them.

Where its master cannot begin Locust leaves them behind, and they would look for it for minutes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


class Family:
    """Ties whoever is forked until `grown`; later ones, such as the browser that Locust opens, go their own way."""

    def __init__(self) -> None:
        self._parent = os.getpid()
        self._grown = False
        os.register_at_fork(after_in_child=self._tie)

    def grown(self) -> None:
        """No more workers are forked."""
        self._grown = True

    def _tie(self) -> None:
        if self._grown or sys.platform != "linux":
            return
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != self._parent:
            os._exit(1)
