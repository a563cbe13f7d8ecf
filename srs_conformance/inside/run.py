"""One run of the suite in a pod, from its namespace to its report; nothing of it stays on the cluster."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from srs_conformance.clusters.base import Namespace
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.api import Refused
from srs_conformance.clusters.kube.passing import passing
from srs_conformance.errors import ClusterLost, ConformanceError, CouldNotTest, EngineError, ExitCode
from srs_conformance.inside.following import Following
from srs_conformance.inside.manifests import objects
from srs_conformance.inside.places import POD, REPORT
from srs_conformance.inside.pod import ProbePod
from srs_conformance.inside.prepared import VARIABLE, Prepared
from srs_conformance.inside.unpacking import unpack
from srs_conformance.interrupts import terminable, uninterrupted
from srs_conformance.progress import Progress
from srs_conformance.report import conformance, place

PATIENCE_SECONDS = 180.0
"""How long an API server may be away: a run takes hours, and goes on without us."""
_JUDGED = (ExitCode.HOLDS, ExitCode.MISSED, ExitCode.COULD_NOT_TEST)
"""Exit codes with which a run has left a report."""


@dataclass(frozen=True)
class Place:
    """Where a run goes, and where what comes of it goes.

    Attributes:
        cluster: that is tested.
        image: the probe's, as the nodes know it.
        folder: for the report; what an earlier run left there is replaced.
        keep: whether the pod's namespace stays.
        parcel: files of the user's that go into the pod, packed.
    """

    cluster: KubeCluster
    image: str
    folder: Path
    keep: bool = False
    parcel: bytes = b""


@dataclass(frozen=True)
class Terminal:
    """Where the user sees what goes on.

    Attributes:
        show: is given lines of the suite's output.
        say: is told a sentence about the run.
        progress: is told of what takes time.
        columns: how wide it is.
    """

    show: Callable[[str], None]
    say: Callable[[str], None]
    progress: Progress
    columns: int = 120


def run(arguments: Sequence[str], prepared: Prepared, where: Place, terminal: Terminal) -> int:
    """Run the suite in a pod, and return its exit code; its report is in the folder then.

    Args:
        arguments: for pytest.
        prepared: what is on the nodes for it; its namespace is not known yet.
        where: the cluster, and the folder.
        terminal: where the user sees it.

    Raises:
        UsageError: the folder is none that a run may empty.
        CouldNotTest: it did not come to a run: rights that are missing, a pod that cannot start.
        EngineError: the pod was lost, or the report.
    """
    place.check(where.folder)
    shutil.rmtree(where.folder, ignore_errors=True)
    where.folder.mkdir(parents=True, exist_ok=True)
    where.cluster.api.patience = max(PATIENCE_SECONDS, where.cluster.api.patience)
    made = passing(where.cluster, "srs-inside", keep=where.keep, say=terminal.say, progress=terminal.progress)
    with terminable(), made as namespace:
        pod = ProbePod(namespace, where.cluster.api)
        following = Following(pod, lambda lines: _show(lines, where.folder, terminal), where.image)
        environment = {
            VARIABLE: replace(prepared, namespace=namespace.name).to_json(),
            "COLUMNS": str(terminal.columns),
        }
        try:
            words = [where.cluster.name, *arguments]
            _apply(namespace, objects(namespace.name, where.image, words, environment, where.parcel))
            with terminal.progress.step(f"starting pod {POD} of namespace {namespace.name}", about=10):
                following.until_started()
            code = following.until_ended()
        except ClusterLost as lost:
            raise ClusterLost(
                f"{lost.message}; the run may go on in pod {POD} of namespace {namespace.name}, and its report there",
                hint="when the cluster is back, `srs-conformance clean` removes what is left",
            ) from lost
        except KeyboardInterrupt:
            terminal.say("interrupted: the suite in the pod cleans up, which takes up to two minutes")
            with uninterrupted(), contextlib.suppress(ConformanceError):
                following.end()
                _rescue(pod, where, terminal)
            raise
        except EngineError:
            _rescue(pod, where, terminal)
            raise
        if not _fetch(pod, where, terminal) and code in _JUDGED:
            raise EngineError(f"the suite ended with exit code {code}, and left no report in pod {POD}")
        return code


def _show(lines: Sequence[str], folder: Path, terminal: Terminal) -> None:
    """Show what the suite says; where its report is, it says as it will be here."""
    for line in lines:
        terminal.show(line.replace(REPORT, str(folder)))


def _apply(namespace: Namespace, made: Sequence[dict[str, object]]) -> None:
    """Apply the objects.

    Raises:
        CouldNotTest: the API server refuses one of them.
    """
    for each in made:
        try:
            namespace.apply([each])
        except Refused as refused:
            raise CouldNotTest(
                f"{each['kind']} for the pod that the suite runs in: {refused.message}",
                hint="it takes a user who may make ClusterRoles and grant what docs/inside.md lists; "
                "or run pytest on a machine inside the cluster's network"
                if refused.status == 403
                else "docs/inside.md tells what is made",
            ) from refused


def _rescue(pod: ProbePod, where: Place, terminal: Terminal) -> None:
    """Fetch what there is of the report of a run that was broken off; nothing is lost where that fails too."""
    with contextlib.suppress(ConformanceError):
        if _fetch(pod, where, terminal):
            terminal.say(f"what there is of the report: {where.folder / conformance.FILE_NAME}")


def _fetch(pod: ProbePod, where: Place, terminal: Terminal) -> bool:
    """Put the report into the folder; return False where the suite has left none."""
    with (
        terminal.progress.step("fetching the report", about=5) as step,
        tempfile.TemporaryDirectory(prefix="srs-conformance-") as folder,
    ):
        archive = Path(folder) / "report.tar.gz"
        if not pod.fetch(archive, step):
            return False
        unpack(archive, where.folder)
        return True
