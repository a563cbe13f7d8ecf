"""The end of a test: its result, written and said."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import locust
from locust.runners import MasterRunner

from loadtests.driver import options as option_names
from srs_conformance.load.limits import why_not_valid
from srs_conformance.load.result import Result

if TYPE_CHECKING:
    from loadtests.driver.gathering import Gathering
    from loadtests.driver.session import Session


def conclude(session: Session, gathering: Gathering, now: str) -> Result:
    """Write the result of the test that is over, say it on the terminal, and return it."""
    runner = session.runner
    lag = why_not_valid([row.lag for row in gathering.series.rows()])
    result = Result(
        command=command(session),
        urls=session.urls,
        streams=list(session.options.streams),
        options={**option_names.for_result(session.given), "users": str(runner.target_user_count)},
        started=session.started,
        finished=now,
        versions={
            "suite": version("srs-conformance"),
            "locust": locust.__version__,
            "python": platform.python_version(),
        },
        server=", ".join(sorted(gathering.servers)),
        measures=gathering.measures,
        series=gathering.series,
        slo=session.options.slo.judge(gathering.measures) if session.options.slo else [],
        invalid=[*([lag] if lag else []), *(f"worker {name} was lost" for name in sorted(gathering.lost))],
        workers=_workers(session),
        engine_errors=[f"{each['msg']}\n{each['traceback']}" for each in runner.exceptions.values()],
    )
    path = result.write(session.options.folder)
    print("\n".join([*result.lines(), f"result: {path}"]), flush=True)
    return result


def command(session: Session) -> str:
    """Return what kind of load it is: flv, or flv+hls+rtmp."""
    return "+".join(sorted(user.__name__.lower() for user in session.users))


def _workers(session: Session) -> list[dict[str, Any]]:
    runner = session.runner
    if not isinstance(runner, MasterRunner):
        return []
    return [{"name": client.id, "state": client.state} for client in runner.clients.values()]
