"""`srs-conformance load` and `load-image`: what is asked for, what is refused, and the exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from srs_conformance import cli
from srs_conformance.commands import load as commands
from srs_conformance.errors import CouldNotTest, ExitCode
from srs_conformance.images import archive
from srs_conformance.images import load as images
from srs_conformance.load.result import Result
from srs_conformance.loadrun.plan import Kind, Plan
from srs_conformance.loadrun.run import Place
from tests.unit.images.making import oci, write
from tests.unit.load.making import a_result

SERVICES = [
    {"metadata": {"name": "edge"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 1935}, {"port": 8080}]}},
]


class Asked:
    """What a command asks for; `result` is what it gets."""

    def __init__(self, tmp_path: Path) -> None:
        self.plans: list[Plan] = []
        self.places: list[Place] = []
        self.connected: list[dict[str, Any]] = []
        self.result: Result | Exception = replace(a_result(visits=100), slo=[], invalid=[])
        self.archive = write(tmp_path / "load.tar", oci(images.ARCHIVED_NAME))
        self.cluster = SimpleNamespace(
            name="mine",
            capabilities=frozenset({"kubernetes", "load_images"}),
            api=SimpleNamespace(call=lambda _, path: {"items": SERVICES if "/ns/" in path else []}),
            image_digest=lambda _: None,
            load_image=lambda *_: None,
            __enter__=lambda: None,
        )

    def run(self, plan: Plan, place: Place, *_: Any) -> Result:
        self.plans.append(plan)
        self.places.append(place)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked(tmp_path)

    @commands.contextlib.contextmanager
    def connected(given: dict[str, Any]) -> Iterator[Any]:
        made.connected.append(given)
        yield made.cluster

    monkeypatch.setattr(commands, "run", made.run)
    monkeypatch.setattr(commands, "connected", connected)
    monkeypatch.setattr(commands, "clip", lambda file: file or tmp_path / "clip.flv")
    monkeypatch.setattr(images, "build", lambda *_: made.archive)
    return made


FLV = ("load", "flv", "--users", "40")


def test_where_the_deployment_is_says_where_to_go(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--workers", "3", "--for", "20s", "--watch", "60s", "--namespace", "ns", "--result", str(tmp_path / "r"))
    assert cli.run([*FLV, *options]) == ExitCode.HOLDS
    [plan], [place] = asked.plans, asked.places
    assert (plan.kind, plan.users, plan.workers, plan.seconds) == (Kind.FLV, 40, 3, 20)
    assert plan.addresses == {"host": "http://edge.ns:8080"}
    assert plan.options == {"stream": "live/livestream", "watch": "60s"}
    assert place.image.startswith("localhost/srs-conformance/load:")
    assert place.folder == tmp_path / "r"
    assert (place.manifests / "kustomization.yaml").is_file()
    out = capsys.readouterr().out.splitlines()
    assert out[-1] == f"result: {tmp_path / 'r' / 'result.json'}"
    assert any(line.startswith("HOLDS") for line in out)


def test_urls_of_ones_own_and_an_image_that_the_cluster_pulls(asked: Asked) -> None:
    asked.cluster.capabilities = frozenset({"kubernetes"})
    where = ("--cluster", "kubeconfig", "--context", "mine")
    urls = ("--rtmp-url", "rtmp://e", "--hls-url", "http://o")
    assert cli.run(["load", "mixed", "--users", "5", *urls, "--image", "my/load:2", *where]) == ExitCode.HOLDS
    assert asked.plans[0].addresses == {"rtmp-url": "rtmp://e", "hls-url": "http://o"}
    assert asked.places[0].image == "docker.io/my/load:2"
    assert asked.places[0].folder.parts[-2:] == ("reports", "load")
    assert (asked.connected[0]["backend"], asked.connected[0]["context"]) == ("kubeconfig", "mine")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ExitCode.HOLDS),
        ({"slo": a_result(visits=100).slo}, None),
        ({"invalid": ["a pod was lost"]}, ExitCode.COULD_NOT_TEST),
        ({"engine_errors": ["KeyError"]}, ExitCode.ENGINE_ERROR),
    ],
)
def test_the_exit_code_is_the_results(asked: Asked, changes: dict[str, Any], code: ExitCode | None) -> None:
    assert isinstance(asked.result, Result)
    asked.result = replace(asked.result, **changes)
    assert cli.run([*FLV, "--host", "http://e"]) == (asked.result.exit_code if code is None else code)


def test_a_load_that_could_not_be(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    asked.result = CouldNotTest("nobody listens", hint="is the server up?")
    assert cli.run([*FLV, "--host", "http://e"]) == ExitCode.COULD_NOT_TEST
    assert capsys.readouterr().err.endswith("error: nobody listens\n  hint: is the server up?\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["load", "flv", "--users", "4"], "where to? give --namespace"),
        (["load", "flv", "--host", "http://e"], "--users is missing"),
        (["load", "flv", "--host", "rtmp://e", "--users", "4"], "expected http://HOST"),
        (["load", "flv", "--namespace", "other", "--users", "4"], "no Service of namespace other has port 8080"),
        (["load", "dash", "--users", "4"], "Invalid value for '{rtmp|flv|hls|publish|mixed}'"),
        (["load", "flv", "--users", "4", "--host", "http://e", "--slo", "nowhere.yaml"], "nowhere.yaml"),
        (
            ["load", "publish", "--users", "4", "--host", "rtmp://e", "--image", "a", "--clip", "b"],
            "--clip becomes part",
        ),
        (["load", "flv", "--users", "4", "--host", "http://e", "--image", "No Name"], "is not an image name"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_started(
    asked: Asked, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert asked.plans == []


def test_a_cluster_that_takes_no_images_is_given_a_name(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    asked.cluster.capabilities = frozenset({"kubernetes"})
    assert cli.run([*FLV, "--host", "http://e"]) == ExitCode.USAGE
    assert "srs-conformance load-image FILE.tar" in capsys.readouterr().err


def test_the_image_for_a_registry(asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tar"
    assert cli.run(["load-image", str(out), "--name", "my/load:2"]) == ExitCode.HOLDS
    assert capsys.readouterr().out == f"docker.io/my/load:2 is in {out}\n"
    [image] = archive.read(out)
    assert image.names == ("docker.io/my/load:2",)


def test_a_clip_must_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "text.flv"
    file.write_text("no clip")
    for path in (file, tmp_path / "absent.flv"):
        arguments = [
            "load",
            "publish",
            "--users",
            "1",
            "--host",
            "rtmp://e",
            "--clip",
            str(path),
            "--cluster-name",
            "x",
        ]
        assert cli.run(arguments) == ExitCode.USAGE
        assert f"--clip: {path} " in capsys.readouterr().err
