"""Follows a load from its start to its end: waits for its workers, shows how it stands, and notices what goes wrong."""

from __future__ import annotations

import time

from srs_conformance.clusters.base import Pod
from srs_conformance.errors import CouldNotTest, EngineError
from srs_conformance.load.moment import Moment, Phase
from srs_conformance.loadrun.deployment import Deployment
from srs_conformance.loadrun.manifests import MASTER
from srs_conformance.loadrun.noticing import Noticer, hopeless
from srs_conformance.loadrun.plan import Plan
from srs_conformance.loadrun.terminal import Display

CONNECT_SECONDS = 240.0
"""Until all workers are connected: images may have to be pulled."""
EXTRA_SECONDS = 180.0
"""Beyond the load's own time: the first look, everybody's leaving, the result."""
SILENCE_SECONDS = 60.0
"""Within which the cluster must answer again."""
POLL_SECONDS = 1.0


class Following:
    """One load that is followed.

    Attributes:
        troubles: what happened to its pods, one sentence for each; with any of them its figures are not valid.
    """

    def __init__(self, deployment: Deployment, plan: Plan, display: Display) -> None:
        self.troubles: list[str] = []
        self._deployment, self._plan, self._display = deployment, plan, display

    def until_connected(self) -> Moment:
        """Wait until all workers are connected, or the master has ended before; return how it stands then.

        Raises:
            CouldNotTest: a pod cannot run, or the workers do not come in time.
        """
        deadline = time.monotonic() + CONNECT_SECONDS
        while True:
            moment = self._deployment.moment() or Moment(Phase.WAITING)
            self._display.show(moment, self._plan.workers)
            if moment.phase is not Phase.WAITING or moment.workers >= self._plan.workers:
                return moment
            pods = self._deployment.pods()
            if never := hopeless(pods):
                words = self._deployment.words()
                raise CouldNotTest("; ".join(never) + (f"\n{words}" if words else ""), hint=_hint(never))
            if time.monotonic() > deadline:
                raise CouldNotTest(
                    f"{moment.workers} of {self._plan.workers} workers are connected after {CONNECT_SECONDS:g} s: "
                    + "; ".join(f"{pod.name} {_state(pod)}" for pod in pods if not pod.ready),
                    hint="is there room for all of them on the nodes? fewer workers or --keep and a look at the events",
                )
            time.sleep(POLL_SECONDS)

    def until_ended(self) -> int:
        """Show how the load stands until it has ended, and return the master's exit code.

        Raises:
            EngineError: it does not end, or the cluster does not answer any more.
        """
        noticer = Noticer(self._deployment.pods())
        deadline = time.monotonic() + self._plan.seconds + EXTRA_SECONDS
        answered = time.monotonic()
        while True:
            try:
                self._notice(noticer.look(self._deployment.pods()))
                moment = self._deployment.moment()
                answered = time.monotonic()
            except EngineError:
                if time.monotonic() - answered > SILENCE_SECONDS:
                    raise
                moment = None
            if moment:
                self._display.show(moment, self._plan.workers)
                if moment.phase is Phase.ENDED:
                    return 0 if moment.code is None else moment.code
            if any(MASTER in trouble for trouble in self.troubles):
                raise EngineError(f"the load was broken off: {'; '.join(self.troubles)}")
            if time.monotonic() > deadline:
                raise EngineError(f"the load has not ended {EXTRA_SECONDS:g} s after its time")
            time.sleep(POLL_SECONDS)

    def _notice(self, troubles: list[str]) -> None:
        for trouble in troubles:
            self._display.say(f"not valid any more: {trouble}")
        self.troubles += troubles


def _state(pod: Pod) -> str:
    return f"({', '.join(container.state for container in pod.containers) or pod.phase})"


def _hint(reasons: list[str]) -> str:
    if any("Image" in reason for reason in reasons):
        return "can the nodes get the image under this name? `srs-conformance load-image` makes it for a registry"
    return "--keep leaves the pods for a look at them"
