"""What the pod does: it writes a kubeconfig for its ServiceAccount, and becomes pytest.

    python3 -m srs_conformance.inside.within CONTEXT ARGUMENT...

The token's file is named and not copied: the kubelet replaces what is in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from srs_conformance.clusters import own_api
from srs_conformance.errors import ConformanceError, ExitCode, UsageError
from srs_conformance.inside.places import GIVEN, PARCEL, PARCEL_FOLDER, REPORT, WORK
from srs_conformance.inside.unpacking import unpack

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod has what its ServiceAccount is known by."""


def main(arguments: Sequence[str]) -> int:
    """Become pytest; come back only where that fails, with an exit code."""
    try:
        if (parcel := Path(PARCEL_FOLDER, PARCEL)).exists():
            unpack(parcel, Path(GIVEN))
        command = prepared(arguments, os.environ, ACCOUNT, Path(WORK))
        os.execvp(command[0], command)  # noqa: S606 - so signals reach pytest itself
    except ConformanceError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
    return ExitCode.ENGINE_ERROR


def prepared(arguments: Sequence[str], environment: Mapping[str, str], account: Path, work: Path) -> list[str]:
    """Write the kubeconfig, and return the command that runs the suite with it.

    Raises:
        UsageError: this is no pod that has a ServiceAccount.
    """
    context, *rest = arguments
    file = work / "kubeconfig"
    file.write_text(yaml.safe_dump(kubeconfig(context, environment, account), sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", *rest, "--cluster", "kubeconfig", "--context", context]
    return [*command, "--kubeconfig", str(file), "--report", REPORT]


def kubeconfig(context: str, environment: Mapping[str, str], account: Path) -> dict[str, Any]:
    """Return a kubeconfig that knows a pod's own cluster as its ServiceAccount.

    Raises:
        UsageError: this is no pod that has a ServiceAccount.
    """
    url, token = own_api.url(environment), account / "token"
    if not url or not token.exists():
        raise UsageError(
            f"this is no pod that has a ServiceAccount: no {token}, or no variable KUBERNETES_SERVICE_HOST",
            hint="`srs-conformance inside` makes such a pod",
        )
    cluster = {"server": url, "certificate-authority": str(account / "ca.crt")}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "own", "cluster": cluster}],
        "users": [{"name": "own", "user": {"tokenFile": str(token)}}],
        "contexts": [{"name": context, "context": {"cluster": "own", "user": "own"}}],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
