"""What a recording writes is what a reader gets; a reader refuses what is no history, and says where."""

import json
import threading
import time
from pathlib import Path

import pytest

from srs_conformance.checkers.histories import judge, run
from srs_conformance.errors import CouldNotTest, EngineError, UsageError
from srs_conformance.histories import HistoryError, Outcome, Recording, Role, read
from srs_conformance.observing import Observation
from srs_conformance.viewers.timeline import Ending
from tests.support import histories as made
from tests.support.timelines import good


def recorded(path: Path) -> Recording:
    recording = Recording.begin(path, {"image": "ossrs/srs:3", "seed": 7})
    recording.numbering(made.NUMBERING)
    recording.publisher("started", "live/a", at=time.monotonic(), pid=1)
    recording.phase("before")
    number = recording.disturb("update", to="ossrs/srs:6")
    recording.took_effect(number, "2 new pods", uids=["a", "b"])
    recording.observe("pods", {"edge-1": {"terminating": True}})
    timeline = good()
    timeline.ended, timeline.ending = timeline.frames[-1].arrival, Ending.STOPPED
    recording.session("v", "edge-1", 1, timeline, role="stays", version="3.0.170")
    recording.left("v")
    recording.settled(number, rolled_out=True)
    recording.judged("UPD-02", "uncut", {"roles": ["stays"]}, Observation(False, "none", "one", ("which",)))
    recording.judged("UPD-03", "no_gap", {"over": 1}, CouldNotTest("nobody there"))
    return recording


def test_a_history_says_what_was_recorded(tmp_path: Path) -> None:
    with recorded(tmp_path / "folder" / "history.ndjson") as recording:
        assert 0 <= recording.now() < 5
    history = read(recording.path)
    assert history.context == {"image": "ossrs/srs:3", "seed": 7}
    assert history.numbering == made.NUMBERING
    (disturbance,) = history.disturbances
    assert (disturbance.kind, disturbance.values, disturbance.proof) == ("update", {"to": "ossrs/srs:6"}, "2 new pods")
    assert disturbance.proof_values == {"uids": ["a", "b"]}
    assert disturbance.effect is not None
    assert disturbance.settled is not None
    assert disturbance.at <= disturbance.effect <= disturbance.settled
    assert [span.name for span in history.phases] == ["setting up", "before"]
    assert history.samples("pods")[0].values == {"edge-1": {"terminating": True}}
    assert history.samples("pulls") == ()
    assert [judged.given.outcome for judged in history.judged] == [Outcome.MISSED, Outcome.COULD_NOT_TEST]
    assert history.judged[0].given.details == ("which",)
    assert history.publishers[0].values == {"pid": 1}
    assert history.ended is not None
    assert history.truncated == ""


def test_a_session_is_on_the_clock_of_the_history(tmp_path: Path) -> None:
    recording = Recording.begin(tmp_path / "history.ndjson", {})
    timeline = good(2.0)
    zero = time.monotonic() - recording.now()
    recording.session("v", "edge-1", 1, timeline, role=Role.STAYS)
    recording.close()
    (session,) = read(recording.path).sessions
    assert session.timeline.started == pytest.approx(timeline.started - zero, abs=0.01)
    for there, here in zip(session.timeline.frames, timeline.frames, strict=True):
        assert there.arrival - session.timeline.started == pytest.approx(here.arrival - timeline.started, abs=1e-4)
        assert (there.digest, there.dts, there.keyframe) == (here.digest, round(here.dts, 3), here.keyframe)
    assert session.timeline.connected == pytest.approx(session.timeline.started + 0.01, abs=1e-4)


def test_each_line_is_on_disk_at_once(tmp_path: Path) -> None:
    recording = recorded(tmp_path / "history.ndjson")
    history = read(recording.path)
    assert history.ended is None
    assert len(history.judged) == 2
    recording.close()


