"""The arguments for pytest: what is of use outside, what goes into the pod, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.images.choosing import Wanted
from srs_conformance.inside.arguments import read

ROOT = Path(__file__).parents[3]
IMAGES = ("--srs-image", "ossrs/srs:3", "--nginx-image", "nginx")


def test_all_suites_are_meant_where_none_is_named() -> None:
    assert read(["-n", "2", "-k", "edge or origin"], ROOT).passed == (
        "suites",
        "-n",
        "2",
        "-k",
        "edge or origin",
        *IMAGES,
    )


@pytest.mark.parametrize("given", ["suites/edge_cluster", f"{ROOT}/suites/edge_cluster"])
def test_a_test_is_named_as_it_is_in_the_pod(given: str) -> None:
    assert read([f"{given}::test_x", "-n2"], ROOT).passed == ("suites/edge_cluster::test_x", "-n2", *IMAGES)


def test_what_is_of_use_outside(tmp_path: Path) -> None:
    archive = tmp_path / "srs.tar"
    archive.touch()
    words = ["--srs-image=srs:6", "--image-archive", str(archive), "--proxy-image", "p:1", "--seed", "7", "--keep"]
    asked = read([*words, "--reference-fault", "a-fault"], ROOT)
    assert asked.wanted == Wanted(srs_image="srs:6", archives=(archive,), faults=("a-fault",))
    assert (asked.proxy_image, asked.keep) == ("p:1", True)
    fault = ("--reference-fault", "a-fault")
    assert asked.passed == ("suites", "--seed", "7", "--srs-image", "srs:6", "--nginx-image", "nginx", *fault)


def test_the_run_in_the_pod_is_told_all_that_its_report_tells() -> None:
    words = ("--srs-image", "srs:6", "--nginx-image", "nginx:1", "--srs-image-next", "srs:7", "--require-real-srs")
    assert read(words, ROOT).passed == ("suites", *words)
    assert read(["--reference-faithful"], ROOT).passed == ("suites", *IMAGES, "--reference-faithful")


@pytest.mark.parametrize(
    ("given", "words", "hint"),
    [
        (["--report", "r"], "--report stands among the arguments for pytest", "srs-conformance inside --report"),
        (["--cluster", "kind"], "--cluster stands among", "srs-conformance inside --cluster"),
        (["--ack-private"], "--ack-private stands among", "srs-conformance inside --ack-private"),
        (["--srs-image"], "--srs-image: expected one argument", "pytest --help"),
        (["--image-archive", "nowhere.tar"], "--image-archive nowhere.tar: no such file", ""),
        (["suites/nowhere"], "suites/nowhere: no such test", "srs-conformance requirements"),
    ],
)
def test_what_is_refused(given: list[str], words: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(given, ROOT)
    assert words in raised.value.message
    assert hint in raised.value.hint


def test_what_lies_here_is_named_as_it_is_in_the_pod(tmp_path: Path) -> None:
    asked = read(["--manifests", str(tmp_path), "--demo-file=a.mp4"], ROOT)
    assert asked.files == {"demo-file": Path("a.mp4"), "manifests": tmp_path}
    there = ("--demo-file", "/work/given/demo-file/a.mp4", "--manifests", f"/work/given/manifests/{tmp_path.name}")
    assert asked.passed == ("suites", *IMAGES, *there)
