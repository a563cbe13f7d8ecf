"""One load from within a cluster, from its namespace to its result; nothing of it stays on the cluster."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.clusters.base import Capability, Namespace
from srs_conformance.clusters.kube import KubeCluster
from srs_conformance.clusters.kube.passing import passing
from srs_conformance.clusters.kustomize import find_kubectl
from srs_conformance.errors import ConformanceError, CouldNotTest, EngineError, ExitCode, UsageError
from srs_conformance.interrupts import terminable
from srs_conformance.load.moment import Phase
from srs_conformance.load.result import FILE_NAME, PAGE_NAME, Result
from srs_conformance.loadrun.deployment import Deployment
from srs_conformance.loadrun.following import Following
from srs_conformance.loadrun.manifests import MASTER, PAGE_PORT, render
from srs_conformance.loadrun.plan import Plan
from srs_conformance.loadrun.terminal import Display
from srs_conformance.progress import Progress

APPLIED, LOGS = "applied", "logs"


@dataclass(frozen=True)
class Place:
    """Where a load runs, and where what comes of it goes.

    Attributes:
        cluster: that it runs on.
        image: the load generator's, as the nodes know it.
        manifests: the folder of the base.
        folder: for the result; what an earlier run left there under the same names is replaced.
        keep: whether the namespace stays.
    """

    cluster: KubeCluster
    image: str
    manifests: Path
    folder: Path
    keep: bool = False


def run(plan: Plan, place: Place, progress: Progress, display: Display) -> Result:
    """Run a load and return its result, which also lies in the folder, with the manifests and logs beside it.

    Raises:
        UsageError: master or workers refuse their options.
        CouldNotTest: it did not come to a load: pods that cannot run, a server that serves nobody.
        EngineError: it broke off, or gave no result.
    """
    clear(place.folder)
    objects = render(plan, base=place.manifests, image=place.image, out=place.folder / APPLIED, kubectl=find_kubectl())
    prefix = f"srs-load-{plan.kind}"
    made = passing(place.cluster, prefix, keep=place.keep, say=display.say, progress=progress)
    with terminable(), made as namespace:
        deployment = Deployment(namespace)
        following = Following(deployment, plan, display)
        try:
            deployment.apply(objects)
            if plan.web:
                display.say(_page(place.cluster, namespace))
            moment = following.until_connected()
            code = moment.code or 0 if moment.phase is Phase.ENDED else following.until_ended()
            display.close()
            return _result(deployment, place.folder, code, following.troubles)
        finally:
            display.close()
            deployment.dump(place.folder / LOGS)


def clear(folder: Path) -> None:
    """Take away what an earlier run left: a run without a result must not seem to have one."""
    for name in (FILE_NAME, PAGE_NAME):
        (folder / name).unlink(missing_ok=True)
    for name in (APPLIED, LOGS):
        shutil.rmtree(folder / name, ignore_errors=True)


def _page(cluster: KubeCluster, namespace: Namespace) -> str:
    if Capability.POD_ADDRESSES in cluster.capabilities:
        return f"Locust's page: http://{namespace.service(MASTER).cluster_ip}:{PAGE_PORT}"
    return f"Locust's page: kubectl port-forward -n {namespace.name} service/{MASTER} {PAGE_PORT}"


def _result(deployment: Deployment, folder: Path, code: int, troubles: list[str]) -> Result:
    """Fetch the result, and put into it what the master cannot know."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (FILE_NAME, PAGE_NAME):
        data = deployment.file(name)
        if data is None:
            raise _failure(code, deployment.words(), troubles)
        (folder / name).write_bytes(data)
    try:
        result = Result.read(folder)
    except UsageError as error:
        raise EngineError(f"{error.message}; is the image of this version of the suite?") from error
    if troubles:
        result.invalid += troubles
        result.write(folder)
    return result


def _failure(code: int, words: str, troubles: list[str]) -> ConformanceError:
    """Return the error that the master's exit code stands for, with its own words."""
    text = words or f"the master ended with exit code {code} and left no result"
    message, _, hint = text.partition("\n  hint: ")
    if troubles:
        message += f" ({'; '.join(troubles)})"
    if code == ExitCode.USAGE:
        return UsageError(message, hint=hint)
    return CouldNotTest(message, hint=hint) if code == ExitCode.COULD_NOT_TEST else EngineError(message, hint=hint)
