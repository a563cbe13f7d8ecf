"""What is written for HLS, and how it is served."""

from typing import Final

from srs_conformance.reference.catalogue.fault import Role, fault

FAULTS: Final = (
    fault(
        "no-playlist",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03 OC-07",
        "segments are written and no playlist",
        "a shared volume that is full or read-only",
    ),
    fault(
        "stale-playlist",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "the playlist is written once and never again",
        "a cache before the volume",
    ),
    fault(
        "segment-404",
        Role.ORIGIN,
        "QS-07 EDGE-06 LOAD-03 SV-03",
        "the playlist names segments that are not there",
        "hls_cleanup with a short window; SRS #1603, a volume mounted on another folder",
    ),
    fault(
        "hls-loses-segments",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "every second segment is missing from the playlist",
        "a disk too slow for the stream",
    ),
    fault(
        "hls-target-duration-too-short",
        Role.ORIGIN,
        "QS-07 EDGE-06 SV-03",
        "EXT-X-TARGETDURATION is shorter than the segments (RFC 8216 4.3.3.1)",
        "hls_fragment shorter than the GOP, hls_td_ratio below 1",
    ),
    fault(
        "hls-dispose-never-comes",
        Role.ORIGIN,
        "CLN-07 CLOUD-02",
        "what is left of a stream that has ended stays, whatever hls_dispose says",
        "SRS #4273 (6.0): disposing ends early once unpublishing has set the muxer's flag",
        faithful=6,
    ),
    fault(
        "hls-beside-the-volume",
        Role.ORIGIN,
        "EDGE-06 SV-03 SV-04 SV-10",
        "HLS is written into another folder than the one that is shared",
        "SRS #1603: a volume mounted elsewhere than where hls_path points",
    ),
    fault(
        "playlist-in-place",
        Role.ORIGIN,
        "SV-09",
        "a playlist is written into its place in two halves, a tenth of a second apart",
        "volumes without an atomic rename: object storage mounted as a file system",
    ),
    fault(
        "playlist-names-unfinished",
        Role.ORIGIN,
        "SV-09",
        "for a tenth of a second the playlist names the newest segment as the file that it is written to",
        "volumes on which a rename takes its time: network file systems",
    ),
    fault(
        "ports-differ",
        Role.ORIGIN,
        "SV-04",
        "SRS serves other bytes of a segment than those on the volume",
        "two controllers behind one selector, each with a volume of its own: Quick Start and this chapter applied "
        "side by side (scenarios QS-D2)",
    ),
    fault(
        "http-caches-playlists",
        Role.ORIGIN,
        "SV-10",
        "SRS serves a playlist for 3 s after the volume has another one",
        "caches before one of the two ports",
    ),
    fault(
        "quit-deletes-hls",
        Role.ORIGIN,
        "SV-08",
        "a server that is told to end deletes playlists and segments, although nobody has set hls_dispose",
        "SRS #865; measured with 6.0.157, where hls_dispose is 120 s unless it is set",
        faithful=6,
    ),
    fault(
        "hls-hides-a-new-publisher",
        Role.ORIGIN,
        "DEMO-03",
        "no EXT-X-DISCONTINUITY stands where another publisher has begun",
        "packagers that go on numbering when an encoder comes back, although its clock has begun anew",
    ),
    fault(
        "hls-cleanup-forgets",
        Role.ORIGIN,
        "CLN-06",
        "segments of a publisher who has been replaced are in no playlist and stay on the volume",
        "SRS restarts and crashes leave files that nothing deletes, says the guide; so does a source that is made anew",
    ),
)
