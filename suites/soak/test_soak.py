"""Churn of publishers and viewers at all edges and over all protocols, under disturbances by a seeded schedule."""

from fixtures.binding import isolated, requirement
from fixtures.soaking import Soak

pytestmark = isolated("it kills, scales and replaces pods under viewers, for as long as --for says")


@requirement("SOAK-01")
def test_nobody_is_cut_who_is_not_where_something_was_disturbed(soak: Soak) -> None:
    soak.must("SOAK-01")


@requirement("SOAK-02")
def test_whoever_is_cut_is_back_soon(soak: Soak) -> None:
    soak.must("SOAK-02")


@requirement("SOAK-03")
def test_pulls_stay_merged(soak: Soak) -> None:
    soak.must("SOAK-03")


@requirement("SOAK-04")
def test_no_viewer_waits_for_ever(soak: Soak) -> None:
    soak.must("SOAK-04")


@requirement("SOAK-05")
def test_the_deployment_recovers_from_every_disturbance(soak: Soak) -> None:
    soak.must("SOAK-05")


@requirement("SOAK-06")
def test_viewers_lose_little(soak: Soak) -> None:
    soak.must("SOAK-06")


@requirement("SOAK-07")
def test_the_servers_memory_does_not_grow(soak: Soak) -> None:
    soak.long_enough()
    soak.must("SOAK-07")


@requirement("SOAK-08")
def test_the_servers_descriptors_do_not_grow(soak: Soak) -> None:
    soak.long_enough()
    soak.must("SOAK-08")
