"""Follows a run in a pod from its start to its end: shows what the suite says, and tells why it ends otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from srs_conformance.errors import CouldNotTest, EngineError
from srs_conformance.inside.manifests import GRACE_SECONDS
from srs_conformance.inside.places import POD
from srs_conformance.inside.pod import ProbePod
from srs_conformance.inside.state import OUT_OF_MEMORY, State

START_SECONDS = 300.0
"""Until the suite runs: the image may have to be pulled."""
SILENCE_SECONDS = 60.0
"""Within which the cluster must answer again."""
POLL_SECONDS = 1.0
_SIGNALLED = 128
"""An exit code above it is that of a process which a signal has ended."""
_NEW_IMAGE = "push what `srs-conformance probe-image FILE.tar` makes to a registry that the nodes pull from"


class Following:
    """One run that is followed.

    Args:
        pod: where it runs.
        show: is given the lines that the suite writes.
        image: the probe's, for what is said of it.
    """

    def __init__(self, pod: ProbePod, show: Callable[[Sequence[str]], None], image: str) -> None:
        self._pod, self._show, self._image = pod, show, image

    def until_started(self) -> None:
        """Wait until the suite runs, or has ended already.

        Raises:
            CouldNotTest: it cannot run, or does not within its time.
            EngineError: the pod is gone.
        """
        deadline = time.monotonic() + START_SECONDS
        while True:
            state = self._pod.state()
            if state.running or state.code is not None:
                return
            if state.lost:
                raise EngineError(f"{self._called} has not come to run: {state.lost}", hint=_LOOK)
            if state.hopeless:
                raise CouldNotTest(
                    f"{self._called} cannot run image {self._image}: {state.waits}",
                    hint=_NEW_IMAGE + " and name it with --probe-image" if "Image" in state.waits else _LOOK,
                )
            if time.monotonic() > deadline:
                raise CouldNotTest(
                    f"{self._called} does not run after {START_SECONDS:g} s: {state.waits or 'nobody says why'}",
                    hint=f"is there room for it on the nodes? {_LOOK}",
                )
            time.sleep(POLL_SECONDS)

    def until_ended(self) -> int:
        """Show what the suite says until it has ended, and return its exit code.

        Raises:
            EngineError: it was ended by something else than itself.
            ClusterLost: the cluster does not answer any more.
        """
        state = self._to_the_end(None)
        broken = state.code is None or state.code > _SIGNALLED
        if state.lost and broken:
            raise EngineError(f"{self._called} was lost before the suite had ended: {state.lost}", hint=_LEFT)
        if state.reason == OUT_OF_MEMORY:
            raise EngineError(
                f"{self._called} was ended: its memory was used up ({state.reason}, exit code {state.code})",
                hint="run fewer tests side by side (-n), or have the node keep more memory free",
            )
        assert state.code is not None
        if broken:
            number = state.code - _SIGNALLED
            raise EngineError(f"the suite in {self._called} was ended by signal {number} ({state.reason})", hint=_LEFT)
        return state.code

    def end(self) -> None:
        """Interrupt the suite, and show what it says until it has cleaned up, or its time for that is over."""
        self._pod.end()
        self._to_the_end(GRACE_SECONDS)

    def _to_the_end(self, within: float | None) -> State:
        deadline = None if within is None else time.monotonic() + within
        answered = time.monotonic()
        state = State()
        while True:
            try:
                state = self._pod.state()  # asked first, so that the last lines are read after the end
                self._show(self._pod.output())
                answered = time.monotonic()
            except EngineError:  # one question without an answer; a cluster that is lost raises another error
                if time.monotonic() - answered > SILENCE_SECONDS:
                    raise
            else:
                if state.code is not None or state.lost:
                    return state
            if deadline is not None and time.monotonic() > deadline:
                return state
            time.sleep(POLL_SECONDS)

    @property
    def _called(self) -> str:
        return f"pod {POD} of namespace {self._pod.namespace.name}"


_LOOK = "--keep leaves the pod for a look at it: kubectl describe"
_LEFT = "begin the run anew; what the suite has deployed is deleted with the pod's namespace"
