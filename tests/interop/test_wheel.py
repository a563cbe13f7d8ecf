"""What a user has who installs the wheel and no checkout: every command, with what it reads from the package."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from srs_conformance.commands import COMMANDS
from srs_conformance.publisher import DemoClip
from tests.support.reference import Reference, publish
from tests.support.servers import Server, request, response
from tests.support.suites import ROOT
from tests.support.watching import Said

EXAMPLES = ROOT / "reports" / "example"


@dataclass(frozen=True)
class Installed:
    """The program of an environment that has the wheel and its dependencies, and an empty folder to call it from."""

    program: Path
    folder: Path

    def run(self, *arguments: str) -> Said:
        """Run a command to its end."""
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout, done.stderr)

    def python(self, script: str) -> list[str]:
        """Run a script by the environment's Python and return the lines that it prints."""
        done = subprocess.run(
            [self.program.parent / "python", "-c", script],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout.splitlines()

    def environment(self) -> dict[str, str]:
        """Return the environment of a user whose files lie below the empty folder's parent."""
        ours = ("PYTHON", "PYTEST_", "XDG_", "VIRTUAL_ENV", "KUBECONFIG")
        plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return {**plain, "HOME": str(self.folder.parent)}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own; its dependencies are those of the environment of this test.

    A .pth file brings them: files of that kind in the folder that it names are not read, so that the checkout, which
    one of them names there, cannot be imported.
    """
    home = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(home)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = home.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True, timeout=60)
    install = [sys.executable, "-m", "pip", "--python", home / "venv", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--disable-pip-version-check", wheel], check=True, timeout=60)
    site = next((home / "venv" / "lib").glob("python*/site-packages"))
    # after pip, which could else think of taking away what it finds there
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (home / "empty").mkdir()
    return Installed(home / "venv" / "bin" / "srs-conformance", home / "empty")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    """A reference server with one stream, live/a."""
    with Reference(tmp_path_factory.mktemp("origin"), 6) as server, publish(DemoClip().ensure(), server.rtmp("a")):
        yield server


def test_the_checkout_cannot_be_imported(installed: Installed) -> None:
    script = (
        "import importlib.util as u, srs_conformance as s; print(s.__file__)\n"
        "print([name for name in ('suites', 'fixtures', 'loadtests', 'tests') if u.find_spec(name)])"
    )
    place, others = installed.python(script)
    assert Path(place).is_relative_to(installed.program.parents[1])
    assert others == "[]"


def test_every_command_has_its_help(installed: Installed) -> None:
    script = f"from srs_conformance.cli import run\nfor name in {list(COMMANDS)}: print(run([name, '--help']))"
    said = installed.python(script)
    assert said.count("0") == said.count("  Examples:") == len(COMMANDS)


def test_the_version_is_told(installed: Installed) -> None:
    assert "0.1.0" in installed.run("--version").out


def test_a_stream_is_published_and_watched(installed: Installed, origin: Reference) -> None:
    said = installed.run("watch", origin.rtmp("a"), "--for", "3s")
    assert said.code == 0, said.out
    assert "plays, and keeps every MUST" in said.out
    said = installed.run("publish", origin.rtmp("b"), "--for", "1s", "--size", "160x120", "--rate", "10")
    assert said.code == 0, said.out


def test_one_stream_takes_neither_the_load_engine_nor_the_client_of_kubernetes(installed: Installed) -> None:
    script = (
        "import sys; from srs_conformance.cli import run\n"
        "run(['watch', 'rtmp://127.0.0.1:1/a/b']), run(['publish', '--help'])\n"
        "print(sorted({'locust', 'gevent', 'kubernetes', 'pytest'} & set(sys.modules)))"
    )
    assert installed.python(script)[-1] == "[]"


def test_a_port_that_speaks_something_else_is_told(installed: Installed) -> None:
    def page(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(response(b"<html>welcome</html>"))

    with Server(page) as server:
        said = installed.run("watch", f"http://127.0.0.1:{server.port}/live/a.flv", "--for", "3s")
    assert said.code == 10, said.out
    assert "could not be tested" in said.out


def test_the_doctor_says_that_the_suites_are_not_there(installed: Installed) -> None:
    said = installed.run("doctor")
    assert "watch and publish: can run" in said.out
    assert "checkout is missing: this is an installed package (clone the project" in said.out
    told = json.loads(installed.run("doctor", "--json").out)
    assert {each["use"] for each in told["uses"] if not each["able"]} >= {"conformance on kind", "load tests"}


def test_reports_are_compared_and_made_into_pages(installed: Installed, tmp_path: Path) -> None:
    passing, failing = str(EXAMPLES / "passing"), str(EXAMPLES / "failing")
    said = installed.run("report", "compare", passing, failing)
    assert said.code == 1, said.err
    assert "newly failing" in said.out
    assert installed.run("report", "compare", failing, failing).code == 0
    page, matrix = tmp_path / "page.html", tmp_path / "matrix.html"
    assert installed.run("report", "html", failing, "--out", str(page)).code == 0
    assert "<svg" in page.read_text()
    assert installed.run("report", "matrix", passing, failing, "--html", str(matrix)).code == 0
    assert "EDGE-03" in matrix.read_text()


def test_what_needs_no_checkout_works_without(installed: Installed) -> None:
    assert "edge-pulls-per-viewer" in installed.run("faults").out
    assert "_SRS_CONFORMANCE_COMPLETE" in installed.run("completion", "bash").out
    assert installed.run("cluster", "status").code == 10


@pytest.mark.parametrize(
    "arguments",
    [
        ["requirements"],
        ["load", "flv", "--namespace", "live"],
        ["load-image", "load.tar"],
        ["capacity", "flv", "--host", "http://127.0.0.1:1", "--stream", "live/a"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_needs_the_checkout_says_so(installed: Installed, arguments: list[str]) -> None:
    said = installed.run(*arguments)
    assert said.code == 4
    assert "checkout" in said.err
