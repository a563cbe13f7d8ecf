"""What Locust's events do to the session; in a process of its own, since Locust changes the one that imports it."""

import subprocess
import sys

from fixtures.options import ROOT

BEGINNING = """
from types import SimpleNamespace
import gevent
from loadtests.driver import connecting

seen = []
connecting.SESSION.begin = lambda environment: seen.append(environment.runner)
environment = SimpleNamespace(runner=None, web_ui=None)
beginning = gevent.spawn(connecting._on_test_start, environment)
gevent.sleep(0)  # it has its turn
assert seen == [], seen
environment.runner = "a worker"
beginning.get(timeout=5)
assert seen == ["a worker"], seen
"""


def test_a_test_that_begins_while_its_worker_is_made_waits_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", BEGINNING], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
