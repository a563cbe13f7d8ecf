"""What people see of long steps, and what an error of a program in them says."""

import io
import os
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from srs_conformance.errors import EngineError
from srs_conformance.progress import Console, NullProgress, run_logged


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def wait_until_written(stream: io.StringIO, pattern: str) -> None:
    end = time.monotonic() + 10
    while not re.search(pattern, stream.getvalue()) and time.monotonic() < end:
        threading.Event().wait(0.01)
    assert re.search(pattern, stream.getvalue())


def test_plain_lines_at_start_and_end() -> None:
    stream = io.StringIO()
    with Console(stream).step("the image", about=20):
        pass
    assert re.fullmatch(r"the image \.\.\. \(about 20 s\)\nthe image: done in \d+ s\n", stream.getvalue())


def test_a_long_step_gives_signs_of_life() -> None:
    stream = io.StringIO()
    with Console(stream, heartbeat=0.01).step("the image", about=20) as step:
        step.say("kubelet")
        wait_until_written(stream, r"\n  the image: \d+ of about 20 s, kubelet\n")


def test_a_failed_step_says_so() -> None:
    stream = io.StringIO()
    with pytest.raises(ValueError, match="no"), Console(stream).step("the image"):
        raise ValueError("no")
    assert re.search(r"\nthe image: failed in \d+ s\n$", stream.getvalue())


def test_an_interrupted_step_says_so() -> None:
    stream = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Console(stream).step("the image"):
        raise KeyboardInterrupt
    assert re.search(r"\nthe image: interrupted in \d+ s\n$", stream.getvalue())


def test_a_terminal_shows_one_line_drawn_again() -> None:
    stream = Terminal()
    with Console(stream).step("the image", about=20) as step:
        step.say("kubelet")
        wait_until_written(stream, r"\r\x1b\[Kthe image: \d+ of about 20 s, kubelet")
    assert stream.getvalue().count("\n") == 1
    assert re.search(r"\r\x1b\[Kthe image: done in \d+ s\n$", stream.getvalue())


def test_null_progress_keeps_still(capsys: pytest.CaptureFixture[str]) -> None:
    with NullProgress().step("the image") as step:
        step.say("kubelet")
    assert capsys.readouterr() == ("", "")


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "build.log"
    run_logged([sys.executable, "-c", "print('out'); import sys; print('err', file=sys.stderr)"], log)
    assert {"out", "err"} <= set(log.read_text().splitlines())


def test_a_failure_names_the_log_and_shows_its_end(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    script = "for n in range(100): print('line', n)\nraise SystemExit(3)"
    with pytest.raises(EngineError, match=rf"exit code 3; the log {re.escape(str(log))} ends with") as caught:
        run_logged([sys.executable, "-c", script], log)
    assert "line 99" in str(caught.value)
    assert "line 80" not in str(caught.value)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no-such-program cannot be started"):
        run_logged(["no-such-program"], tmp_path / "log")


def test_an_interrupt_ends_the_program(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"

    def interrupt() -> None:
        end = time.monotonic() + 10
        while not (log.exists() and log.read_text().count("\n") == 2) and time.monotonic() < end:
            threading.Event().wait(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    # a shell starts its background jobs with SIGINT ignored, and Python then leaves it so
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupter = threading.Thread(target=interrupt)
    try:
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            run_logged([sys.executable, "-c", script], log)
        interrupter.join()
    finally:
        signal.signal(signal.SIGINT, before)
    pid = int(re.findall(r"^\d+$", log.read_text(), re.MULTILINE)[0])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
