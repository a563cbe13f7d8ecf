"""A hand-written stand-in for the API of Alibaba Cloud's Container Service, and for the API server of a cluster there.

It answers the two calls of CS 2015-12-15 that the suite makes, with the fields, statuses and codes that Alibaba Cloud
documents; its words quote the keys that it was shown, as some of theirs do. Nothing here is Alibaba Cloud itself.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

import yaml

KEY, SECRET, TOKEN = "LTAI5tKnownToTheStandIn", "wordsThatAreNeverToldAnybody", "tokenThatIsNeverToldEither"
CLIENT_KEY = "the private key of a certificate"
RUNNING, STOPPED, FORBIDDEN = "c5b5e80b0b64a4bf6939d2d8fbbc51111", "c0stopped", "c0forbidden"
#: What no answer, message, log or report may hold.
SECRETS = (SECRET, TOKEN, CLIENT_KEY, base64.b64encode(CLIENT_KEY.encode()).decode())


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which the SDK finds the keys that the stand-in takes; `folder` gets an empty home."""
    (folder / "home").mkdir()
    return {
        "HOME": str(folder / "home"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": SECRET,
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",  # no role of the machine that tests run on
        "NO_PROXY": "127.0.0.1",
    }


class _Answering(BaseHTTPRequestHandler):
    """Leaves the answer to the server."""

    server: JsonServer

    def _do(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body = self.server.answer(self.command, self.path, dict(self.headers))
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_DELETE = _do  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class JsonServer(ThreadingHTTPServer):
    """Answers on 127.0.0.1 while a block lasts, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        raise NotImplementedError


def kubeconfig(server: str, *, user: dict[str, Any] | None = None) -> str:
    """Return a kubeconfig as Alibaba Cloud gives it."""
    given = {"client-certificate-data": _data("a certificate"), "client-key-data": _data(CLIENT_KEY)}
    cluster = {"server": server, "certificate-authority-data": _data("the cluster's authority")}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "kubernetes", "cluster": cluster}],
        "contexts": [{"name": "2-c5b5", "context": {"cluster": "kubernetes", "user": "2"}}],
        "current-context": "2-c5b5",
        "users": [{"name": "2", "user": given if user is None else user}],
        "preferences": {},
    }
    return yaml.safe_dump(document)


def _data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


class AckApi(JsonServer):
    """The API of Container Service: three clusters, and one pair of keys that it takes."""

    def __init__(self, config: str = "") -> None:
        super().__init__()
        self.states = {RUNNING: "running", STOPPED: "stopped", FORBIDDEN: "running"}
        self.config = config
        self.page = b""  # what a proxy in between says instead

    def answer(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        """Refuse keys, clusters and rights in this order, as a service does; else answer."""
        assert method == "GET"
        self.asked.append((headers.get("x-acs-action", ""), path))
        if self.page:
            return 502, self.page
        found = re.fullmatch(r"/(clusters|k8s)/(?P<cluster>[^/]+)(/user_config)?", urlsplit(path).path)
        cluster = found["cluster"] if found else ""
        return self._credentials(headers) or self._cluster(cluster) or self._given(cluster, urlsplit(path).query)

    def _cluster(self, cluster: str) -> tuple[int, Any] | None:
        if cluster not in self.states:
            return _refused(404, "ErrorClusterNotFound", f"cluster {cluster} not found for {KEY}")
        if cluster == FORBIDDEN:
            return _refused(403, "StatusForbidden", f"RAM policy Forbidden for action cs:Describe... {SECRET}")
        return None

    def _given(self, cluster: str, query: str) -> tuple[int, Any]:
        if not query:
            return 200, {"cluster_id": cluster, "name": "srs", "state": self.states[cluster], "region_id": "cn-beijing"}
        if not 15 <= int(parse_qs(query)["TemporaryDurationMinutes"][0]) <= 4320:
            return _refused(400, "InvalidParameter", "TemporaryDurationMinutes")
        return 200, {"config": self.config, "expiration": "2026-12-01T00:00:00Z"}

    def _credentials(self, headers: dict[str, str]) -> tuple[int, Any] | None:
        shown = headers.get("Authorization", "")
        if not shown.startswith("ACS3-HMAC-SHA256 Credential="):
            return _refused(400, "IncompleteSignature", shown)
        if f"Credential={KEY}," not in shown:
            return _refused(404, "InvalidAccessKeyId.NotFound", f"Specified access key is not found: {shown}")
        if "x-acs-security-token" in headers:
            return _refused(400, "InvalidSecurityToken.Expired", f"expired: {headers['x-acs-security-token']}")
        return None


def _refused(status: int, code: str, words: str) -> tuple[int, Any]:
    return status, {"code": code, "message": words, "requestId": "7B2F3C1E-0001", "status": status}


class KubeApi(JsonServer):
    """The API server of a cluster with namespaces and Services, whose finalizers go after some looks at them."""

    def __init__(self, *, looks: int = 2) -> None:
        super().__init__()
        self.namespaces: dict[str, dict[str, str]] = {}
        self.services: dict[str, dict[str, dict[str, Any]]] = {}
        self.silent = threading.Event()  # set: /version is not answered
        self.closing = threading.Event()
        self._looks, self._left = looks, dict[str, int]()

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        super().__exit__()

    def have(self, namespace: str, labels: dict[str, str], *services: str, kind: str = "LoadBalancer") -> None:
        """Have a namespace with Services of a type; a LoadBalancer's bear the cloud controller manager's finalizer."""
        self.namespaces[namespace] = labels
        finalizers = ["service.k8s.alibaba/resources"] if kind == "LoadBalancer" else []
        self.services[namespace] = {
            name: {"metadata": {"name": name, "finalizers": list(finalizers)}, "spec": {"type": kind}}
            for name in services
        }

    def answer(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, Any]:  # noqa: ARG002 - the base's
        """Answer what the suite asks of namespaces and Services; of all else there is nothing."""
        parts = urlsplit(path)
        self.asked.append((method, parts.path))
        found = self._listed(parts) if method == "GET" else self._deleted(parts.path.strip("/").split("/")[2:])
        if found is None:
            return 404, {"kind": "Status", "message": f"{path} not found", "code": 404}
        return 200, found

    def _listed(self, parts: SplitResult) -> dict[str, Any] | None:
        match parts.path.strip("/").split("/"):
            case ["version"]:
                if self.silent.is_set():
                    self.closing.wait()
                return {"gitVersion": "v1.34.1-aliyun.1"}
            case ["api", "v1", "namespaces"]:
                wanted = dict(each.split("=") for each in parse_qs(parts.query)["labelSelector"][0].split(","))
                found = [name for name, labels in self.namespaces.items() if wanted.items() <= labels.items()]
                return {"items": [{"metadata": {"name": name}} for name in found]}
            case ["api", "v1", "namespaces", namespace, "services"]:
                return {"items": self._look(namespace)}
            case (
                ["api", "v1", "namespaces", _, "pods"]
                | ["api", "v1", "persistentvolumes"]
                | ["apis", "rbac.authorization.k8s.io", "v1", "clusterroles" | "clusterrolebindings"]
            ):
                return {"items": []}
        return None

    def _deleted(self, words: list[str]) -> dict[str, Any] | None:
        match words:
            case ["namespaces", namespace, "services", name] if name in self.services.get(namespace, {}):
                self.services[namespace][name]["metadata"]["deletionTimestamp"] = "2026-11-29T00:00:00Z"
                self._left[name] = self._looks
                return {}
            case ["namespaces", namespace] if namespace in self.namespaces:
                del self.namespaces[namespace]
                return {}
        return None

    def _look(self, namespace: str) -> list[dict[str, Any]]:
        """Return the live Services; one that is deleted goes when it has been looked at often enough."""
        services = self.services.get(namespace, {})
        for name in [name for name, each in services.items() if "deletionTimestamp" in each["metadata"]]:
            self._left[name] -= 1
            if self._left[name] < 0:
                del services[name]
        return list(services.values())
