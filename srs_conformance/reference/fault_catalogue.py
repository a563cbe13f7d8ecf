"""The catalogue of faults, as data.

`breaks` are the requirements whose words a fault makes untrue; of quick_start and edge_cluster no more and no fewer,
`pytest tests/mutation --whole` sees to it; of the other chapters, what was tried. A requirement whose scene needs what
the fault breaks is not among them: it cannot be tested then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """On which server a fault shows."""

    ORIGIN = "origin"
    EDGE = "edge"
    BOTH = "origin and edge"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        name: how it is switched on.
        summary: what the server then does.
        role: on which server it shows.
        seen_in: where it was seen in the field.
        breaks: the requirements of the chapters quick_start and edge_cluster that must fail with it.
        faithful: the major versions that do so themselves.
        at_start: it acts when the process starts, so the fault port is too late for it.
    """

    name: str
    summary: str
    role: Role
    seen_in: str
    breaks: frozenset[str]
    faithful: frozenset[int] = frozenset()
    at_start: bool = False


#: What CLOUD-01 asks of every platform's template once more.
_ON_EVERY_PLATFORM: Final = frozenset(f"QS-{number:02}" for number in range(2, 10))


def _fault(
    name: str,
    role: Role,
    breaks: str,
    summary: str,
    seen_in: str,
    *,
    faithful: int | tuple[int, ...] = (),
    at_start: bool = False,
) -> Fault:
    versions = frozenset({faithful} if isinstance(faithful, int) else faithful)
    broken = frozenset(breaks.split())
    on_platforms = {"CLOUD-01"} if broken & _ON_EVERY_PLATFORM else set()
    return Fault(name, summary, role, seen_in, broken | on_platforms, versions, at_start)


# Nothing plays over HTTP-FLV; without RTMP an edge has nothing for HTTP-FLV either.
_NEED_FLV: Final = "QS-06 QS-11 QS-12 EDGE-05 EDGE-09 EDGE-10 EDGE-15 EDGE-16 SV-02 SV-07 SV-08"

