"""What one test has measured so far: in this process, or in all workers that report to it.

Workers send what they have measured with each of Locust's reports, and once more when all their users are gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import gevent
from locust.rpc import Message
from locust.runners import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING, MasterRunner, Runner, WorkerRunner

from srs_conformance.load.crowd import Standing
from srs_conformance.load.measures import Measures
from srs_conformance.load.present import Present
from srs_conformance.load.series import Sample, Series
from srs_conformance.load.viewing import Scene
from srs_conformance.load.visits import Kind

SAMPLE_SECONDS = 1.0
LAST_REPORT_SECONDS = 30.0
LAST = "srs_conformance_last"
"""The message in which a worker sends its last report of a test."""
_KEY = "srs_conformance"


class Gathering:
    """The figures of one test.

    Args:
        scene: of this process's visits.
        runner: Locust's runner of this process.

    Attributes:
        measures, series, present: of everybody where this process gathers; a worker only hands on its own.
        servers: what the peers say they are.
        lost: workers who went before they had sent their last report.
    """

    def __init__(self, scene: Scene, runner: Runner) -> None:
        self.scene = scene
        self.series, self.present = Series(), Present()
        self._runner = runner
        self._began = self._looked = time.monotonic()
        self._samples: list[Sample] = []
        self._looks: dict[Kind, list[tuple[float, Standing]]] = {}
        self._late: dict[str, float] = {}  # workers that came when the test ran: how many seconds after its start
        self._lag = 0.0
        if isinstance(runner, MasterRunner):
            self.measures, self.servers = Measures(), set[str]()
            self._waiting = set(runner.clients)
        else:
            self.measures, self.servers = scene.measures, scene.servers
            self._waiting = set()
        self.lost: set[str] = set()

    @property
    def seconds(self) -> float:
        """Since the test began."""
        return time.monotonic() - self._began

    def look(self) -> None:
        """Take a sample of how things stand; to be called about every second."""
        runner = self._runner
        if isinstance(runner, MasterRunner):
            for client in runner.clients.missing:
                self.present.forget(client.id)
            return
        now = time.monotonic()
        looks = self.scene.crowd.look(now)
        interval, self._looked = now - self._looked, now
        sample = self._sample(looks.values(), runner.user_count)
        if isinstance(runner, WorkerRunner):
            self._samples.append(sample)
            for kind, standing in looks.items():
                self._looks.setdefault(kind, []).append((interval, standing))
        else:
            self._add(sample)
            self.present.take(looks, interval)

    def _sample(self, looks: Iterable[Standing], users: int) -> Sample:
        sample = Sample(at=max(self.seconds, 0.0), lag=self.scene.pump.lag(), users=users)
        for standing in looks:
            sample.viewers += standing.viewers
            sample.joining += standing.joining
            sample.stalled += standing.stalled
            sample.received += standing.received
            sample.joined += len(standing.joined)
            sample.first_keyframe += standing.joined
        return sample

    def _add(self, sample: Sample, worker: str = "") -> None:
        self.series.add(sample, worker)
        self._lag = max(self._lag, sample.lag)

    def report(self, data: dict[str, Any]) -> None:
        """Put what was measured since the last report into a worker's report."""
        samples, self._samples = self._samples, []
        looks, self._looks = self._looks, {}
        data[_KEY] = {
            "measures": self.scene.measures.delta(),
            "samples": [sample.to_json() for sample in samples],
            "present": [
                [seconds, str(kind), standing.to_json()] for kind, each in looks.items() for seconds, standing in each
            ],
            "servers": sorted(self.scene.servers),
        }

    def reported(self, client: str, data: dict[str, Any]) -> None:
        """Take a worker's report."""
        ours = data.get(_KEY)
        if ours is None:
            return
        self.measures.merge(ours["measures"])
        self.servers |= set(ours["servers"])
        for values in ours["samples"]:
            sample = Sample.from_json(values)
            sample.at += self._late.get(client, 0.0)
            self._add(sample, client)
            self._waiting.add(client)
        for seconds, kind, standing in ours["present"]:
            self.present.take({Kind(kind): Standing.from_json(standing)}, seconds, client)

    def last_report(self, client: str, data: dict[str, Any]) -> None:
        """Take a worker's last report of a test; one that leaves before its end takes its viewers along."""
        self.reported(client, data)
        self._waiting.discard(client)
        if self._runs:
            self.lost.add(client)

    def came(self, client: str) -> None:
        """A worker has connected; where the test runs it takes part in what is left of it."""
        if self._runs and client not in self._waiting:
            self._late.setdefault(client, self.seconds)

    def lag(self) -> float:
        """Return by how many seconds a worker, or this process, was late at worst since this was asked last."""
        worst, self._lag = self._lag, 0.0
        return worst

    def send_last(self) -> None:
        """Send a worker's last report of a test."""
        last: dict[str, Any] = {}
        self.report(last)
        self._runner.send_message(LAST, last)

    def await_workers(self) -> None:
        """Have all users of all workers leave and be counted; Locust tells them only later where the run time is over.

        A worker that is gone is known by its missing heartbeats after a few seconds.
        """
        runner = self._runner
        assert isinstance(runner, MasterRunner)
        for name in self._waiting & set(runner.clients):  # also those who had no share of few users
            runner.server.send_to_client(Message("stop", None, name))
        deadline = time.monotonic() + LAST_REPORT_SECONDS
        while any(self._may_report(runner, name) for name in self._waiting) and time.monotonic() < deadline:
            gevent.sleep(0.05)
        self.lost |= self._waiting

    @property
    def _runs(self) -> bool:
        return self._runner.state in (STATE_SPAWNING, STATE_RUNNING)

    def _may_report(self, runner: MasterRunner, name: str) -> bool:
        return name in runner.clients and runner.clients[name].state != STATE_MISSING
