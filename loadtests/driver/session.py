"""One process of a load test from its start to its result: what Locust's events make of our measures.

Workers send what they have measured with each of Locust's reports; whoever gathers them (a master, or the one process that
does everything) writes the result. Of Locust's own statistics, `total` counts nothing but first keyframes, so that its
charts and its summary speak of them.
"""

from __future__ import annotations

import platform
import sys
import time
from argparse import Namespace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import gevent
import locust
from locust import events
from locust.env import Environment
from locust.rpc import Message
from locust.runners import MasterRunner, WorkerRunner

from loadtests.driver import options as option_names
from loadtests.driver import page, probing
from loadtests.driver.options import Options
from loadtests.driver.shaping import SpecShape
from srs_conformance.errors import ConformanceError, CouldNotTest, UsageError
from srs_conformance.load.limits import make_room, why_not_valid
from srs_conformance.load.measures import Measures
from srs_conformance.load.prepared import Clip, Schedule, rtmp_chunks
from srs_conformance.load.publishing import STREAM_ID
from srs_conformance.load.result import Result
from srs_conformance.load.series import Sample, Series
from srs_conformance.load.viewing import Scene, Settings, Visitor
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.publisher import DemoClip

SAMPLE_SECONDS = 1.0
LAST_REPORT_SECONDS = 30.0
_KEY, _LAST = "srs_conformance", "srs_conformance_last"


class Refused(Exception):
    """Somebody never got a first keyframe; its text groups with others' in Locust's failures."""


