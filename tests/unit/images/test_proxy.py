"""The proxy's image: what is in it, and how a container of it starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from srs_conformance.images import proxy, python
from srs_conformance.progress import NullProgress


class Nodes:
    """Nodes that take images, or processes in their place."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = frozenset(capabilities)
        self.loaded: list[tuple[Path, str, str]] = []

    def image_digest(self, name: str) -> str | None:
        return "sha256:12" if name in [each[2] for each in self.loaded] else None

    def load_image(self, archive: Path, source: str, name: str) -> None:
        self.loaded.append((archive, source, name))


def test_the_code_in_the_image_needs_nothing_else(tmp_path: Path) -> None:
    proxy.write_tree(tmp_path)
    script = f"import sys; sys.path.insert(0, {str(tmp_path / python.SITE)!r}); import srs_conformance.proxy.main as it"
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{script}; print(it.__file__); it.main(['--help'])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith(str(tmp_path))
    assert "--listen PORT=HOST:PORT" in said.stdout
    packages = {path.name for path in (tmp_path / python.SITE / "srs_conformance").iterdir()}
    assert packages == {"__init__.py", "proxy", "__pycache__"}


def test_a_container_is_nobody_and_takes_the_manifests_arguments() -> None:
    config = proxy.config()
    assert config.user == "65534:65534"
    assert list(config.entrypoint) == ["python3", "-m", "srs_conformance.proxy"]


def test_a_backend_of_processes_knows_it_by_name() -> None:
    nodes = Nodes("load_images")
    assert proxy.available(nodes, NullProgress()) == "proxy"
    assert nodes.loaded == []


def test_nodes_get_it_once_under_a_name_that_holds_its_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srs_conformance.images.oci import Layer, write_image

    root = tmp_path / "root"
    root.mkdir()
    (root / "file").write_text("content")
    archive = tmp_path / "proxy.tar"
    digest = write_image(archive, name=proxy.ARCHIVED_NAME, layers=[Layer(root)], config=proxy.config())
    monkeypatch.setattr(proxy, "build", lambda _: archive)
    nodes = Nodes("kubernetes", "load_images")
    names = {proxy.available(nodes, NullProgress()) for _ in range(2)}
    assert names == {f"localhost/srs-conformance/proxy:{digest.manifest.removeprefix('sha256:')[:12]}"}
    assert len(nodes.loaded) == 1
