"""What pods' processes waited for a processor: by the kernel's own figures, evenly between two looks."""

from pathlib import Path

import pytest

from srs_conformance.runqueue import EVERY, FEW_TASKS, KEPT, WATCHED_VARIABLE, RunQueue


class Kernel:
    """What it tells of processes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "self").mkdir(parents=True)

    def tells(self, process: int, *waited: float, pod: bool = True, environment: str = "", name: str = "srs") -> None:
        folder = self.root / str(process)
        folder.mkdir(exist_ok=True)
        (folder / "cgroup").write_text(f"4:cpu:/x/{'kubepods/besteffort/pod1' if pod else 'user.slice'}/y\n")
        (folder / "environ").write_text(environment)
        (folder / "comm").write_text(f"{name}\n")
        for number, seconds in enumerate(waited):
            task = folder / "task" / str(process + number)
            task.mkdir(parents=True, exist_ok=True)
            (task / "schedstat").write_text(f"123 {round(seconds * 1e9)} 5\n")
        (folder / "schedstat").write_text(f"123 {round(waited[0] * 1e9)} 5\n")

    def forgets(self, process: int) -> None:
        for file in sorted((self.root / str(process)).rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        (self.root / str(process)).rmdir()


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path / "proc")


def test_of_all_pods_the_process_that_waited_longest_counts(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    for at, first, second in ((10.0, 1.0, 7.0), (11.0, 1.1, 7.8), (12.0, 2.0, 7.8)):
        kernel.tells(70, first)
        kernel.tells(80, second)
        queue.look(at=at, afresh=True)
    assert queue.lost_within((10.0, 11.0)) == pytest.approx(0.8)
    assert queue.lost_within((11.0, 12.0)) == pytest.approx(0.9)
    assert queue.lost_within((10.5, 11.5)) == pytest.approx(0.5)


def test_nothing_is_known_before_the_first_look_and_after_the_last(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    kernel.tells(70, 5.0)
    queue.look(at=10.0, afresh=True)
    assert queue.lost_within((0.0, 20.0)) == 0.0


def test_what_is_of_no_pod_does_not_count(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    for at, waited in ((10.0, 0.0), (11.0, 1.0)):
        kernel.tells(70, waited, pod=False)
        queue.look(at=at, afresh=True)
    assert queue.lost_within((10.0, 11.0)) == 0.0


@pytest.mark.parametrize(
    ("environment", "lost"),
    [
        (f"HOME=/\0{WATCHED_VARIABLE}=srs-1\0", 1.0),
        (f"{WATCHED_VARIABLE}=srs-1\0", 1.0),
        (f"X{WATCHED_VARIABLE}=srs-1\0", 0.0),
        ("HOME=/\0", 0.0),
    ],
)
def test_without_a_kubelet_a_pods_processes_are_known_by_their_environment(
    kernel: Kernel, environment: str, lost: float
) -> None:
    queue = RunQueue(kernel.root)
    for at, waited in ((10.0, 0.0), (11.0, 1.0)):
        kernel.tells(70, waited, pod=False, environment=environment)
        queue.look(at=at, afresh=True)
    assert queue.lost_within((10.0, 11.0)) == lost


def test_what_a_runtime_has_forked_may_become_a_process_of_a_pod_and_what_holds_its_network_serves_nobody(
    kernel: Kernel,
) -> None:
    queue = RunQueue(kernel.root)
    kernel.tells(70, 0.0, pod=False, name="runc:[2:INIT]")
    kernel.tells(71, 0.0, name="pause")
    queue.look(at=10.0, afresh=True)
    kernel.tells(70, 0.0)
    kernel.tells(71, 0.8, name="pause")
    queue.look(at=11.0, afresh=True)
    kernel.tells(70, 0.4)
    kernel.tells(71, 1.6, name="pause")
    queue.look(at=12.0, afresh=False)
    assert queue.lost_within((10.0, 12.0)) == pytest.approx(0.4)


def test_the_task_of_a_server_that_waited_longest_counts_and_of_programs_with_many_the_first(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    for at, waited in ((10.0, 0.0), (11.0, 0.7)):
        kernel.tells(70, 0.0, waited)
        kernel.tells(200, 0.1, *[10 * waited] * FEW_TASKS)
        queue.look(at=at, afresh=True)
    assert queue.lost_within((10.0, 11.0)) == pytest.approx(0.7)


def test_a_process_that_has_come_is_found_afresh_and_one_that_has_gone_is_forgotten_in_the_end(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    kernel.tells(70, 0.0)
    queue.look(at=10.0, afresh=True)
    kernel.tells(70, 0.5)
    kernel.tells(80, 9.0)
    queue.look(at=11.0, afresh=False)
    kernel.tells(80, 9.9)
    queue.look(at=12.0, afresh=False)
    assert queue.lost_within((10.0, 12.0)) == pytest.approx(0.5)
    kernel.forgets(70)
    queue.look(at=12.5, afresh=True)
    assert queue.lost_within((10.0, 12.0)) == pytest.approx(0.5)
    queue.look(at=12.0 + KEPT * EVERY + 1, afresh=True)
    assert queue.lost_within((10.0, 12.0)) == 0.0


def test_it_looks_until_it_is_stopped(kernel: Kernel) -> None:
    queue = RunQueue(kernel.root)
    queue.start()
    queue.start()
    queue.stop()
    queue.stop()
    kernel.tells(70, 1.0)
    assert queue.lost_within((0.0, 1e9)) == 0.0
