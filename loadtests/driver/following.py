"""Tells once a second how the load stands, in lines for whoever follows the log (`--progress`)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import gevent
from locust.runners import STATE_MISSING, MasterRunner, Runner

from srs_conformance.load.moment import Moment, Phase

if TYPE_CHECKING:
    from loadtests.driver.session import Session


def tell(session: Session) -> None:
    """Print moments until the process ends."""
    while True:
        present, missing = _workers(session.runner)
        print(replace(_moment(session), workers=present, missing=missing).line(), flush=True)
        gevent.sleep(1)


def _moment(session: Session) -> Moment:
    gathering = session.gathering
    if gathering is None:
        return Moment(Phase.WAITING)
    return replace(
        gathering.present.moment(Phase.RUNNING if session.running else Phase.ENDING),
        at=round(gathering.seconds, 1),
        users=session.runner.user_count,
        lag=round(gathering.lag(), 3),
    )


def _workers(runner: Runner) -> tuple[int, int]:
    """Return how many workers answer, and how many do not any more."""
    if not isinstance(runner, MasterRunner):
        return 0, 0
    states = [client.state for client in runner.clients.values()]
    missing = states.count(STATE_MISSING)
    return len(states) - missing, missing
