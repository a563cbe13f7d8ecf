"""Which image a run uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from srs_conformance.clusters.base import Capability
from srs_conformance.errors import CouldNotTest, UsageError
from srs_conformance.images import nginx, reference, registry
from srs_conformance.images.archive import read
from srs_conformance.images.names import parse
from srs_conformance.images.server import Source, next_reference, resolve, resolve_nginx
from srs_conformance.progress import Progress
from tests.unit.images.making import docker, oci, write

ALL = frozenset({Capability.KUBERNETES, Capability.LOAD_IMAGES})


class Nodes:
    """Nodes that remember what they are given."""

    def __init__(self, *there: str, capabilities: frozenset[Capability] = ALL) -> None:
        self.capabilities = capabilities
        self.there = dict.fromkeys(there, "sha256:" + "a" * 64)
        self.loaded: list[tuple[Path, str, str]] = []

    def image_digest(self, name: str) -> str | None:
        return self.there.get(name)

    def load_image(self, archive: Path, source: str, name: str) -> None:
        self.loaded.append((archive, source, name))
        self.there[name] = "sha256:" + "b" * 64


@pytest.fixture(autouse=True)
def _sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine, and builds that take no time."""

    def built(wanted: reference.Build, progress: Progress) -> Path:
        name = f"localhost/srs-conformance/reference:{wanted.told}"
        return write(tmp_path / "reference.tar", oci(name, labels={reference.LABEL: "true"}))

    def assembled(progress: Progress) -> Path:
        return write(tmp_path / "nginx.tar", oci(nginx.ARCHIVED_NAME, labels=nginx.LABELS))

    monkeypatch.setattr(registry, "fetch", lambda name, progress: registry.Fetched(None, "the registry is far away"))  # noqa: ARG005 - what it stands in for has it
    monkeypatch.setattr(reference, "build", built)
    monkeypatch.setattr(nginx, "build", assembled)


@pytest.fixture
def srs(tmp_path: Path) -> Path:
    return write(tmp_path / "srs.tar", oci("docker.io/ossrs/srs:3"))


def test_an_archive_comes_first(srs: Path) -> None:
    nodes = Nodes("docker.io/ossrs/srs:3")
    image = resolve(nodes, "ossrs/srs:3", [srs], require_real=True)
    digest = read(srs)[0].digest
    name = f"localhost/srs-conformance/ossrs-srs:3-{digest[7:19]}"
    assert (image.source, image.name, image.digest) == (Source.ARCHIVE, name, digest)
    assert (image.reference, image.version_hint, image.notice) == (False, 3, "")
    assert nodes.loaded == [(srs, "docker.io/ossrs/srs:3", name)]


def test_an_image_is_loaded_once(srs: Path) -> None:
    nodes = Nodes()
    first = resolve(nodes, "ossrs/srs:3", [srs], require_real=True)
    assert resolve(nodes, "ossrs/srs:3", [srs], require_real=True) == first
    assert len(nodes.loaded) == 1


def test_what_the_nodes_have_comes_next() -> None:
    image = resolve(Nodes("docker.io/ossrs/srs:6"), "ossrs/srs:6", [], require_real=True)
    assert (image.source, image.name, image.digest[:8]) == (Source.NODE, "docker.io/ossrs/srs:6", "sha256:a")


@pytest.mark.parametrize(("from_registry", "source"), [(True, Source.REGISTRY), (False, Source.ENGINE)])
def test_the_registry_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Source, *, from_registry: bool
) -> None:
    path = write(tmp_path / "pulled.tar", docker("ossrs/srs:6"))
    monkeypatch.setattr(registry, "fetch", lambda *_: registry.Fetched(path, "pulled", from_registry))
    nodes = Nodes()
    image = resolve(nodes, "ossrs/srs:6", [], require_real=True)
    assert (image.source, image.archive) == (source, path)
    assert nodes.loaded[0][1] == "ossrs/srs:6"


def test_a_cluster_that_pulls_for_itself() -> None:
    nodes = Nodes(capabilities=frozenset({Capability.KUBERNETES}))
    image = resolve(nodes, "ossrs/srs:6", [], require_real=True)
    assert (image.source, image.name, image.archive) == (Source.CLUSTER, "docker.io/ossrs/srs:6", None)


@pytest.mark.parametrize(("tag", "personality"), [("3", 3), ("v4.0.5", 3), ("5", 6), ("6", 6), ("latest", 6)])
def test_the_reference_server_is_the_last_resort_and_said_aloud(tag: str, personality: int) -> None:
    nodes = Nodes()
    image = resolve(nodes, f"ossrs/srs:{tag}", [], require_real=False)
    assert image.reference
    assert (image.source, image.personality) == (Source.REFERENCE, personality)
    assert image.name.startswith(f"localhost/srs-conformance/reference:{personality}-")
    assert "NOT SRS" in image.notice
    assert f"ossrs/srs:{tag} cannot be had: no image archive was given; not on the nodes; the registry" in image.notice
    assert all("ossrs/srs" not in name for _, _, name in nodes.loaded)


