"""What a container's process holds is read from what two commands print in it."""

from types import SimpleNamespace
from typing import Any

import pytest

from srs_conformance.capacity.process import Held, look, parse
from srs_conformance.clusters.base import ExecResult
from srs_conformance.errors import CouldNotTest


def test_memory_and_descriptors_are_read() -> None:
    assert parse("VmRSS:\t    5120 kB\n17\n") == Held(5120 * 1024, 17)


@pytest.mark.parametrize("text", ["", "17\n", "VmRSS: 5120 kB\n", "VmRSS: 5120 MB\n17\n", "VmRSS: many kB\n17\n"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_a_container_that_says_nothing_cannot_be_tested() -> None:
    namespace: Any = SimpleNamespace(exec=lambda *_, **__: ExecResult(1, "", "sh: not found"))
    with pytest.raises(CouldNotTest, match="edge-1 does not tell what its process holds: sh: not found"):
        look(namespace, "edge-1")
