"""Asking an engine for an image; the engines are shell scripts with the real ones' words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from srs_conformance.images import registry
from srs_conformance.images.archive import find
from srs_conformance.images.oci import architecture
from srs_conformance.progress import NullProgress
from tests.unit.images.making import docker, write

NAME = "docker.io/ossrs/srs:3"


class Engines:
    """Programs called docker and podman in a folder that is all of PATH but the shell's own tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "bin"
        self.folder.mkdir()
        self.calls = folder / "calls"
        self.image = write(folder / "held.tar", docker("ossrs/srs:3"))

    def add(self, name: str, *, pull: str, held: bool = False, info: str = "exit 0", save: str = "") -> None:
        save = save or f'for out; do case "$out" in *.tar) cp {self.image} "$out";; esac; done'
        script = f"""#!/bin/sh
PATH=/usr/bin:/bin
echo "{name} $*" >> {self.calls}
case "$1 $2" in
"info "*) {info};;
"image inspect") exit {0 if held else 1};;
"image rm") exit 0;;
pull*) {pull};;
save*) {save};;
esac
"""
        path = self.folder / name
        path.write_text(script)
        path.chmod(0o755)

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines()


@pytest.fixture
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engines:
    made = Engines(tmp_path)
    monkeypatch.setenv("PATH", str(made.folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


def test_without_an_engine(engines: Engines) -> None:
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert (fetched.archive, fetched.words) == (
        None,
        "neither docker nor podman answers here, so no registry was asked",
    )
    engines.add("docker", pull="exit 1", info="exit 1")
    assert registry.fetch("ossrs/srs:3", NullProgress()).archive is None


def test_a_pulled_image_becomes_an_archive_and_leaves_the_engine(engines: Engines) -> None:
    engines.add("docker", pull="echo '3: Pulling from ossrs/srs'")
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert fetched.from_registry
    assert fetched.archive is not None
    assert find([fetched.archive], "ossrs/srs:3", architecture())
    assert fetched.archive.name == "pulled-ossrs-srs-3.tar"
    assert [path.name for path in fetched.archive.parent.iterdir()] == [fetched.archive.name]
    calls = engines.called()
    assert f"docker pull --platform linux/{architecture()} {NAME}" in calls
    assert calls[-1] == f"docker image rm {NAME}"


def test_an_image_that_the_engine_held_stays_there(engines: Engines) -> None:
    engines.add("docker", pull="echo Digest: sha256:1", held=True)
    assert registry.fetch("ossrs/srs:3", NullProgress()).from_registry
    assert not [call for call in engines.called() if "image rm" in call]


def test_podman_is_asked_where_docker_does_not_answer(engines: Engines) -> None:
    engines.add("docker", pull="exit 0", info="exit 1")
    engines.add("podman", pull="echo Getting image source signatures")
    assert registry.fetch("ossrs/srs:3", NullProgress()).words == "pulled by podman"
    assert any(call.startswith("podman save --format docker-archive -o") for call in engines.called())


def test_a_registry_that_refuses(engines: Engines) -> None:
    engines.add("docker", pull="echo 'Error response from daemon: no such host'; exit 1")
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert fetched.archive is None
    assert "docker could not pull docker.io/ossrs/srs:3" in fetched.words
    assert "no such host" in fetched.words


def test_a_held_image_does_without_the_registry(engines: Engines) -> None:
    engines.add("docker", pull="echo no route; exit 1", held=True)
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert fetched.archive is not None
    assert not fetched.from_registry
    assert "docker held it already" in fetched.words
    assert not [call for call in engines.called() if "image rm" in call]


def test_a_registry_that_is_silent_is_left(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "ANSWER_SECONDS", 0.2)
    engines.add("podman", pull="echo Trying to pull...; exec sleep 60")
    started = time.monotonic()
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert fetched.words == "the registry of docker.io/ossrs/srs:3 could not be reached within 0.2 s"
    assert time.monotonic() - started < 5


def test_layers_that_do_not_come_are_left(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "PULL_SECONDS", 0.2)
    engines.add("docker", pull="echo '3: Pulling from ossrs/srs'; exec sleep 60")
    assert registry.fetch("ossrs/srs:3", NullProgress()).words == f"{NAME} did not come within 0.2 s"


def test_an_image_that_cannot_be_saved(engines: Engines) -> None:
    engines.add("docker", pull="echo Digest: sha256:1", save="echo no space left >&2; exit 1")
    fetched = registry.fetch("ossrs/srs:3", NullProgress())
    assert fetched.archive is None
    assert "no space left" in fetched.words
    assert engines.called()[-1] == f"docker image rm {NAME}"
