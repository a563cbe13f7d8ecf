"""One viewer of each kind before the crowd comes: a crowd before a closed door measures nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from loadtests.driver.options import Options
from srs_conformance.errors import CouldNotTest
from srs_conformance.load.visits import Kind, Visit
from srs_conformance.viewers.timeline import Ending

if TYPE_CHECKING:
    from loadtests.driver.users import StreamUser

_HINTS = {
    Ending.REFUSED: "nobody listens there: is the server up, and is this its port?",
    Ending.UNREACHABLE: "is the name right, and the address reachable from here?",
    Ending.HTTP_STATUS: "is the stream published, and under this name?",
}
_SILENT = "is the stream published? `srs-conformance publish`, ffmpeg or loadtests/publish.py can publish it"


def look(users: Iterable[tuple[type[StreamUser], str | None]], options: Options) -> None:
    """Have one of each kind visit the first stream; `users` come with Locust's host.

    Raises:
        CouldNotTest: one does not get it; says which, why, and what to look at.
    """
    for user, host in users:
        visitor = user.viewing(user.base(host), options.streams[0])
        record = visitor.visit(0.0)
        if not record.joined:
            raise CouldNotTest(f"{visitor.url}: {_why(record)}", hint=_HINTS.get(record.ending, _SILENT))


def _why(record: Visit) -> str:
    whom = "a publisher" if record.kind is Kind.PUBLISHER else "one viewer"
    return f"{whom} was not served before the load began ({record.ending}): {record.error}"