def test_a_look_knows_how_long_it_took_and_one_of_an_older_file_took_none(tmp_path: Path) -> None:
    with Recording.begin(tmp_path / "history.ndjson", {}) as recording:
        recording.observe("pods", {}, took=0.25)
    text = recording.path.read_text(encoding="utf-8")
    assert [each.took for each in read(recording.path).samples("pods")] == [0.25]
    recording.path.write_text(text.replace(',"took":0.25', ""), encoding="utf-8")
    assert "took" not in recording.path.read_text(encoding="utf-8")
    assert [each.took for each in read(recording.path).samples("pods")] == [0.0]


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    with Recording.begin(tmp_path / "history.ndjson", {}) as recording:

        def observe(who: int) -> None:
            for number in range(50):
                recording.observe(f"observer {who}", {"number": number, "filling": "x" * 3000})
                recording.took_effect(recording.disturb("d"), "p")

        threads = [threading.Thread(target=observe, args=(who,)) for who in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    history = read(recording.path)
    for who in range(6):
        assert [sample.values["number"] for sample in history.samples(f"observer {who}")] == list(range(50))
    assert sorted(each.number for each in history.disturbances) == list(range(1, 301))
    assert all(each.effect is not None for each in history.disturbances)


def test_a_closed_recording_takes_nothing_and_values_must_be_json(tmp_path: Path) -> None:
    recording = Recording.begin(tmp_path / "history.ndjson", {})
    with pytest.raises(TypeError):
        recording.observe("pods", {"edge-1": object()})
    with pytest.raises(ValueError, match="not JSON compliant"):
        recording.observe("resources", {"edge-1": float("nan")})
    with pytest.raises(ValueError, match="guest"):
        recording.session("v", "edge-1", 1, good(), role="guest")
    recording.close()
    recording.close()
    with pytest.raises(EngineError, match="closed"):
        recording.phase("too late")
    assert len(read(recording.path).events) == 1


def test_what_is_read_meanwhile_is_read_anew_only_when_something_came(tmp_path: Path) -> None:
    with recorded(tmp_path / "history.ndjson") as recording:
        first = recording.history()
        recording.judged("X", "uncut", {}, Observation(True, "", ""))
        assert recording.history() is first
        recording.phase("after")
        assert recording.history().phases[-1].name == "after"


@pytest.mark.parametrize("keep", [1, 17, 400])
def test_a_last_line_that_is_cut_off_is_told_of_and_left_out(tmp_path: Path, keep: int) -> None:
    with recorded(tmp_path / "history.ndjson") as recording:
        pass
    whole = recording.path.read_bytes()
    lines = whole.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if b'"session"' in line)
    recording.path.write_bytes(b"".join(lines[:place]) + lines[place][:keep])
    history = read(recording.path)
    assert history.truncated == f"line {place + 1} is cut off after {keep} characters"
    assert history.sessions == ()
    assert history.ended is None
    assert len(history.disturbances) == 1
    with pytest.raises(CouldNotTest, match="cut off"):
        run(history, "effective", {})


def head(**changes: object) -> str:
    values = {"history": 1, "suite": "0.1.0", "began": "2026-01-01T00:00:00+00:00", "context": {}}
    return json.dumps({**values, **changes}) + "\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ('{"history"', "its first line is cut off"),
        ("hello\n", ":1: no head of a history"),
        ("[1]\n", ":1: no head of a history: not a JSON object"),
        ('{"suite": "0.1.0"}\n', ":1: no head of a history: no 'history'"),
        (head(history=2), ":1: a history of format 2; this suite reads format 1"),
        (head(context=[]), ":1: no head of a history: suite, began or context is missing"),
        (head() + "nonsense\n", ":2: no event of a history"),
        (head() + '{"t": 1, "event": "eclipse"}\n', ":2: no event of a history: unknown event 'eclipse'; known are"),
        (head() + '{"t": 1, "event": "phase"}\n', ":2: no event of a history: no 'name'"),
        (head() + '{"t": "1", "event": "phase", "name": "x"}\n', "'t' is '1'"),
        (head() + '{"t": true, "event": "phase", "name": "x"}\n', "'t' is True"),
        (head() + '{"event": "phase", "name": "x"}\n', "no 't'"),
        (head() + '{"t": 1, "event": "numbering", "numbering": {"rate": 0, "digests": [1]}}\n', "a rate above 0"),
        (head() + '{"t": 1, "event": "phase", "name": "x"}\n\n{"t": 2, "event": "end"}\n', ":3: no event"),
    ],
)
def test_what_is_no_history_is_refused_with_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "history.ndjson"
    path.write_text(text)
    with pytest.raises(HistoryError) as refused:
        read(path)
    assert str(path) in str(refused.value)
    assert says in str(refused.value)
    assert isinstance(refused.value, UsageError)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="cannot be read"):
        read(tmp_path / "none")
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(HistoryError, match=":1: no head"):
        read(binary)


def test_judging_writes_down_what_came_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from srs_conformance.checkers import histories as checkers

    def crashing(_: object) -> Observation:
        raise KeyError("a defect")

    monkeypatch.setitem(checkers.CHECKS, "crashing", crashing)
    with Recording.begin(tmp_path / "history.ndjson", {}) as recording:
        recording.phase("x")
        with pytest.raises(CouldNotTest, match="no disturbance"):
            judge(recording, "UPD-02", "uncut", roles=("stays",))
        with pytest.raises(EngineError, match="crashing of UPD-03 crashed: KeyError"):
            judge(recording, "UPD-03", "crashing")
        number = recording.disturb("update")
        recording.took_effect(number, "new pods")
        assert judge(recording, "UPD-01", "effective").holds
        for check, parameters in (("unheard", {}), ("no_gap", {"under": 1}), ("no_gap", {})):
            with pytest.raises(CouldNotTest, match=r"no check|does not take"):
                judge(recording, "UPD-04", check, **parameters)
    outcomes = [judged.given.outcome for judged in read(recording.path).judged]
    assert outcomes[:3] == [Outcome.COULD_NOT_TEST, Outcome.CRASHED, Outcome.HOLDS]
    assert read(recording.path).judged[0].parameters == {"roles": ["stays"]}
