"""A parallel run that is told to end waits for its workers' cleaning up, however SIGINT is taken there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.suites import ROOT
from tests.support.waiting import wait_for

CONFTEST = 'pytest_plugins = ["fixtures.interruption", "fixtures.turns"]'
SUITE = """
import pathlib, time
import pytest

HERE = pathlib.Path(__file__).parent

@pytest.fixture
def made(request):
    (HERE / f"made-{request.param}").touch()
    yield
    time.sleep(SECONDS)
    (HERE / f"made-{request.param}").unlink()

@pytest.mark.parametrize("made", [1, 2], indirect=True)
def test_long(made):
    time.sleep(120)
"""


@pytest.mark.parametrize(
    ("trap", "seconds"),
    [
        pytest.param('trap "" INT; ', 0.1, id="in the background"),
        pytest.param("", 11, id="in the foreground", marks=pytest.mark.long),  # than the 10 s that xdist would give
    ],
)
def test_workers_clean_up_before_they_are_ended(tmp_path: Path, trap: str, seconds: float) -> None:
    suites = tmp_path / "suites"
    suites.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (suites / "test_long.py").write_text(SUITE.replace("SECONDS", str(seconds)))
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "suites"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with subprocess.Popen(
        ["sh", "-c", f'{trap}exec "$@"', "sh", *command], cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as run:  # fmt: skip
        try:
            wait_for(lambda: len(list(suites.glob("made-*"))) == 2 or run.poll(), "two tests", seconds=60)
            run.terminate()
            output, _ = run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert list(suites.glob("made-*")) == [], output
