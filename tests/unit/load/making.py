"""A made-up load run that looks like a real one: three protocols, a flash crowd, an edge that dies."""

from __future__ import annotations

import math
import random

from srs_conformance.load.measures import Measure, Measures
from srs_conformance.load.result import Result
from srs_conformance.load.series import Sample, Series
from srs_conformance.load.slo import Slo
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending

SECONDS = 420
SLO = """
first-keyframe p99: 1 s
connect p95: 200 ms
stalled-seconds: 0.1 %
refused: 0 %
cut: 0 %
gaps: 0.5 %
hls:
  first-keyframe p99: 6 s
  behind-live p95: 12 s
"""
_MEDIANS = {Kind.RTMP: 0.11, Kind.HTTP_FLV: 0.09, Kind.HLS: 1.4}


def a_visit(rng: random.Random, kind: Kind, *, busy: bool = False) -> Visit:
    """Return a visit as they usually are; rarely one that goes wrong."""
    stream = f"live/s{rng.randint(1, 20)}"
    connect = rng.lognormvariate(math.log(0.003), 0.6)
    first_byte = connect + rng.lognormvariate(math.log(0.004), 0.7)
    if rng.random() < 0.004:
        error = f"127.0.0.1:{rng.randint(20000, 60000)}: no answer after {rng.uniform(5, 6):.2f} s"
        return Visit(kind, stream, connect=connect, ending=Ending.TIMEOUT, error=error)
    keyframe = first_byte + rng.lognormvariate(math.log(_MEDIANS[kind] * (3 if busy else 1)), 0.5)
    visit = Visit(
        kind, stream, connect=connect, first_byte=first_byte, first_keyframe=keyframe, watched=rng.expovariate(1 / 60)
    )
    visit.received = int(visit.watched * 180_000)
    if rng.random() < (0.2 if busy else 0.01):
        visit.stalls, visit.stalled, visit.gaps = 1, rng.uniform(0.1, 2.5), 1
    if busy and rng.random() < 0.05:
        visit.ending, visit.error = Ending.RESET, "[Errno 104] Connection reset by peer"
    return visit


def a_series(rng: random.Random) -> Series:
    """Return the rows of two workers: a ramp, a flash crowd after 200 s, an edge that dies after 300 s."""
    series = Series()
    for worker in ("one", "two"):
        for second in range(SECONDS):
            users = min(250, second * 4) + (250 if second >= 200 else 0)
            busy = 200 <= second < 206 or 300 <= second < 318
            viewers = users - (int(120 * rng.random()) + 90 if 302 <= second < 312 else 0)
            joins = rng.randint(0, 6) + (40 if busy else 0)
            medians = [(0.12 * (4 if busy else 1)) for _ in range(joins)]
            sample = Sample(
                at=second + rng.uniform(-0.2, 0.2) if second else 0.0,
                viewers=viewers,
                joining=joins // 2,
                stalled=rng.randint(30, 80) if 301 <= second < 309 else rng.randint(0, 1),
                received=int(viewers * 180_000 * rng.uniform(0.93, 1.07)),
                joined=joins,
                first_keyframe=[rng.lognormvariate(math.log(median), 0.5) for median in medians],
                lag=rng.lognormvariate(math.log(0.006), 0.6) + (0.06 if busy else 0),
                users=users,
            )
            series.add(sample, worker)
    return series


def a_result(seed: int = 1, visits: int = 6000) -> Result:
    """Return the result of the run, judged."""
    rng = random.Random(seed)
    measures = Measures()
    for _ in range(visits):
        kind = rng.choices(list(_MEDIANS), [3, 4, 2])[0]
        visit = a_visit(rng, kind, busy=rng.random() < 0.08)
        measures.visit(visit)
        if visit.stalls:
            measures.record(kind, Measure.STALL, visit.stalled)
        if kind is Kind.HLS:
            measures.record(kind, Measure.PLAYLIST, rng.lognormvariate(math.log(0.004), 0.6))
            measures.record(kind, Measure.SEGMENT, rng.lognormvariate(math.log(0.03), 0.6))
            measures.record(kind, Measure.BEHIND, rng.uniform(5, 13))
    for number in range(1, 21):
        publisher = Visit(Kind.PUBLISHER, f"live/s{number}", connect=0.002, first_byte=0.004, first_keyframe=0.012)
        publisher.watched, publisher.received = SECONDS, SECONDS * 180_000
        measures.visit(publisher)
    return Result(
        command="watch",
        urls=["rtmp://127.0.0.1:31935", "http://127.0.0.1:31080"],
        streams=[f"live/s{number}" for number in range(1, 21)],
        options={"users": 1000, "shape": "flash:users=1000,within=5s,hold=200s,base=500", "stay": "exponential:60s"},
        started="2026-03-01T10:00:00+00:00",
        finished="2026-03-01T10:07:00+00:00",
        versions={"suite": "0.1.0", "locust": "2.32.0", "python": "3.11.7"},
        server="SRS/6.0.155(Hang)",
        measures=measures,
        series=a_series(rng),
        slo=Slo.parse(SLO, "slo.yaml").judge(measures),
        workers=[{"name": "one", "users": 500, "lag_p99": 0.02}, {"name": "two", "users": 500, "lag_p99": 0.03}],
    )