FAULTS: Final = (
    # Edges and their pulls
    _fault(
        "edge-pulls-per-viewer",
        Role.EDGE,
        "EDGE-03 EDGE-04 EDGE-10 LOAD-04 SOAK-03",
        "every player of an edge gets an upstream connection of its own",
        "edges whose key of a stream differs by player or protocol",
    ),
    _fault(
        "edge-never-releases",
        Role.EDGE,
        "EDGE-08",
        "an edge goes on pulling after its last player has left",
        "SRS #3158 (3.0.168)",
    ),
    _fault(
        "edge-gives-up-after-origin-restart",
        Role.EDGE,
        "EDGE-11 UPD-10 FLT-03 FLT-06 FLT-12 OC-08 SOAK-02 SOAK-04 SOAK-06",
        "an edge that has lost its origin once does not connect again",
        "SRS #4497, #3401",
    ),
    _fault(
        "edge-cuts-players-with-origin",
        Role.EDGE,
        "EDGE-11 UPD-10 FLT-03 FLT-06 FLT-12 OC-08",
        "an edge disconnects its players when its origin goes",
        "SRS #3401",
    ),
    _fault(
        "edge-drops-waiting-player",
        Role.EDGE,
        "EDGE-15",
        "an edge disconnects a player who has got nothing for 2 s",
        "SRS #4166, #4103: life-cycle faults of waiting HTTP-FLV players",
    ),
    _fault(
        "first-flv-does-not-pull",
        Role.EDGE,
        "EDGE-09",
        "an HTTP-FLV player alone does not make an edge pull",
        "SRS #4112, #4182: life-cycle faults of HTTP-FLV handlers",
    ),
    _fault(
        "edge-ignores-forwarded-publish",
        Role.EDGE,
        "EDGE-02 EDGE-05 UPD-07 DEMO-04",
        "an edge takes a published stream and does not forward it",
        "a forward that fails after it was accepted: SRS gives it 150 ms to connect and no second try",
    ),
    _fault(
        "edge-serves-hls",
        Role.EDGE,
        "EDGE-07",
        "an edge answers playlists of the streams that it plays",
        "SRS #4512, #4513: HLS on an edge vhost",
    ),
    _fault(
        "join-race",
        Role.EDGE,
        "EDGE-17",
        "a player who joins while the edge is still ending its pull gets the GOP cache and then nothing",
        "measured on 3.0.170; SRS #1884, #2911, #2215",
        faithful=3,
    ),
    # Origins and their coworkers
    _fault(
        "redirects-in-a-circle",
        Role.ORIGIN,
        "OC-03 OC-04 OC-06 DEP-01",
        "an origin sends every player on, to itself where it has the stream",
        "SRS #4500 (6.0.155): two origins that send a player to and fro; nothing in SRS notices a circle",
    ),
    _fault(
        "redirects-to-an-origin-without-the-stream",
        Role.ORIGIN,
        "OC-03 OC-04 DEP-01",
        "an origin that lacks a stream sends its players to the first coworker that answers, whatever it says",
        "a coworker that still lists a stream whose publisher has gone to another origin",
    ),
    _fault(
        "only-the-first-coworker-is-asked",
        Role.ORIGIN,
        "OC-03 OC-04 DEP-01",
        "an origin that lacks a stream asks one coworker for it",
        "SRS #1223: early 3.0",
    ),
    _fault(
        "a-dead-coworker-ends-the-search",
        Role.ORIGIN,
        "DEP-01",
        "an origin asks no other coworker when one does not answer",
        "SRS #1223: early 3.0",
    ),
    _fault(
        "coworker-api-tells-its-own-address",
        Role.ORIGIN,
        "OC-03 OC-04 OC-05 DEP-01",
        "an origin that is asked for a stream names an address that only itself can reach",
        "listen addresses of one interface, and pods behind host ports",
    ),
    _fault(
        "edge-ignores-redirects",
        Role.EDGE,
        "OC-03 DEP-01",
        "an edge that an origin sends on waits and asks the next one of its list",
        "clients of RTMP without the redirect: ffmpeg, and edges of other makes",
    ),
    _fault(
        "edge-follows-to-another-origin",
        Role.EDGE,
        "OC-03 DEP-01",
        "an edge that is sent on goes to the first other origin of its list, not where it is sent",
        "redirects by names that an edge's resolver completes to something else",
    ),
    _fault(
        "edge-keeps-an-origins-address",
        Role.EDGE,
        "OC-02",
        "an edge looks an origin's name up once, and never notices that its pod has another address",
        "resolvers that cache for ever; a headless Service's names follow the pods, a cluster IP stays",
    ),
    _fault(
        "edge-publishes-to-the-first-origin",
        Role.EDGE,
        "OC-11",
        "an edge begins with the first origin of its list for each stream that is published to it",
        "SRS #4187, measured on 3.0.170 and 6.0.157",
        faithful=(3, 6),
    ),
    _fault(
        "origins-publish-a-stream-twice",
        Role.ORIGIN,
        "OC-12",
        "an origin takes a stream that is published at another one",
        "SRS #2789, measured on 3.0.170 and 6.0.157: only who plays makes an origin ask its coworkers",
        faithful=(3, 6),
    ),
    # What players get
    _fault(
        "rtmp-play-sends-nothing",
        Role.BOTH,
        f"QS-05 QS-07 EDGE-06 {_NEED_FLV} SV-03",
        "RTMP players get the start of the play and no media",
        "SRS #1884: a black screen over RTMP after joining an edge",
    ),
    _fault(
        "flv-sends-nothing",
        Role.BOTH,
        _NEED_FLV,
        "HTTP-FLV players are held without an answer",
        "SRS #4497 (6.0.177): the first publish after a restart does not play on HTTP-FLV",
    ),
    _fault(
        "flv-wrong-content-type",
        Role.BOTH,
        "QS-06 EDGE-16 SV-02",
        "HTTP-FLV is answered as application/octet-stream",
        "proxies and CDNs before an edge that do not know the type",
    ),
    _fault(
        "frozen-video",
        Role.BOTH,
        "QS-05 QS-06 QS-07 EDGE-05 EDGE-06 SV-02 SV-03",
        "2 s after a player has come the same picture is sent again and again, while sound goes on",
        "an encoder or transcoder in front that hangs",
    ),
    _fault(
        "video-stops",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-17 SV-02",
        "2 s after a player has come no video is sent any more, while sound goes on",
        "a queue that drops video to keep up",
    ),
    _fault(
        "audio-missing",
        Role.BOTH,
        "QS-05 QS-06 QS-07 EDGE-05 EDGE-06 SV-02 SV-03",
        "no audio is sent",
        "SRS #939, #4633: has_audio guessed wrong",
    ),
    _fault(
        "dropped-frames",
        Role.BOTH,
        "QS-06 QS-07 EDGE-05 EDGE-06 FLT-10 SV-02 SV-03",
        "half a second of video is missing every 4 s, over each protocol another",
        "queue_length exceeded by a slow network; SRS drops from its queue then",
    ),
    _fault(
        "timestamps-jump-back",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 SV-02",
        "timestamps jump back by 3 s every 4 s",
        "SRS #2776: dts out of order after the correction of jitter",
    ),
    _fault(
        "starts-without-keyframe",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 SV-02",
        "players start with whatever frame comes, not with a keyframe",
        "gop_cache off",
    ),
    _fault(
        "no-sequence-headers",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-16 SV-02",
        "players get no sequence headers, so that they cannot decode",
        "reduce_sequence_header on; caches in front that begin in the middle",
    ),
    _fault(
        "stalls",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-17 SV-02",
        "players get nothing for 4 s in every 8 s, then all of it",
        "CPU limits of a pod (CFS throttling), a blocked server process",
    ),
    _fault(
        "cuts-players",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-15 EDGE-17 SOAK-01 SOAK-02 SOAK-06 SV-02",
        "players, not edges, are disconnected 5 s after they have come",
        "load balancers with a short idle or session time-out",
    ),
    _fault(
        "publish-refused",
        Role.BOTH,
        "QS-04 QS-11 QS-12 EDGE-02 DEMO-01 DEMO-04 SV-02",
        "whoever publishes is disconnected",
        "SRS #4173, #4631: a stream that stays busy (code 1028) after its publisher has gone",
    ),
    # HLS
    _fault(
        "no-playlist",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03 OC-07",
        "segments are written and no playlist",
        "a shared volume that is full or read-only",
    ),
    _fault(
        "stale-playlist",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "the playlist is written once and never again",
        "a cache before the volume",
    ),
    _fault(
        "segment-404",
        Role.ORIGIN,
        "QS-07 EDGE-06 LOAD-03 SV-03",
        "the playlist names segments that are not there",
        "hls_cleanup with a short window; SRS #1603, a volume mounted on another folder",
    ),
    _fault(
        "hls-loses-segments",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "every second segment is missing from the playlist",
        "a disk too slow for the stream",
    ),
    _fault(
        "hls-target-duration-too-short",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "EXT-X-TARGETDURATION is shorter than the segments (RFC 8216 4.3.3.1)",
        "hls_fragment shorter than the GOP, hls_td_ratio below 1",
    ),
    _fault(
        "hls-dispose-never-comes",
        Role.ORIGIN,
        "CLN-07 CLOUD-02",
        "what is left of a stream that has ended stays, whatever hls_dispose says",
        "SRS #4273 (6.0): disposing ends early once unpublishing has set the muxer's flag",
        faithful=6,
    ),
    _fault(
        "hls-beside-the-volume",
        Role.ORIGIN,
        "EDGE-06 SV-03 SV-04 SV-10",
        "HLS is written into another folder than the one that is shared",
        "SRS #1603: a volume mounted elsewhere than where hls_path points",
    ),
    _fault(
        "playlist-in-place",
        Role.ORIGIN,
        "SV-09",
        "a playlist is written into its place in two halves, a tenth of a second apart",
        "volumes without an atomic rename: object storage mounted as a file system",
    ),
    _fault(
        "playlist-names-unfinished",
        Role.ORIGIN,
        "SV-09",
        "for a tenth of a second the playlist names the newest segment as the file that it is written to",
        "volumes on which a rename takes its time: network file systems",
    ),
    _fault(
        "ports-differ",
        Role.ORIGIN,
        "SV-04",
        "SRS serves other bytes of a segment than those on the volume",
        "two controllers behind one selector, each with a volume of its own: Quick Start and this chapter applied "
        "side by side (scenarios QS-D2)",
    ),
    _fault(
        "http-caches-playlists",
        Role.ORIGIN,
        "SV-10",
        "SRS serves a playlist for 3 s after the volume has another one",
        "caches before one of the two ports",
    ),
    _fault(
        "quit-deletes-hls",
        Role.ORIGIN,
        "SV-08",
        "a server that is told to end deletes playlists and segments, although nobody has set hls_dispose",
        "SRS #865; measured with 6.0.157, where hls_dispose is 120 s unless it is set",
        faithful=6,
    ),
    # What only browsers mind
    _fault(
        "no-cors",
        Role.BOTH,
        "WEB-01 WEB-02 WEB-03",
        "streams and playlists may not be read by pages of another origin",
        "`crossdomain off`, and proxies that drop the headers",
    ),
    # The API and the pages
    _fault(
        "api-omits-clients",
        Role.BOTH,
        "EDGE-02 UPD-07",
        "the API lists no clients",
        "clients listed ten at a time where nobody asks for more",
    ),
    _fault(
        "api-wrong-version",
        Role.BOTH,
        "QS-08 CAN-03",
        "the API tells another major version than the image's",
        "a tag moved to another image",
    ),
    _fault(
        "stream-stays-active",
        Role.BOTH,
        "QS-09",
        "the API lists a stream as active after its publisher has gone",
        "SRS #4173: a publisher whose network is gone stays listed",
    ),
    _fault(
        "no-welcome-page",
        Role.BOTH,
        "QS-10",
        "the root page is 404",
        "SRS #1603: an empty volume over the pages, measured with 6.0.157 and `[[` under dash",
    ),
    # What shows only in a crowd
    _fault(
        "crowd-waits",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "who joins more than 20 players of a stream waits 3 s for the first frame",
        "no GOP cache, or one GOP of many seconds: players wait for the next keyframe",
    ),
    _fault(
        "crowd-stalls-some",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "with more than 20 players of a stream every fifth one gets nothing for 3 of every 6 s",
        "a server at its limit of processor time serves some of its connections too late",
    ),
    _fault(
        "crowd-cuts-the-oldest",
        Role.BOTH,
        "LOAD-01 LOAD-02",
        "with more than 40 players of a stream the one who has been there longest is cut for each who joins",
        "load balancers and proxies that drop old connections at a limit",
    ),
    _fault(
        "crowd-shares-a-cap",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "all players of a stream together get 10 Mbit/s",
        "a bandwidth limit of the pod, the node or the SLB instance",
    ),
    _fault(
        "full-leaves-the-rest-hanging",
        Role.BOTH,
        "LOAD-06",
        "a connection beyond max_connections is neither served nor closed",
        "SRS #3797, measured with 3.0.170: accepting stops although the socket still listens",
    ),
    # The life of the process
    _fault(
        "crashes-after-unpublish",
        Role.BOTH,
        "QS-00 QS-02 QS-09 EDGE-00 SV-00 SV-01 CLOUD-00 CLOUD-02",
        "the process ends with code 139 when a publisher has left",
        "SRS #4268: life-cycle faults of sources in 6.0",
    ),
    _fault(
        "daemonizes",
        Role.BOTH,
        "QS-00 EDGE-00 DEMO-00 SV-00",
        "with `daemon on` the first process ends at once, as outside of Docker, and a container with it",
        "SRS #2625, #2824, #1594; the image of 3 with its branch's own srs.conf",
        at_start=True,
    ),
    _fault(
        "docker-conf-missing",
        Role.EDGE,
        "EDGE-00 DEMO-00 CLN-00 CLOUD-00",
        "without conf/docker.conf the process ends with code 1023; off, the launcher takes conf/srs.conf",
        "measured with 6.0.157: the ConfigMap hides conf/docker.conf",
        faithful=6,
        at_start=True,
    ),
    _fault(
        "sh-is-dash",
        Role.BOTH,
        "SV-05",
        "/bin/sh of the image knows no `[[`, so that srs-cp-files copies nothing",
        "measured with 5.0.216 and 6.0.157, whose images stand on Ubuntu",
        faithful=6,
        at_start=True,
    ),
    # Updates, reloads and failures
    _fault(
        "grace-exits-at-once",
        Role.BOTH,
        "UPD-02 UPD-08 UPD-09 RB-03 CAN-04",
        "the process ends within a second of SIGQUIT, and of SIGTERM with force_grace_quit, and cuts its players",
        "SRS #3805, measured with the image of SRS 5",
    ),
    _fault(
        "grace-refuses-while-draining",
        Role.BOTH,
        "UPD-05",
        "the listeners close with the signal, although for a moment the Service still sends",
        "servers without grace_start_wait; SRS #1595",
    ),
    _fault(
        "grace-never-exits",
        Role.BOTH,
        "UPD-04 UPD-06",
        "the process waits on when its last connection has gone, until it is killed",
        "connections that are never taken for gone: SRS #4497",
    ),
    _fault(
        "term-is-always-graceful",
        Role.BOTH,
        "UPD-06",
        "SIGTERM is taken for SIGQUIT, also where force_grace_quit is off",
        "a build or a wrapper with a stop signal of its own",
    ),
    _fault(
        "reload-loses-the-stream",
        Role.BOTH,
        "RLD-01 INO-04",
        "after a reload nothing of the streams that are there reaches anybody",
        "SRS #3773: reload while publishing",
    ),
    _fault(
        "reload-of-hls-crashes",
        Role.ORIGIN,
        "RLD-01",
        "a reload that changes `hls` while a stream is published ends the process by a segmentation fault",
        "measured with 4.0.271; SRS #3773: reload while publishing",
    ),
    _fault(
        "config-is-not-watched",
        Role.BOTH,
        "RLD-02 INO-01",
        "without inotify_auto_reload the server does not notice that its file has changed",
        "SRS #1635, #2824, measured with 3.0.170: under containerd it does not take its container for one of Docker's",
        faithful=3,
    ),
    _fault(
        "reload-changes-nothing",
        Role.BOTH,
        "RLD-02 RLD-03 RLD-04 RLD-07 INO-01 INO-02 INO-03 INO-04 INO-06",
        "a reload is told in the log, and nothing is different after it",
        "servers that read their configuration anew and go on with what they keep of the old one",
    ),
    _fault(
        "reload-leaves-http",
        Role.BOTH,
        "RLD-03 INO-02 INO-03",
        "a reload neither closes nor opens the ports of API and HTTP",
        "measured with 5.0.216 and 6.0.157",
        faithful=6,
    ),
    _fault(
        "broken-config-ends-the-server",
        Role.BOTH,
        "RLD-05 INO-05",
        "a file that is no configuration ends the server that runs",
        "measured with 3.0.170 and 4.0.271",
        faithful=3,
    ),
    _fault(
        "reload-of-listen-ends-the-server",
        Role.BOTH,
        "RLD-07",
        "the server ends when a reload changes `listen`; 6 by a segmentation fault",
        "measured with 3.0.170 (exit code 0) and 6.0.157 (139)",
        faithful=3,
    ),
    _fault(
        "gop-cache-is-always-on",
        Role.BOTH,
        "RLD-06 INO-04 INO-06",
        "`gop_cache off` is read and has no effect, neither at once nor after a start",
        "directives that a version still accepts and no longer looks at",
    ),
    _fault(
        "reconnect-serves-an-old-gop",
        Role.EDGE,
        "FLT-17",
        "an edge that has found its origin again sends its players the GOP from before once more",
        "a GOP cache that is kept over a lost connection",
    ),
    _fault(
        "failover-pulls-twice",
        Role.EDGE,
        "EDGE-11 UPD-10 FLT-13 SOAK-03",
        "after an edge has lost its origin it holds two connections to it for a stream",
        "SRS #3401: an ingester that is started anew beside the one that waits",
    ),
    _fault(
        "late-joiners-wait",
        Role.BOTH,
        "FLT-02 FLT-16 SOAK-02 SOAK-04 SOAK-06",
        "who joins a stream that others have played for 8 s waits 6 s for the first frame",
        "a GOP cache that has overflown, and a GOP of many seconds",
    ),
    _fault(
        "slow-player-holds-others",
        Role.BOTH,
        "FLT-14",
        "a player who takes what is sent too slowly holds up all others of its stream",
        "servers that write to their players in turn, by blocking sockets",
    ),
    _fault(
        "slow-players-are-cut",
        Role.BOTH,
        "FLT-15",
        "a player whose connection takes nothing for 3 s is disconnected",
        "send time-outs of a second or two before a server, meant for requests and not for streams",
    ),
    _fault(
        "edge-cuts-players-of-a-late-stream",
        Role.EDGE,
        "FLT-11",
        "an edge disconnects its players when the stream comes 4 s later than its timestamps say",
        "watchdogs that take a slow origin for a dead one",
    ),
    # What shows only after hours
    _fault(
        "leaks-memory",
        Role.BOTH,
        "SOAK-07",
        "64 KiB are kept of each player who has left",
        "SRS #857, #1271, #4364: the memory of edges grows with the connections that there were",
    ),
    _fault(
        "leaks-descriptors",
        Role.BOTH,
        "SOAK-08",
        "a file descriptor is kept of each player who has left",
        "SRS #633, #2346: sockets in CLOSE_WAIT of players who have left",
    ),
    _fault(
        "canary-takes-no-share",
        Role.BOTH,
        "UPD-02 UPD-03 UPD-12 CAN-02 CAN-03 CAN-05",
        "a server of the next version refuses every player",
        "a new version that cannot read its configuration's vhost, or has lost its origin's name",
    ),
    # What is left on a volume, and how it goes on there
    _fault(
        "hls-hides-a-new-publisher",
        Role.ORIGIN,
        "DEMO-03",
        "no EXT-X-DISCONTINUITY stands where another publisher has begun",
        "packagers that go on numbering when an encoder comes back, although its clock has begun anew",
    ),
    _fault(
        "hls-cleanup-forgets",
        Role.ORIGIN,
        "CLN-06",
        "segments of a publisher who has been replaced are in no playlist and stay on the volume",
        "SRS restarts and crashes leave files that nothing deletes, says the guide; so does a source that is made anew",
    ),
    _fault(
        "stream-stays-busy",
        Role.ORIGIN,
        "DEMO-02 DEMO-03 DEMO-04",
        "for 20 s after its publisher has gone a stream is refused to the next one",
        "SRS #4173, #4631: a stream that stays busy (code 1028) after its publisher has gone",
    ),
    _fault(
        "reloads-at-every-event",
        Role.BOTH,
        "INO-06",
        "each change of the file is taken over at once, however many there are",
        "watchers without a pause: the kubelet makes several events of one edit, and tools several edits of one change",
    ),
)
