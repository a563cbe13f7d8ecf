"""Bad input as users give it: for each row of docs/errors.md a command line, and what it names."""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from srs_conformance.publisher import arguments
from tests.support import ack_api, runs
from tests.support.kube import ApiServer
from tests.support.servers import Server, request, response
from tests.support.suites import ROOT
from tests.unit.images import making

Arguments = list[str]
PYTEST = [sys.executable, "-m", "pytest", "suites/quick_start", "-q", "--requirement", "QS-02"]
CLI = [sys.executable, "-m", "srs_conformance"]
FINDING = "requirement: EDGE-00, versions: [6], defect: edge-d9"
_ROW = re.compile(r"^\| (?P<given>[^|]+) \| (?P<words>.+) \| (?P<code>\d+) \|$")


@dataclass(frozen=True)
class Row:
    """One row of the tables: what is given, what is said (a pattern), and the exit code."""

    given: str
    words: re.Pattern[str]
    code: int


def rows() -> dict[str, Row]:
    """Return the documented rows by what is given; `FILE`, `NAME` and `...` in the words stand for anything."""
    found = {}
    for line in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").splitlines():
        if match := _ROW.match(line):
            parts = re.split(r"FILE|NAME| ?\.\.\. ?", match["words"])
            pattern = re.compile(".*?".join(map(re.escape, parts)))
            found[match["given"]] = Row(match["given"], pattern, int(match["code"]))
    return found


def local(*more: str | Path) -> Arguments:
    return [*PYTEST, "--cluster", "local", *map(str, more)]


def kubeconfig(
    folder: Path, context: str = "a", *, text: str | None = None, port: int = 1, name: str = "kc"
) -> Arguments:
    file = folder / "kubeconfig"
    cluster = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}
    named = {"name": "a", "context": {"cluster": "c", "user": "u"}}
    users = [{"name": "u", "user": {"token": "x"}}]
    whole = {"apiVersion": "v1", "kind": "Config", "contexts": [named], "clusters": [cluster], "users": users}
    file.write_text(yaml.safe_dump(whole) if text is None else text)
    return [
        *PYTEST,
        "--cluster",
        "kubeconfig",
        "--context",
        context,
        "--kubeconfig",
        str(folder / name.replace("kc", "kubeconfig")),
    ]


def ack(*more: str, **environment: str) -> Arguments:
    """Return a run on ACK, with no account of the machine's own about it."""
    none = dict.fromkeys(("ALIBABA_CLOUD_REGION_ID", "ALIBABA_CLOUD_SECURITY_TOKEN"), "") | environment
    return ["env", *(f"{name}={value}" for name, value in none.items()), *PYTEST, "--cluster", "ack", *more]


@contextmanager
def _ack(folder: Path, cluster: str = ack_api.RUNNING, **environment: str) -> Iterator[Arguments]:
    """Give a run on a cluster that the stand-in knows, or does not; its API server is a port where nobody listens."""
    with ack_api.AckApi(ack_api.kubeconfig("http://127.0.0.1:1")) as api:
        where = ("--ack-cluster", cluster, "--ack-endpoint", api.address)
        yield ack(*where, **(ack_api.environment(folder) | environment))


def tar(folder: Path, files: dict[str, bytes], link: str = "") -> Arguments:
    file = folder / "image.tar"
    with tarfile.open(file, "w") as out:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo("layer.tar")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            out.addfile(entry)
    return local("--image-archive", file)


def cut_off(folder: Path) -> Arguments:
    arguments_ = tar(folder, making.oci("ossrs/srs:3"))
    file = folder / "image.tar"
    file.write_bytes(file.read_bytes()[:700])
    return arguments_


def video(folder: Path, *codecs: str, name: str = "video.mp4") -> Path:
    """Have ffmpeg make half a second of video, of codecs as it names them."""
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10", "-f", "lavfi", "-i", "sine=sample_rate=44100"]
    command = [arguments.binary(), "-v", "error", *source, "-t", "0.5", *codecs, str(folder / name)]
    subprocess.run(command, check=True, timeout=60)
    return folder / name


def written(folder: Path, text: str, name: str = "file") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def check(folder: Path, text: str | None) -> Arguments:
    file = folder / "history.ndjson"
    if text is not None:
        file.write_text(text)
    return [*CLI, "check", str(file)]


def gate(folder: Path, known: str) -> Arguments:
    """Return the command that holds a report against a file of known findings."""
    return [*CLI, "report", "gate", str(ROOT / "reports/example/passing"), "--known", str(written(folder, known))]