class Session:
    """What one process knows of the test that runs."""

    def __init__(self) -> None:
        self.environment: Environment
        self.given = Namespace()
        self.options: Options
        self.scene = Scene(Settings(), Measures())
        self.measures, self.series = Measures(), Series()
        self.worker = 0
        self.invalid: list[str] = []
        self.servers: set[str] = set()
        self.lost: set[str] = set()
        self._fresh: list[Sample] = []
        self._began = 0.0
        self._started = ""
        self._schedule: Schedule | None = None
        self._result: Result | None = None
        self._stopped = True
        self._waiting: set[str] = set()  # workers whose last report has not come

    @property
    def schedule(self) -> Schedule:
        """What publishers send; prepared on first use."""
        if self._schedule is None:
            options = self.options
            file = options.clip or DemoClip(video_bitrate=options.bitrate).ensure_flv()
            self._schedule = Schedule(Clip(file), rtmp_chunks(STREAM_ID))
        return self._schedule

    @property
    def gathers(self) -> bool:
        """Whether this process writes the result."""
        return not isinstance(self.environment.runner, WorkerRunner)

    def prepare(self, environment: Environment) -> None:
        """Take the options, and look before a headless run whether there is something to test.

        Raises:
            ConformanceError: there is not, or the options are wrong.
        """
        self.environment = environment
        self._take_options()
        if self.options.shape is not None and self.gathers:
            shape = SpecShape(self.options.shape)
            shape.runner = environment.runner
            environment.shape_class = shape
        if environment.web_ui is not None:
            page.add(environment.web_ui, self)
        if getattr(self.given, "headless", False) and self.gathers:
            self._look_first()

    def begin(self, environment: Environment) -> None:
        """A test starts: forget the one before. A worker may hear of it before Locust has told it all else."""
        self.environment = environment
        self._take_options()
        if not isinstance(self.environment.runner, MasterRunner):
            make_room(self._users_here())
        self.scene = Scene(self.options.settings, Measures())
        self.scene.on_joined = self.joined
        self.measures, self.series = Measures(), Series()
        self.invalid, self.servers, self.lost, self._fresh = [], set(), set(), []
        self.worker = max(getattr(self.environment.runner, "worker_index", 0), 0)
        self._began, self._started, self._result, self._stopped = time.monotonic(), _now(), None, False
        runner = environment.runner
        self._waiting = set(runner.clients) if isinstance(runner, MasterRunner) else set()
        gevent.spawn(self.scene.pump.run)
        gevent.spawn(self._sample, self.scene)

    def end(self) -> None:
        """A test has stopped and all its users are gone."""
        self.scene.pump.stop()
        self._look()
        self._stopped = True
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            last: dict[str, Any] = {}
            self.report(last)
            runner.send_message(_LAST, last)
            return
        if isinstance(runner, MasterRunner):
            self._await_workers(runner)
        self.finish()

    def last_report(self, client: str, data: dict[str, Any]) -> None:
        """Take a worker's last report of a test."""
        self.reported(client, data)
        self._waiting.discard(client)

    def _await_workers(self, runner: MasterRunner) -> None:
        """Have all users of all workers leave and be counted; where the run time is over Locust only tells them later."""
        for name in self._waiting:
            if runner.clients[name].user_count:
                runner.server.send_to_client(Message("stop", None, name))
        deadline = time.monotonic() + LAST_REPORT_SECONDS
        while self._waiting & set(runner.clients) and time.monotonic() < deadline:
            gevent.sleep(0.05)
        self.lost |= self._waiting

    def finish(self) -> Result | None:
        """Write the result, once, and say it on the terminal."""
        if self._result is not None or not self._started:
            return self._result
        self._gather(self.scene.measures.delta(), self.scene.servers)
        runner = self.environment.runner
        assert runner is not None
        failures = [f"{each['msg']}\n{each['traceback']}" for each in runner.exceptions.values()]
        lag = why_not_valid([row.lag for row in self.series.rows()])
        urls = sorted({user.base(user.host or self.environment.host) for user in self.environment.user_classes})
        self._result = result = Result(
            command="+".join(sorted(user.__name__.lower() for user in self.environment.user_classes)),
            urls=urls,
            streams=list(self.options.streams),
            options={**option_names.for_result(self.given), "users": str(runner.target_user_count)},
            started=self._started,
            finished=_now(),
            versions={
                "suite": version("srs-conformance"), "locust": locust.__version__, "python": platform.python_version()
            },  # fmt: skip
            server=", ".join(sorted(self.servers)),
            measures=self.measures,
            series=self.series,
            slo=self.options.slo.judge(self.measures) if self.options.slo else [],
            invalid=[*self.invalid, *([lag] if lag else []), *(f"worker {name} was lost" for name in sorted(self.lost))],
            workers=self._workers(),
            engine_errors=failures,
        )
        path = result.write(self.options.folder)
        print("\n".join([*result.lines(), f"result: {path}"]), flush=True)
        return result

    def joined(self, visitor: Visitor) -> None:
        """Tell Locust of a first keyframe, with which a visit has really begun."""
        record = visitor.record
        assert record.first_keyframe is not None
        entries = self.environment.stats
        name = _method(record)
        events_of = self.environment.events.request
        events_of.fire(
            request_type=name, name="first keyframe", response_time=record.first_keyframe * 1000,
            response_length=record.received, exception=None, context={},
        )  # fmt: skip
        for what, seconds in (("connect", record.connect), ("first byte", record.first_byte)):
            if seconds is not None:
                entries.get(what, name).log(seconds * 1000, 0)

    def visited(self, record: Visit) -> None:
        """Tell Locust how a visit ended."""
        name = _method(record)
        if not record.joined and record.error:
            self.environment.events.request.fire(
                request_type=name, name="first keyframe", response_time=0.0, response_length=record.received,
                exception=Refused(record.error), context={},
            )  # fmt: skip
            return
        if record.joined:
            stay = self.environment.stats.get("stay", name)
            stay.log(record.watched * 1000, record.received)
            if record.cut:
                stay.log_error(record.error)
        if record.stalls:
            self.environment.stats.get("stalled", name).log(record.stalled * 1000, 0)

    def report(self, data: dict[str, Any]) -> None:
        """Put what was measured since the last report into a worker's report."""
        data[_KEY] = {
            "measures": self.scene.measures.delta(),
            "samples": [sample.to_json() for sample in self._fresh],
            "servers": sorted(self.scene.servers),
        }
        self._fresh = []

    def reported(self, client: str, data: dict[str, Any]) -> None:
        """Take a worker's report."""
        ours = data.get(_KEY)
        if ours is None:
            return
        self._gather(ours["measures"], ours["servers"])
        for sample in ours["samples"]:
            self.series.add(Sample.from_json(sample), client)

    def _gather(self, delta: dict[str, Any], servers: set[str] | list[str]) -> None:
        self.measures.merge(delta)
        self.servers |= set(servers)

    def _take_options(self) -> None:
        assert self.environment.parsed_options is not None
        self.given = self.environment.parsed_options
        self.options = option_names.parse(self.given)
        chosen = [user for user in self.environment.user_classes if user.url_option is None or _has(self.given, user)]
        if not chosen:
            names = ", ".join(f"--{user.url_option.replace('_', '-')}" for user in self.environment.user_classes)
            raise UsageError(f"nobody has anywhere to go; give at least one of {names}")
        self.environment.user_classes = chosen
        for user in chosen:
            user.base(self.environment.host)

    def _look_first(self) -> None:
        """Check limits, and whether one of each kind gets what it comes for.

        Raises:
            CouldNotTest: it does not.
        """
        if not isinstance(self.environment.runner, MasterRunner):
            make_room(self._users_here())
        if self.options.probe:
            probing.look(self.environment.user_classes, self.environment.host, self.options)

    def _users_here(self) -> int:
        runner = self.environment.runner
        if isinstance(runner, WorkerRunner):
            return 0  # how many come is the master's affair; a worker that runs out of files says so itself
        shape = self.options.shape
        return shape.peak if shape else int(getattr(self.given, "num_users", None) or 1)

    def _sample(self, scene: Scene) -> None:
        while scene is self.scene and not self._stopped:
            gevent.sleep(SAMPLE_SECONDS)
            self._look()

    def _look(self) -> None:
        look = self.scene.crowd.look(time.monotonic())
        runner = self.environment.runner
        users = runner.user_count if runner is not None and not isinstance(runner, MasterRunner) else 0
        sample = Sample(
            at=max(time.monotonic() - self._began, 0.0), viewers=look.viewers, joining=look.joining, stalled=look.stalled,
            received=look.received, joined=len(look.joined), first_keyframe=list(look.joined),
            lag=self.scene.pump.lag(), users=users,
        )  # fmt: skip
        if self.gathers:
            if not isinstance(runner, MasterRunner):
                self.series.add(sample)
        else:
            self._fresh.append(sample)

    def _workers(self) -> list[dict[str, Any]]:
        runner = self.environment.runner
        if not isinstance(runner, MasterRunner):
            return []
        return [{"name": client.id, "state": client.state} for client in runner.clients.values()]


