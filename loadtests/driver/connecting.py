"""Connects the session to Locust's events, and decides how a process ends that cannot go on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

import gevent
from locust import events, stats
from locust.env import Environment
from locust.exception import StopTest
from locust.rpc import Message
from locust.runners import MasterRunner, WorkerRunner

from loadtests.driver import options, telling
from loadtests.driver.family import Family
from loadtests.driver.gathering import LAST
from loadtests.driver.session import SESSION
from srs_conformance.errors import ConformanceError

_LOG = logging.getLogger(__name__)
_MADE_SOON = 0.01


def connect() -> None:
    """Connect the session to Locust's events."""
    stats.PERCENTILES_TO_CHART = telling.PERCENTILES
    family = Family()
    events.init.add_listener(lambda **_: family.grown())
    events.init_command_line_parser.add_listener(options.add)
    events.init.add_listener(_on_init)
    events.test_start.add_listener(_on_test_start)
    events.test_stop.add_listener(lambda **_: SESSION.end())
    events.report_to_master.add_listener(_on_report_to_master)
    events.worker_report.add_listener(_on_worker_report)
    events.quitting.add_listener(_on_quitting)


def _on_init(environment: Environment, **_: Any) -> None:
    _or_exit(lambda: SESSION.prepare(environment))
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        runner.register_message(LAST, _on_last_report)
        events.worker_connect.add_listener(_on_worker_connect)


def _on_test_start(environment: Environment, **_: Any) -> None:
    """Begin; where there is a web page an error stops the test and not the process, and stands among its logs.

    The message that begins a test may follow at once upon the master's answer to a worker, which is still being made
    then: until it is, nobody can say that it is one.
    """
    while environment.runner is None:
        gevent.sleep(_MADE_SOON)
    if environment.web_ui is None:
        _or_exit(lambda: SESSION.begin(environment))
        return
    try:
        SESSION.begin(environment)
    except ConformanceError as error:
        _LOG.error("%s", error)
        raise StopTest(error.message) from error


def _on_report_to_master(client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - Locust's names
    if SESSION.gathering is not None:
        SESSION.gathering.report(data)


def _on_worker_connect(client_id: str) -> None:
    if SESSION.gathering is not None:
        SESSION.gathering.came(client_id)


def _on_worker_report(client_id: str, data: dict[str, Any]) -> None:
    if SESSION.gathering is not None:
        SESSION.gathering.reported(client_id, data)


def _on_last_report(environment: Environment, msg: Message) -> None:  # noqa: ARG001 - Locust's names
    if SESSION.gathering is not None:
        SESSION.gathering.last_report(msg.node_id, msg.data)


def _on_quitting(environment: Environment, **_: Any) -> None:
    """Decide the exit code of a process that gathers; for that, everybody must have left and been counted."""
    runner = environment.runner
    if runner is None or isinstance(runner, WorkerRunner):
        return
    runner.stop()
    SESSION.end()  # where all workers are lost Locust stops a test without saying so
    if SESSION.result is not None:
        environment.process_exit_code = int(SESSION.result.exit_code)


def _or_exit(do: Callable[[], None]) -> None:
    """Do something; an error of ours ends the process at once, with its own exit code and nothing but its words."""
    try:
        do()
    except ConformanceError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(int(error.exit_code))
