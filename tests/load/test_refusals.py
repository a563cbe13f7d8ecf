"""What cannot be tested is refused before the load begins: in words, and with an exit code that says whose it is."""

import pytest

from tests.support.locust import Locust, headless, processes
from tests.support.reference import address


@pytest.mark.parametrize(
    ("kind", "arguments", "words"),
    [
        ("flv", ["--host", "rtmp://h"], "--host rtmp://h: Flv users need a URL of the form http://HOST:PORT"),
        ("rtmp", [], "--host is missing; expected rtmp://HOST:PORT"),
        ("mixed", [], "give at least one of --rtmp-url, --flv-url, --hls-url"),
        ("mixed", ["--hls-url", "h"], "--hls-url h: Hls users need a URL"),
        ("flv", ["--slo", "nowhere.yaml"], "--slo: nowhere.yaml: no such file"),
        ("flv", ["--deep", "1.5"], "--deep: '1.5': expected a number from 0 to 1"),
        ("flv", ["--watch", "exponental:3s"], "--watch: 'exponental:3s': unknown distribution"),
        ("flv", ["--shape", "ramp:users=3,over=1s"], "--shape: shape ramp: hold is missing"),
        ("publish", ["--clip", "nowhere.flv"], "--clip: nowhere.flv: no such file"),
    ],
)
def test_wrong_options_are_named(tmp_path, kind, arguments, words):
    ran = headless(kind, tmp_path, *([] if "--host" in arguments or not arguments else ["--host", "x://h"]), *arguments)
    assert ran.code == 4, ran.out
    assert ran.out.count("error: ") == 1
    assert words in ran.out
    assert "Traceback" not in ran.out
    assert not (tmp_path / "result.json").exists()


def test_an_unknown_clause_is_named(tmp_path):
    slo = tmp_path / "slo.yaml"
    slo.write_text("refused: 0\nfirst-keyfrme p99: 1 s\n")
    ran = headless("flv", tmp_path, "--host", "http://h", "--slo", str(slo), *processes(2))
    assert ran.code == 4, ran.out
    assert ran.out.count("error: ") == 1  # workers hold nothing against it
    assert f"--slo: {slo}:2: unknown clause 'first-keyfrme p99'; did you mean 'first-keyframe p99'?" in ran.out


def test_a_host_that_is_down(tmp_path):
    url = f"http://{address()}:8080"
    ran = headless("flv", tmp_path, "--host", url)
    assert ran.code == 10, ran.out
    assert f"error: {url}/live/livestream.flv: one viewer was not served before the load began (refused)" in ran.out
    assert "hint: nobody listens there" in ran.out


@pytest.mark.parametrize("kind", ["flv", "rtmp"])
def test_a_stream_that_does_not_exist(reference, tmp_path, kind):
    host = reference.web("").removesuffix("/") if kind == "flv" else reference.rtmp("").removesuffix("/live/")
    ran = headless(kind, tmp_path, "--host", host, "--stream", "live/nobody", "--patience", "1s")
    assert ran.code == 10, ran.out
    assert f"error: {host}/live/nobody" in ran.out
    assert "is the stream published" in ran.out


def test_too_few_open_files(fanout, tmp_path):
    limited = ("bash", "-c", 'ulimit -n 300 && exec "$@"', "-")
    arguments = ("--headless", "-u", "500", "-t", "2s", "--host", f"http://{fanout}:8080")
    with Locust("flv", tmp_path, *arguments, before=limited) as locust:
        ran = locust.ended()
    assert ran.code == 10, ran.out
    assert "500 users need 700 open files, and this process may have 300 (ulimit -n; hard limit 300)" in ran.out
