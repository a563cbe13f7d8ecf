"""The image writer: same inputs, same bytes; and what engines read from it."""

import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.images.oci import Image, ImageConfig, Layer, architecture, with_name, write_image, write_images


@pytest.fixture(autouse=True)
def epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


def make_tree(root: Path) -> Path:
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "run").write_text("#!/bin/sh\n")
    (root / "bin" / "run").chmod(0o4755)
    os.link(root / "bin" / "run", root / "bin" / "same")
    (root / "etc").symlink_to("usr/etc")
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    os.mkfifo(root / "pipe")
    return root


def read_json(archive: Path, member: str) -> Any:
    with tarfile.open(archive) as tar:
        file = tar.extractfile(member)
        assert file
        return json.load(file)


def blob(digest: str) -> str:
    return digest.replace("sha256:", "blobs/sha256/")


def layer_entries(archive: Path, number: int = 0) -> dict[str, tarfile.TarInfo]:
    manifest = read_json(archive, "manifest.json")
    with tarfile.open(archive) as tar:
        layer = tar.extractfile(manifest[0]["Layers"][number])
        assert layer
        with tarfile.open(fileobj=io.BytesIO(layer.read())) as inner:
            return {entry.name: entry for entry in inner}


def test_same_contents_give_same_bytes(tmp_path: Path) -> None:
    archives = []
    for number in (1, 2):
        root = make_tree(tmp_path / str(number))
        os.utime(root / "bin" / "run", (number, number))
        archive = tmp_path / f"{number}.tar"
        write_image(archive, name="docker.io/library/demo:1", layers=[Layer(root)], config=ImageConfig(["/bin/run"]))
        archives.append(archive.read_bytes())
    assert archives[0] == archives[1]


def test_another_content_gives_another_digest(tmp_path: Path, tree: Path) -> None:
    out = tmp_path / "image.tar"
    before = write_image(out, name=None, layers=[Layer(tree)], config=ImageConfig())
    (tree / "more").touch()
    after = write_image(out, name=None, layers=[Layer(tree)], config=ImageConfig())
    assert before.manifest != after.manifest
    assert before.config != after.config


def test_source_date_epoch_is_the_time_of_all(tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    out = tmp_path / "image.tar"
    digest = write_image(out, name=None, layers=[Layer(tree)], config=ImageConfig())
    assert {entry.mtime for entry in layer_entries(out).values()} == {86400}
    assert read_json(out, blob(digest.config))["created"] == "1970-01-02T00:00:00Z"


def test_layer_keeps_modes_and_links_and_belongs_to_root(tmp_path: Path, tree: Path) -> None:
    out = tmp_path / "image.tar"
    write_image(out, name=None, layers=[Layer(tree)], config=ImageConfig())
    entries = layer_entries(out)
    assert list(entries) == ["bin", "etc", "tmp", "bin/run", "bin/same"]
    assert entries["bin/run"].mode == 0o4755
    assert entries["bin/same"].islnk()
    assert entries["bin/same"].linkname == "bin/run"
    assert entries["etc"].linkname == "usr/etc"
    assert entries["tmp"].mode == 0o1777
    assert {(entry.uid, entry.gid, entry.mtime) for entry in entries.values()} == {(0, 0, 0)}


def test_layer_at_a_place(tmp_path: Path, tree: Path) -> None:
    out = tmp_path / "image.tar"
    write_image(out, name=None, layers=[Layer(tree, at="/opt/app")], config=ImageConfig())
    assert "opt/app/bin/run" in layer_entries(out)


def test_index_names_the_image_for_containerd_and_docker(tmp_path: Path, tree: Path) -> None:
    out = tmp_path / "image.tar"
    config = ImageConfig(
        entrypoint=["/init"],
        command=["-v"],
        environment={"A": "b"},
        stop_signal="SIGTERM",
        labels={"x": "y"},
    )
    digest = write_image(out, name="localhost:5000/a/demo:2", layers=[Layer(tree)], config=config)
    (descriptor,) = read_json(out, "index.json")["manifests"]
    assert descriptor["digest"] == digest.manifest
    assert descriptor["annotations"] == {
        "io.containerd.image.name": "localhost:5000/a/demo:2",
        "org.opencontainers.image.ref.name": "2",
    }
    assert descriptor["platform"] == {"architecture": architecture(), "os": "linux"}
    assert read_json(out, "manifest.json")[0]["RepoTags"] == ["localhost:5000/a/demo:2"]
    written = read_json(out, blob(digest.config))["config"]
    assert written["Entrypoint"] == ["/init"]
    assert written["Cmd"] == ["-v"]
    assert written["Env"][1:] == ["A=b"]
    assert written["StopSignal"] == "SIGTERM"
    assert written["Labels"] == {"x": "y"}


def test_a_shared_layer_is_written_once(tmp_path: Path, tree: Path) -> None:
    twin = make_tree(tmp_path / "twin")
    out = tmp_path / "image.tar"
    images = [Image([f"docker.io/library/{folder.name}:1"], [Layer(folder)]) for folder in (tree, tree, twin)]
    digests = write_images(out, images)
    with tarfile.open(out) as tar:
        names = tar.getnames()
    assert len(names) == len(set(names))
    assert digests[0] == digests[2]
    assert len([name for name in names if name.startswith("blobs/")]) == 3


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not exist"):
        write_image(tmp_path / "out" / "i.tar", name=None, layers=[Layer(tmp_path / "no")], config=ImageConfig())
    assert list((tmp_path / "out").iterdir()) == []


def test_with_name_changes_the_name_alone(tmp_path: Path, tree: Path) -> None:
    source, out = tmp_path / "a.tar", tmp_path / "b.tar"
    write_image(source, name="docker.io/library/a:1", layers=[Layer(tree)], config=ImageConfig())
    with_name(source, out, "docker.io/ossrs/srs:3")
    (before,) = read_json(source, "index.json")["manifests"]
    (after,) = read_json(out, "index.json")["manifests"]
    assert after["annotations"]["io.containerd.image.name"] == "docker.io/ossrs/srs:3"
    assert after["digest"] == before["digest"]
    assert read_json(out, "manifest.json")[0]["RepoTags"] == ["docker.io/ossrs/srs:3"]
    assert layer_entries(out).keys() == layer_entries(source).keys()


def test_with_name_refuses_what_holds_several_images(tmp_path: Path, tree: Path) -> None:
    source = tmp_path / "a.tar"
    other = ImageConfig(command=["other"])
    write_images(source, [Image(["docker.io/library/a:1"], [Layer(tree)]), Image([], [Layer(tree)], other)])
    with pytest.raises(UsageError, match="holds 2 images"):
        with_name(source, tmp_path / "b.tar", "docker.io/library/b:1")
    assert not (tmp_path / "b.tar").exists()


@pytest.mark.parametrize("content", [b"", b"no tar", bytes(10240)])
def test_with_name_refuses_what_is_no_image(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "a.tar"
    source.write_bytes(content)
    with pytest.raises(UsageError, match=r"image archive"):
        with_name(source, tmp_path / "b.tar", "docker.io/library/b:1")
