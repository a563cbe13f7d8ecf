"""What happens to the pods of a load while it runs that makes its figures say nothing about the server. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from srs_conformance.clusters.base import Container, Pod

HOPELESS = (
    *("ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"),
    *("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff"),
)
"""Reasons for which a container waits that do not go away by waiting longer."""
_OUT_OF_MEMORY = "OOMKilled"
_DONE = "terminated: Completed (0)"
"""As a worker ends when the master tells it to. Where one does so too early, the master knows."""


class Noticer:
    """Compares the pods of a load with how they were before.

    Args:
        pods: those with which it begins.
    """

    def __init__(self, pods: Iterable[Pod]) -> None:
        self._known = {pod.uid: pod for pod in pods}
        self._gone: set[str] = set()

    def look(self, pods: Sequence[Pod]) -> list[str]:
        """Return what has happened since the last look, one sentence for each: restarts, failures, disappearances."""
        now = {pod.uid: pod for pod in pods}
        found = [each for pod in pods for each in self._of(pod)]
        for uid in [uid for uid in self._known if uid not in now]:
            pod = self._known.pop(uid)
            if uid not in self._gone:
                found.append(f"pod {pod.name} is gone{_last_words(pod)}")
        self._known |= now
        return found

    def _of(self, pod: Pod) -> Iterator[str]:
        before = self._known.get(pod.uid)
        if pod.uid not in self._gone and (pod.terminating or pod.phase == "Failed"):
            self._gone.add(pod.uid)
            yield f"pod {pod.name} {'is being deleted' if pod.terminating else 'failed'}{_last_words(pod)}"
        restarts = {each.name: each.restarts for each in before.containers} if before else {}
        for container in pod.containers:
            if container.restarts > restarts.get(container.name, 0) and container.last_state != _DONE:
                yield f"pod {pod.name} was started again: {_ended(container)}"


def hopeless(pods: Iterable[Pod]) -> list[str]:
    """Return why some pods will never run, one sentence for each; empty where waiting may help."""
    return [
        f"pod {pod.name}: {container.state}" + (f", before that {container.last_state}" if container.last_state else "")
        for pod in pods
        for container in pod.containers
        if container.state.removeprefix("waiting: ") in HOPELESS or container.restarts > 1
    ]


def _ended(container: Container) -> str:
    last = container.last_state or container.state
    if _OUT_OF_MEMORY in last:
        return f"its memory was used up ({last.removeprefix('terminated: ')}); share the users among more workers"
    return last


def _last_words(pod: Pod) -> str:
    states = [each.state for each in pod.containers if each.state.startswith("terminated")]
    return f" ({'; '.join(states)})" if states else ""
