"""`srs-conformance inside` and `probe-image`: what is asked for, what is refused, and the exit code."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from srs_conformance import cli
from srs_conformance.commands import inside as commands
from srs_conformance.errors import CouldNotTest, ExitCode
from srs_conformance.images import archive, choosing, probe
from srs_conformance.images.server import ServerImage, Source
from srs_conformance.inside import image
from srs_conformance.inside.prepared import Prepared
from srs_conformance.inside.run import Place
from tests.unit.images.making import oci, write

SERVER = ServerImage(
    "ossrs/srs:3", "localhost/srs-conformance/ossrs-srs:3-1", "sha256:1", Source.REGISTRY, reference=False
)
NGINX = ServerImage(
    "nginx", "localhost/srs-conformance/nginx:1", "", Source.PACKAGES, reference=False, notice="packages"
)


class Asked:
    """What a command asks for; `outcome` is what it gets."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.runs: list[tuple[list[str], Prepared, Place]] = []
        self.connected: list[dict[str, Any]] = []
        self.wanted: list[choosing.Wanted] = []
        self.outcome: int | Exception = 0
        self.archive = write(tmp_path / "probe.tar", oci(probe.ARCHIVED_NAME))
        self.loaded: list[str] = []
        self.cluster = SimpleNamespace(
            name="mine",
            backend="kind",
            capabilities=frozenset({"kubernetes", "load_images"}),
            image_digest=lambda _: None,
            load_image=lambda _, __, name: self.loaded.append(name),
        )

    def run(self, arguments: list[str], prepared: Prepared, where: Place, _: Any) -> int:
        self.runs.append((arguments, prepared, where))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if where.folder.parent == self.folder:  # not the checkout's own
            where.folder.mkdir()
            (where.folder / "conformance.json").write_text("{}")
        return self.outcome

    def choose(self, _: Any, wanted: choosing.Wanted, __: Any) -> tuple[ServerImage, ...]:
        self.wanted.append(wanted)
        return SERVER, NGINX


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked(tmp_path)

    @contextlib.contextmanager
    def connected(given: dict[str, Any]) -> Iterator[Any]:
        made.connected.append(given)
        yield made.cluster

    monkeypatch.setattr(commands, "run", made.run)
    monkeypatch.setattr(commands, "connected", connected)
    monkeypatch.setattr(image, "archive", lambda _: made.archive)
    monkeypatch.setattr(choosing, "choose", made.choose)
    monkeypatch.setattr(image.standins, "available", lambda name, *_: f"localhost/srs-conformance/{name}:1")
    monkeypatch.setattr(image.proxy, "available", lambda *_: "localhost/srs-conformance/proxy:1")
    return made


def test_on_a_kind_cluster_all_images_are_put_onto_the_nodes(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "report"
    words = ("--srs-image", "srs:6", "-n", "2", "suites/edge_cluster")
    assert cli.run(["inside", "--report", str(folder), "--", *words]) == ExitCode.HOLDS
    [(arguments, prepared, where)] = asked.runs
    images = ("--srs-image", "srs:6", "--nginx-image", "nginx")
    proxy = ("--proxy-image", "localhost/srs-conformance/proxy:1")
    assert arguments == ["-v", "-n", "2", "suites/edge_cluster", *images, *proxy]
    assert asked.wanted == [choosing.Wanted(srs_image="srs:6")]
    assert prepared.images == (SERVER, NGINX)
    assert prepared.one_machine
    assert prepared.standins == {name: f"localhost/srs-conformance/{name}:1" for name in ("encoder", "shell")}
    assert [where.image] == asked.loaded
    assert where.image.startswith("localhost/srs-conformance/probe:")
    assert (where.folder, where.keep) == (folder, False)
    assert asked.connected[0]["backend"] == "kind"
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == f"report: {folder / 'conformance.json'}"
    assert "packages" in printed.err.splitlines()


def test_a_cluster_that_pulls_for_itself_is_given_names(asked: Asked) -> None:
    asked.cluster.capabilities = frozenset({"kubernetes"})
    where = ("--context", "mine", "--probe-image", "my/probe:1", "--keep")
    assert cli.run(["inside", *where, "--", "--proxy-image", "my/proxy:1"]) == ExitCode.HOLDS
    [(arguments, prepared, place)] = asked.runs
    assert arguments[-3:] == ["--proxy-image", "my/proxy:1", "--keep"]
    assert prepared == Prepared("")
    assert (place.image, place.keep) == ("docker.io/my/probe:1", True)
    assert place.folder.parts[-2:] == ("reports", "latest")
    assert (asked.connected[0]["backend"], asked.connected[0]["context"]) == ("kubeconfig", "mine")


@pytest.mark.parametrize("code", [0, 1, 2, 4, 10, 11])
def test_the_exit_code_is_that_of_pytest(asked: Asked, tmp_path: Path, code: int) -> None:
    asked.outcome = code
    assert cli.run(["inside", "--report", str(tmp_path / "report")]) == code


def test_a_run_that_could_not_be(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    asked.outcome = CouldNotTest("no room", hint="make some")
    assert cli.run(["inside"]) == ExitCode.COULD_NOT_TEST
    assert capsys.readouterr().err.endswith("error: no room\n  hint: make some\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--", "--context", "a"], "--context stands among the arguments for pytest"),
        (["--context", "mine"], "`srs-conformance probe-image FILE.tar` makes it"),
        (["--context", "mine", "--probe-image", "No Name"], "is not an image name"),
        (
            ["--context", "mine", "--probe-image", "p", "--", "--image-archive", __file__],
            "cannot be put onto the nodes",
        ),
        (["--", "suites/nowhere"], "no such test"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_started(
    asked: Asked, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.cluster.capabilities = frozenset({"kubernetes"})
    assert cli.run(["inside", *arguments]) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert asked.runs == []


def test_an_archive_for_a_registry(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tar"
    assert cli.run(["probe-image", str(out), "--name", "registry.example/probe:2"]) == ExitCode.HOLDS
    assert [found.names for found in archive.read(out)] == [("registry.example/probe:2",)]
    assert capsys.readouterr().out == f"registry.example/probe:2 is in {out}\n"


def test_what_was_prepared_is_read_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from srs_conformance.inside import prepared

    made = Prepared("srs-inside-1", (SERVER,), {"shell": "s:1"}, one_machine=True)
    assert prepared.of_environment() is None
    monkeypatch.setenv(prepared.VARIABLE, made.to_json())
    assert prepared.of_environment() == made


def test_kubectl_is_a_program_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srs_conformance.clusters.kind import build

    monkeypatch.setattr(build, "ensure_tool", lambda *_: tmp_path / "built")
    script, program, starter = (tmp_path / name for name in ("script/kubectl", "kubectl", "snap"))
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    for each in (program, starter):
        each.write_bytes(b"\x7fELF...")
    (tmp_path / "link").symlink_to(starter)
    found = {
        program: program,
        script: tmp_path / "built",
        tmp_path / "link": tmp_path / "built",
        None: tmp_path / "built",
    }
    for present, taken in found.items():
        monkeypatch.setattr(image, "present_kubectl", lambda present=present: present)
        assert image._kubectl(commands.Console()) == taken
