"""Gets an image from its registry, by the machine's own docker or podman.

The engine is asked rather than the registry, because mirrors, proxies and credentials are the engine's. Nodes of the
suite's clusters have no way out, so the image becomes an archive on this machine. What the engine did not hold before,
it does not hold afterwards.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.images.names import parse
from srs_conformance.images.oci import architecture
from srs_conformance.paths import cache_folder
from srs_conformance.progress import Progress

#: Seconds until the registry must have answered; the layers may then take `PULL_SECONDS`.
ANSWER_SECONDS = 5.0
PULL_SECONDS = 900.0

#: What engines print when the registry has answered: docker the first, podman the others.
_ANSWERED = re.compile(r"Pulling from|Getting image source|Copying blob|Digest: sha256")
_LOCAL_SECONDS = 5.0
_SAVE_SECONDS = 300.0


@dataclass(frozen=True)
class Fetched:
    """What asking gave: an archive of the image, or why there is none."""

    archive: Path | None
    words: str  # for people: where it came from, or what went wrong
    from_registry: bool = False  # False with an archive: the engine held it, and the registry did not answer


def fetch(name: str, progress: Progress) -> Fetched:
    """Have an image as an archive: the registry's newest, else what the engine holds under this name."""
    full = str(parse(name))
    engine = _engine()
    if engine is None:
        return Fetched(None, "neither docker nor podman answers here, so no registry was asked")
    held = _quick(engine, "image", "inspect", full)
    pulled = ""
    try:
        with progress.step(f"asking for {full} ({ANSWER_SECONDS:g} s at most)"):
            problem = _pull(engine, full)
        if problem and not held:
            return Fetched(None, problem)
        pulled = "" if problem else full
        archive, broken = _save(engine, full, progress)
        if archive is None:
            return Fetched(None, broken)
        words = f"{engine} held it already; {problem}" if problem else f"pulled by {engine}"
        return Fetched(archive, words, from_registry=not problem)
    finally:
        if pulled and not held:
            _quick(engine, "image", "rm", pulled)


def _engine() -> str | None:
    """Return the engine that answers."""
    return next((name for name in ("docker", "podman") if shutil.which(name) and _quick(name, "info")), None)


def _quick(engine: str, *arguments: str) -> bool:
    """Return whether a command of the engine that needs no network succeeds at once."""
    try:
        ended = subprocess.run(
            [engine, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=_LOCAL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _pull(engine: str, full: str) -> str:
    """Pull an image, and return "" or what went wrong."""
    argv = [engine, "pull", "--platform", f"linux/{architecture()}", full]
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    listening = _Listening(child)
    try:
        started = time.monotonic()
        if not listening.answered.wait(ANSWER_SECONDS):
            return f"the registry of {full} could not be reached within {ANSWER_SECONDS:g} s"
        try:
            code = child.wait(PULL_SECONDS)
        except subprocess.TimeoutExpired:
            return f"{full} did not come within {PULL_SECONDS:g} s"
        if code == 0:
            return ""
        said = listening.last_words() or f"exit code {code}"
        return f"{engine} could not pull {full} (tried {time.monotonic() - started:.0f} s): {said}"
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        listening.close()


class _Listening:
    """Reads what an engine prints; `answered` is set by the registry's first answer, and by the end."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.answered = threading.Event()
        self._child = child
        self._last = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def last_words(self) -> str:
        """Return the last line of all that was printed."""
        self._thread.join(_LOCAL_SECONDS)
        return self._last

    def close(self) -> None:
        """Wait for the reader, once the engine has ended."""
        self._thread.join(_LOCAL_SECONDS)

    def _run(self) -> None:
        assert self._child.stdout is not None, "the output was asked for"
        with self._child.stdout as lines:
            for line in lines:
                self._last = line.decode("utf-8", "replace").strip() or self._last
                if _ANSWERED.search(self._last):
                    self.answered.set()
        self.answered.set()


def _save(engine: str, full: str, progress: Progress) -> tuple[Path | None, str]:
    """Write an image that the engine holds to an archive in the cache."""
    name = parse(full)
    out = cache_folder("images") / f"pulled-{name.slug}-{name.tag or name.digest[-12:]}.tar"
    form = ("--format", "docker-archive") if engine == "podman" else ()
    with (
        tempfile.TemporaryDirectory(prefix=".pulled-", dir=out.parent) as folder,
        progress.step(f"saving {full}", about=5),
    ):
        # podman does not write to a file that exists, so the file is new and then takes the old one's place
        new = Path(folder) / "image.tar"
        argv = [engine, "save", *form, "-o", str(new), full]
        try:
            ended = subprocess.run(
                argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SAVE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return None, f"{engine} did not save {full} within {_SAVE_SECONDS:g} s"
        if ended.returncode:
            return None, f"{engine} could not save {full}: {ended.stderr.strip()[-200:]}"
        new.replace(out)
    return out, ""
