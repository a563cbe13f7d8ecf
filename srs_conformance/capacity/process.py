"""What the main process of a container holds: its memory and its open file descriptors, read from inside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from srs_conformance.clusters.base import Namespace
from srs_conformance.errors import CouldNotTest

#: Process 1 is the server: the guide's containers start it without a shell in between.
_COMMAND: Final = ("/bin/sh", "-c", "grep -h ^VmRSS: /proc/1/status && ls /proc/1/fd | wc -l")


@dataclass(frozen=True)
class Held:
    """Bytes of memory that are resident (proc(5): VmRSS), and open file descriptors."""

    memory: int
    descriptors: int


def look(namespace: Namespace, pod: str, container: str = "") -> Held:
    """Look into a container.

    Raises:
        KeyError: the pod is gone.
        CouldNotTest: it cannot be looked into, or says nothing.
    """
    result = namespace.exec(pod, _COMMAND, container=container)
    try:
        return parse(result.stdout)
    except ValueError as error:
        raise CouldNotTest(
            f"pod {pod} does not tell what its process holds: {result.stderr.strip() or error}",
            hint="this reads /proc/1 inside the container, with sh, grep, ls and wc",
        ) from error


def parse(text: str) -> Held:
    """Read what the command printed: "VmRSS: 5120 kB", and a number on the next line.

    Raises:
        ValueError: it is something else.
    """
    words = text.split()
    if len(words) != 4 or words[0] != "VmRSS:" or words[2] != "kB":
        raise ValueError(f"neither memory nor descriptors: {text[:100]!r}")
    return Held(int(words[1]) * 1024, int(words[3]))
