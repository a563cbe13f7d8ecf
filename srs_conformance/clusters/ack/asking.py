"""`python -m srs_conformance.clusters.ack.asking`: asks Alibaba Cloud for the kubeconfig of an ACK cluster.

The one module that uses Alibaba Cloud's SDK, and a process of its own: what the SDK knows of the account's credentials,
keeps in threads or says in errors ends with it. It reads a request from its standard input and writes an answer to its
standard output, each one JSON object; of an error it tells names of the API, and never its words, which may quote keys.

    request   {"cluster", "endpoint", "protocol", "private": bool, "minutes": int, 0 for no kubeconfig}
    answer    {"state", "config"}, or {"failed": "sdk" | "credentials" | "refused" | "unreachable" | "answer"}, and of
              one that is refused "status", "code" and "request", the API's ID of it

Source: Alibaba Cloud's API reference, CS 2015-12-15, DescribeClusterDetail and DescribeClusterUserKubeconfig.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from typing import Any

CONNECT_MILLISECONDS = 5_000
READ_MILLISECONDS = 15_000
RUNNING = "running"
_NAME = re.compile(r"[\w.\-]{1,80}")


def main() -> None:
    """Answer one request."""
    request = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):  # the answer stands alone there
        answer = _answer(request)
    json.dump(answer, sys.stdout)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return _asked(request)
    except ImportError:
        return {"failed": "sdk"}
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises has its secrets in it
        return _failure(error)


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    from alibabacloud_credentials.client import Client as Credentials  # noqa: PLC0415 - an extra that may be missing
    from alibabacloud_cs20151215.client import Client  # noqa: PLC0415 - likewise
    from alibabacloud_cs20151215.models import DescribeClusterUserKubeconfigRequest  # noqa: PLC0415 - likewise
    from alibabacloud_tea_openapi.utils_models import Config  # noqa: PLC0415 - likewise

    credentials = Credentials()  # the SDK's own chain: environment, OIDC, profiles, RAM role of the machine, URI
    credentials.get_credential()  # on its own, since a call would tell the lack of them like an answer
    client = Client(
        Config(
            credential=credentials,
            endpoint=request["endpoint"],
            protocol=request["protocol"],
            connect_timeout=CONNECT_MILLISECONDS,
            read_timeout=READ_MILLISECONDS,
        )
    )
    state = client.describe_cluster_detail(request["cluster"]).body.state
    if not request["minutes"] or state != RUNNING:
        return {"state": _name(state), "config": ""}
    wanted = DescribeClusterUserKubeconfigRequest(
        private_ip_address=request["private"], temporary_duration_minutes=request["minutes"]
    )
    given = client.describe_cluster_user_kubeconfig(request["cluster"], wanted)
    return {"state": _name(state), "config": given.body.config or ""}


def _failure(error: Exception) -> dict[str, Any]:
    """Return what may be told of an error of the SDK: which kind it is, and the names that the API gave it."""
    inner = getattr(error, "inner_exception", None) or error
    kinds = {each.__name__ for each in type(inner).__mro__}
    if "CredentialException" in kinds:
        return {"failed": "credentials"}
    if "RetryError" in kinds:
        return {"failed": "unreachable"}
    status = getattr(inner, "status_code", None)
    if not isinstance(status, int):
        return {"failed": "answer"}
    names = {"code": _name(getattr(inner, "code", "")), "request": _name(getattr(inner, "request_id", ""))}
    return {"failed": "refused", "status": status, **names}


def _name(said: Any) -> str:
    """Return a name as the API gives them; anything else may be a text, and texts may quote keys."""
    return said if isinstance(said, str) and _NAME.fullmatch(said) else "unknown"


if __name__ == "__main__":
    main()
