"""Whatever is in a history: it is read as it was written, judged the same again, and its losses add up."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srs_conformance.checkers.histories import CHECKS, run
from srs_conformance.errors import CouldNotTest
from srs_conformance.histories import History, HistoryError, Numbering, Role, events, losses, read
from srs_conformance.histories.events import Event
from srs_conformance.report import lossrows, timelines
from srs_conformance.viewers.timeline import Ending, Protocol
from tests.property.media.quick import QUICK
from tests.support.histories import NUMBERING, PARAMETERS, history, live, numbered, pods, sample, session, write

SECONDS = st.integers(0, 800).map(lambda tenths: tenths / 20)


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    name = draw(st.sampled_from(["a", "b", "c"]))
    role, protocol = draw(st.sampled_from(list(Role))), draw(st.sampled_from(list(Protocol)))
    found: list[Event] = []
    at = draw(SECONDS)
    for number in range(1, draw(st.integers(1, 4)) + 1):
        end = at + draw(SECONDS) / 4 + 0.1
        without = set(range(first := draw(st.integers(0, 1000)), first + draw(st.sampled_from([0, 3, 60, 600]))))
        frames = live(at, end, without=without, behind=draw(st.sampled_from([0.0, 6.0])))
        for frame in frames[:: draw(st.integers(5, 60))]:
            frame.digest = draw(st.sampled_from([frame.digest, 1, NUMBERING.digests[700]]))
        ending = draw(st.sampled_from([Ending.STOPPED, Ending.CLOSED, Ending.RESET, Ending.REFUSED]))
        version = draw(st.sampled_from(["3.0.170", "6.0.1", ""]))
        until = end + draw(st.sampled_from([0.0, 0.0, 3.0]))
        found.append(
            session(
                name,
                at,
                end,
                ending,
                frames=frames,
                number=number,
                role=role,
                protocol=protocol,
                version=version,
                until=until,
            )
        )
        at = end + draw(SECONDS) / 10
    return found


@st.composite
def histories(draw: st.DrawFn) -> History:
    found: list[Event | list[Event]] = [*draw(st.lists(sessions(), max_size=3))]
    for number in range(1, draw(st.integers(0, 2)) + 1):
        at = draw(SECONDS)
        found.append(events.Disturbed(at=at, number=number, what="update"))
        if draw(st.booleans()) or draw(st.booleans()):
            found.append(events.TookEffect(at=at + 1, number=number, proof="new pods"))
        if draw(st.booleans()):
            found.append(events.Settled(at=at + draw(SECONDS) / 4, number=number))
    found += draw(st.permutations([[numbered()], [], []]))[:1]
    found += [
        events.PhaseBegan(at=at, name=f"phase {n % 2}")
        for n, at in enumerate(sorted(draw(st.lists(SECONDS, max_size=4))))
    ]
    found += [
        events.Published(at=draw(SECONDS), what=what, stream="live/a")
        for what in draw(st.lists(st.sampled_from(["started", "ended", "restarted"]), max_size=4))
    ]
    if draw(st.booleans()):
        begins, gone = draw(SECONDS), draw(SECONDS)
        found.append(pods({"edge-1": (0, begins, begins + gone), "edge-2": (0, 99, 99)}, 40, every=2))
    for observer, values in draw(st.lists(st.sampled_from(SAMPLES), max_size=6)):
        found.append(sample(draw(SECONDS), observer, values))
    return history(*found, ended=draw(st.sampled_from([None, 50.0])))


SAMPLES: list[tuple[str, dict[str, object]]] = [
    ("pulls", {"counts": {"edge-1": 1}}),
    ("pulls", {"counts": {"edge-1": 2, "edge-2": 0}, "stream": "live/a"}),
    ("pulls", {"error": "refused"}),
    ("versions", {"counts": {"3.0.170": 3, "": 1}}),
    ("resources", {"edge-1": {"memory": 10_000_000, "descriptors": 30}, "edge-2": {}}),
    ("resources", {"edge-1": {"memory": 20_000_000, "descriptors": 90}}),
    ("endpoints", {}),
]


def verdicts(made: History) -> dict[str, object]:
    found: dict[str, object] = {}
    for name in CHECKS:
        try:
            found[name] = run(made, name, PARAMETERS[name])
        except CouldNotTest as why:
            found[name] = str(why)
    return found


@QUICK
@given(histories())
def test_a_stored_history_gives_the_same_verdicts_and_the_same_losses(made: History) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = read(write(made, Path(folder) / "first.ndjson"))  # judged is always what was read from the file
        again = read(write(first, Path(folder) / "again.ndjson"))
    assert verdicts(again) == verdicts(first)
    assert losses(again).to_json() == losses(first).to_json()


@QUICK
@given(histories(), st.sampled_from([0.2, 1.0, 3.0]))
def test_losses_add_up_and_stay_within_bounds(made: History, buffer: float) -> None:
    found = losses(made, buffer)
    for loss in found.viewers:
        start, end = loss.viewer.wanted
        assert loss.total.wanted == pytest.approx(end - start, abs=1e-6)
        assert -1e-9 <= loss.total.stalled <= loss.total.wanted + 1e-6
        assert loss.total.stalled - 1e-6 <= loss.total.lost
        assert loss.total.lost <= loss.total.stalled + loss.total.missed + 1e-6
        for before, after in zip(loss.breaks, loss.breaks[1:], strict=False):
            assert before.over <= after.over - after.lost + 1e-6
    figures = [found.total, *found.by_phase.values(), *found.by_protocol.values(), *found.by_role.values()]
    for figure in [*figures, *(part for loss in found.viewers for part in (loss.total, *loss.phases.values()))]:
        assert figure.lost <= figure.wanted + 1e-6, "more than 1000 in a thousand"
    for parts in (found.by_phase, found.by_protocol, found.by_role):
        for name in ("wanted", "stalled", "missed", "lost", "breaks"):
            whole = sum(getattr(figure, name) for figure in parts.values())
            assert whole == pytest.approx(getattr(found.total, name), abs=1e-6)
    assert timelines.svg(made).endswith("</svg>")
    assert lossrows.text(found)


@QUICK
@given(histories(), st.floats(0, 1))
def test_a_file_that_is_cut_off_anywhere_is_read_up_to_there(made: History, part: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(made, Path(folder) / "history.ndjson")
        data = path.read_bytes()
        kept = data[: int(part * len(data))]
        path.write_bytes(kept)
        whole = kept.count(b"\n")
        if not whole:
            with pytest.raises(HistoryError):
                read(path)
            return
        found = read(path)
    assert len(found.events) == whole - 1
    assert bool(found.truncated) == (not kept.endswith(b"\n"))
    for name in CHECKS if found.truncated else ():
        with pytest.raises(CouldNotTest):
            run(found, name, PARAMETERS[name])


@QUICK
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.integers(0, 40))
def test_the_nearest_place_has_the_digest_and_is_no_further_than_half_a_period(
    digests: list[int], expected: int
) -> None:
    numbering = Numbering(tuple(digests), 25)
    for digest in set(digests):
        place = numbering.nearest(digest, expected)
        assert place is not None
        assert digests[place % len(digests)] == digest
        nearest = min(
            abs(number + turn * len(digests) - expected)
            for number in numbering.numbers(digest)
            for turn in range(-50, 50)
        )
        assert abs(place - expected) == nearest
