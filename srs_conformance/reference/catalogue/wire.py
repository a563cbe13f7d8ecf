"""What players get against the specifications of FLV and RTMP, byte by byte."""

from typing import Final

from srs_conformance.reference.catalogue.fault import Role, fault

FAULTS: Final = (
    # FLV
    fault(
        "flv-wrong-previous-tag-size",
        Role.BOTH,
        "FLV-01",
        "each PreviousTagSize leaves out the tag's header of 11 bytes",
        "flv.js #120: Invalid PrevTagSize, and then tags of unknown types",
    ),
    fault(
        "flv-header-denies-audio",
        Role.BOTH,
        "FLV-01",
        "the FLV header announces video alone, and audio comes",
        "SRS #4633: the header of a stream from WebRTC says video only, and ExoPlayer leaves its audio out",
    ),
    # Both protocols
    fault(
        "configuration-of-another-stream",
        Role.BOTH,
        "FLV-02 FLV-05 RTMP-04 RTMP-06",
        "players get the H.264 configuration of another stream, of 320x240",
        "SRS #1441: the cached SPS of what was published before, with another size",
    ),
    fault(
        "sequence-headers-repeated",
        Role.BOTH,
        "FLV-05 RTMP-06",
        "both sequence headers come again before each keyframe",
        "flv.js #474, #717: Found another AVCDecoderConfigurationRecord, and the picture stands",
    ),
    fault(
        "audio-drifts",
        Role.BOTH,
        "FLV-03 RTMP-04 QS-05 QS-06 EDGE-05",
        "the timestamps of audio run a quarter too fast",
        "flv.js #241: audio drifts out of sync within minutes; SRS #925",
    ),
    fault(
        "pictures-out-of-order",
        Role.BOTH,
        "FLV-03 RTMP-04 QS-05 QS-06 EDGE-05",
        "once a second a picture has a timestamp 100 ms too early",
        "moq #2000: presentation times as timestamps of tags, so that they are not in order; SRS #2776",
    ),
    fault(
        "composition-time-wrong",
        Role.BOTH,
        "FLV-03 RTMP-04",
        "every fifth picture is shown 40 ms too late, together with the next one",
        "SRS #809: composition times that do not fit; gortmplib #88: they were read without their sign",
    ),
    fault(
        "gop-repeated",
        Role.BOTH,
        "FLV-03 RTMP-04 QS-07 EDGE-05 EDGE-06",
        "4 s after a player has come the last GOP comes a second time",
        "caches of GOPs that are sent to those who have it already",
    ),
    fault(
        "first-frame-late",
        Role.BOTH,
        "FLV-05 RTMP-06 EDGE-17",
        "players get nothing for 3.4 s",
        "SRS #1056: half a minute until HTTP-FLV shows a picture; nginx-http-flv-module #260",
    ),
    # RTMP
    # A player who comes before the publisher is told nothing, and gives up.
    fault(
        "media-before-play-start",
        Role.BOTH,
        "RTMP-03 RTMP-06 EDGE-15",
        "the first media come before NetStream.Play.Start",
        "nginx-rtmp-module #422, #1490: messages of a play and of a publish in another order than specified",
    ),
    fault(
        "media-on-another-stream",
        Role.BOTH,
        "RTMP-04",
        "audio, video and metadata come on message stream 2, while 1 was created",
        "ZLMediaKit #4002: the wrong stream id in a cluster, so that GStreamer does not play",
    ),
    fault(
        "no-window-acknowledgement-size",
        Role.BOTH,
        "RTMP-02",
        "the server does not say after how many bytes it wants an acknowledgement",
        "joy4 #5: a server that did not send it",
    ),
    fault(
        "chunk-size-not-announced",
        Role.BOTH,
        "RTMP-01 RTMP-04 QS-05 QS-06 QS-07 QS-11 QS-12 EDGE-05 EDGE-06 EDGE-09 EDGE-10 EDGE-15 EDGE-16",
        "who plays gets chunks of the server's own size, which it does not announce",
        "red5-client #54: a chunk size that only one side knows of; Monibuca plugin-rtmp #23",
    ),
    fault(
        "publish-starts-before-refusal",
        Role.BOTH,
        "RTMP-05",
        "who publishes a stream that another publishes is told NetStream.Publish.Start, and then refused",
        "nginx-rtmp-module #96: NetStream.Publish.Start in place of NetStream.Publish.BadName",
    ),
    fault(
        "refuses-without-a-word",
        Role.BOTH,
        "RTMP-06",
        "who is refused is disconnected without being told",
        "SRS #3484: a publisher of a busy stream; SRS 3 and 6 tell it by closing the connection alone",
        faithful=(3, 6),
    ),
)
