"""Images of three layers: built once for the same sources, those of a day ago forgotten; without apt and pip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from srs_conformance.images import layered
from srs_conformance.images.archive import read
from srs_conformance.images.building import Base
from srs_conformance.images.layered import KEEP, Recipe, onto_nodes
from srs_conformance.images.oci import ImageConfig
from srs_conformance.progress import NullProgress
from tests.unit.images.test_standins import Nodes


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A base and packages of one file each, in a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("base", "packages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text(name)
    monkeypatch.setattr(layered.python, "base", lambda *_, **__: Base(tmp_path / "base", "key", ()))
    monkeypatch.setattr(layered.python, "compile_tree", lambda *_: None)
    monkeypatch.setattr(layered.pinned, "installed", lambda *_: tmp_path / "packages")


def recipe(code: str) -> Recipe:
    def write(tree: Path) -> None:
        (tree / "home").mkdir()
        (tree / "home" / "code.py").write_text(code)

    return Recipe("probe", "probe", (), (), Path("requirements.txt"), write, "home", ImageConfig(command=("sh",)))


def test_the_same_code_is_the_same_image() -> None:
    first = recipe("a = 1\n").build(NullProgress())
    assert recipe("a = 1\n").build(NullProgress()) == first
    assert recipe("a = 2\n").build(NullProgress()) != first
    (image,) = read(first)
    assert image.names == ("localhost/srs-conformance/probe:latest",)


def test_what_was_made_of_other_code_a_day_ago_is_forgotten() -> None:
    old, other = recipe("a = 1\n").build(NullProgress()), recipe("a = 2\n").build(NullProgress())
    os.utime(old, times=(old.stat().st_atime, old.stat().st_mtime - KEEP - 1))
    new = recipe("a = 3\n").build(NullProgress())
    assert [each.exists() for each in (old, other, new)] == [False, True, True]


def test_an_image_is_put_onto_the_nodes_once() -> None:
    nodes, built = Nodes("kubernetes", "load_images"), recipe("a = 1\n").build(NullProgress())
    names = {onto_nodes(nodes, built, "probe", "probe", NullProgress()) for _ in range(2)}
    assert names == set(nodes.loaded)
    assert len(nodes.loaded) == 1
