"""A run's shell goes first where the kernel groups shells, and as before when the run is over."""

from pathlib import Path

import pytest

from srs_conformance.precedence import NICENESS, first


@pytest.fixture
def processes(tmp_path: Path) -> Path:
    (tmp_path / "sys/kernel").mkdir(parents=True)
    (tmp_path / "self").mkdir()
    (tmp_path / "sys/kernel/sched_autogroup_enabled").write_text("1\n")
    (tmp_path / "self/autogroup").write_text("/autogroup-4 nice 0\n")
    return tmp_path


def test_a_group_goes_first_until_the_end(processes: Path) -> None:
    group = processes / "self/autogroup"
    with first(processes) as given:
        assert given
        assert group.read_text() == str(NICENESS)
    assert group.read_text() == "0"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("sys/kernel/sched_autogroup_enabled", "0\n"),  # nobody is in a group
        ("self/autogroup", "/autogroup-4 nice 5\n"),  # somebody chose
        ("self/autogroup", f"/autogroup-4 nice {NICENESS}\n"),  # another run did, and takes it back
    ],
)
def test_nothing_changes_elsewhere(file: str, text: str, processes: Path) -> None:
    (processes / file).write_text(text)
    group = processes / "self/autogroup"
    before = group.read_text()
    with first(processes) as given:
        assert not given
    assert group.read_text() == before


def test_a_kernel_without_groups_and_one_that_refuses_change_nothing(
    processes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with first(processes / "nowhere") as given:
        assert not given

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)
    with first(processes) as given:
        assert not given
