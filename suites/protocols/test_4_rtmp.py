"""RTMP, rule by rule, as an origin and an edge speak it to players, and as the origin refuses."""

from fixtures.binding import requirement
from fixtures.protocol_streams import Kept
from srs_conformance.checkers.rules import keeps
from srs_conformance.observing import must
from srs_conformance.requirements import Level
from srs_conformance.rules import (
    codecs,
    rtmp_chunks,
    rtmp_commands,
    rtmp_control,
    rtmp_handshake,
    rtmp_media,
    rtmp_refusals,
)
from srs_conformance.rules.rtmp_family import PLAY_RULES


@requirement("RTMP-01")
def test_handshake_and_chunks_are_as_specified(kept_rtmp: Kept) -> None:
    must(keeps(kept_rtmp.verdicts, [*rtmp_handshake.RULES, *rtmp_chunks.RULES]))


@requirement("RTMP-02")
def test_control_messages_and_acknowledgements_are_as_specified(kept_rtmp: Kept) -> None:
    must(keeps(kept_rtmp.verdicts, rtmp_control.RULES))


@requirement("RTMP-03")
def test_commands_are_answered_and_a_play_begins_in_order(kept_rtmp: Kept) -> None:
    must(keeps(kept_rtmp.verdicts, rtmp_commands.RULES))


@requirement("RTMP-04")
def test_media_come_on_their_stream_in_order_with_the_published_configurations(kept_rtmp: Kept) -> None:
    must(keeps(kept_rtmp.verdicts, [*rtmp_media.RULES, *codecs.RULES]))


@requirement("RTMP-05")
def test_a_refusal_is_no_success_and_has_the_form_of_an_error(kept_refusals: Kept) -> None:
    must(keeps(kept_refusals.verdicts, rtmp_refusals.RULES))


@requirement("RTMP-06")
def test_what_is_recommended_of_rtmp_is_kept(kept_rtmp: Kept, kept_refusals: Kept) -> None:
    must(keeps(kept_rtmp.verdicts, PLAY_RULES, Level.SHOULD))
    must(keeps(kept_refusals.verdicts, rtmp_refusals.RULES, Level.SHOULD))
