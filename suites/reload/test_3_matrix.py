"""The matrix: each edit at a server of its own, under viewers who stay."""

from fixtures.binding import isolated, requirement
from fixtures.evidence import Record
from fixtures.reloads import Matrix
from srs_conformance.observing import Budget, must

pytestmark = isolated("it edits the configuration of running servers")


@requirement("RLD-01")
def test_viewers_do_not_notice_that_a_configuration_is_edited(reload_matrix: Matrix) -> None:
    reload_matrix.must("RLD-01", "uncut", reload_matrix.reloadable)
    reload_matrix.must("RLD-01", "no_gap", reload_matrix.reloadable, over=Budget.BESIDE.seconds)


@requirement("RLD-04")
def test_a_running_server_takes_over_what_every_version_does(reload_matrix: Matrix) -> None:
    must(reload_matrix.taken_over("max_connections", "vhost added", "vhost removed", "origin"))


@requirement("RLD-05", "INO-05")
def test_a_broken_file_changes_nothing(reload_matrix: Matrix) -> None:
    must(reload_matrix.left_alone())
    reload_matrix.must("RLD-05", "uncut", reload_matrix.unreadable)
    reload_matrix.must("RLD-05", "no_gap", reload_matrix.unreadable, over=Budget.BESIDE.seconds)


@requirement("RLD-06")
def test_what_is_not_taken_over_is_in_force_after_the_next_start(reload_matrix: Matrix, record: Record) -> None:
    record.measure("reload matrix", reload_matrix.table)
    must(reload_matrix.nothing_forgotten())


@requirement("RLD-07")
def test_a_further_port_is_opened(reload_matrix: Matrix) -> None:
    must(reload_matrix.taken_over("listen"))
    reload_matrix.must("RLD-07", "uncut", reload_matrix.listening)
