"""A run that is followed from outside: its moments, workers that come and go, and a container's one run."""

import json
import os
import signal
import subprocess
import sys

from srs_conformance.load.moment import Moment, Phase
from tests.support.locust import ROOT, Locust, headless, processes


def moments(out):
    return [moment for moment in map(Moment.parse, out.splitlines()) if moment]


def test_its_moments_stand_among_what_it_says(fanout, tmp_path):
    ran = headless("flv", tmp_path, "--host", f"http://{fanout}:8080", "--progress", seconds=4)
    assert ran.code == 0, ran.out
    told = moments(ran.out)
    running = [moment for moment in told if moment.phase is Phase.RUNNING]
    assert len(running) >= 3
    assert (running[-1].users, running[-1].viewers) == (4, 4)
    assert running[-1].rate > 0
    assert running[-1].keyframe_p99 is not None


def test_workers_without_users_are_not_waited_for(fanout, tmp_path):
    ran = headless("flv", tmp_path, "--host", f"http://{fanout}:8080", "--progress", *processes(3), users=1, seconds=1)
    assert ran.code == 0, ran.out
    assert not ran.result.invalid
    assert max(moment.workers for moment in moments(ran.out)) == 3
    assert ran.result.seconds < 10


def test_a_worker_that_leaves_before_the_end_is_named_and_a_late_one_helps(fanout, tmp_path):
    *port, _, worker_port = processes(1)[2:]
    common = ("--headless", "-u", "4", "-r", "100", "--progress", "--host", f"http://{fanout}:8080")
    there = ("--worker", "--master-port", worker_port)
    with (
        Locust("flv", tmp_path, "--master", *port, "--expect-workers", "2", "-t", "9s", *common) as locust,
        Locust("flv", tmp_path, *there) as leaving,
        Locust("flv", tmp_path, *there) as staying,
    ):
        locust.watched(4)
        leaving.process.send_signal(signal.SIGTERM)
        locust.heard(" quit. ")
        with Locust("flv", tmp_path, *there) as late:
            ran = locust.ended()
            late.ended()
        staying.ended()
    assert ran.code == 10, ran.out
    [lost] = ran.result.invalid
    assert lost.endswith("was lost")
    assert max(row.users for row in ran.result.series.rows() if row.at <= 1) <= 4, "the late one tells of later"


def test_a_container_runs_once_and_keeps_what_came_of_it(fanout, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    config = tmp_path / "load.toml"
    values = {
        "locustfile": str(ROOT / "loadtests/flv.py"),
        "host": f"http://{fanout}:8080",
        "users": 2,
        "run-time": "1s",
        "headless": True,
    }
    config.write_text("[tool.locust]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    command = [sys.executable, "-m", "loadtests.once", "--kept", kept, "--config", config, "--result", kept]
    for code in (0, 11):
        ended = once(command)
        assert (ended.phase, ended.code) == (Phase.ENDED, code)
    assert (kept / "result.json").exists()


def once(command):
    """Run it until it says that the run has ended, and end it as Kubernetes does."""
    pipe = subprocess.PIPE
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True) as process:
        ended = next(m for m in map(Moment.parse, process.stdout) if m and m.phase is Phase.ENDED)
        assert process.poll() is None
        process.terminate()
        assert process.wait(10) == 0
    return ended
