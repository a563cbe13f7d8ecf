"""What a running server makes of an edited file: settings, streams, listeners, its end."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from srs_conformance.reference.context import Context, log
from srs_conformance.reference.faults import Switches
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.reloading import Reloading
from srs_conformance.reference.settings import Address, read

BEFORE = """
listen 1935; max_connections 1000; srs_log_level trace; pid ./objs/srs.pid; grace_start_wait 700;
http_api { enabled on; listen 1985; }
http_server { enabled on; listen 8080; }
vhost __defaultVhost__ {
    cluster { mode remote; origin one; }
}
"""
CHANGED = """
listen 1935 1936; max_connections 5; srs_log_level error; pid ./objs/other.pid; grace_start_wait 900;
http_server { enabled on; listen 8090; }
vhost __defaultVhost__ {
    cluster { mode remote; origin two; }
    play { gop_cache off; }
}
"""


class Running:
    """A server of which only what a reload asks of it is there."""

    def __init__(self, folder: Path, version: int, *faults: str, in_docker: bool = True) -> None:
        self.file = folder / "srs.conf"
        self.file.write_text(BEFORE)
        personality = PERSONALITIES[version]
        self.steps: list[str] = []
        self.context = Context(personality, read(self.file, personality), folder, faults=Switches(faults))
        self.context.crash = lambda: self.steps.append("crash")
        end = lambda: self.steps.append("end")  # noqa: E731 - a step like the others
        self.reloading = Reloading(self.context, self.file, self, in_docker=in_docker, end=end)

    async def listen(self) -> None:
        self.steps.append("listen")

    def reload_streams(self) -> None:
        self.steps.append("streams")

    def lose_streams(self) -> None:
        self.steps.append("lose")

    def reload(self, text: str) -> list[str]:
        """Reload with another file, and return what was done."""
        self.file.write_text(text)

        async def once() -> None:
            self.reloading.reload()
            for _ in range(3):
                await asyncio.sleep(0)

        asyncio.run(once())
        return self.steps


@pytest.fixture(autouse=True)
def level() -> object:
    yield log.setLevel(logging.INFO)
    log.setLevel(logging.INFO)


@pytest.mark.parametrize("version", [3, 6])
def test_a_reload_takes_over_all_but_what_is_read_once(version: int, tmp_path: Path) -> None:
    running = Running(tmp_path, version)
    assert running.reload(CHANGED) == ["streams", "listen"]
    now = running.context.settings
    assert now.rtmp == (Address("", 1935), Address("", 1936))
    assert (now.max_connections, now.grace_start, now.pid_file) == (5, 0.9, "./objs/srs.pid")
    assert (now.api, now.web) == (None, Address("", 8090))
    assert now.vhosts[0].origins == (Address("two", 1935),)
    assert not now.vhosts[0].gop_cache


@pytest.mark.parametrize(("version", "expected"), [(3, logging.ERROR), (6, logging.INFO)])
def test_only_3_takes_the_level_of_its_log_over(version: int, expected: int, tmp_path: Path) -> None:
    Running(tmp_path, version).reload(CHANGED)
    assert log.level == expected


@pytest.mark.parametrize("text", [BEFORE.rstrip("}\n"), BEFORE + "no_such_directive on;", ""])
def test_a_broken_file_changes_nothing_and_by_fault_ends_the_server(text: str, tmp_path: Path) -> None:
    running = Running(tmp_path, 6)
    before = running.context.settings
    assert running.reload(text) == []
    assert running.context.settings is before
    assert Running(tmp_path, 3, "broken-config-ends-the-server").reload(text) == ["end"]


@pytest.mark.parametrize("version", [3, 6])
def test_another_mode_of_a_vhost_ends_the_server(version: int, tmp_path: Path) -> None:
    assert Running(tmp_path, version).reload(BEFORE.replace("remote; origin one", "local")) == ["end"]


def test_a_vhost_of_another_mode_may_come_or_go(tmp_path: Path) -> None:
    running = Running(tmp_path, 6)
    running.reload(BEFORE + "vhost other { }")
    assert running.reload(BEFORE) == ["streams", "listen"] * 2


@pytest.mark.parametrize(
    ("version", "fault", "steps"),
    [
        (3, "reload-changes-nothing", []),
        (3, "reload-loses-the-stream", ["streams", "lose", "listen"]),
        (3, "reload-of-listen-ends-the-server", ["streams", "listen", "end"]),
        (6, "reload-of-listen-ends-the-server", ["streams", "listen", "crash"]),
    ],
)
def test_faults(version: int, fault: str, steps: list[str], tmp_path: Path) -> None:
    assert Running(tmp_path, version, fault).reload(CHANGED) == steps


def test_by_fault_the_ports_of_http_stay_as_they_are(tmp_path: Path) -> None:
    running = Running(tmp_path, 6, "reload-leaves-http")
    running.reload(CHANGED)
    assert (running.context.settings.api, running.context.settings.web) == (Address("", 1985), Address("", 8080))
    assert running.context.settings.max_connections == 5


@pytest.mark.parametrize(
    ("directive", "in_docker", "faults", "watches"),
    [
        ("", True, [], True),
        ("", False, [], False),
        ("", True, ["config-is-not-watched"], False),
        ("auto_reload_for_docker off;", True, [], False),
        ("inotify_auto_reload on;", False, [], True),
        ("inotify_auto_reload on;", True, ["config-is-not-watched"], True),
    ],
)
def test_the_file_is_watched_in_docker_or_where_it_is_asked_for(
    directive: str, in_docker: bool, faults: list[str], watches: bool, tmp_path: Path
) -> None:
    running = Running(tmp_path, 3, *faults, in_docker=in_docker)
    running.file.write_text(BEFORE + directive)
    running.context.settings = read(running.file, running.context.personality)
    assert running.reloading.watches() is watches
