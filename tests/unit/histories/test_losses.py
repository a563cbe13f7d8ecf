"""Lost viewer-seconds: what the definition in docs/histories.md says of histories whose losses are known beforehand."""

import pytest

from srs_conformance.histories import Break, History, Losses, events, losses
from srs_conformance.histories.placing import placed
from srs_conformance.viewers.timeline import Ending, Protocol
from tests.support.histories import NUMBERING, history, hls, live, numbered, phases, picture, published, session


def lost(*found: events.Event | list[events.Event], buffer: float = 1.0) -> Losses:
    return losses(history(*found), buffer)


def only(found: Losses) -> Break:
    (loss,) = found.viewers
    (one,) = loss.breaks
    return one


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("protocol", list(Protocol))
def test_who_sees_everything_loses_nothing(protocol: Protocol, numbers: bool) -> None:
    viewer = hls("v", 4, 30) if protocol is Protocol.HLS else session("v", 3, 30, protocol=protocol)
    found = lost([numbered()] if numbers else [], viewer)
    assert found.total.lost == 0
    assert found.total.wanted == pytest.approx(27 if protocol is not Protocol.HLS else 26, abs=0.2)
    assert found.total.per_thousand == 0
    assert found.numbered is numbers


def test_who_is_cut_for_good_loses_all_that_its_buffer_does_not_hold() -> None:
    # pictures up to 9.9 s and one GOP of up to 2 s in the buffer at 3 s: dry about 1 s after the cut
    found = lost(numbered(), session("v", 3, 10, Ending.CLOSED, until=30))
    assert only(found).stalled == pytest.approx(19, abs=1.1)
    assert only(found).missed == 0
    assert found.total.wanted == pytest.approx(27, abs=0.1)


def test_standing_still_and_missing_the_same_seconds_is_one_loss() -> None:
    found = lost(
        numbered(),
        session("v", 4, 10, Ending.CLOSED, role="returns"),
        session("v", 16, 30, number=2, role="returns"),
    )
    one = only(found)
    assert one.missed == pytest.approx(6, abs=0.2)
    assert one.stalled == pytest.approx(6, abs=0.5)
    assert one.lost == pytest.approx(max(one.missed, one.stalled))
    assert found.total.lost == pytest.approx(one.lost)


def test_a_rejoin_within_the_buffer_costs_nothing_when_nothing_is_missing() -> None:
    found = lost(
        numbered(),
        session("v", 3, 11.4, Ending.RESET, role="returns"),
        session("v", 11.7, 30, number=2, role="returns"),
    )
    assert found.total.lost == 0
    assert found.total.viewers == 1


def test_frames_that_are_skipped_while_the_player_plays_are_lost() -> None:
    found = lost(numbered(), session("v", 3, 30, frames=live(3, 30, without=range(300, 310))))
    assert only(found).stalled == 0
    assert only(found).missed == pytest.approx(0.4)
    assert only(found).start == pytest.approx(299 / 25 + 0.1, abs=0.01)


def test_without_numbers_only_standing_still_counts() -> None:
    assert lost(session("v", 3, 30, frames=live(3, 30, without=range(300, 310)))).total.lost == 0
    late = live(3, 30)
    for frame in late:
        frame.arrival += 5 if frame.arrival > 12 else 0
    assert lost(session("v", 3, 35, frames=late)).total.stalled == pytest.approx(4.6, abs=1.1)


def test_pictures_that_the_viewer_had_before_bring_it_nothing() -> None:
    again = [picture(number, 12.5 + number / 25 - 8) for number in range(200, 300)]  # from 8 s on, once more
    found = lost(
        numbered(),
        session("v", 4, 12, Ending.CLOSED, role="returns"),
        session("v", 12.4, 17, number=2, role="returns", frames=again),
    )
    assert found.total.stalled > 3


