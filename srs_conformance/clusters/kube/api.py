"""Requests to one Kubernetes API server: the only module that imports the `kubernetes` client.

The client brings authentication, TLS and connection reuse. Objects go in and out as plain parsed JSON, not as the
client's models: what the report shows is then what the API server said. One `Api` may be used by several threads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import urllib3.exceptions
import yaml
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.config import ConfigException, load_kube_config
from kubernetes.stream import ws_client
from websocket import WebSocketException

from srs_conformance.clusters.base import ExecResult
from srs_conformance.clusters.kube.tokens import reread
from srs_conformance.errors import ClusterLost, ConformanceError, CouldNotTest, EngineError, UsageError

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
#: An API server that is restarted is back within seconds, a managed one that is replaced within half a minute, and is
#: asked again for so long. And what each of these questions may take.
PATIENCE_SECONDS = 30.0
PROBE_SECONDS = 3.0
_PAUSE_SECONDS = 0.5

MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
SERVER_SIDE_APPLY = "application/apply-patch+yaml"

Query = Sequence[tuple[str, str]]
_UNANSWERED = (urllib3.exceptions.HTTPError, ApiException, OSError)
_IS_IT_UP = "is the cluster up, and is its API server reachable from here?"


class Refused(CouldNotTest):
    """The API server answered, and said no; `status` is the HTTP status, `message` its own words."""

    def __init__(self, call: str, status: int, words: str) -> None:
        super().__init__(f"the API server refused {call}: {words} (HTTP {status})")
        self.status = status
        self.words = words


class Api:
    """A connection pool to the API server of one kubeconfig context.

    Attributes:
        patience: how long an API server that has answered before is asked again before it is given up (s).

    Raises:
        UsageError: the kubeconfig cannot be read, or its context is incomplete.
    """

    def __init__(self, kubeconfig: Path, context: str) -> None:
        configuration = Configuration()
        configuration.retries = 1  # a kept-alive connection may have been closed by the server meanwhile
        try:
            load_kube_config(str(kubeconfig), context, configuration, persist_config=False)  # type: ignore[no-untyped-call] # the library has no types
        except (ConfigException, OSError, yaml.YAMLError) as error:
            raise UsageError(
                f"{kubeconfig}, context {context}: {error}", hint="`kubectl config view` shows what the file holds"
            ) from error
        hook = reread(kubeconfig, context, configuration.refresh_api_key_hook)
        configuration.refresh_api_key_hook = hook  # type: ignore[assignment] # the library says None and means more
        self.server: str = configuration.host
        self.patience = PATIENCE_SECONDS
        self._client = ApiClient(configuration)
        self._answered = False
        self._lost = ""

    def close(self) -> None:
        """Close all connections."""
        self._client.close()  # type: ignore[no-untyped-call] # the library has no types

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        """Return the JSON object that the API server answers with.

        Raises:
            Refused: any answer but 2xx.
            ClusterLost: no answer, nor to any question after it, though there were answers before.
            EngineError: no answer, or one that no API server gives.
        """
        data = self._request(method, path, query, body, content_type)
        try:
            found = json.loads(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            said = data[:60].decode("utf-8", "replace")
            raise EngineError(
                f"{self.server} answered {method} {path} with no JSON object: {said!r}",
                hint="is this the address of a Kubernetes API server?",
            )
        return found

    def text(self, path: str, *, query: Query = ()) -> str:
        """Return an answer's body as text; raises as `call` does."""
        return self._request("GET", path, query, None, "").decode("utf-8", "replace")

    def run(self, path: str, *, query: Query, timeout: float) -> ExecResult:
        """Run a command through a pod's `exec` subresource and collect what it writes.

        Raises:
            CouldNotTest: it cannot be started, or does not end within `timeout` seconds.
            ClusterLost, EngineError: the connection broke; as of `call`.
        """
        url, headers, _ = self._prepared("GET", path, query, None, "")
        try:
            client = ws_client.websocket_call(  # type: ignore[no-untyped-call] # the library has no types
                self._client.configuration, "GET", url, headers=headers, _preload_content=False, capture_all=False
            )
        except ApiException as error:
            words = str(error.reason).partition(" -+-+-")[0]  # the status; all headers of the answer follow
            raise CouldNotTest(f"the API server refused {path}: {words}") from error
        try:
            return _collect(client, path, timeout)
        except (WebSocketException, OSError) as error:
            raise self._gone(f"the connection to {self.server} broke in {path}: {error}") from error
        finally:
            client.sock.shutdown()  # close() would wait up to three seconds for the server's farewell

    def _request(
        self, method: str, path: str, query: Query, body: Mapping[str, Any] | None, content_type: str
    ) -> bytes:
        prepared = self._prepared(method, path, query, body, content_type)
        call = f"{method} {path}"
        try:
            status, data = self._sent(method, prepared, (CONNECT_SECONDS, READ_SECONDS))
        except _UNANSWERED as error:
            raise self._gone(f"no answer from {self.server} to {call}: {_cause(error)}") from error
        if not 200 <= status < 300:
            raise Refused(call, status, _words(data))
        return data

    def _sent(
        self, method: str, prepared: tuple[str, dict[str, str], Any], seconds: tuple[float, float]
    ) -> tuple[int, bytes]:
        """Return status and body; raises `_UNANSWERED`, and ClusterLost at once where the cluster is lost."""
        if self._lost:
            raise ClusterLost(self._lost, hint=_IS_IT_UP)
        response = self._client.call_api(method, *prepared, _request_timeout=seconds)
        data: bytes = response.read()  # type: ignore[no-untyped-call] # the library has no types
        self._answered = True
        return response.status, data

    def _gone(self, what: str) -> ConformanceError:
        """Return the error of a question without an answer: whether the API server is gone, other questions show."""
        if not self._answered or self._answers_again():
            return EngineError(what, hint=_IS_IT_UP)
        self._lost = f"the cluster no longer answers: {what}"
        return ClusterLost(self._lost, hint=_IS_IT_UP)

    def _answers_again(self) -> bool:
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self._sent("GET", self._prepared("GET", "/version", (), None, ""), (PROBE_SECONDS, PROBE_SECONDS))
            except _UNANSWERED:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_PAUSE_SECONDS)
            else:
                return True

    def _prepared(
        self, method: str, path: str, query: Query, body: Mapping[str, Any] | None, content_type: str
    ) -> tuple[str, dict[str, str], Any]:
        """Return the URL, the headers with the context's credentials, and the body as the client sends it."""
        headers = {"Accept": "application/json"}
        if content_type:
            headers["Content-Type"] = content_type
        _, url, headers, sent, _ = self._client.param_serialize(
            method, path, query_params=list(query), header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        return url, headers, sent


def _collect(client: Any, path: str, timeout: float) -> ExecResult:
    deadline = time.monotonic() + timeout
    client.sock.settimeout(READ_SECONDS)
    while client.is_open():
        left = deadline - time.monotonic()
        if left <= 0:
            raise CouldNotTest(f"the command did not end within {timeout:g} s: {path}")
        client.update(timeout=left)
    stdout, stderr = client.read_channel(ws_client.STDOUT_CHANNEL), client.read_channel(ws_client.STDERR_CHANNEL)
    code = exit_code(client.read_channel(ws_client.ERROR_CHANNEL), path)
    return ExecResult(code=code, stdout=stdout, stderr=stderr)


def exit_code(status: str, path: str) -> int:
    """Return the exit code that the error channel's `Status` object tells.

    Raises:
        CouldNotTest: the command was not run at all.
        EngineError: the connection ended without a status.
    """
    if not status:
        raise EngineError(f"the command's connection ended without a status: {path}")
    found = json.loads(status)
    if found.get("status") == "Success":
        return 0
    for cause in found.get("details", {}).get("causes", ()):
        if cause.get("reason") == "ExitCode":
            return int(cause["message"])
    raise CouldNotTest(f"the command could not be run: {found.get('message', status)}")


def _words(data: bytes) -> str:
    """Return what the API server says is wrong: the message of its `Status` object, else the raw answer."""
    try:
        return str(json.loads(data)["message"])
    except (ValueError, KeyError, TypeError):
        return data[:500].decode("utf-8", "replace").strip() or "no reason given"


def _cause(error: BaseException) -> str:
    """Return the innermost reason of a urllib3 error; the outer ones repeat the URL."""
    reason = getattr(error, "reason", None)
    return _cause(reason) if isinstance(reason, BaseException) else str(reason or error)
