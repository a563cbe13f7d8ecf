"""Every row of docs/errors.md, as a user meets it: the words, the exit code, and nothing left."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import ack_api, bad_input, leftovers
from tests.support.suites import ROOT

ROWS = bad_input.rows()
FULL_DISK = {"report on a full disk", "demo clip on a full disk"}
SECONDS = 150


def run(command: list[str], folder: Path, **more: str) -> tuple[int, str]:
    """Run a command, and return its exit code and all that it says, in one line; it must leave nothing."""
    temporary = folder / "temporary"
    temporary.mkdir()
    if "pytest" in command and "--report" not in command:
        command = [*command, "--report", str(folder / "report")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **more}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert not leftovers.processes(str(temporary))
    assert leftovers.temporary_files(temporary) == []
    return done.returncode, " ".join(done.stdout.split())


def holds(given: str, code: int, said: str) -> None:
    row = ROWS[given]
    assert row.words.search(said), said
    assert code == row.code, said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    assert not [secret for secret in ack_api.SECRETS if secret in said]


def test_each_row_is_tried_and_each_case_documented() -> None:
    assert set(ROWS) == {*bad_input.CASES, *bad_input.SERVERS, *FULL_DISK}


@pytest.mark.parametrize("given", bad_input.CASES)
def test_bad_input_is_told_in_the_documented_words(tmp_path: Path, given: str) -> None:
    (tmp_path / "given").mkdir()
    holds(given, *run(bad_input.CASES[given](tmp_path / "given"), tmp_path))
    assert not (tmp_path / "report" / "evidence").exists()


@pytest.mark.parametrize("given", bad_input.SERVERS)
def test_what_others_do_while_it_runs_is_told_in_the_documented_words(tmp_path: Path, given: str) -> None:
    with bad_input.SERVERS[given](tmp_path) as command:
        holds(given, *run(command, tmp_path))


def test_words_that_are_not_said_are_missed() -> None:
    with pytest.raises(AssertionError):
        holds("unknown variant", 4, "argument --variant: something else")
    with pytest.raises(AssertionError):
        holds("unknown variant", 0, "argument --variant: invalid choice: 'nope'")


@contextmanager
def small_disk(at: Path, size: str) -> Iterator[Path]:
    """Have a file system of a size (as mount says it) in a folder, and take it away again."""
    at.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at)]
    if os.geteuid() or subprocess.run(options, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small file system")
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


def test_a_report_for_which_there_is_no_room_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16k") as disk:
        holds("report on a full disk", *run(bad_input.local("--report", disk / "report"), tmp_path))
        assert not list(disk.rglob("*.part"))
        assert not (disk / "report" / "conformance.json").exists()


def test_a_clip_for_which_there_is_no_room_is_not_taken_for_whole_afterwards(tmp_path: Path) -> None:
    command = [each for each in bad_input.local("--requirement", "QS-04") if each != "QS-02"]
    command = [each for at, each in enumerate(command) if each != "--requirement" or command[at + 1] == "QS-04"]
    with small_disk(tmp_path / "disk", "300k") as disk:
        code, said = run([*command, "--demo-size", "320x180"], tmp_path, XDG_CACHE_HOME=str(disk))
        holds("demo clip on a full disk", code, said)
        assert re.search("ffmpeg could not make demo-320x180", said)
        assert not [path for path in disk.rglob("*") if path.suffix in (".mp4", ".part")]