def test_who_never_gets_a_picture_loses_all_from_its_first_try_on() -> None:
    found = lost(
        numbered(),
        session("v", 5, 5.1, Ending.REFUSED, role="returns"),
        session("v", 6, 6.1, Ending.REFUSED, role="returns", number=2),
        events.Left(at=20, viewer="v"),
    )
    assert only(found) == Break(5, 15, 0, 20, 15)
    assert found.total.per_thousand == 1000


def test_a_visitor_who_is_refused_loses_its_visit() -> None:
    found = lost(session("g", 5, 5.1, Ending.REFUSED, until=8, role="comes and goes"))
    assert found.total.lost == pytest.approx(3)


def test_filling_the_buffer_is_free_but_no_longer_than_the_buffer() -> None:
    slow = [picture(number, 5 + number / 25) for number in range(400)]
    assert lost(session("v", 4.5, 20, frames=slow)).total.lost == 0
    stuck = [picture(0, 5.0)] + [picture(number, 9 + number / 25) for number in range(1, 275)]
    assert only(lost(session("v", 4.5, 20, frames=stuck))).stalled == pytest.approx(4, abs=0.1)
    dead = [picture(0, 5.0)]
    assert only(lost(session("v", 4.5, 20, frames=dead))) == Break(6.0, 14.0, 0.0, 20, 14.0)


def test_an_hls_player_holds_a_target_duration_more() -> None:
    assert lost(numbered(), hls("h", 4, 30, without={8})).total.missed == pytest.approx(2, abs=0.05)
    away = lost(numbered(), hls("h", 4, 30, without={8, 9, 10, 11})).total
    assert away.missed == pytest.approx(8, abs=0.05)
    assert 0 < away.stalled < away.missed == away.lost


def test_losses_are_told_by_protocol_role_and_phase_and_add_up() -> None:
    found = lost(
        numbered(),
        phases(before=2, during=10, after=20),
        session("a", 3, 15, Ending.CLOSED, until=30),
        session("b", 3, 30, protocol=Protocol.HTTP_FLV),
        hls("h", 4, 30),
        session("g", 12, 12.1, Ending.REFUSED, until=14, role="comes and goes", protocol=Protocol.HTTP_FLV),
    )
    assert list(found.by_phase) == ["before", "during", "after"]
    for parts in (found.by_phase, found.by_protocol, found.by_role):
        for name in ("wanted", "stalled", "missed", "lost", "breaks"):
            whole = sum(getattr(figure, name) for figure in parts.values())
            assert whole == pytest.approx(getattr(found.total, name)), name
    assert found.by_phase["before"].lost == 0
    assert found.by_phase["after"].lost == pytest.approx(10)
    assert found.by_phase["before"].viewers == 3
    assert found.by_protocol["http-flv"].lost == pytest.approx(2)
    assert found.by_role["control"].lost == 0
    document = found.to_json()
    told = {"viewers": 1, "wanted": 2.0, "stalled": 2.0, "missed": 0.0, "lost": 2.0, "breaks": 1}
    assert document["viewers"]["g"] == {**told, "lost_per_thousand": 1000.0}


def test_nobody_who_watched_is_no_figure() -> None:
    assert lost().total.per_thousand is None
    assert lost().to_json()["total"]["lost_per_thousand"] is None


def places(made: History) -> list[tuple[int, int | None]]:
    (viewer,) = made.viewers()
    return [(each.run, each.place) for each in placed(made, viewer, NUMBERING)]


def test_numbers_go_on_over_the_end_of_the_clip_and_over_long_silences() -> None:
    frames = [picture(number, number / 25) for number in [*range(1490, 1510), *range(2100, 2110)]]
    made = history(numbered(), session("v", 50, 90, frames=frames))
    assert [place for _, place in places(made)] == [*range(-10, 10), *range(600, 610)]


def test_pictures_that_are_coded_alike_are_told_apart_by_their_neighbours() -> None:
    still = type(NUMBERING)((7, 8, 8, 8, 9, 8), 25)
    assert still.numbers(8) == (1, 2, 3, 5)
    assert [still.nearest(8, place) for place in (1, 2, 3, 5, 7, 11)] == [1, 2, 3, 5, 7, 11]
    assert still.nearest(9, 9) == 10
    assert still.nearest(1, 0) is None