def test_real_srs_can_be_required(srs: Path) -> None:
    with pytest.raises(CouldNotTest) as raised:
        resolve(Nodes(), "ossrs/srs:6", [srs], require_real=True)
    assert "the archives hold docker.io/ossrs/srs:3; not on the nodes; the registry is far away" in str(raised.value)
    assert "docker save" in raised.value.hint


def test_a_reference_image_never_passes_for_srs(tmp_path: Path) -> None:
    disguised = write(tmp_path / "srs.tar", oci("docker.io/ossrs/srs:6", labels={reference.LABEL: "true"}))
    assert resolve(Nodes(), "ossrs/srs:6", [disguised], require_real=False).reference
    with pytest.raises(UsageError, match="is the reference server by its label"):
        resolve(Nodes(), "ossrs/srs:6", [disguised], require_real=True)


@pytest.mark.parametrize(
    ("asked", "options"),
    [("reference:6", {}), ("ossrs/srs:6", {"faithful": True}), ("ossrs/srs:6", {"faults": ["join-race"]})],
)
def test_asking_for_the_reference_server(srs: Path, asked: str, options: dict[str, object]) -> None:
    image = resolve(Nodes("docker.io/ossrs/srs:6"), asked, [srs], require_real=False, **options)
    assert (image.reference, image.personality) == (True, 6)
    with pytest.raises(UsageError, match="drop one"):
        resolve(Nodes(), asked, [srs], require_real=True, **options)


def test_the_banner_names_what_is_switched_on() -> None:
    notice = resolve(Nodes(), "ossrs/srs:3", [], require_real=False, faults=["stalls"], faithful=True).notice
    assert "Switched on: fault stalls, faithful to its version." in notice


def test_unknown_faults_and_personalities() -> None:
    with pytest.raises(UsageError, match="unknown fault"):
        resolve(Nodes(), "ossrs/srs:3", [], require_real=False, faults=["no-such"])
    with pytest.raises(UsageError, match="imitates SRS 3 and 6, not 2"):
        resolve(Nodes(), "ossrs/srs:3", [], require_real=False, personality=2)


def test_processes_need_no_image() -> None:
    local = Nodes(capabilities=frozenset())
    image = resolve(local, "ossrs/srs:3", [], require_real=False)
    assert (image.name, image.archive, image.reference, local.loaded) == ("reference:3", None, True, [])
    assert resolve_nginx(local, "nginx", []).archive is None
    with pytest.raises(CouldNotTest, match="runs processes"):
        resolve(local, "ossrs/srs:3", [], require_real=True)


def test_a_cluster_that_takes_no_images(srs: Path) -> None:
    nodes = Nodes(capabilities=frozenset({Capability.KUBERNETES}))
    with pytest.raises(UsageError, match="cannot be put onto the nodes"):
        resolve(nodes, "ossrs/srs:3", [srs], require_real=True)
    with pytest.raises(UsageError, match="cannot be put onto the nodes"):
        resolve(nodes, "reference:3", [], require_real=False)


def test_what_is_no_name() -> None:
    with pytest.raises(UsageError, match="not an image name"):
        resolve(Nodes(), "SRS 3", [], require_real=False)


def test_nginx(tmp_path: Path) -> None:
    saved = write(tmp_path / "saved.tar", docker("nginx:latest"))
    image = resolve_nginx(Nodes(), "nginx", [saved])
    assert (image.source, image.reference) == (Source.ARCHIVE, False)
    assert image.name.startswith("localhost/srs-conformance/nginx:latest-")


def test_nginx_is_assembled_where_it_cannot_be_had() -> None:
    image = resolve_nginx(Nodes(), "nginx", [])
    assert (image.source, image.reference) == (Source.PACKAGES, False)
    assert image.name.startswith("localhost/srs-conformance/nginx:packages-")
    assert "assembled from the distribution's packages" in image.notice


def test_names_of_ours_are_names() -> None:
    image = resolve_nginx(Nodes(), "nginx", [])
    assert str(parse(image.name)) == image.name


def test_the_next_version_of_the_reference_server_is_another_image() -> None:
    nodes = Nodes()
    now = resolve(nodes, "reference:3", [], require_real=False)
    assert next_reference(now) == "reference:3.0.171"
    then = resolve(nodes, next_reference(now), [], require_real=False)
    assert (then.personality, then.reference, then.version_hint) == (3, True, 3)
    assert then.name.startswith("localhost/srs-conformance/reference:3.0.171-")
    assert now.name != then.name
    assert reference.config(reference.Build.of(6, version="6.0.158")).environment["SRS_REFERENCE_VERSION"] == "6.0.158"
    processes = resolve(Nodes(capabilities=frozenset()), "reference:6.0.158", [], require_real=False)
    assert (processes.name, processes.personality) == ("reference:6.0.158", 6)
