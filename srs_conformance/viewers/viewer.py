"""The viewer: a thread that watches one URL, and the timeline that it fills."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self

from srs_conformance.errors import EngineError
from srs_conformance.media.errors import ProtocolError
from srs_conformance.viewers.keeping import Keeping
from srs_conformance.viewers.recorder import Recorder
from srs_conformance.viewers.timeline import Ending, Note, Protocol, Timeline
from srs_conformance.viewers.wire import Ended, Meter, Wire

STOP_SECONDS = 0.4


class Viewer:
    """Watches one URL from `start` until `stop`, or until the server ends it; each protocol is a subclass.

    Args:
        url: what to play.
        label: a name for reports; the URL when there is none.
        decode: decode the pictures too, and read their numbers (0.6 ms of CPU for each of 640x360).
        source: the local address to connect from.
        hosts: addresses of names that this machine's DNS does not have, such as those of pods.
        keep: takes what the connections carry, for those who judge protocols.

    Attributes:
        hops: the URLs to which servers have sent it on, in order.
    """

    protocol: ClassVar[Protocol]

    def __init__(
        self,
        url: str,
        *,
        label: str | None = None,
        decode: bool = False,
        source: str | None = None,
        hosts: Mapping[str, str] = MappingProxyType({}),
        keep: Keeping | None = None,
    ) -> None:
        self.url = url
        self._keep = keep
        self.hops: list[str] = []
        self._hosts = hosts
        self.timeline = Timeline(label or url, url, self.protocol)
        self._source = source
        self._meter = Meter(self.timeline)
        self._recorder = Recorder(self.timeline, decode=decode)
        self._wire: Wire | None = None
        self._stopping = threading.Event()
        self._finishing = threading.Lock()
        self._defect: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"viewer {self.timeline.viewer}", daemon=True)

    @property
    def alive(self) -> bool:
        """Tell whether it is watching: started, and neither stopped nor ended by the server."""
        return self._thread.is_alive() and self.timeline.ended is None

    @property
    def capture(self) -> bytes:
        """Return the first bytes received, at most 64 KiB."""
        return bytes(self._meter.capture)

    def start(self) -> Self:
        """Begin to watch, and return at once."""
        self.timeline.started = time.monotonic()
        self.timeline.started_wall = time.time()
        self._thread.start()
        return self

    def stop(self) -> Timeline:
        """Leave, and return the timeline; prompt, and may be called twice.

        Raises:
            EngineError: there is a defect in the viewer itself.
        """
        self._stopping.set()
        if self._wire is not None:
            self._wire.interrupt()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        self._finish(Ending.STOPPED, "")
        if self._defect is not None:
            raise EngineError(f"viewer {self.timeline.viewer}: {self._defect!r}") from self._defect
        return self.timeline

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the watch has ended, for so long at most; tell whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        return self if self._thread.ident is not None else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _watch(self) -> None:
        """Play until the end.

        Raises:
            Ended: always, unless the viewer is stopping.
            ProtocolError: the server broke the protocol.
        """
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self._watch()
            self._finish(Ending.CLOSED, "")
        except Ended as ended:
            self._finish(ended.ending, ended.why)
        except ProtocolError as error:
            self._finish(Ending.PROTOCOL_ERROR, str(error))
        except Exception as defect:  # noqa: BLE001 - whatever it is, stop() raises it in the test's thread
            self._defect = defect
            self._finish(Ending.STOPPED, f"a defect of the viewer: {defect!r}")
        finally:
            self._hang_up()

    def _finish(self, ending: Ending, error: str) -> None:
        """Write down the end, once; what we caused by stopping is no fault of the server."""
        with self._finishing:
            timeline = self.timeline
            if timeline.ended is not None:
                return
            if self._stopping.is_set() and self._defect is None:
                ending, error = Ending.STOPPED, ""
            timeline.ending, timeline.error = ending, error
            timeline.ended = time.monotonic()

    def _connect(self, host: str, port: int, *, secure: bool = False) -> Wire:
        """Open a connection in place of the one before, over TLS where it is to be secure.

        Raises:
            Ended: it cannot be opened, or the viewer is stopping.
        """
        self._hang_up()
        wire = self._wire = Wire(self._meter)
        if self._stopping.is_set():
            raise Ended(Ending.STOPPED, "")
        wire.connect(self._hosts.get(host, host), port, self._source, proven=host if secure else None)
        if self.timeline.connected is None:
            self.timeline.connected = time.monotonic()
        return wire

    def _hang_up(self) -> None:
        if self._wire is not None:
            self._wire.close()

    def _note(self, text: str) -> None:
        self.timeline.notes.append(Note(time.monotonic(), text))
