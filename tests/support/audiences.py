"""Hand-made audiences for checks of histories: who stays, is cut, comes back, and what was looked at meanwhile."""

from __future__ import annotations

from srs_conformance.histories import events
from srs_conformance.histories.events import Event
from srs_conformance.viewers.timeline import Ending, Protocol
from tests.support.histories import live, phases, sample, session

STAYS = [session("a", 3, 30), session("b", 4, 30, protocol=Protocol.HTTP_FLV)]
CUT = [*STAYS, session("c", 3, 18, Ending.CLOSED, until=30)]
BACK = [
    session("r", 3, 12, Ending.CLOSED, role="returns"),
    session("r", 12.3, 12.4, Ending.REFUSED, role="returns", number=2),
    session("r", 12.8, 30, role="returns", number=3),
]
AT_ONCE = [
    session("r", 3, 11.4, Ending.CLOSED, role="returns"),
    session("r", 11.7, 30, role="returns", number=2),
]
LATE_BACK = [BACK[0], session("r", 18, 30, role="returns", number=2)]
NEVER_BACK = [
    BACK[0],
    session("r", 13, 13.1, Ending.RESET, role="returns", number=2, frames=[]),
    events.Left(at=30, viewer="r"),
]
GUESTS = [session(f"g{n}", 5.0 + n, 6.0 + n, role="comes and goes") for n in range(10)]
REFUSED = session("gx", 12, 12.1, Ending.REFUSED, role="comes and goes")
WAITED = session("gx", 12, 23, frames=[], role="comes and goes")
GAVE_UP = session("gx", 12, 13, frames=[], role="comes and goes")
TWO_PODS = {"edge-1": (0.0, 10.0, 19.0), "edge-2": (0.0, 12.0, 14.0)}
SKIPPED = session("s", 3, 30, frames=live(3, 30, without=range(300, 400)))
REPEATED = session("s", 3, 30, frames=live(3, 20) + live(3, 20)[-25:] + live(20, 30)[-200:])
OLD_GOP = [BACK[0], session("r", 12.8, 30, role="returns", number=2, frames=live(12.8, 30, behind=8))]
FOREIGN = session("s", 3, 10, frames=live(3, 10))
for frame in FOREIGN.timeline.frames[50:60]:
    frame.digest = 1


def pulls(*counts: dict[str, int], stream: str = "live/a") -> list[Event]:
    return [sample(10 + n * 0.25, "pulls", {"stream": stream, "counts": each}) for n, each in enumerate(counts)]


def joins(old: int, new: int, refused: int = 0) -> list[Event]:
    found = [session(f"o{n}", 12, 12.5, role="comes and goes", version="3.0.170", frames=FEW) for n in range(old)]
    found += [session(f"n{n}", 12, 12.5, role="comes and goes", version="3.0.171", frames=FEW) for n in range(new)]
    found += [session(f"x{n}", 12, 12.1, Ending.REFUSED, role="comes and goes", version="") for n in range(refused)]
    return [*phases(canary=11), *found]


FEW = live(12, 12.5)[:2]


def resources(memory: float, descriptors: float, until: float = 400) -> list[Event]:
    """A look each 5 s for 400 s at two edges, one of which grows until a time, by so much from look to look."""
    return [
        sample(
            n * 5.0,
            "resources",
            {
                "edge-1": {
                    "memory": 1e7 + (n % 3) * 1e5 + memory * min(n, until / 5),
                    "descriptors": 20 + n % 4 + descriptors * min(n, until / 5),
                },
                "edge-2": {"memory": 1e7, "descriptors": 20},
            },
        )
        for n in range(81)
    ]


KILLED: list[Event] = [
    events.Disturbed(at=10, number=1, what="kill", values={"reaches": ["edge-1", "the Service"]}),
    events.TookEffect(at=11, number=1, proof="gone"),
    events.Settled(at=14, number=1),
]
AT_1 = [session("c", 3, 18, Ending.CLOSED, role="returns", place="edge-1"), session("d", 3, 30, role="returns")]
