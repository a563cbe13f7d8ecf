"""Reading archives of other tools, and refusing those that none of them writes."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.images import archive
from srs_conformance.images.archive import find, plain, read
from srs_conformance.images.oci import Image, ImageConfig, Layer, architecture, write_images
from tests.unit.images.making import (
    INDEX,
    blob,
    configuration,
    descriptor,
    docker,
    index,
    manifest,
    named,
    oci,
    sha,
    write,
)

NAME = "docker.io/ossrs/srs:3"


def test_an_oci_layout(tmp_path: Path) -> None:
    (image,) = read(write(tmp_path / "a.tar", oci(NAME, labels={"x": "y"})))
    assert image.names == (NAME,)
    assert image.architecture == architecture()
    assert image.labels == {"x": "y"}
    assert image.command == ("./objs/srs", "-c", "conf/docker.conf")
    assert (image.environment, image.working_folder) == (("A=b",), "/srs")
    assert image.config == f"sha256:{sha(configuration(labels={'x': 'y'}))}"
    assert image.digest != image.config


def test_a_docker_save_of_old(tmp_path: Path) -> None:
    (image,) = read(write(tmp_path / "a.tar", docker("ossrs/srs:3", "ossrs/srs:v3")))
    assert image.names == ("ossrs/srs:3", "ossrs/srs:v3")
    assert image.digest == image.config == f"sha256:{sha(configuration())}"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress])
def test_compressed_archives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tar = write(tmp_path / "a.tar", oci(NAME))
    packed = tmp_path / "a.tar.packed"
    packed.write_bytes(compress(tar.read_bytes()))
    assert read(packed) == read(tar)
    with plain(packed) as unpacked:
        assert unpacked.read_bytes() == tar.read_bytes()
    assert not unpacked.exists()
    with plain(tar) as same:
        assert same == tar


def test_an_archive_of_our_own_writer(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/file").write_text("x")
    config = ImageConfig(command=("run",), environment={"A": "b"}, labels={"l": "1"}, stop_signal="SIGQUIT")
    layers = [Layer(tmp_path / "tree")]
    written = write_images(tmp_path / "a.tar", [Image([NAME, "docker.io/b/c:1"], layers, config)])
    (image,) = read(tmp_path / "a.tar")
    assert image.names == (NAME, "docker.io/b/c:1")
    assert (image.digest, image.config) == (written[0].manifest, written[0].config)
    assert (image.command, image.labels, image.stop_signal) == (("run",), {"l": "1"}, "SIGQUIT")


def test_names_beside_the_index_count_too(tmp_path: Path) -> None:
    files = oci(NAME)
    files["manifest.json"] = json.dumps([{"Config": blob(configuration())[0], "RepoTags": ["ossrs/srs:3"]}]).encode()
    (image,) = read(write(tmp_path / "a.tar", files))
    assert image.names == ("ossrs/srs:3", NAME)


def test_a_reference_that_is_a_tag_only_is_no_name(tmp_path: Path) -> None:
    config, layer = configuration(), b"layer"
    image = manifest(config, layer)
    for reference, names in (("3", ()), ("ossrs/srs:3", ("ossrs/srs:3",))):
        described = {**descriptor(image), "annotations": {"org.opencontainers.image.ref.name": reference}}
        files = {"index.json": index(described), **dict([blob(config), blob(layer), blob(image)])}
        assert read(write(tmp_path / "a.tar", files))[0].names == names


def _several(*architectures: str) -> dict[str, bytes]:
    """An index within the index, as `docker save` of a containerd store writes it; the last one's blobs are absent."""
    files: dict[str, bytes] = {}
    manifests = []
    for arch in architectures:
        config, layer = configuration(arch), arch.encode()
        image = manifest(config, layer)
        manifests.append(descriptor(image))
        files |= dict([blob(config), blob(layer), blob(image)])
    absent = manifest(configuration("s390x"), b"absent")
    inner = index(*manifests, descriptor(absent))
    return {**files, **dict([blob(inner)]), "index.json": index(named(inner, NAME, INDEX))}