def locust(user: str, *more: str | Path) -> Arguments:
    where = ["--host", "rtmp://127.0.0.1:1" if user == "publish" else "http://127.0.0.1:1"]
    load = ["--headless", "-u", "1", "-t", "1s", "--stream", "live/a", *map(str, more)]
    return [sys.executable, "-m", "locust", "-f", f"loadtests/{user}.py", *where, *load]


def clip(folder: Path, *codecs: str) -> Arguments:
    return locust("publish", "--clip", video(folder, *codecs, name="clip.flv"))


def own(folder: Path, roles: str | None, *, kind: str = "ConfigMap", **metadata: str) -> Arguments:
    """Return the command that takes manifests from a folder: one object, and a file of roles."""
    if roles is not None:
        written(folder, roles, "srs-conformance.yaml")
    written(folder, yaml.safe_dump({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", **metadata}}), "a.yaml")
    return local("--manifests", folder)


ROLES = "quick_start: {server: {workload: Deployment/srs, rtmp: 'srs:1935', api: 'srs:1985'}}"
HEAD = '{"history": %s, "suite": "1", "began": "2026-01-01T00:00:00", "context": {}}\n'
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p")
MPEG4 = ("-c:v", "mpeg4", "-c:a", "aac")

CASES: dict[str, Callable[[Path], Arguments]] = {
    "no context": lambda _: [*PYTEST, "--cluster", "kubeconfig"],
    "unknown context": lambda at: kubeconfig(at, "nope"),
    "kubeconfig that is not there": lambda at: kubeconfig(at, name="absent"),
    "kubeconfig that does not parse": lambda at: kubeconfig(at, text="{a: [\n"),
    "kubeconfig of another cluster": lambda at: local("--kubeconfig", written(at, "")),
    "context of another cluster": lambda _: local("--context", "a"),
    "ACK without a cluster": lambda _: ack(),
    "ACK cluster that is no ID": lambda _: ack("--ack-cluster", "my cluster"),
    "ACK cluster without a region": lambda _: ack("--ack-cluster", ack_api.RUNNING),
    "ACK endpoint that is none": lambda _: ack("--ack-cluster", ack_api.RUNNING, "--ack-endpoint", "http://a.b"),
    "ACK cluster of another cluster": lambda _: local("--ack-cluster", ack_api.RUNNING),
    "soak longer than ACK's kubeconfig": lambda _: ack(
        *("--ack-cluster", ack_api.RUNNING, "--ack-region", "cn-beijing", "--for", "70h")
    ),
    "image name that is none": lambda _: local("--srs-image", "Bad Image"),
    "archive that is not there": lambda at: local("--image-archive", at / "absent.tar"),
    "archive that is no tar": lambda at: local("--image-archive", written(at, "no tar" * 200)),
    "archive without an image": lambda at: tar(at, {"letter": b"to a friend"}),
    "archive with a path out of it": lambda at: tar(at, {"../passwd": b""}),
    "archive with an absolute path": lambda at: tar(at, {"/etc/passwd": b""}),
    "archive with a link out of it": lambda at: tar(at, {"letter": b""}, link="../../etc/passwd"),
    "archive that is cut off": cut_off,
    "archive of another image": lambda at: tar(at, making.oci("ossrs/srs:9")),
    "archive of another architecture": lambda at: tar(at, making.oci("ossrs/srs:3", arch="riscv64")),
    "real SRS on the local backend": lambda _: local("--require-real-srs"),
    "real SRS with a fault": lambda _: local("--require-real-srs", "--reference-fault", "edge-serves-hls"),
    "real SRS, faithful reference": lambda _: local("--require-real-srs", "--reference-faithful"),
    "unknown fault": lambda _: local("--reference-fault", "nope"),
    "unknown requirement": lambda _: local("--requirement", "NOPE-1"),
    "unknown variant": lambda _: local("--variant", "nope"),
    "video that is none": lambda at: local("--demo-file", written(at, "no video")),
    "video without sound": lambda at: local("--demo-file", video(at, *H264, "-an")),
    "video of another codec": lambda at: local("--demo-file", video(at, *MPEG4)),
    "picture size that is none": lambda _: local("--demo-size", "wide"),
    "bit rate that is none": lambda _: local("--demo-bitrate", "much"),
    "report's folder with other things": lambda at: local("--report", written(at, "", "letter").parent),
    "report's folder that is a file": lambda at: local("--report", written(at, "")),
    "manifests that are not there": lambda at: local("--manifests", at / "absent"),
    "manifests without a file of roles": lambda at: own(at, None),
    "manifests with a role that is none": lambda at: own(at, "quick_start: {edges: {}}"),
    "manifests with a role that no object plays": lambda at: own(at, ROLES),
    "manifests in a namespace": lambda at: own(at, ROLES, kind="Service", namespace="live"),
    "manifests that belong to no namespace": lambda at: own(at, ROLES, kind="ClusterRole"),
    "manifests with a fault": lambda at: local("--manifests", at, "--manifest-fault", "origin-is-exposed"),
    "clip of publishers that is no FLV": lambda at: locust("publish", "--clip", written(at, "no video")),
    "clip of publishers without sound": lambda at: clip(at, *H264, "-an"),
    "clip of publishers of another codec": lambda at: clip(at, "-c:v", "flv1", "-c:a", "aac"),
    "SLO with an unknown clause": lambda at: locust("flv", "--slo", written(at, "first-keyfram p99: 1 s\n")),
    "history that is not there": lambda at: check(at, None),
    "history that is empty": lambda at: check(at, ""),
    "history cut off in its first line": lambda at: check(at, HEAD[:40]),
    "history of another format": lambda at: check(at, HEAD % 99),
    "history with a line that is none": lambda at: check(at, HEAD % 1 + '{"event": "dance", "at": 1}\n'),
    "known findings that are none": lambda at: gate(at, "known: []"),
    "known finding without a reason": lambda at: gate(at, f"findings: [{{{FINDING}, until: 2027-05-29}}]"),
    "known finding without a last day": lambda at: gate(at, f"findings: [{{{FINDING}, until: soon, why: It is so}}]"),
    "report that is not there": lambda at: [*CLI, "report", "gate", str(at / "srs-6")],
}


def _silence(_: socket.socket) -> None:
    """Accept, and say nothing until the test is over."""


def _other_protocol(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)


def _web_page(connection: socket.socket) -> None:
    request(connection)
    connection.sendall(response(b"<html>It works</html>", "Content-Type: text/html", "Connection: close"))


@contextmanager
def _serving(folder: Path, handler: Callable[[socket.socket], None]) -> Iterator[Arguments]:
    server: Server

    def handle(connection: socket.socket) -> None:
        handler(connection)
        if handler is _silence:
            server.closing.wait()

    with Server(handle) as server:
        yield kubeconfig(folder, port=server.port)


@contextmanager
def _nobody(folder: Path) -> Iterator[Arguments]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield kubeconfig(folder, port=port)


@contextmanager
def _dying(folder: Path) -> Iterator[Arguments]:
    with ApiServer(dies_at="/apis/apps/v1/") as server:
        yield kubeconfig(folder, port=server.port)


@contextmanager
def _killing(folder: Path, command: str) -> Iterator[Arguments]:
    """Publish, and kill processes of the run, whose folder for temporary files all of them know."""
    killing = threading.Thread(target=runs.kill, args=(folder / "temporary", command), daemon=True)
    killing.start()
    chosen = ["QS-09" if each == "QS-02" else each for each in local()]
    try:
        yield [*chosen, "--requirement", "QS-05"]
    finally:
        killing.join()


#: Cases that need something that runs meanwhile.
SERVERS = {
    "API server: nobody listens": _nobody,
    "API server: never answers": lambda at: _serving(at, _silence),
    "API server: speaks another protocol": lambda at: _serving(at, _other_protocol),
    "API server: a web page": lambda at: _serving(at, _web_page),
    "API server: dies while tests run": _dying,
    "servers of the local cluster: killed": lambda at: _killing(at, runs.SERVERS),
    "helper of the local cluster: killed": lambda at: _killing(at, runs.HELPER),
    "publisher: killed": lambda at: _killing(at, runs.PUBLISHER),
    "ACK cluster that is unknown": lambda at: _ack(at, "c0unknown"),
    "ACK cluster that does not run": lambda at: _ack(at, ack_api.STOPPED),
    "ACK cluster whose API server is not there": _ack,
    "ACK without the right": lambda at: _ack(at, ack_api.FORBIDDEN),
    "ACK without credentials": lambda at: _ack(at, ALIBABA_CLOUD_ACCESS_KEY_ID=""),
    "ACK with a key that is none": lambda at: _ack(at, ALIBABA_CLOUD_ACCESS_KEY_ID="LTAIgone"),
    "ACK credentials that have expired": lambda at: _ack(at, ALIBABA_CLOUD_SECURITY_TOKEN=ack_api.TOKEN),
}
