"""A parallel run that is told to end waits for its workers' cleaning up, however SIGINT is taken there."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures import interruption
from tests.support.suites import ROOT
from tests.support.waiting import wait_for

CONFTEST = 'pytest_plugins = ["fixtures.interruption", "fixtures.turns"]'
SUITE = """
import pathlib, signal, time
import pytest

HERE = pathlib.Path(__file__).parent

@pytest.fixture
def made(request):
    (HERE / f"made-{request.param}").touch()
    yield
    time.sleep(SECONDS)  # how long a clean-up takes is what it is about
    (HERE / f"made-{request.param}").unlink()

@pytest.mark.parametrize("made", [1, 2], indirect=True)
def test_long(made):
    signal.pause()
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
        ["sh", "-c", f'{trap}exec "$@"', "sh", *command],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        try:
            wait_for(lambda: len(list(suites.glob("made-*"))) == 2 or run.poll(), "two tests", seconds=60)
            run.terminate()
            output, _ = run.communicate(timeout=60)
        finally:
            run.kill()
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert list(suites.glob("made-*")) == [], output


def test_workers_that_do_not_clean_up_in_time_are_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[str] = []
    reporter = SimpleNamespace(write_line=lambda text, **_: told.append(text))
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: reporter))
    monkeypatch.setattr(interruption, "WORKERS_END_SECONDS", 0.0)
    noticing = interruption.Noticing(config)
    monkeypatch.setattr(noticing, "_workers", tmp_path)
    with subprocess.Popen(["sh", "-c", 'trap "" TERM; echo; read line'], stdin=-1, stdout=-1) as stubborn:
        assert stubborn.stdout
        stubborn.stdout.readline()
        (tmp_path / str(stubborn.pid)).touch()
        noticing.pytest_keyboard_interrupt()
        stubborn.communicate(b"\n")
    (said,) = told
    assert said.startswith("processes that have not cleaned up in 0 s, and are ended: 1; `srs-conformance clean`")
    noticing.pytest_keyboard_interrupt()
    assert len(told) == 1
