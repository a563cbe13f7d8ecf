"""An OCI runtime for machines that may not raise limits: it lessens what is asked, then becomes runc.

podman's `--privileged` asks for higher resource limits, for CAP_SYS_RESOURCE itself, and may ask for a lower OOM score;
where the machine cannot give them the container would not start at all. They stand in the bundle's config.json on
`create` and in the process file on `exec`.

This file is also run by itself, as a program with nothing but the standard library: REAL_RUNTIME is put in place of the
line below when it is written into the cluster's folder.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

REAL_RUNTIME = "runc"


def option(arguments: Sequence[str], *names: str) -> str | None:
    """Return the value of the first option with one of these names, given as `--name value` or `--name=value`."""
    for index, argument in enumerate(arguments):
        if argument in names:
            return arguments[index + 1] if index + 1 < len(arguments) else None
        name, equals, value = argument.partition("=")
        if equals and name in names:
            return value
    return None


def lessen(process: dict[str, Any]) -> None:
    """Take limits, CAP_SYS_RESOURCE and a lower OOM score out of a process (OCI runtime specification, config.md)."""
    process.pop("rlimits", None)
    for kind, names in (process.get("capabilities") or {}).items():
        process["capabilities"][kind] = [name for name in names or () if name != "CAP_SYS_RESOURCE"]
    if (process.get("oomScoreAdj") or 0) < 0:
        del process["oomScoreAdj"]


def rewrite(path: Path, process_in: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Lessen the process in a JSON file."""
    document = json.loads(path.read_text())
    lessen(process_in(document))
    path.write_text(json.dumps(document))


def adapt(arguments: Sequence[str]) -> None:
    """Lessen what the runtime's command line is about to start."""
    if "create" in arguments and (bundle := option(arguments, "--bundle", "-b")):
        rewrite(Path(bundle) / "config.json", lambda document: document["process"])
    elif "exec" in arguments and (process := option(arguments, "--process", "-p")):
        rewrite(Path(process), lambda document: document)


if __name__ == "__main__":
    adapt(sys.argv[1:])
    os.execvp(REAL_RUNTIME, [REAL_RUNTIME, *sys.argv[1:]])  # noqa: S606 - this is what a wrapper is for
