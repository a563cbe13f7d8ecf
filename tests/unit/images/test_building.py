"""Bases of packages, what lies over them, and names by content; without apt."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.images import building, nginx, reference
from srs_conformance.images.archive import read
from srs_conformance.images.debian import Package
from srs_conformance.images.oci import Layer, write_image
from srs_conformance.progress import NullProgress, Progress
from srs_conformance.reference.faults import faithful_to


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


class Packages:
    """Unpacks the same few files for any packages."""

    def __init__(self, *, fails: bool = False) -> None:
        self.asked: list[Sequence[str]] = []
        self.fails = fails

    def __call__(self, folder: Path, packages: Sequence[str], progress: Progress) -> list[Package]:  # noqa: ARG002 - what it stands in for has it
        self.asked.append(packages)
        for name in ("usr/bin/program", "usr/share/doc/a/copyright", "usr/share/doc/a/README", "var/cache/x/y"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        if self.fails:
            raise EngineError("no network")
        return [Package(name, "1.0", "amd64") for name in packages]


def _base(packages: Packages, *names: str) -> building.Base:
    return building.base("test", names, NullProgress(), resolve=packages, finish=lambda tree: (tree / "done").touch())


def test_a_base_is_made_once_and_slim() -> None:
    packages = Packages()
    base = _base(packages, "a", "b")
    assert _base(packages, "a", "b") == base
    assert packages.asked == [("a", "b")]
    assert base.packages == ("a=1.0", "b=1.0")
    files = sorted(str(path.relative_to(base.folder)) for path in base.folder.rglob("*") if path.is_file())
    assert files == ["done", "usr/bin/program", "usr/share/doc/a/copyright"]
    assert not (base.folder / "var/cache").exists()


def test_other_packages_are_another_base() -> None:
    packages = Packages()
    assert _base(packages, "a").key != _base(packages, "a", "b").key
    assert _base(packages, "ab").key != _base(packages, "a", "b").key


def test_a_base_that_fails_leaves_nothing_and_is_made_again(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        _base(Packages(fails=True), "a")
    assert [path.suffix for path in (tmp_path / "cache").rglob("test-*")] == [".lock"]
    assert _base(Packages(), "a").folder.exists()


def test_a_base_without_its_record_is_made_again() -> None:
    base = _base(Packages(), "a")
    base.folder.with_suffix(".json").unlink()
    again = Packages()
    assert _base(again, "a") == base
    assert again.asked


def test_trees_are_known_by_names_and_contents(tmp_path: Path) -> None:
    file = tmp_path / "tree/sub/file"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    digests = [building.digest_of_tree(tmp_path / "tree")]
    (file.parent / "__pycache__").mkdir()
    (file.parent / "__pycache__/x.pyc").write_text("compiled")
    os.utime(file, (1, 1))
    assert building.digest_of_tree(tmp_path / "tree") == digests[0]
    file.write_text("two")
    digests.append(building.digest_of_tree(tmp_path / "tree"))
    file.chmod(0o755)
    digests.append(building.digest_of_tree(tmp_path / "tree"))
    file.rename(file.with_name("other"))
    digests.append(building.digest_of_tree(tmp_path / "tree"))
    assert len(set(digests)) == 4


def test_the_nginx_tree(tmp_path: Path) -> None:
    nginx.write_tree(tmp_path)
    assert os.readlink(tmp_path / "var/log/nginx/error.log") == "/dev/stderr"  # noqa: PTH115 - the text as it is written
    assert "Welcome to nginx!" in (tmp_path / "usr/share/nginx/html/index.html").read_text()
    assert "listen 80;" in (tmp_path / "etc/nginx/conf.d/default.conf").read_text()


def test_the_nginx_tree_makes_the_same_image_each_time(tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        nginx.write_tree(tmp_path / name)
        layers = [Layer(tmp_path / name)]
        digests.add(write_image(tmp_path / f"{name}.tar", name=nginx.ARCHIVED_NAME, layers=layers, config=nginx.CONFIG))
    assert len(digests) == 1
    (image,) = read(tmp_path / "one.tar")
    assert (image.command, image.stop_signal) == (("nginx", "-g", "daemon off;"), "SIGQUIT")
    assert image.labels["io.srs-conformance.assembled"] == "packages"


@pytest.mark.parametrize(("personality", "conf"), [(3, "conf/srs.conf"), (6, "conf/docker.conf")])
def test_a_reference_container_starts_as_the_release_does(personality: int, conf: str) -> None:
    config = reference.config(reference.Build.of(personality, ["stalls", "cuts-players"]))
    assert config.command == ("./objs/srs", "-c", conf)
    assert config.working_folder == "/usr/local/srs"
    assert config.environment["SRS_REFERENCE_VERSION"] == str(personality)
    assert config.environment["SRS_REFERENCE_FAULTS"] == "cuts-players,stalls"
    assert config.labels[reference.LABEL] == "true"
    assert config.environment.get("SRS_IN_DOCKER") == {3: None, 6: "on"}[personality]
    assert "not SRS" in config.labels["org.opencontainers.image.title"]


@pytest.mark.parametrize(
    ("personality", "faithful", "shell"), [(3, True, "bash"), (6, False, "bash"), (6, True, "dash")]
)
def test_the_shell_and_the_faults_of_a_faithful_reference(personality: int, shell: str, *, faithful: bool) -> None:
    build = reference.Build.of(personality, faithful=faithful)
    assert build.shell == shell
    assert set(build.switched_on) == (set(faithful_to(personality)) if faithful else set())


def test_faults_are_checked() -> None:
    with pytest.raises(UsageError, match="unknown fault"):
        reference.Build.of(3, ["nothing"])


def test_the_reference_tree(tmp_path: Path) -> None:
    reference.write_tree(tmp_path, reference.Build.of(6, faithful=True))
    home = tmp_path / "usr/local/srs"
    assert (home / "objs/srs").stat().st_mode & stat.S_IXUSR
    assert (home / "conf/docker.conf").is_file()
    assert (home / "objs/nginx/html/index.html").is_file()
    assert os.readlink(tmp_path / "usr/bin/sh") == "dash"  # noqa: PTH115 - the text as it is written
    assert not list(tmp_path.rglob("__pycache__"))
    code = tmp_path / "usr/lib/python3/dist-packages/srs_conformance"
    assert {path.name for path in code.iterdir()} == {"__init__.py", "media", "reference"}
