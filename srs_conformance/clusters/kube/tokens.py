"""Tokens that lie in files: that of a pod is replaced hourly, and the Kubernetes client reads it once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Hook = Callable[[Any], None]
"""Called with the client's configuration before each request."""


def reread(kubeconfig: Path, context: str, before: Hook | None) -> Hook | None:
    """Return the hook that reads a context's token file anew; where it has none, the hook that was there before."""
    found = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    users = {each["name"]: each.get("user") or {} for each in found.get("users") or ()}
    names = [each["context"].get("user") for each in found.get("contexts") or () if each["name"] == context]
    file = users.get(names[0], {}).get("tokenFile") if names else None
    if not file:
        return before

    def read(configuration: Any) -> None:
        token = Path(kubeconfig.parent, file).read_text(encoding="utf-8").strip()
        configuration.api_key["BearerToken"] = f"Bearer {token}"

    return read
