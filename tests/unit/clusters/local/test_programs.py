from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from srs_conformance.clusters.local.files import Root
from srs_conformance.clusters.local.programs import Surroundings, aim, check_image, prepare, translate
from srs_conformance.errors import UsageError
from srs_conformance.runqueue import WATCHED_VARIABLE

AROUND = Surroundings("pod-1", "127.64.0.9", {"srs-origin-service": "127.64.0.2"}, Path("/n/hosts"))


def make_root(tmp_path: Path, **mounts: str) -> Root:
    volumes = {inside: tmp_path / "volumes" / name for name, inside in mounts.items()}
    for volume in volumes.values():
        volume.mkdir(parents=True)
    return Root(tmp_path / "root", volumes)


def spec(image: str = "ossrs/srs:3", **more: Any) -> dict[str, Any]:
    return {"name": "srs", "image": image, **more}


@pytest.mark.parametrize(
    ("image", "configuration"),
    [("ossrs/srs:3", "conf/srs.conf"), ("ossrs/srs:6", "conf/docker.conf"), ("reference:3", "conf/srs.conf")],
)
def test_a_server_starts_as_its_image_does(tmp_path: Path, image: str, configuration: str) -> None:
    program = prepare(spec(image), make_root(tmp_path), AROUND)
    assert program.argv == ["./objs/srs", "-c", configuration]
    assert program.folder == tmp_path / "root/usr/local/srs"
    assert (program.folder / configuration).exists()
    launcher = (program.folder / "objs/srs").read_text()
    assert "--bind 127.64.0.9 --hosts /n/hosts" in launcher


def test_a_reference_server_may_tell_another_version(tmp_path: Path) -> None:
    program = prepare(spec("reference:3.0.171"), make_root(tmp_path), AROUND)
    assert program.environment["SRS_REFERENCE_VERSION"] == "3.0.171"
    assert program.argv == ["./objs/srs", "-c", "conf/srs.conf"]


def test_the_containers_environment_goes_over_the_images(tmp_path: Path) -> None:
    env = [
        {"name": "SRS_REFERENCE_VERSION", "value": "6"},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "URL", "value": "http://$(IP)/"},
    ]
    program = prepare(spec(env=env, command=["echo"], args=["$(URL)", "$(UNKNOWN)"]), make_root(tmp_path), AROUND)
    assert program.argv == ["echo", "http://127.64.0.9/", "$(UNKNOWN)"]
    assert program.environment["SRS_REFERENCE_VERSION"] == "6"


def test_its_processes_say_whose_they_are(tmp_path: Path) -> None:
    assert prepare(spec(), make_root(tmp_path), AROUND).environment[WATCHED_VARIABLE] == AROUND.pod


def test_a_volume_lies_over_what_the_image_has(tmp_path: Path) -> None:
    root = make_root(tmp_path, conf="/usr/local/srs/conf")
    (tmp_path / "volumes/conf/srs.conf").write_text("listen 1935;")
    program = prepare(spec(), root, AROUND)
    assert [each.name for each in (program.folder / "conf").iterdir()] == ["srs.conf"]


def test_a_container_starts_from_its_image_again(tmp_path: Path) -> None:
    root = make_root(tmp_path, html="/usr/local/srs/objs/nginx/html")
    folder = prepare(spec(), root, AROUND).folder
    (folder / "objs/srs.log").write_text("of the run before")
    (folder / "objs/nginx/html/kept.ts").write_text("in the volume")
    prepare(spec(), root, AROUND)
    assert not (folder / "objs/srs.log").exists()
    assert (folder / "objs/nginx/html/kept.ts").exists()


def test_paths_and_names_in_commands_are_translated(tmp_path: Path) -> None:
    root = make_root(tmp_path, cache="/tmp/html", short="/tmp")  # noqa: S108 - the guide's path in a container
    script = (
        "[[ -f /tmp/html/index.html ]] || cat ./tmp/html /usr/local/srs/conf/srs.conf </dev/tcp/srs-origin-service/1935"
    )
    shell, flag, found = translate(["/bin/sh", "-c", script], root, AROUND, {})
    cache, server = tmp_path / "volumes/cache", tmp_path / "root/usr/local/srs"
    assert (shell, flag) == ("bash", "-c")
    expected = f"[[ -f {cache}/index.html ]] || cat ./tmp/html {server}/conf/srs.conf </dev/tcp/127.64.0.2/1935"
    assert found == expected


