"""What a browser as a viewer needs of a machine: without it nothing is tested, and what is installed is pinned."""

import json
from pathlib import Path

import pytest

from srs_conformance import browser
from srs_conformance.browser import chromium, libraries
from srs_conformance.errors import CouldNotTest

PINNED = {
    Path(browser.__path__[0]) / "players": {"hls.js", "mpegts.js"},
    Path(__file__).parents[2] / "browser" / "axe": {"axe-core"},
}


@pytest.mark.parametrize(("pinned", "names"), PINNED.items())
def test_every_library_is_pinned_by_its_hash_and_names_no_host(pinned: Path, names: set[str]) -> None:
    text = (pinned / "package-lock.json").read_text()
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert {f"node_modules/{name}" for name in names} <= packages.keys()
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert "://" not in text
    asked = json.loads((pinned / "package.json").read_text())["dependencies"]
    assert asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}


def test_without_a_browser_nothing_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "NAMES", ("no-such-browser",))
    with pytest.raises(CouldNotTest, match="there is no Chromium here"):
        chromium.find()


@pytest.mark.parametrize("install", [("no-such-npm",), ("sh", "-c", "echo it is broken >&2; exit 1")])
def test_without_npm_nothing_is_tested(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, install: tuple[str, ...]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(libraries, "_INSTALL", install)
    for _ in range(2):  # what has failed is not taken for installed
        with pytest.raises(CouldNotTest, match="cannot"):
            libraries.players()


def test_libraries_are_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = "; ".join(f"mkdir -p $(dirname node_modules/{n}) && echo {n} > node_modules/{n}" for n in libraries.SCRIPTS)
    monkeypatch.setattr(libraries, "_INSTALL", ("sh", "-c", made))
    first = libraries.players()
    assert first == [f"{name}\n" for name in libraries.SCRIPTS]
    monkeypatch.setattr(libraries, "_INSTALL", ("no-such-npm",))
    assert libraries.players() == first
