"""The looks themselves, on machines that lack what the test takes away."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

import pytest

import srs_conformance
from srs_conformance.browser import libraries
from srs_conformance.clusters.kind import node_image, podman, preflight
from srs_conformance.clusters.kind.build import ensure, parts, toolchain
from srs_conformance.clusters.kind.preflight import Check
from srs_conformance.doctor import Finding, State, kind, loads, node_images, places, playing
from srs_conformance.publisher import arguments


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)


def named(findings: list[Finding], what: str) -> Finding:
    (found,) = (each for each in findings if each.what == what)
    return found


def nothing(monkeypatch: pytest.MonkeyPatch, *, root: bool = False) -> None:
    """Take all programs away, and the network."""
    monkeypatch.setenv("PATH", "")
    for module in (kind, node_images, playing):
        monkeypatch.setattr(module, "may_install", lambda: root)
    monkeypatch.setattr(node_image, "registry_answers", lambda _: False)
    monkeypatch.setattr(node_image, "answers", lambda *_: False)


def test_the_preflight_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [Check("disk", found="9.0 GB free"), Check("namespaces", "not permitted", "be privileged")]
    monkeypatch.setattr(preflight, "checks", lambda _: checks)
    found = kind.machine("docker")
    assert named(found, "disk").found == "9.0 GB free"
    assert named(found, "namespaces").missing
    assert named(found, "namespaces").hint == "be privileged"
    assert named(found, "engine").found == "Docker answers"


@pytest.mark.parametrize(("root", "state"), [(True, State.LATER), (False, State.MISSING)])
def test_an_engine_that_can_be_installed_is_told_from_one_that_cannot(
    monkeypatch: pytest.MonkeyPatch, *, root: bool, state: State
) -> None:
    nothing(monkeypatch, root=root)
    monkeypatch.setattr(preflight, "checks", lambda _: [])
    monkeypatch.setattr(podman, "is_complete", lambda: False)
    assert named(kind.machine("podman"), "engine").state is state


def test_tools_are_built_where_the_machine_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)
    assert kind.kubectl().state is State.LATER
    assert named(kind.tools("docker"), "kind").state is State.LATER
    monkeypatch.setattr(parts, "is_built", lambda *_: True)
    assert kind.kubectl().found == "built, in the cache"


def test_a_kubectl_that_is_named_and_does_not_work_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SRS_CONFORMANCE_KUBECTL", "/nowhere/kubectl")
    assert kind.kubectl().missing
    assert "/nowhere/kubectl" in kind.kubectl().found


def test_without_a_registry_and_without_tools_there_is_no_node_image(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)
    found = node_images.image("docker")
    assert named(found, "node image").missing
    assert "no registry answers, and a build lacks Debian's tools" in named(found, "node image").found
    assert named(found, "Go").state is State.LATER


def test_an_archive_that_was_built_is_found_and_no_registry_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)

    def asked(_: float) -> bool:
        raise AssertionError

    monkeypatch.setattr(node_image, "registry_answers", asked)
    archive = ensure.node_image_archive()
    archive.parent.mkdir(parents=True)
    archive.touch()
    assert named(node_images.image("docker"), "node image").state is State.OK


def test_the_official_image_is_taken_where_its_registry_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)
    monkeypatch.setattr(node_image, "registry_answers", lambda _: True)
    assert named(node_images.image("docker"), "node image").state is State.LATER
    monkeypatch.setattr(node_image, "can_raise_limits", lambda: False)
    assert named(node_images.image("podman"), "node image").missing


def test_an_image_in_podmans_store_is_seen_without_asking_podman(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing(monkeypatch)
    monkeypatch.setattr(node_image, "can_raise_limits", lambda: True)
    listed = tmp_path / "srs-conformance" / "engine-images" / "overlay-images" / "images.json"
    listed.parent.mkdir(parents=True)
    listed.write_text(f'[{{"names": ["{node_image.OFFICIAL}"]}}]')
    assert "which the engine has" in named(node_images.image("podman"), "node image").found


@pytest.mark.parametrize(
    ("proxy", "answers", "state", "words"),
    [
        ("https://modules.example,direct", True, State.OK, "https://modules.example answers"),
        ("https://modules.example|direct", False, State.MISSING, "https://modules.example does not answer"),
        ("off", False, State.NOTE, "GOPROXY is off: not asked"),
        ("", False, State.NOTE, "not known without Go"),
    ],
)
def test_the_first_module_proxy_is_asked(
    monkeypatch: pytest.MonkeyPatch, proxy: str, answers: bool, state: State, words: str
) -> None:
    nothing(monkeypatch)
    asked: list[str] = []

    def ask(url: str, _: float) -> bool:
        asked.append(url)
        return answers

    monkeypatch.setattr(node_image, "answers", ask)
    monkeypatch.setattr(node_images, "getproxies", dict)
    monkeypatch.setenv("GOPROXY", proxy)
    found = named(node_images.image("docker"), "Go modules")
    assert found.state is state
    assert words in found.found
    assert all(url.startswith("https://modules.example/sigs.k8s.io/kind/@v/v") for url in asked)


def test_a_proxy_of_the_environment_is_not_gone_around(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)
    monkeypatch.setattr(node_images, "getproxies", lambda: {"https": "http://proxy.example"})
    monkeypatch.setenv("GOPROXY", "https://modules.example")
    assert named(node_images.image("docker"), "Go modules").state is State.NOTE


def test_go_is_asked_without_leaving_notes() -> None:
    environment = toolchain.asking()
    assert environment["GOENV"].endswith("/go/env")
    assert environment["XDG_CONFIG_HOME"] == os.devnull


@pytest.mark.parametrize(("root", "state"), [(True, State.LATER), (False, State.MISSING)])
def test_a_browser_that_is_not_there(monkeypatch: pytest.MonkeyPatch, *, root: bool, state: State) -> None:
    nothing(monkeypatch, root=root)
    chromium, npm = playing.browser()
    assert (chromium.state, npm.state) == (state, state)
    assert chromium.hint == ("" if root else "apt-get install chromium")


def test_libraries_in_the_cache_need_no_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing(monkeypatch)
    monkeypatch.setattr(libraries, "players_there", lambda: True)
    assert playing.browser()[1].state is State.OK


def test_an_ffmpeg_that_does_not_run_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "binary", lambda: "/bin/false")
    assert playing.ffmpeg().missing
    assert "/bin/false does not run" in playing.ffmpeg().found

    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.\nInstall it")

    monkeypatch.setattr(arguments, "binary", none)
    assert playing.ffmpeg().found == "No ffmpeg exe could be found."


@pytest.mark.parametrize(
    ("limits", "state", "amount"),
    [
        ((1024, 1024), State.NOTE, 1024),
        ((1024, 524288), State.OK, 524288),
        ((1, resource.RLIM_INFINITY), State.OK, 10**9),
    ],
)
def test_the_hard_limit_of_open_files_counts(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], state: State, amount: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    found = named(loads.load(), "open files")
    assert (found.state, found.amount) == (state, amount)


def test_a_port_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("", 0))
        taken.listen()
        number = taken.getsockname()[1]
        monkeypatch.setattr(loads, "PORTS", {number: "--web-port"})
        assert named(loads.load(), f"port {number}").state is State.NOTE
        assert "--web-port" in named(loads.load(), f"port {number}").hint


def test_contexts_are_listed_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.found for each in places.other_clusters()] == ["none where kubectl looks"]
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("contexts: [{name: a}, {name: b}]")
    bad.write_text("[")
    monkeypatch.setenv("KUBECONFIG", f"{good}:{bad}:{tmp_path / 'absent'}")
    first, second = places.other_clusters()
    assert first.names == ("a", "b")
    assert second.state is State.NOTE
    assert "not a kubeconfig" in second.found


def test_an_installed_package_has_no_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.checkout().state is State.OK
    monkeypatch.setattr(srs_conformance, "__file__", str(tmp_path / "srs_conformance" / "__init__.py"))
    assert places.checkout().missing
    assert "clone the project" in places.checkout().hint
