"""One container of the local backend: a process that is started again when it ends, as a kubelet does it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from srs_conformance.clusters import base
from srs_conformance.clusters.base import ExecResult
from srs_conformance.clusters.local.files import Root
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.probing import Readiness
from srs_conformance.clusters.local.programs import Surroundings, aim, is_known, prepare, translate
from srs_conformance.errors import CouldNotTest

#: The kubelet's back-off: at once, then 10 s doubling up to 300 s, forgotten after 10 minutes of running.
FIRST_BACK_OFF, LONGEST_BACK_OFF, FORGOTTEN_AFTER = 10.0, 300.0, 600.0

#: A server in Python listens later than SRS does, whose pods serve as soon as they run. So a container that runs counts
#: as ready once its ports answer, or after this time: the suite is not to wait for what no cluster would wait for.
LISTENING_SECONDS = 3.0

PROBE_SECONDS = 0.05
CANNOT_START = 128
#: As a process itself ends by SIGKILL, and as a shell tells it of its command.
_BY_SIGKILL = (-signal.SIGKILL, CANNOT_START + signal.SIGKILL)


class LocalContainer:
    """A container; `poll` moves it on and must be called by one thread only.

    `killed`: whether its process was ended by SIGKILL although it was not told to go, which nobody here does.
    """

    def __init__(
        self, spec: Mapping[str, Any], root: Root, around: Surroundings, helper: Helper, log: Callable[[str], None]
    ) -> None:
        self.name: str = spec["name"]
        self._spec, self._root, self._around, self._helper, self._log = spec, root, around, helper, log
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}
        self._folder = root.folder
        self._ports = [int(each["containerPort"]) for each in spec.get("ports") or ()]
        self._restarts, self._back_off = 0, 0.0
        self._state, self._last_state, self._started_at = "waiting: ContainerCreating", "", ""
        self._started = 0.0
        self._restart_at: float | None = None
        self._listens = False
        self._leaving = False
        self._exit_code: int | None = None
        self.killed = False
        self._readiness: Readiness | None = None
        self._hook: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None

    @property
    def ready(self) -> bool:
        """Whether it runs and its probe passes; without a probe, whether it has had time to listen."""
        return self.running and (self._readiness.passes if self._readiness else self._listens)

    def status(self) -> base.Container:
        """Return what the cluster protocol says of it."""
        return base.Container(
            name=self.name,
            image=self._spec["image"],
            ready=self.ready,
            restarts=self._restarts,
            state=self._state,
            last_state=self._last_state,
            started_at=self._started_at if self.running else "",
            image_id=self._spec["image"],
            exit_code=self._exit_code,
        )

    def log_file(self, *, previous: bool = False) -> Path:
        """Return where the output of this run, or of the one before, lies."""
        return self._root.folder.with_suffix(".previous.log" if previous else ".log")

    def start(self) -> None:
        """Lay its files out and start its process; where that fails it counts as ended."""
        self._restart_at = None
        if not is_known(self._spec["image"]):
            self._state = "waiting: ImagePullBackOff"
            self._log(f"Warning Failed Failed to pull image {self._spec['image']}: the local backend has none")
            return
        program = prepare(self._spec, self._root, self._around)
        self._environment, self._folder = program.environment, program.folder
        log = self.log_file()
        if log.exists():
            log.replace(self.log_file(previous=True))
        self._started, self._listens = time.monotonic(), False
        self._started_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with log.open("ab") as output:
            try:
                self._process = subprocess.Popen(
                    program.argv,
                    cwd=program.folder,
                    env=program.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                output.write(f"{error}\n".encode())
                self._ended("StartError", CANNOT_START)
                return
        self._helper.guard(self._process.pid)
        self._state = "running"
        self._log(f"Normal Started Container {self.name}")
        if probe := self._spec.get("readinessProbe"):
            self._readiness = Readiness(probe, self._around.address, self.run, told=self._log)

    def poll(self) -> None:
        """See what its process does; start it again when its time has come."""
        if self._process is not None:
            if not _has_ended(self._process.pid):
                self._after_hook()
                self._listens = self._listens or self._answers()
                return
            self._kill_group()  # while its ID is still taken, by the dead process
            code = self._process.wait()
            self._helper.release(self._process.pid)
            self._process = None
            self._end_hook()
            if self._readiness is not None:
                self._readiness.close()
                self._readiness = None
            self.killed = self.killed or (code in _BY_SIGKILL and not self._leaving)
            self._ended("Completed" if code == 0 else "Error", code if code >= 0 else CANNOT_START - code)
        elif self._restart_at is not None and not self._leaving and time.monotonic() >= self._restart_at:
            self._restarts += 1
            self.start()

    def leave(self) -> None:
        """Run its preStop hook, where it has one, and then ask its process to end, for good."""
        self._leaving = True
        if self._process is None:
            return
        hook = ((self._spec.get("lifecycle") or {}).get("preStop") or {}).get("exec")
        if hook is None:
            self._terminate()
            return
        try:
            self._hook = self._spawn(hook["command"], self._process.pid, output=subprocess.DEVNULL)
            self._helper.guard(self._hook.pid)
        except OSError as error:
            self._log(f"Warning FailedPreStopHook {error}")
            self._terminate()

    def kill(self) -> None:
        """End all its processes at once, for good."""
        self._leaving = True
        if self._process is not None:
            self._kill_group()

    def _after_hook(self) -> None:
        """Send SIGTERM once the preStop hook has ended."""
        if self._hook is None or self._hook.poll() is None:
            return
        if self._hook.returncode:
            self._log(f"Warning FailedPreStopHook PreStopHook failed with code {self._hook.returncode}")
        self._end_hook()
        self._terminate()

    def _end_hook(self) -> None:
        if self._hook is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._hook.pid, signal.SIGKILL)
            self._hook.wait()
            self._helper.release(self._hook.pid)
            self._hook = None

    def _terminate(self) -> None:
        # Not by Popen, which would reap a process that has just died by itself: `poll` has yet to see how it ended.
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGTERM)

    def run(self, argv: Sequence[str], timeout: float) -> ExecResult:
        """Run another command in it.

        Raises:
            CouldNotTest: it does not run, the command cannot be started, or does not end in time.
        """
        process = self._process
        if process is None:
            raise CouldNotTest(f"container {self.name} does not run: {self._state}")
        with contextlib.ExitStack() as stack:
            try:
                child = self._spawn(argv, process.pid, output=subprocess.PIPE)
            except OSError as error:
                raise CouldNotTest(f"the command could not be run: {error}") from error
            stack.enter_context(child)
            try:
                out, err = child.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as error:
                os.killpg(child.pid, signal.SIGKILL)
                raise CouldNotTest(f"the command did not end within {timeout:g} s: {' '.join(argv)}") from error
        code = child.returncode if child.returncode >= 0 else CANNOT_START - child.returncode
        return ExecResult(code=code, stdout=out.decode("utf-8", "replace"), stderr=err.decode("utf-8", "replace"))

    def _spawn(self, argv: Sequence[str], process: int, *, output: int) -> subprocess.Popen[bytes]:
        """Start another command in the container whose main process is given. Raises OSError."""
        return subprocess.Popen(
            aim(translate(argv, self._root, self._around, self._environment), process),
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def _ended(self, reason: str, code: int) -> None:
        ended = f"terminated: {reason} ({code})"
        self._exit_code = code
        ran = time.monotonic() - self._started
        delay = 0.0 if ran > FORGOTTEN_AFTER else self._back_off
        self._back_off = min(LONGEST_BACK_OFF, max(FIRST_BACK_OFF, 2 * delay))
        self._restart_at = time.monotonic() + delay
        self._last_state = ended
        self._state = "waiting: CrashLoopBackOff" if delay and not self._leaving else ended
        if delay:
            self._log(f"Warning BackOff Back-off {delay:g}s restarting failed container {self.name}")

    def _answers(self) -> bool:
        if time.monotonic() - self._started >= LISTENING_SECONDS:
            return True
        for port in self._ports:
            with socket.socket() as probe:
                probe.settimeout(PROBE_SECONDS)
                if probe.connect_ex((self._around.address, port)):
                    return False
        return True

    def _kill_group(self) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _has_ended(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
