"""The streams of one server."""

from __future__ import annotations

from dataclasses import replace

from srs_conformance.reference.context import Context
from srs_conformance.reference.crowding import Crowd
from srs_conformance.reference.edge_pull import EdgePull
from srs_conformance.reference.hls_out import HlsOut
from srs_conformance.reference.request import StreamRequest
from srs_conformance.reference.rtmp_link import LinkClosedError
from srs_conformance.reference.settings import Hls, Settings, Vhost
from srs_conformance.reference.source import Source


class Hub:
    """Finds the source of a stream; makes it on the first request. Sources stay, so that HLS numbers go on."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sources: dict[str, Source] = {}

    def source(self, vhost: Vhost, request: StreamRequest) -> Source:
        """Return the source of a stream."""
        url = request.url(without_extension=self._context.personality.keeps_extension)
        if url not in self._sources:
            self._sources[url] = self._new(vhost, request, url)
        source = self._sources[url]
        if not source.active:
            source.vhost = self._by_fault(vhost)  # a reload may have changed it
        return source

    def for_player(self, vhost: Vhost, request: StreamRequest) -> Source:
        """Return the source that a new player gets.

        Raises:
            LinkClosedError: the player is refused, by a fault.
        """
        if self._context.personality.is_next and "canary-takes-no-share" in self._context.faults:
            raise LinkClosedError("refused by the fault canary-takes-no-share")
        if vhost.edge and "edge-pulls-per-viewer" in self._context.faults:
            return self._new(vhost, request, self.source(vhost, request).url)
        return self.source(vhost, request)

    def pulled(self, url: str) -> bool:
        """Whether a stream is there for players right now."""
        source = self._sources.get(url)
        return source is not None and source.active

    def releasing(self) -> int:
        """Return how many pulls still go on although their last player has left."""
        demands = (source.demand for source in self._sources.values())
        return sum(isinstance(demand, EdgePull) and demand.releasing for demand in demands)

    def lose(self) -> None:
        """Let nothing of the streams that are there reach anybody until they are published anew, as a fault does."""
        for source in self._sources.values():
            source.lost = source.active and source.video_header is not None

    def mounted(self, url: str) -> bool:
        """Whether a stream is there that HTTP-FLV players of it find, also where `http_remux` is off for new ones."""
        source = self._sources.get(url)
        return source is not None and source.active and source.vhost.remux

    def reload(self, settings: Settings) -> None:
        """Give the streams that are there the vhosts of the new settings; players who are there notice nothing.

        Where `http_remux` goes off, those over HTTP-FLV are cut; in SRS 6 streams that are there keep their mount.
        """
        vhosts = {vhost.name: vhost for vhost in settings.vhosts}
        for source in self._sources.values():
            vhost, old = vhosts.get(source.vhost.name), source.vhost
            if vhost is None or vhost == old:
                continue
            keeps = source.active and self._context.personality.keeps_mount
            source.vhost = self._by_fault(replace(vhost, remux=old.remux) if keeps else vhost)
            if old.remux and not source.vhost.remux:
                source.unmount()
            if vhost.hls != old.hls and not vhost.edge:
                self._reload_hls(source, vhost.hls)

    def _reload_hls(self, source: Source, hls: Hls) -> None:
        """End the segment, and begin the next one as the new settings say; where HLS is off now, none."""
        if source.active and "reload-of-hls-crashes" in self._context.faults:
            self._context.crash()
        found = [sink for sink in source.sinks if isinstance(sink, HlsOut)]
        for sink in found:
            sink.change(hls)
        if not hls.enabled:
            source.sinks = [sink for sink in source.sinks if sink not in found]
            return
        if not found:
            found = [HlsOut(self._context, hls)]
            source.sinks += found
        if source.active and source.request is not None:
            for sink in found:
                sink.begin(source.request)
                for header in filter(None, (source.audio_header, source.video_header)):
                    sink.write(header)

    def dispose(self) -> None:
        """Delete HLS files where hls_dispose asks for it, by a fault also where its default does; others go on."""
        for source in self._sources.values():
            hls = source.vhost.hls
            asked = "quit-deletes-hls" in self._context.faults or (hls.dispose_asked and hls.dispose > 0)
            for sink in source.sinks:
                if isinstance(sink, HlsOut) and asked:
                    sink.finish()
                    sink.dispose()

    def close(self) -> None:
        """End all pulls, and dispose."""
        for source in self._sources.values():
            if isinstance(source.demand, EdgePull):
                source.demand.close()
        self.dispose()

    def _new(self, vhost: Vhost, request: StreamRequest, url: str) -> Source:
        source = Source(self._by_fault(vhost), url, Crowd(self._context.faults, edge=vhost.edge))
        if vhost.edge:
            source.demand = EdgePull(self._context, source, request)
        elif vhost.hls.enabled:
            source.sinks.append(HlsOut(self._context, vhost.hls))
        return source

    def _by_fault(self, vhost: Vhost) -> Vhost:
        return replace(vhost, gop_cache=True) if "gop-cache-is-always-on" in self._context.faults else vhost
