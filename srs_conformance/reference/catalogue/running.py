"""The API, and the life of the process."""

from typing import Final

from srs_conformance.reference.catalogue.fault import Role, fault

FAULTS: Final = (
    # The API and the pages
    fault(
        "api-omits-clients",
        Role.BOTH,
        "EDGE-02 UPD-07",
        "the API lists no clients",
        "clients listed ten at a time where nobody asks for more",
    ),
    fault(
        "api-fails",
        Role.BOTH,
        "QS-04 QS-08 QS-09 QS-11 QS-12 EDGE-02 EDGE-05 EDGE-06",
        "the API answers everything with status 500",
        "proxies before the API, and servers that have no descriptor left for it",
    ),
    fault(
        "api-is-slow",
        Role.BOTH,
        "QS-04 QS-08 QS-09 QS-11 QS-12 EDGE-02 EDGE-05 EDGE-06",
        "the API answers after 6 s",
        "servers whose one thread is busy: SRS answers its API in the loop that sends the streams",
    ),
    fault(
        "api-wrong-version",
        Role.BOTH,
        "QS-08 CAN-03",
        "the API tells another major version than the image's",
        "a tag moved to another image",
    ),
    fault(
        "stream-stays-active",
        Role.BOTH,
        "QS-09",
        "the API lists a stream as active after its publisher has gone",
        "SRS #4173: a publisher whose network is gone stays listed",
    ),
    fault(
        "no-welcome-page",
        Role.BOTH,
        "QS-10",
        "the root page is 404",
        "SRS #1603: an empty volume over the pages, measured with 6.0.157 and `[[` under dash",
    ),
    fault(
        "stream-stays-busy",
        Role.ORIGIN,
        "DEMO-02 DEMO-03 DEMO-04",
        "for 20 s after its publisher has gone a stream is refused to the next one",
        "SRS #4173, #4631: a stream that stays busy (code 1028) after its publisher has gone",
    ),
    # The life of the process
    fault(
        "crashes-after-unpublish",
        Role.BOTH,
        "QS-00 QS-02 QS-09 EDGE-00 SV-00 SV-01 CLOUD-00 CLOUD-02",
        "the process ends with code 139 when a publisher has left",
        "SRS #4268: life-cycle faults of sources in 6.0",
    ),
    fault(
        "daemonizes",
        Role.BOTH,
        "QS-00 EDGE-00 DEMO-00 SLB-00 SV-00 UPD-00 CAN-00",
        "with `daemon on` the first process ends at once, as outside of Docker, and a container with it",
        "SRS #2625, #2824, #1594; the image of 3 with its branch's own srs.conf",
        at_start=True,
    ),
    fault(
        "docker-conf-missing",
        Role.EDGE,
        "EDGE-00 OC-00 DEMO-00 CLN-00 SLB-00 RES-00 RLD-00 UPD-00 CAN-00 CLOUD-00",
        "without conf/docker.conf the process ends with code 1023; off, the launcher takes conf/srs.conf",
        "measured with 6.0.157: the ConfigMap hides conf/docker.conf",
        faithful=6,
        at_start=True,
    ),
    fault(
        "sh-is-dash",
        Role.BOTH,
        "SV-05",
        "/bin/sh of the image knows no `[[`, so that srs-cp-files copies nothing",
        "measured with 5.0.216 and 6.0.157, whose images stand on Ubuntu",
        faithful=6,
        at_start=True,
    ),
    # What shows only after hours
    fault(
        "leaks-memory",
        Role.BOTH,
        "SOAK-07",
        "64 KiB are kept of each player who has left",
        "SRS #857, #1271, #4364: the memory of edges grows with the connections that there were",
    ),
    fault(
        "leaks-descriptors",
        Role.BOTH,
        "SOAK-08",
        "a file descriptor is kept of each player who has left",
        "SRS #633, #2346: sockets in CLOSE_WAIT of players who have left",
    ),
)
