"""Short HTTP requests: the one module that knows which HTTP library is used.

Every request opens a connection of its own, because behind a Service a kept connection would stay with one pod.
Proxies of the environment are ignored: a cluster's addresses are never behind one.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from srs_conformance.errors import CouldNotTest

BODY_LIMIT = 32 * 1024 * 1024


class Unreachable(CouldNotTest):
    """No complete HTTP answer came; the message names the URL and the reason."""


@dataclass(frozen=True)
class Response:
    """A complete HTTP response; header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def server(self) -> str:
        """Return what the server says it is, or an empty string."""
        return self.headers.get("server", "")

    @property
    def text(self) -> str:
        """Return the body as UTF-8, with replacement characters where it is none."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as JSON.

        Raises:
            ValueError: the body is not JSON; the message shows how it begins.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ValueError(f"{self.url} answered {self.status} with no JSON but {self.body[:80]!r}") from error


@dataclass(frozen=True)
class Secured:
    """What it takes to be served over HTTPS by a server that is reached by its address.

    Attributes:
        name: the host name that its certificate must prove.
        authority: the PEM certificate of who may have issued it.
        login: user and password, where it asks for them.
    """

    name: str
    authority: str = field(repr=False)
    login: tuple[str, str] | None = field(default=None, repr=False)


def get(
    url: str,
    timeout: float = 5.0,
    *,
    params: Mapping[str, str | int] | None = None,
    follow_redirects: bool = True,
    source: str | None = None,
    secured: Secured | None = None,
) -> Response:
    """GET a URL and return the whole response, whatever its status.

    Args:
        url: an http or https URL.
        timeout: seconds for all of it, redirects and the body included.
        params: query parameters to add.
        follow_redirects: SRS answers /api/v1/clients with a redirect to /api/v1/clients/.
        source: the local address to connect from.
        secured: whom to trust, and who is asking.

    Raises:
        Unreachable: no connection, a certificate that proves nothing, no answer in time, a broken answer, or a body
            over 32 MiB.
    """
    return request(
        "GET", url, timeout, params=params, follow_redirects=follow_redirects, source=source, secured=secured
    )


def put(url: str, body: bytes, timeout: float = 5.0) -> Response:
    """PUT a body and return the whole response, whatever its status; errors as for `get`."""
    return request("PUT", url, timeout, body=body)


def request(
    method: str,
    url: str,
    timeout: float = 5.0,
    *,
    body: bytes | None = None,
    params: Mapping[str, str | int] | None = None,
    follow_redirects: bool = True,
    source: str | None = None,
    secured: Secured | None = None,
) -> Response:
    """Send one request; arguments and errors as for `get`."""
    deadline = time.monotonic() + timeout
    options: dict[str, Any] = {"params": dict(params) if params else None, "content": body}
    tls = _tls()
    if secured:
        tls = ssl.create_default_context(cadata=secured.authority)
        named = {"headers": {"Host": secured.name}, "extensions": {"sni_hostname": secured.name}}
        options = {**options, **named, "auth": secured.login}
    try:
        with (
            _client(timeout, source, tls, follow_redirects=follow_redirects) as client,
            client.stream(method, url, **options) as answer,
        ):
            return Response(str(answer.url), answer.status_code, _headers(answer), _read(answer, deadline))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreachable(f"{method} {url}: {type(error).__name__}: {error}") from error


def _client(timeout: float, source: str | None, tls: ssl.SSLContext, *, follow_redirects: bool) -> httpx.Client:
    transport = httpx.HTTPTransport(verify=tls, trust_env=False, local_address=source)
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=follow_redirects, trust_env=False)


@cache
def _tls() -> ssl.SSLContext:
    """Make the TLS context once: it takes 30 ms, a request 1 ms."""
    return ssl.create_default_context()


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _read(answer: httpx.Response, deadline: float) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > BODY_LIMIT:
            raise Unreachable(f"{answer.url} answered with more than {BODY_LIMIT} bytes")
        if time.monotonic() > deadline:
            raise Unreachable(f"{answer.url} did not end its answer in time; {len(body)} bytes came")
    return bytes(body)
