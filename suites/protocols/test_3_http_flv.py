"""HTTP-FLV, rule by rule, as an origin and an edge deliver it."""

from fixtures.binding import requirement
from fixtures.protocol_streams import Kept
from srs_conformance.checkers.rules import keeps
from srs_conformance.observing import must
from srs_conformance.requirements import Level
from srs_conformance.rules.flv_family import ALL_RULES, CONFIGURATION, CONTAINER, DELIVERY, TIMES


@requirement("FLV-01")
def test_header_and_tags_are_flv(kept_flv: Kept) -> None:
    must(keeps(kept_flv.verdicts, CONTAINER))


@requirement("FLV-02")
def test_configurations_come_first_and_are_the_published_ones(kept_flv: Kept) -> None:
    must(keeps(kept_flv.verdicts, CONFIGURATION))


@requirement("FLV-03")
def test_timestamps_and_pictures_are_in_order(kept_flv: Kept) -> None:
    must(keeps(kept_flv.verdicts, TIMES))


@requirement("FLV-04")
def test_the_response_is_as_players_expect_and_goes_on(kept_flv: Kept) -> None:
    must(keeps(kept_flv.verdicts, DELIVERY))


@requirement("FLV-05")
def test_what_is_recommended_of_http_flv_is_kept(kept_flv: Kept) -> None:
    must(keeps(kept_flv.verdicts, ALL_RULES, Level.SHOULD))