SESSION = Session()


def connect() -> None:
    """Connect the session to Locust's events."""
    events.init_command_line_parser.add_listener(option_names.add)
    events.init.add_listener(_on_init)
    events.test_start.add_listener(lambda environment, **_: _guarded(lambda: SESSION.begin(environment), environment))
    events.test_stop.add_listener(lambda environment, **_: SESSION.end())
    events.report_to_master.add_listener(lambda client_id, data: SESSION.report(data))
    events.worker_report.add_listener(lambda client_id, data: SESSION.reported(client_id, data))
    events.quitting.add_listener(_on_quitting)


def _on_init(environment: Environment, **_: Any) -> None:
    _guarded(lambda: SESSION.prepare(environment), environment)
    runner = environment.runner
    if isinstance(runner, MasterRunner):
        runner.register_message(_LAST, lambda environment, msg: SESSION.last_report(msg.node_id, msg.data))


def _guarded(do: Any, environment: Environment) -> None:
    """Do something; an error of ours ends a headless run at once, with its own exit code and nothing but its words."""
    try:
        do()
    except ConformanceError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        if environment.web_ui is None:
            sys.exit(int(error.exit_code))
        raise


def _on_quitting(environment: Environment, **_: Any) -> None:
    """Decide the exit code of a process that gathers; for that, everybody must have left and been counted."""
    runner = environment.runner
    if runner is None or isinstance(runner, WorkerRunner):
        return
    runner.stop()
    result = SESSION.finish()
    if result is not None:
        environment.process_exit_code = int(result.exit_code)


def _has(given: Namespace, user: Any) -> bool:
    return bool(getattr(given, user.url_option))


def _method(record: Visit) -> str:
    return "PUBLISH" if record.kind is Kind.PUBLISHER else str(record.kind).upper()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
