"""The images in the place of public ones: what is in them, and how their containers start."""

from __future__ import annotations

from pathlib import Path

import pytest

from srs_conformance.images import standins
from srs_conformance.images.archive import read
from srs_conformance.images.building import Base
from srs_conformance.progress import NullProgress


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base of one file, a program and a clip that are none, in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "base").mkdir()
    (tmp_path / "base/sh").write_text("sh")
    for name in ("program", "clip.flv"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(standins.building, "base", lambda *_: Base(tmp_path / "base", "key", ()))
    monkeypatch.setattr(standins, "program", lambda: tmp_path / "program")
    monkeypatch.setattr(standins, "CLIP", type("Clip", (), {"ensure_flv": lambda _: tmp_path / "clip.flv"})())


class Nodes:
    """Nodes that take images, or processes in their place."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = frozenset(capabilities)
        self.loaded: list[str] = []

    def image_digest(self, name: str) -> str | None:
        return "sha256:12" if name in self.loaded else None

    def load_image(self, archive: Path, source: str, name: str) -> None:  # noqa: ARG002 - what it stands in for has it
        self.loaded.append(name)


def test_the_encoder_has_ffmpeg_in_its_path_and_the_clip_where_the_guide_looks_for_it(tmp_path: Path) -> None:
    standins.write_encoder(tmp_path / "tree")
    program = tmp_path / "tree/usr/local/bin/ffmpeg"
    assert program.read_text() == "program"
    assert program.stat().st_mode & 0o111 == 0o111
    assert (tmp_path / "tree/usr/local/srs/doc/source.flv").read_text() == "clip.flv"


@pytest.mark.parametrize(("name", "folder"), [(standins.ENCODER, "/usr/local/srs"), (standins.SHELL, "")])
def test_an_image_is_built_once_and_starts_a_shell(name: str, folder: str) -> None:
    archive = standins.build(name, NullProgress())
    assert standins.build(name, NullProgress()) == archive
    (image,) = read(archive)
    assert tuple(image.command) == ("/bin/sh",)
    assert image.names == (f"localhost/srs-conformance/{name}:latest",)
    assert standins._KINDS[name].config.working_folder == folder


def test_nodes_get_an_image_once_and_processes_know_it_by_name() -> None:
    nodes = Nodes("kubernetes", "load_images")
    assert len({standins.available(standins.SHELL, nodes, NullProgress()) for _ in range(2)}) == 1
    assert len(nodes.loaded) == 1
    assert nodes.loaded[0].startswith("localhost/srs-conformance/shell:")
    assert standins.available(standins.SHELL, Nodes("load_images"), NullProgress()) == "shell"


def test_the_clip_ends_within_the_time_that_tests_wait_for_it() -> None:
    from srs_conformance.observing import Budget
    from srs_conformance.publisher import DemoClip

    assert DemoClip(seconds=20).seconds + 3 < Budget.DEMO_LOOP.seconds
