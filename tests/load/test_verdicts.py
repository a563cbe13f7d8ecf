"""What a run is worth: its SLO, its workers, and whether it was fast enough itself."""

import os
import signal
import time
from pathlib import Path

from srs_conformance.load.visits import Kind
from tests.support.locust import Locust, headless, processes
from tests.support.waiting import wait_for


def test_an_slo_that_is_kept(fanout, tmp_path):
    slo = tmp_path / "slo.yaml"
    slo.write_text("first-keyframe p99: 5 s\nrefused: 0 %\nhttp-flv:\n  cut: 0\n")
    ran = headless("flv", tmp_path, "--host", f"http://{fanout}:8080", "--slo", str(slo), seconds=1)
    assert ran.code == 0, ran.out
    assert [judged.clause for judged in ran.result.slo] == ["first-keyframe p99", "refused", "http-flv: cut"]
    assert "HOLDS: all 3 SLO clauses are kept, 4 visits joined" in ran.out


def test_an_slo_that_is_missed_is_named_with_its_figure(fanout, tmp_path):
    slo = tmp_path / "slo.yaml"
    slo.write_text("first-keyframe p50: 1 us\nrefused: 0 %\n")
    ran = headless("flv", tmp_path, "--host", f"http://{fanout}:8080", "--slo", str(slo), seconds=1)
    assert ran.code == 1, ran.out
    [missed] = ran.result.missed
    line = next(line for line in ran.out.splitlines() if "MISSED  first-keyframe p50" in line)
    assert missed.figure > 1e-6
    assert missed.seen in line
    assert "1 us" in line
    assert "MISSED: 1 of 2 SLO clauses is not kept" in ran.out


def test_workers_are_merged(fanout, tmp_path):
    ran = headless("rtmp", tmp_path, "--host", f"rtmp://{fanout}", *processes(2), users=6)
    assert ran.code == 0, ran.out
    result = ran.result
    assert result.measures.counts(Kind.RTMP).visits == result.joined == 6
    rows = result.series.rows()
    assert sum(row.joined for row in rows) == sum(row.first_keyframe.count for row in rows) == 6
    assert len(result.workers) == 2
    assert result.server == "srs-conformance-fanout"


def test_a_worker_that_is_killed_is_named(fanout, tmp_path):
    arguments = ("--headless", "-u", "4", "-r", "100", "-t", "6s", *processes(2), "--host", f"http://{fanout}:8080")
    with Locust("flv", tmp_path, "--progress", *arguments) as locust:
        locust.watched(4)
        os.kill(locust.children[0], signal.SIGKILL)
        ran = locust.ended()
    assert ran.code == 10, ran.out
    [why] = ran.result.invalid
    lost = why.removeprefix("worker ").removesuffix(" was lost")
    assert why == f"worker {lost} was lost"
    assert lost in [worker["name"] for worker in ran.result.workers]
    assert ran.result.measures.counts(Kind.HTTP_FLV).visits == 2
    assert f"not valid: {why}" in ran.out


def test_a_load_generator_that_stood_still_says_nothing_about_the_server(fanout, tmp_path):
    slo = tmp_path / "slo.yaml"
    slo.write_text("stalls: 0\n")
    arguments = ("--headless", "-u", "2", "-r", "100", "-t", "4s", "--host", f"http://{fanout}:8080", "--slo", str(slo))
    with Locust("flv", tmp_path, "--progress", *arguments) as locust:
        locust.watched(2)
        locust.process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)  # the time that passes is what it is about
        locust.process.send_signal(signal.SIGCONT)
        ran = locust.ended()
    assert ran.code == 10, ran.out
    [why] = ran.result.invalid
    assert why.startswith("the load generator itself stood still for 2.")
    assert "COULD NOT TEST: the figures say nothing about the server" in ran.out


def test_an_interrupted_run_has_a_result(fanout, tmp_path):
    arguments = ("--headless", "--progress", "-u", "3", "-r", "100", "--host", f"http://{fanout}:8080")
    with Locust("flv", tmp_path, *arguments) as locust:
        locust.watched(3)
        locust.process.send_signal(signal.SIGINT)
        ran = locust.ended()
    assert ran.code == 0, ran.out
    assert ran.result.joined == 3


def test_a_shape_ends_the_run(fanout, tmp_path):
    arguments = ("--headless", "--host", f"http://{fanout}:8080", "--shape", "ramp:users=5,over=1s,hold=1s")
    with Locust("flv", tmp_path, *arguments) as locust:
        ran = locust.ended()
    assert ran.code == 0, ran.out
    assert ran.result.measures.counts(Kind.HTTP_FLV).visits == 5
    assert max(row.users for row in ran.result.series.rows()) == 5


def test_a_worker_elsewhere_needs_no_file_of_the_master(fanout, tmp_path):
    port = processes(1)[2:]
    given = ("--headless", "-u", "2", "-r", "100", "-t", "2s", "--host", f"http://{fanout}:8080")
    master = ("--master", "--expect-workers", "1", *port, "--slo", "loadtests/slo.yaml")
    with (
        Locust("flv", tmp_path, *given, *master) as locust,
        Locust("flv", tmp_path, "--worker", *port, at=tmp_path) as worker,
    ):
        ran = locust.ended()
        assert worker.ended().code == 0
    assert ran.code == 0, ran.out
    assert ran.result.joined == 2
    assert len(ran.result.slo) == 4


def test_workers_end_with_a_master_that_is_killed(fanout, tmp_path):
    arguments = ("--headless", "--progress", "-u", "2", *processes(2), "--host", f"http://{fanout}:8080")
    with Locust("flv", tmp_path, *arguments) as locust:
        locust.watched(2)
        children = locust.children
        locust.process.kill()
        wait_for(lambda: not any(_lives(child) for child in children), "the end of the workers", 10)


def _lives(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()
