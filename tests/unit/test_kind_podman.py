import tomllib
from pathlib import Path

import pytest

from srs_conformance.clusters.kind import podman
from srs_conformance.clusters.kind.podman import PodmanHome
from srs_conformance.errors import EngineError
from tests.support.recording import RecordingRunner


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "node.tar"
    path.write_bytes(b"x")
    return path


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return a_user(tmp_path, "one")


def a_user(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "cluster.json").touch()
    return folder


def load(run: RecordingRunner, archive: Path, user: Path) -> str:
    name = podman.load_into_store(run, archive)
    podman.claim(run, name, user)
    return name


def loading(image: str, listed: str = "") -> RecordingRunner:
    return RecordingRunner(
        {"podman load": "Loaded image: node:1\n", "image inspect": f"{image}\n", "images --quiet": listed}
    )


def test_no_file_of_the_machine_is_named(tmp_path: Path) -> None:
    home = PodmanHome(tmp_path / "engine")
    home.write(Path("/opt/runc"), images=tmp_path / "images")
    configuration = tomllib.loads(home.configuration.read_text())
    storage = tomllib.loads((home.folder / "storage.conf").read_text())
    places = [configuration["engine"][key] for key in ("static_dir", "tmp_dir", "volume_path")]
    places += [configuration["network"]["network_config_dir"], storage["storage"]["graphroot"]]
    assert all(Path(place).is_relative_to(home.folder) for place in places)
    assert storage["storage"]["options"]["additionalimagestores"] == [str(tmp_path / "images")]
    assert home.runtime == Path("/opt/runc")


def test_the_environment_passes_over_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONTAINER_HOST", "ssh://elsewhere")
    monkeypatch.setenv("CONTAINERS_CONF", "/etc/other.conf")
    environment = PodmanHome(tmp_path).environment
    assert "CONTAINER_HOST" not in environment
    assert environment["CONTAINERS_CONF"] == str(tmp_path / "containers.conf")


def test_an_archive_is_loaded_once(archive: Path, user: Path) -> None:
    run = loading("id1", "sha256:id1")
    assert load(run, archive, user) == "node:1"
    again = loading("id1", "sha256:id1")
    assert load(again, archive, user) == "node:1"
    assert (len(run.lines("podman load")), len(again.lines("podman load"))) == (1, 0)


def test_a_changed_archive_is_loaded_again(archive: Path, user: Path) -> None:
    load(loading("id1"), archive, user)
    archive.write_bytes(b"longer")
    again = loading("id1")
    load(again, archive, user)
    assert again.lines("podman load")


def test_an_image_that_somebody_removed_is_loaded_again(archive: Path, user: Path) -> None:
    load(loading("id1"), archive, user)
    again = loading("id1")
    again.answers = {"image exists": 1, **again.answers}
    load(again, archive, user)
    assert again.lines("podman load")


def test_images_that_no_cluster_uses_go(archive: Path, user: Path, tmp_path: Path) -> None:
    load(loading("id1"), archive, user)
    archive.write_bytes(b"newer")
    run = loading("id2", "sha256:id1\nsha256:id2\nsha256:id0\n")
    load(run, archive, a_user(tmp_path, "two"))
    assert run.lines("podman rmi") == ["podman rmi --force id0"]

    (user / "cluster.json").unlink()
    run = loading("id2", "sha256:id1\nsha256:id2\n")
    load(run, archive, tmp_path / "two")
    assert run.lines("podman rmi") == ["podman rmi --force id1"]


def test_a_forgotten_user_keeps_no_image(archive: Path, user: Path, tmp_path: Path) -> None:
    load(loading("id1"), archive, user)
    podman.disclaim(user)
    archive.write_bytes(b"newer")
    run = loading("id2", "sha256:id1\nsha256:id2\n")
    load(run, archive, a_user(tmp_path, "two"))
    assert run.lines("podman rmi") == ["podman rmi --force id1"]


@pytest.mark.parametrize(
    "said", ["Loaded image: kindest/node:v1\n", "Getting blobs\nLoaded image(s): kindest/node:v1\n"]
)
def test_the_loaded_images_name_is_found(said: str) -> None:
    assert podman.loaded_name(said, Path("a.tar")) == "kindest/node:v1"


def test_an_archive_without_a_name_is_an_error() -> None:
    with pytest.raises(EngineError, match=r"a\.tar holds no named image.*Loaded image ID"):
        podman.loaded_name("Loaded image ID: sha256:12", Path("a.tar"))
