"""What edges and origins do among each other: pulls, forwarded publishers, coworkers."""

from typing import Final

from srs_conformance.reference.catalogue.fault import Role, fault

FAULTS: Final = (
    # Edges and their pulls
    fault(
        "edge-pulls-per-viewer",
        Role.EDGE,
        "EDGE-03 EDGE-04 EDGE-10 LOAD-04 SOAK-03",
        "every player of an edge gets an upstream connection of its own",
        "edges whose key of a stream differs by player or protocol",
    ),
    fault(
        "edge-never-releases",
        Role.EDGE,
        "EDGE-08",
        "an edge goes on pulling after its last player has left",
        "SRS #3158 (3.0.168)",
    ),
    fault(
        "edge-gives-up-after-origin-restart",
        Role.EDGE,
        "EDGE-11 UPD-10 FLT-03 FLT-06 FLT-12 OC-08 SOAK-02 SOAK-04 SOAK-06",
        "an edge that has lost its origin once does not connect again",
        "SRS #4497, #3401",
    ),
    fault(
        "edge-cuts-players-with-origin",
        Role.EDGE,
        "EDGE-11 UPD-10 FLT-03 FLT-06 FLT-12 OC-08",
        "an edge disconnects its players when its origin goes",
        "SRS #3401",
    ),
    fault(
        "edge-drops-waiting-player",
        Role.EDGE,
        "EDGE-15",
        "an edge disconnects a player who has got nothing for 2 s",
        "SRS #4166, #4103: life-cycle faults of waiting HTTP-FLV players",
    ),
    fault(
        "first-flv-does-not-pull",
        Role.EDGE,
        "EDGE-09",
        "an HTTP-FLV player alone does not make an edge pull",
        "SRS #4112, #4182: life-cycle faults of HTTP-FLV handlers",
    ),
    fault(
        "edge-ignores-forwarded-publish",
        Role.EDGE,
        "EDGE-02 EDGE-05 UPD-07 DEMO-04",
        "an edge takes a published stream and does not forward it",
        "a forward that fails after it was accepted: SRS gives it 150 ms to connect and no second try",
    ),
    fault(
        "edge-serves-hls",
        Role.EDGE,
        "EDGE-07",
        "an edge answers playlists of the streams that it plays",
        "SRS #4512, #4513: HLS on an edge vhost",
    ),
    fault(
        "join-race",
        Role.EDGE,
        "EDGE-17",
        "a player who joins while the edge is still ending its pull gets the GOP cache and then nothing",
        "measured on 3.0.170; SRS #1884, #2911, #2215",
        faithful=3,
    ),
    # Origins and their coworkers
    fault(
        "redirects-in-a-circle",
        Role.ORIGIN,
        "OC-03 OC-04 OC-06 DEP-01",
        "an origin sends every player on, to itself where it has the stream",
        "SRS #4500 (6.0.155): two origins that send a player to and fro; nothing in SRS notices a circle",
    ),
    fault(
        "redirects-to-an-origin-without-the-stream",
        Role.ORIGIN,
        "OC-03 OC-04 DEP-01",
        "an origin that lacks a stream sends its players to the first coworker that answers, whatever it says",
        "a coworker that still lists a stream whose publisher has gone to another origin",
    ),
    fault(
        "only-the-first-coworker-is-asked",
        Role.ORIGIN,
        "OC-03 OC-04 DEP-01",
        "an origin that lacks a stream asks one coworker for it",
        "SRS #1223: early 3.0",
    ),
    fault(
        "a-dead-coworker-ends-the-search",
        Role.ORIGIN,
        "DEP-01",
        "an origin asks no other coworker when one does not answer",
        "SRS #1223: early 3.0",
    ),
    fault(
        "coworker-api-tells-its-own-address",
        Role.ORIGIN,
        "OC-03 OC-04 OC-05 DEP-01",
        "an origin that is asked for a stream names an address that only itself can reach",
        "listen addresses of one interface, and pods behind host ports",
    ),
    fault(
        "edge-ignores-redirects",
        Role.EDGE,
        "OC-03 DEP-01",
        "an edge that an origin sends on waits and asks the next one of its list",
        "clients of RTMP without the redirect: ffmpeg, and edges of other makes",
    ),
    fault(
        "edge-follows-to-another-origin",
        Role.EDGE,
        "OC-03 DEP-01",
        "an edge that is sent on goes to the first other origin of its list, not where it is sent",
        "redirects by names that an edge's resolver completes to something else",
    ),
    fault(
        "edge-keeps-an-origins-address",
        Role.EDGE,
        "OC-02",
        "an edge looks an origin's name up once, and never notices that its pod has another address",
        "resolvers that cache for ever; a headless Service's names follow the pods, a cluster IP stays",
    ),
    fault(
        "edge-publishes-to-the-first-origin",
        Role.EDGE,
        "OC-11",
        "an edge begins with the first origin of its list for each stream that is published to it",
        "SRS #4187, measured on 3.0.170 and 6.0.157",
        faithful=(3, 6),
    ),
    fault(
        "origins-publish-a-stream-twice",
        Role.ORIGIN,
        "OC-12",
        "an origin takes a stream that is published at another one",
        "SRS #2789, measured on 3.0.170 and 6.0.157: only who plays makes an origin ask its coworkers",
        faithful=(3, 6),
    ),
)
