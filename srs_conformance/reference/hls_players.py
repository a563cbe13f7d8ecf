"""HLS players of SRS 6: each gets a context, shown in every URL of its playlists, and is listed as a client."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from srs_conformance.reference.context import Context
from srs_conformance.reference.http_server import Request, Response
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.settings import Vhost
from srs_conformance.reference.statistics import ClientRow


@dataclass
class _NoBytes:
    """SRS counts no bytes of HLS players in their rows."""

    received: int = 0
    sent: int = 0


@dataclass
class _Player:
    row: ClientRow
    timer: asyncio.TimerHandle


class HlsPlayers:
    """The players of one server; one is gone two windows after its last request."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._players: dict[str, _Player] = {}

    def answer(self, vhost: Vhost, wanted: StreamRequest, request: Request, playlist: Response) -> Response:
        """Return a master playlist to who comes without a known context, else the media playlist with it."""
        player = request.argument("hls_ctx") or self._context.ids.client()
        known = player in self._players
        self._seen(player, vhost, wanted)
        if known:
            lines = playlist.body.decode().splitlines()
            named = (f"{line}?hls_ctx={player}" if line and not line.startswith("#") else line for line in lines)
            return Response(200, ("\n".join(named) + "\n").encode(), playlist.content_type)
        others = "".join(f"&{part}" for part in request.query.split("&") if part and not part.startswith("hls_ctx="))
        text = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n{request.path}?hls_ctx={player}{others}\n"
        return Response(200, text.encode(), playlist.content_type)

    def close(self) -> None:
        """Forget all players."""
        for player in list(self._players):
            self._gone(player)

    def _seen(self, player: str, vhost: Vhost, wanted: StreamRequest) -> None:
        if player in self._players:
            self._players[player].timer.cancel()
            row = self._players[player].row
        else:
            kind = self._context.personality.player_types["hls"]
            row = self._context.statistics.enter_as(player, wanted, kind, _NoBytes())
        timer = asyncio.get_running_loop().call_later(2 * vhost.hls.window, self._gone, player)
        self._players[player] = _Player(row, timer)

    def _gone(self, player: str) -> None:
        gone = self._players.pop(player, None)
        if gone is not None:
            gone.timer.cancel()
            self._context.statistics.leave(gone.row)
