"""Locust users with a life: they come, watch or publish for a while, leave, and perhaps come again."""

from __future__ import annotations

import time
from itertools import count
from random import Random
from typing import ClassVar

from locust import User, task

from loadtests.driver.options import option as option_name
from loadtests.driver.session import SESSION
from srs_conformance.errors import UsageError
from srs_conformance.load.flv import FlvViewing
from srs_conformance.load.hls import HlsViewing
from srs_conformance.load.publishing import Publishing
from srs_conformance.load.rtmp import RtmpViewing
from srs_conformance.load.viewing import Visitor

LEAST_REST = 0.5
"""Seconds before somebody whom the server turned away tries again."""


class StreamUser(User):
    """Somebody who visits the server again and again.

    Attributes:
        scheme: of the URLs that it takes.
        url_option: the option that says where it goes; None: Locust's --host.
    """

    abstract = True
    scheme: ClassVar[str]
    url_option: ClassVar[str | None] = None
    ending: ClassVar[str] = ""
    _serial: ClassVar[count[int]] = count()

    def on_start(self) -> None:
        """Give it draws of its own, the same ones in every run with the same seed."""
        self.number = next(StreamUser._serial)
        self.random = Random(f"{SESSION.options.seed}:{SESSION.worker}:{self.number}")

    @classmethod
    def base(cls, host: str | None) -> str:
        """Return the URL without a path at which users of this class begin.

        Raises:
            UsageError: there is none, or it has another scheme.
        """
        option = "--host" if cls.url_option is None else option_name(cls.url_option)
        url = host if cls.url_option is None else getattr(SESSION.given, cls.url_option)
        example = f"{cls.scheme}://HOST:PORT"
        if not url:
            raise UsageError(f"{option} is missing; expected {example}")
        if not url.startswith(f"{cls.scheme}://") or not url.partition("://")[2].strip("/"):
            raise UsageError(f"{option} {url}: {cls.__name__} users need a URL of the form {example}")
        return str(url).rstrip("/")

    def visitor(self, url: str) -> Visitor:
        """Return the next visitor."""
        stream = SESSION.options.popularity.draw(self.random)
        return self.viewing(url, stream, deep=self.random.random() < SESSION.options.deep)

    @classmethod
    def viewing(cls, url: str, stream: str, *, deep: bool = True) -> Visitor:
        """Return a viewer of a stream."""
        raise NotImplementedError

    @task
    def come_and_go(self) -> None:
        """Visit once."""
        visitor = self.visitor(self.base(self.host))
        record = visitor.visit(SESSION.options.watch.draw(self.random))
        SESSION.visited(record)
        least = 0.0 if record.joined and not record.cut else LEAST_REST
        time.sleep(max(SESSION.options.rest.draw(self.random), least))


class RtmpUser(StreamUser):
    """A viewer over RTMP."""

    abstract = True
    scheme = "rtmp"

    @classmethod
    def viewing(cls, url: str, stream: str, *, deep: bool = True) -> Visitor:
        """Return an RTMP viewer of a stream."""
        return RtmpViewing(SESSION.scene, f"{url}/{stream}", stream, deep=deep)


class FlvUser(StreamUser):
    """A viewer over HTTP-FLV."""

    abstract = True
    scheme = "http"

    @classmethod
    def viewing(cls, url: str, stream: str, *, deep: bool = True) -> Visitor:
        """Return an HTTP-FLV viewer of a stream."""
        return FlvViewing(SESSION.scene, f"{url}/{stream}.flv", stream, deep=deep)


class HlsUser(StreamUser):
    """A viewer over HLS."""

    abstract = True
    scheme = "http"

    @classmethod
    def viewing(cls, url: str, stream: str, *, deep: bool = True) -> Visitor:
        """Return an HLS viewer of a stream."""
        return HlsViewing(SESSION.scene, f"{url}/{stream}.m3u8", stream, deep=deep)


class PublishUser(StreamUser):
    """A publisher: each has a stream of its own, the listed ones first, then the same names with a number."""

    abstract = True
    scheme = "rtmp"

    def visitor(self, url: str) -> Visitor:
        """Return a publisher of this user's stream."""
        streams = SESSION.options.streams
        turn, place = divmod(self.number, len(streams))
        worker = f"-w{SESSION.worker}" if SESSION.worker else ""
        again = f"-{turn + 1}" if turn else ""
        return self.viewing(url, streams[place] + worker + again)

    @classmethod
    def viewing(cls, url: str, stream: str, *, deep: bool = True) -> Visitor:  # noqa: ARG003 - nothing to follow
        """Return a publisher of a stream."""
        return Publishing(SESSION.scene, f"{url}/{stream}", stream, SESSION.schedule)