def test_sh_is_dash_by_a_fault(tmp_path: Path) -> None:
    environment = {"SRS_REFERENCE_FAULTS": "stalls,sh-is-dash"}
    assert translate(["sh", "-c", "[[ -f x ]]"], make_root(tmp_path), AROUND, environment) == [
        "dash",
        "-c",
        "[[ -f x ]]",
    ]


def test_nginx_takes_the_servers_that_a_volume_gives_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("srs_conformance.clusters.local.nginx.program", lambda: ("nginx",))
    root = make_root(tmp_path, html="/usr/share/nginx/html", servers="/etc/nginx/conf.d", tls="/etc/nginx/https")
    text = "server { listen 443 ssl http2; root /usr/share/nginx/html; ssl_certificate /etc/nginx/https/tls.crt; }"
    (tmp_path / "volumes/servers/default.conf").write_text(text)
    program = prepare(spec("nginx"), root, AROUND)
    configuration = Path(program.argv[program.argv.index("-c") + 1]).read_text()
    html, tls = tmp_path / "volumes/html", tmp_path / "volumes/tls"
    assert f"listen 127.64.0.9:443 ssl http2; root {html}; ssl_certificate {tls}/tls.crt;" in configuration
    assert ":80" not in configuration


@pytest.mark.parametrize(
    ("argv", "aimed"),
    [
        (["kill", "-TERM", "1"], ["kill", "-TERM", "4711"]),
        (["kill", "-1", "15"], ["kill", "-1", "15"]),
        (["sh", "-c", "kill -s HUP 1 && echo 1"], ["sh", "-c", "kill -s HUP 4711 && echo 1"]),
        (["sh", "-c", "kill 12"], ["sh", "-c", "kill 12"]),
        (["cat", "1"], ["cat", "1"]),
        (
            ["sh", "-c", "cat /proc/1/status; ls /proc/1/fd /proc/12"],
            ["sh", "-c", "cat /proc/4711/status; ls /proc/4711/fd /proc/12"],
        ),
    ],
)
def test_process_1_is_the_containers_own(argv: list[str], aimed: list[str]) -> None:
    assert aim(argv, 4711) == aimed


def test_an_unknown_image_is_refused() -> None:
    with pytest.raises(
        UsageError, match="image redis:7: the local backend plays srs, reference, nginx, proxy, encoder, shell only"
    ):
        check_image("redis:7")


def test_the_proxy_is_told_its_address_and_the_names_that_it_may_look_up(tmp_path: Path) -> None:
    program = prepare(spec("proxy", args=["--listen=1935=srs-origin-service:1935"]), make_root(tmp_path), AROUND)
    assert program.argv[1:] == [
        *("-P", "-m", "srs_conformance.proxy", "--bind", "127.64.0.9", "--host", "srs-origin-service=127.64.0.2"),
        "--listen=1935=srs-origin-service:1935",
    ]


def test_the_encoder_finds_ffmpeg_and_its_clip_and_the_services_that_its_urls_name(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    command = {"command": ["/bin/sh"], "args": ["-c", "ffmpeg -i ./doc/source.flv rtmp://srs-origin-service/live/a"]}
    program = prepare(spec("srs-conformance/encoder", **command), root, AROUND)
    assert program.argv == ["bash", "-c", "ffmpeg -i ./doc/source.flv rtmp://127.64.0.2/live/a"]
    assert (program.folder / "doc/source.flv").stat().st_size
    first = Path(program.environment["PATH"].partition(":")[0])
    assert (first / "ffmpeg").stat().st_mode & 0o111


def test_urls_of_other_hosts_stay_as_they_are() -> None:
    (word,) = translate(["rtmp://elsewhere:1935/live/a"], Root(Path("/nowhere"), {}), AROUND, {})
    assert word == "rtmp://elsewhere:1935/live/a"
