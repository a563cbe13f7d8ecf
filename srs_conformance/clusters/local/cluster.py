"""The local cluster: one range of addresses, one helper process, one thread that moves its namespaces on."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path

from srs_conformance.clusters.base import OWNER_LABEL, Capability, ClusterDescription
from srs_conformance.clusters.local.addresses import AddressRange
from srs_conformance.clusters.local.helper import Helper
from srs_conformance.clusters.local.namespace import LocalNamespace
from srs_conformance.clusters.uninterruptible import Uninterruptible
from srs_conformance.errors import ClusterLost, ConformanceError, CouldNotTest, EngineError
from srs_conformance.images import archive as archives

BEAT_SECONDS = 0.1


class LocalCluster(Uninterruptible):
    """Processes on loopback addresses behind the cluster protocol; see `clusters.base.Cluster`."""

    backend = "local"
    capabilities = frozenset({Capability.POD_ADDRESSES, Capability.LOAD_IMAGES, Capability.LOAD_BALANCER})

    def __init__(self, name: str, addresses: AddressRange) -> None:
        self.name = name
        self._addresses = addresses
        self._folder = Path(tempfile.mkdtemp(prefix="srs-conformance-local-"))
        self._helper = Helper(self._folder)
        self._namespaces: dict[str, LocalNamespace] = {}
        self._images: dict[str, str] = {}
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"local cluster {name}", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @classmethod
    def connect(cls, name: str = "local") -> LocalCluster:
        """Make a local cluster; every call makes one of its own.

        Raises:
            CouldNotTest: this machine does not let us listen where pods must.
        """
        return cls(name, AddressRange.claim())

    def describe(self) -> ClusterDescription:
        """Return what the report's head says of the cluster."""
        path = "over the loopback interface; Services through a TCP forwarder that keeps the client's address"
        return ClusterDescription(backend=self.backend, name=self.name, version="none", nodes=1, data_path=path)

    def namespace(self, name: str, labels: Mapping[str, str]) -> LocalNamespace:
        """Make a namespace.

        Raises:
            CouldNotTest: the name is taken.
        """
        self._check()
        with self._lock:
            if name in self._namespaces and not self._namespaces[name].destroyed:
                raise CouldNotTest(f"namespace {name} is there already")
            self._namespaces[name] = LocalNamespace(
                name,
                {**labels, OWNER_LABEL: "true"},
                folder=self._folder / name,
                addresses=self._addresses,
                helper=self._helper,
                lock=self._lock,
                check=self._check,
            )
            return self._namespaces[name]

    def image_digest(self, name: str) -> str | None:
        """Return the digest of an image that was loaded under this name."""
        return self._images.get(name)

    def load_image(self, archive: Path, source: str, name: str) -> None:
        """Keep in mind that the image was loaded; what runs is decided by its name alone.

        Raises:
            CouldNotTest: the archive holds no image of that name.
        """
        for image in archives.read(archive):
            if source in image.names:
                self._images[name] = image.digest
                return
        raise CouldNotTest(f"{archive} holds no image {source}")

    def dump(self, folder: Path) -> None:
        """Write the events of all namespaces."""
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            lines = [f"{each.name} {line}\n" for each in self._namespaces.values() for line in each.events()]
        (folder / "events.txt").write_text("".join(lines), encoding="utf-8")

    def broken_since(self, moment: float) -> str:  # noqa: ARG002 - what is lost stays lost
        """Say what has killed processes of the cluster, "" while nothing has; see `clusters.base.Cluster`."""
        with self._lock:
            self._move_on()
        return self._failure.message if isinstance(self._failure, ClusterLost) else ""

    def close(self) -> None:
        """End everything; a local cluster does not outlive the object."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._thread.join()
        for namespace in self._namespaces.values():
            namespace.destroy()
        self._helper.close()
        shutil.rmtree(self._folder, ignore_errors=True)  # where the helper was killed
        self._addresses.release()
        atexit.unregister(self.close)

    def _run(self) -> None:
        while self._failure is None and not self._closed.wait(BEAT_SECONDS):
            with self._lock:
                self._move_on()

    def _move_on(self) -> None:
        """Move all namespaces on by a step, unless that has failed before; the caller holds the lock."""
        if self._failure is not None:
            return
        try:
            namespaces = [each for each in self._namespaces.values() if not each.destroyed]
            for namespace in namespaces:
                namespace.reconcile()
            self._look_for_losses([name for each in namespaces for name in each.killed()])
        except Exception as error:  # noqa: BLE001 - the thread has nobody to tell; the next call is told
            self._failure = error

    def _look_for_losses(self, killed: list[str]) -> None:
        if self._helper.ended is not None:
            killed = [*killed, f"its helper (exit code {self._helper.ended})"]
        if killed:
            raise ClusterLost(
                f"something outside of the local cluster {self.name} has killed {', '.join(killed)}",
                hint="is the machine out of memory? `dmesg` tells what the kernel killed",
            )

    def _check(self) -> None:
        if isinstance(self._failure, ClusterLost):
            raise ClusterLost(self._failure.message, hint=self._failure.hint)
        if isinstance(self._failure, ConformanceError):
            raise self._failure
        if self._failure is not None:
            raise EngineError(f"the local cluster {self.name} has failed: {self._failure}") from self._failure
