"""What differs between SRS 3 and SRS 6, as measured on real 3.0.170 and 6.0.157."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

_CHARACTERS: Final = string.digits + string.ascii_lowercase


@dataclass(frozen=True)
class Personality:
    """The observable differences of one major version.

    Attributes:
        number: the major version.
        version: the release that is imitated.
        release_seconds: how long an edge goes on pulling after its last player has left.
        target_duration_ratio: default of hls_td_ratio.
        hls_context: HLS players are listed as clients and get a master playlist first.
        keep_alive: HTTP connections take more than one request.
        has_services: answers of the API name a service and a pid; clients have a name and counters of their own.
        player_types: what the API calls players over RTMP and HTTP-FLV.
        keeps_extension: an HTTP-FLV player is listed as "livestream.flv", and an edge pulls it so (as measured: from an
            origin that does not take that for "livestream" it gets silence).
        leaves_with_pull: the connection of an edge's last player counts until the edge has released its pull.
        keeps_stale_streams: a stream that nobody ever published stays listed; one that was published goes at once.
        reloads_log: a reload takes `srs_log_level` over.
        keeps_mount: streams that are there stay playable over HTTP-FLV when a reload switches `http_remux` off.
        level: the word for information in the log.
    """

    number: int
    version: str
    release_seconds: float
    target_duration_ratio: float
    hls_context: bool
    keep_alive: bool
    has_services: bool
    player_types: Mapping[str, str]
    keeps_extension: bool
    leaves_with_pull: bool
    keeps_stale_streams: bool
    reloads_log: bool
    keeps_mount: bool
    level: str

    @property
    def is_next(self) -> bool:
        """Whether it stands for the version that an update brings."""
        return self.version == next_version(self.number)

    @property
    def signature(self) -> str:
        """How the server calls itself: where SRS puts the release's code name, this says what it is."""
        return f"SRS/{self.version}(Reference)"


PERSONALITIES: Final[Mapping[int, Personality]] = {
    3: Personality(
        number=3,
        version="3.0.170",
        release_seconds=3.5,
        target_duration_ratio=1.5,
        hls_context=False,
        keep_alive=True,
        has_services=False,
        player_types={"rtmp": "Play", "flv": "Play"},
        keeps_extension=False,
        leaves_with_pull=True,
        keeps_stale_streams=True,
        reloads_log=True,
        keeps_mount=False,
        level="Trace",
    ),
    6: Personality(
        number=6,
        version="6.0.157",
        release_seconds=0.6,
        target_duration_ratio=1.0,
        hls_context=True,
        keep_alive=False,
        has_services=True,
        player_types={"rtmp": "rtmp-play", "flv": "flv-play", "hls": "hls-play"},
        keeps_extension=True,
        leaves_with_pull=False,
        keeps_stale_streams=False,
        reloads_log=False,
        keeps_mount=True,
        level="INFO",
    ),
}


def of_version(text: str) -> Personality:
    """Return the personality of "3", or of a whole version like "3.0.171", which it then tells as its own.

    Raises:
        ValueError: no version that is imitated.
    """
    major, _, rest = text.partition(".")
    known = {str(number): personality for number, personality in PERSONALITIES.items()}
    if major not in known or (rest and not all(part.isdecimal() for part in text.split("."))):
        raise ValueError(f"unknown version {text!r}; there are {' and '.join(known)}, and versions like 3.0.171")
    return replace(known[major], version=text) if rest else known[major]


def next_version(number: int) -> str:
    """Return the version after the one that is imitated, as that of an update: "3.0.171"."""
    head, _, revision = PERSONALITIES[number].version.rpartition(".")
    return f"{head}.{int(revision) + 1}"


class Ids:
    """Makes identifiers in the form of a version.

    SRS 3 counts: `vid-<n>-<0..999>` for server, vhosts and streams with n starting at the pid, numbers for clients.
    SRS 6 draws: `vid-` and 7 characters, 8 characters for clients and the service.
    """

    def __init__(self, personality: Personality, choose: Callable[[int], int] = random.randrange) -> None:
        self._counted = personality.number == 3
        self._next_entity = os.getpid()
        self._next_client = 900 + choose(50)
        self._choose = choose

    def entity(self) -> str:
        """Return the id of a server, vhost or stream."""
        if not self._counted:
            return f"vid-{self._draw(7)}"
        self._next_entity += 1
        return f"vid-{self._next_entity - 1}-{self._choose(1000)}"

    def client(self) -> str:
        """Return the id of a client."""
        if not self._counted:
            return self._draw(8)
        self._next_client += 1
        return str(self._next_client)

    def service(self) -> str:
        """Return the id of this run."""
        return self._draw(8)

    def _draw(self, count: int) -> str:
        return "".join(_CHARACTERS[self._choose(len(_CHARACTERS))] for _ in range(count))
