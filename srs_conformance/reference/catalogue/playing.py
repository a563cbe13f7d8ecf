"""What players get: media over RTMP and HTTP-FLV, in pages and in crowds."""

from typing import Final

from srs_conformance.reference.catalogue.fault import Role, fault

# Nothing plays over HTTP-FLV; without RTMP an edge has nothing for HTTP-FLV either.
_NEED_FLV: Final = "QS-06 QS-11 QS-12 EDGE-05 EDGE-09 EDGE-10 EDGE-15 EDGE-16 SV-02 SV-07 SV-08"

FAULTS: Final = (
    # What players get
    fault(
        "rtmp-play-sends-nothing",
        Role.BOTH,
        f"QS-05 QS-07 EDGE-06 {_NEED_FLV} SV-03 RTMP-04",
        "RTMP players get the start of the play and no media",
        "SRS #1884: a black screen over RTMP after joining an edge",
    ),
    fault(
        "flv-sends-nothing",
        Role.BOTH,
        _NEED_FLV,
        "HTTP-FLV players are held without an answer",
        "SRS #4497 (6.0.177): the first publish after a restart does not play on HTTP-FLV",
    ),
    fault(
        "flv-wrong-content-type",
        Role.BOTH,
        "QS-06 EDGE-16 SV-02 FLV-04",
        "HTTP-FLV is answered as application/octet-stream",
        "proxies and CDNs before an edge that do not know the type",
    ),
    fault(
        "frozen-video",
        Role.BOTH,
        "QS-05 QS-06 QS-07 EDGE-05 EDGE-06 SV-02 SV-03",
        "2 s after a player has come the same picture is sent again and again, while sound goes on",
        "an encoder or transcoder in front that hangs",
    ),
    fault(
        "video-stops",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-17 SV-02 FLV-03 RTMP-04",
        "2 s after a player has come no video is sent any more, while sound goes on",
        "a queue that drops video to keep up",
    ),
    fault(
        "audio-missing",
        Role.BOTH,
        "QS-05 QS-06 QS-07 EDGE-05 EDGE-06 SV-02 SV-03 FLV-05",
        "no audio is sent",
        "SRS #939, #4633: has_audio guessed wrong",
    ),
    fault(
        "dropped-frames",
        Role.BOTH,
        "QS-06 QS-07 EDGE-05 EDGE-06 FLT-10 SV-02 SV-03",
        "half a second of video is missing every 4 s, over each protocol another",
        "queue_length exceeded by a slow network; SRS drops from its queue then",
    ),
    fault(
        "timestamps-jump-back",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 SV-02 FLV-03 RTMP-04",
        "timestamps jump back by 3 s every 4 s",
        "SRS #2776: dts out of order after the correction of jitter",
    ),
    fault(
        "starts-without-keyframe",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 SV-02 FLV-05 RTMP-06",
        "players start with whatever frame comes, not with a keyframe",
        "gop_cache off",
    ),
    fault(
        "no-sequence-headers",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-16 SV-02 FLV-02 RTMP-04",
        "players get no sequence headers, so that they cannot decode",
        "reduce_sequence_header on; caches in front that begin in the middle",
    ),
    fault(
        "stalls",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-17 SV-02 FLV-05 RTMP-06",
        "players get nothing for 4 s in every 8 s, then all of it",
        "CPU limits of a pod (CFS throttling), a blocked server process",
    ),
    fault(
        "cuts-players",
        Role.BOTH,
        "QS-05 QS-06 EDGE-05 EDGE-15 EDGE-17 SOAK-01 SOAK-02 SOAK-06 SV-02 FLV-04",
        "players, not edges, are disconnected 5 s after they have come",
        "load balancers with a short idle or session time-out",
    ),
    fault(
        "publish-refused",
        Role.BOTH,
        "QS-04 QS-09 QS-11 QS-12 EDGE-02 EDGE-05 DEMO-01 DEMO-04 SLB-03 SV-02",
        "whoever publishes is disconnected",
        "SRS #4173, #4631: a stream that stays busy (code 1028) after its publisher has gone",
    ),
    # What only browsers mind
    fault(
        "no-cors",
        Role.BOTH,
        "WEB-01 WEB-02 WEB-03 FLV-05",
        "streams and playlists may not be read by pages of another origin",
        "`crossdomain off`, and proxies that drop the headers",
    ),
    # What shows only in a crowd
    fault(
        "crowd-waits",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "who joins more than 20 players of a stream waits 3 s for the first frame",
        "no GOP cache, or one GOP of many seconds: players wait for the next keyframe",
    ),
    fault(
        "crowd-stalls-some",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "with more than 20 players of a stream every fifth one gets nothing for 3 of every 6 s",
        "a server at its limit of processor time serves some of its connections too late",
    ),
    fault(
        "crowd-cuts-the-oldest",
        Role.BOTH,
        "LOAD-01 LOAD-02",
        "with more than 40 players of a stream the one who has been there longest is cut for each who joins",
        "load balancers and proxies that drop old connections at a limit",
    ),
    fault(
        "crowd-shares-a-cap",
        Role.BOTH,
        "LOAD-01 LOAD-02 LOAD-05",
        "all players of a stream together get 10 Mbit/s",
        "a bandwidth limit of the pod, the node or the SLB instance",
    ),
    fault(
        "full-leaves-the-rest-hanging",
        Role.BOTH,
        "LOAD-06",
        "a connection beyond max_connections is neither served nor closed",
        "SRS #3797, measured with 3.0.170: accepting stops although the socket still listens",
    ),
)
