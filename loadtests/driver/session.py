"""One process of a load test from its start to its result: what Locust's events make of our measures."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import gevent
from locust.env import Environment
from locust.runners import MasterRunner, Runner, WorkerRunner
from werkzeug.datastructures import MultiDict

from loadtests.driver import concluding, following, page, probing, telling
from loadtests.driver import options as option_names
from loadtests.driver.gathering import SAMPLE_SECONDS, Gathering
from loadtests.driver.options import Options
from loadtests.driver.shaping import SpecShape
from srs_conformance.errors import UsageError
from srs_conformance.load.limits import make_room
from srs_conformance.load.measures import Measures
from srs_conformance.load.prepared import Clip, Schedule, rtmp_chunks
from srs_conformance.load.publishing import STREAM_ID
from srs_conformance.load.result import Result
from srs_conformance.load.viewing import Scene, Settings
from srs_conformance.load.visits import Visit

if TYPE_CHECKING:
    from loadtests.driver.users import StreamUser


class Session:
    """What one process knows of the test that runs.

    Attributes:
        given, options: what the user asked for, as text and parsed.
        scene: where this process's visitors are.
        gathering: what the test has measured; None before the first one.
        worker: this process's number among the workers.
        started: when the test began, as ISO 8601.
        running: whether it goes on.
        result: of the last test that is over.
    """

    def __init__(self) -> None:
        self.environment: Environment
        self.given = Namespace()
        self.options: Options
        self.scene = Scene(Settings(), Measures())
        self.gathering: Gathering | None = None
        self.worker = 0
        self.started = ""
        self.running = False
        self.result: Result | None = None
        self._everybody: list[type[StreamUser]] = []
        self._picked: list[str] = []  # of them, in the web form; empty: all
        self._schedule: Schedule | None = None

    @property
    def runner(self) -> Runner:
        """Locust's runner of this process."""
        assert self.environment.runner is not None
        return self.environment.runner

    @property
    def gathers(self) -> bool:
        """Whether this process writes the result."""
        return not isinstance(self.environment.runner, WorkerRunner)

    @property
    def users(self) -> list[type[StreamUser]]:
        """Who takes part."""
        return cast("list[type[StreamUser]]", self.environment.user_classes)

    @property
    def urls(self) -> list[str]:
        """Where they go."""
        return sorted({user.base(self._host(user)) for user in self.users})

    @property
    def schedule(self) -> Schedule:
        """What publishers send; prepared on first use."""
        if self._schedule is None:
            file = self.options.clip or _demo_clip(self.options.bitrate)
            self._schedule = Schedule(Clip(file), rtmp_chunks(STREAM_ID))
        return self._schedule

    def prepare(self, environment: Environment) -> None:
        """Take the options, and look before a test that nobody will start by hand whether there is something to test.

        Raises:
            ConformanceError: there is not, or the options are wrong.
        """
        self.environment = environment
        if not self.gathers:
            return  # a worker is told the options when a test begins, which may have been by now
        self._everybody = self.users
        self._take(self._parsed())
        if self.given.progress:
            gevent.spawn(following.tell, self)
        if environment.web_ui is not None:
            page.add(environment.web_ui, self)
        if environment.web_ui is None or getattr(self.given, "autostart", False):
            self._check(environment.host)

    def admit(self, form: MultiDict[str, str]) -> None:
        """Look before a test from the web form whether it can begin; one that runs only changes its number of users.

        Raises:
            ConformanceError: it cannot.
        """
        given = option_names.with_form(self._parsed(), form.to_dict())
        given.num_users = _whole(form.get("user_count", "")) or given.num_users
        if self.running:
            self._make_room(given.num_users)
            return
        self._picked = form.getlist("user_classes")
        self._take(given)
        self._check(form.get("host") or None)

    def begin(self, environment: Environment) -> None:
        """A test starts: forget the one before. A worker may hear of it before Locust has told it all else.

        Raises:
            ConformanceError: it cannot.
        """
        self.environment = environment
        self._take(self._parsed())
        if self.gathers:
            self._choose(environment.host)
            self._make_room(self.given.num_users)
        self.scene = Scene(self.options.settings, Measures())
        self.scene.on_joined = lambda visitor: telling.joined(self.environment, visitor.record)
        self.gathering = Gathering(self.scene, self.runner)
        self.worker = max(getattr(self.runner, "worker_index", 0), 0)
        self.started, self.running, self.result = _now(), True, None
        gevent.spawn(self.scene.pump.run)
        gevent.spawn(self._look, self.gathering)

    def end(self) -> None:
        """A test has stopped and all its users are gone."""
        if not self.running or self.gathering is None:
            return
        self.scene.pump.stop()
        self.gathering.look()
        self.running = False
        if isinstance(self.runner, WorkerRunner):
            self.gathering.send_last()
            return
        if isinstance(self.runner, MasterRunner):
            self.gathering.await_workers()
        if self.environment.web_ui is not None:
            self.environment.shape_class = None  # the form is to ask for the number of users again
        self.result = concluding.conclude(self, self.gathering, _now())

    def visited(self, record: Visit) -> None:
        """Tell Locust how a visit ended."""
        telling.visited(self.environment, record)

    def _look(self, gathering: Gathering) -> None:
        gevent.sleep(SAMPLE_SECONDS)
        while gathering is self.gathering and self.running:
            gathering.look()
            gevent.sleep(SAMPLE_SECONDS)

    def _parsed(self) -> Namespace:
        given: Namespace | None = self.environment.parsed_options
        assert given is not None
        return given

    def _take(self, given: Namespace) -> None:
        self.given = given
        self.options = option_names.parse(given, judging=self.gathers)

    def _check(self, host: str | None) -> None:
        """Choose who takes part, and check limits and whether one of each kind gets what it comes for.

        Raises:
            ConformanceError: nobody does, they do not suffice, or it does not.
        """
        self._choose(host)
        shape = SpecShape(self.options.shape) if self.options.shape else None
        if shape is not None:
            shape.runner = self.runner
        self.environment.shape_class = shape
        self._make_room(self.given.num_users)
        if self.options.probe:
            self.scene = Scene(self.options.settings, Measures())
            probing.look(((user, self._host(user, host)) for user in self.users), self.options)

    def _choose(self, host: str | None) -> None:
        picked = [user for user in self._everybody if not self._picked or user.__name__ in self._picked]
        chosen = [user for user in picked if user.url_option is None or getattr(self.given, user.url_option)]
        if not chosen:
            names = ", ".join(option_names.option(user.url_option) for user in picked if user.url_option)
            raise UsageError(f"nobody has anywhere to go; give at least one of {names}")
        for user in chosen:
            user.base(self._host(user, host))
        self.environment.user_classes = list(chosen)

    def _host(self, user: type[StreamUser], host: str | None = None) -> str | None:
        return host or self.environment.host or user.host

    def _make_room(self, users: int | None) -> None:
        """Check that this process may have as many connections as users come; how many a worker gets it hears later."""
        if not isinstance(self.runner, MasterRunner):
            make_room(self.options.shape.peak if self.options.shape else users or 1)


SESSION = Session()


def _demo_clip(bitrate: str) -> Path:
    """Return the demo clip; what makes it is not there in containers, which are given theirs."""
    from srs_conformance.publisher import DemoClip  # noqa: PLC0415 - not there in containers

    return DemoClip(video_bitrate=bitrate).ensure_flv()


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