def test_a_run_of_the_publisher_begins_with_the_first_picture_that_does_not_go_on() -> None:
    old = [picture(number, number / 25) for number in range(100, 200)]
    new = [picture(number, 9.5 + number / 25) for number in range(50)]
    for frame in new:
        frame.dts = frame.pts = frame.dts + 9500
    restart = [published("started", 0), published("ended", 7.8), published("started", 9)]
    made = history(numbered(), restart, session("v", 3, 20, frames=old + new))
    assert places(made) == [*((0, place) for place in range(100, 200)), *((1, place) for place in range(50))]
    other = [published(each.what, each.at, "live/b") for each in restart]
    assert {run for run, _ in places(history(numbered(), other, session("v", 3, 20, frames=old + new)))} == {0}


def test_who_joins_after_a_restart_is_in_one_run() -> None:
    restart = [published("started", 0), published("restarted", 2), published("restarted", 2.5)]
    joined = session("v", 3, 9, frames=[picture(number, max(3.05, 2.6 + number / 25)) for number in range(150)])
    assert {run for run, _ in places(history(numbered(), restart, joined))} == {2}
    assert lost(numbered(), restart, joined).total.lost == 0


def test_who_is_given_the_last_pictures_from_before_a_restart_skips_nothing_with_the_first_after_it() -> None:
    old = [picture(number, 44.05) for number in range(900, 950)]  # up to 38 s, when the origin went
    new = [picture(number, 45.3 + number / 25) for number in range(80)]
    for frame in new:
        frame.dts = frame.pts = frame.dts + 60_000
    restart = [published("started", 0), published("restarted", 44)]
    visit = session("v", 44, 48.6, frames=old + new, role="comes and goes")
    assert len({run for run, _ in places(history(numbered(), restart, visit))}) == 2
    assert lost(numbered(), restart, visit).total.lost == 0


def test_nobody_loses_more_than_it_wanted() -> None:
    # an old GOP first, then what is live: over 20 s skipped, of which the visitor wanted 4 at most
    frames = [picture(number, 24.05) for number in range(50)] + live(25, 28)
    visit = session("v", 24, 28, frames=frames, role="comes and goes")
    found = lost(numbered(), phases(before=1, visit=25.5), visit)
    assert found.viewers[0].breaks[0].missed > 20
    assert 0 < found.total.lost <= found.total.wanted
    assert all(figure.lost <= figure.wanted for figure in found.by_phase.values())


def test_who_is_first_given_what_a_server_kept_of_the_run_before_loses_nothing_by_that() -> None:
    """It comes while nobody publishes, or just after: an edge gives it the last GOP of the run before."""
    kept = [picture(number, 9.0) for number in range(1000, 1050)]
    new = [picture(number, 11 + number / 25) for number in range(400)]
    for frame in new:
        frame.dts = frame.pts = frame.dts + 42_000
    for ended in (8.5, 9.5):
        restart = [published("started", 0), published("ended", ended - 0.5), published("restarted", ended)]
        made = history(numbered(), restart, session("v", 8.9, 26, frames=kept + new))
        found = places(made)
        assert len({run for run, _ in found}) == 2
        assert [place for _, place in found[50:]] == list(range(400))
        assert losses(made).total.lost < 3  # for nothing came in the meantime
    # What is missing within a run is missed, also just after a return.
    restart = [published("started", 0), published("ended", 2), published("restarted", 2.5)]
    holey = [frame for frame in live(3, 20) if not 4 < frame.arrival < 5]
    assert lost(numbered(), restart, session("v", 3, 20, frames=holey)).total.missed == pytest.approx(1, abs=0.05)


def test_who_was_stopped_and_written_down_later_wanted_nothing_in_between() -> None:
    found = lost(numbered(), session("v", 3, 20, until=60))
    assert found.total.lost == 0
    assert found.total.wanted == pytest.approx(17, abs=0.1)