def test_an_image_for_several_architectures(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", _several("amd64", "arm64", "unknown"))
    assert [(image.names, image.architecture) for image in read(path)] == [((NAME,), "amd64"), ((NAME,), "arm64")]
    found = find([path], "ossrs/srs:3", "arm64")
    assert found is not None
    assert found.image.architecture == "arm64"


def test_finding_completes_names_on_both_sides(tmp_path: Path) -> None:
    save = write(tmp_path / "save.tar", docker("nginx:latest"))
    layout = write(tmp_path / "layout.tar", oci(NAME))
    for wanted, path, name in (("ossrs/srs:3", layout, NAME), ("nginx", save, "nginx:latest")):
        found = find([save, layout], wanted, architecture())
        assert found is not None
        assert (found.archive, found.name) == (path, name)
    assert find([save, layout], "ossrs/srs:6", architecture()) is None
    assert find([], "nginx", architecture()) is None


def test_an_image_for_another_machine_is_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", oci(NAME, arch="riscv64"))
    with pytest.raises(UsageError, match=r"ossrs/srs:3 is needed for .*a\.tar has it for riscv64"):
        find([path], "ossrs/srs:3", architecture())


def _refusal(path: Path) -> str:
    with pytest.raises(UsageError) as raised:
        read(path)
    assert str(path) in str(raised.value)
    assert "expected" in str(raised.value)
    return str(raised.value)


def _entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (_entry("/etc/passwd"), "the path '/etc/passwd'"),
        (_entry("../x"), "the path '../x'"),
        (_entry("blobs/../../x"), "the path 'blobs/../../x'"),
        (_entry("a", tarfile.SYMTYPE, "/etc/passwd"), "a link to '/etc/passwd'"),
        (_entry("a", tarfile.SYMTYPE, "../x"), "a link to '../x'"),
        (_entry("a/b", tarfile.LNKTYPE, "../x"), "a link to '../x'"),
        (_entry("null", tarfile.CHRTYPE), "of tar type"),
        (_entry("pipe", tarfile.FIFOTYPE), "of tar type"),
        (_entry("index.json"), "'index.json' twice"),
        (_entry("./index.json"), "twice"),
    ],
)
def test_hostile_entries(tmp_path: Path, entry: tarfile.TarInfo, said: str) -> None:
    assert said in _refusal(write(tmp_path / "a.tar", oci(NAME), [entry]))


def test_links_within_the_archive_are_fine(tmp_path: Path) -> None:
    link = _entry("def/layer.tar", tarfile.SYMTYPE, "../abc/layer.tar")
    assert read(write(tmp_path / "a.tar", docker("nginx:1"), [link]))[0].names == ("nginx:1",)


def test_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.tar", oci(NAME))
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    assert "at most 3 entries" in _refusal(path)
    monkeypatch.setattr(archive, "MAX_ENTRIES", 100)
    monkeypatch.setattr(archive, "MAX_BYTES", 100)
    assert "found more" in _refusal(path)


def test_an_entry_that_claims_absurd_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", oci(NAME))
    entry = tarfile.TarInfo("blobs/sha256/" + "0" * 64)
    entry.size = 1 << 50
    data = path.read_bytes()
    path.write_bytes(entry.tobuf(tarfile.GNU_FORMAT) + data)
    assert "found more" in _refusal(path)


def test_a_huge_manifest_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_JSON", 10)
    assert "neither of them" in _refusal(write(tmp_path / "a.tar", oci(NAME)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ReadError"),
        (b"no tar at all, but long enough to be read as one" * 50, "ReadError"),
        (gzip.compress(b"x" * 5000)[:20], "ReadError"),
        (gzip.compress(b"still no tar" * 100), "ReadError"),
    ],
    ids=["empty", "text", "half a gzip", "gzip of text"],
)
def test_no_tar(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    assert said in _refusal(path)


def test_nothing_there(tmp_path: Path) -> None:
    assert "no such file" in _refusal(tmp_path / "none.tar")
    assert "a folder" in _refusal(tmp_path)


def test_a_truncated_archive(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", oci(NAME))
    path.write_bytes(path.read_bytes()[:2000])
    _refusal(path)


def test_another_tar(tmp_path: Path) -> None:
    assert "neither of them among 1 entries" in _refusal(write(tmp_path / "a.tar", {"readme.txt": b"hello"}))


CONFIG, LAYER, IMAGE = (name for name in oci(NAME) if name.startswith("blobs"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({LAYER: b"other"}, "expected blobs to match their names"),
        ({IMAGE: b"{}"}, "expected blobs to match their names"),
        ({LAYER: None}, "no complete image"),
        ({CONFIG: None}, "no complete image"),
        ({IMAGE: None}, "no complete image"),
        ({"index.json": b'{"manifests": 7}'}, "manifests = 7"),
        ({"index.json": b"[]"}, "no manifests in []"),
        ({"index.json": b"{"}, "expected JSON"),
        ({"index.json": b"[" * 100_000}, "expected JSON"),
        ({"index.json": b'{"manifests": [{"digest": "md5:0"}]}'}, "expected SHA-256"),
        ({"index.json": b'{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}'}, "expected SHA-256"),
    ],
)
def test_damage(tmp_path: Path, changes: dict[str, bytes | None], said: str) -> None:
    files = {name: data for name, data in {**oci(NAME), **changes}.items() if data is not None}
    assert said in _refusal(write(tmp_path / "a.tar", files))


def test_a_docker_save_with_a_forged_configuration(tmp_path: Path) -> None:
    files = docker("nginx:1")
    name = next(name for name in files if name.endswith(".json") and name != "manifest.json")
    files[name] = configuration(labels={"forged": "1"})
    assert "expected it to match its name" in _refusal(write(tmp_path / "a.tar", files))


def test_indexes_within_each_other_end(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    inner = index(descriptor(b"x"))
    for _ in range(10):
        files |= dict([blob(inner)])
        inner = index(descriptor(inner, INDEX))
    assert "indexes within each other" in _refusal(write(tmp_path / "a.tar", {**files, "index.json": inner}))
