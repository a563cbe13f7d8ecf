"""Who gets the processor on a busy machine: the cluster beside the suite, and servers beside the control plane.

**The node beside the machine's other tasks.** With control groups v1 the kernel weighs a group against each single task
that is in none, and a shell's tasks often are in none: a whole cluster then gets as much as one of the many threads in
which viewers read, and its servers stall for seconds as soon as the machine is busy. The node's group is given the
weight of several tasks, so that cluster and suite share the machine.

**Servers beside the control plane.** The kubelet weighs all pods that request no processor time, as those of the guide,
together as 2, and all others together by what they request, at least as 2: kubeadm's control plane as 870. On a node
that has the machine for itself nobody notices; on one that is busy an answer of the API server then stops every stream.
Here the control plane requests memory alone, so that half of what pods get is the servers', and kube-proxy and the
name service, which request the same, belong to the other half: what pods beside each other do changes no route late.

**Answers beside the disk.** Each change of an object waits until etcd's log is on the disk, so that none is lost when
the machine fails. Nobody wants this cluster back then: its etcd leaves that to the kernel.
"""

from __future__ import annotations

import contextlib
from pathlib import Path, PurePosixPath
from typing import Final

import yaml

SHARES: Final = 4096
"""Of which a task in no group has 1024 (cgroups v1, cpu.shares)."""
REQUESTS: Final = {"cpu": None, "memory": "1Mi"}
"""What the control plane, kube-proxy and the name service request: enough for not being weighed with the servers."""
CONTROL_PLANE: Final = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
_OURS: Final = "libpod"  # how the names of podman's groups begin, that of all containers and that of one


def weigh(pid: int, groups: Path = Path("/sys/fs/cgroup/cpu"), processes: Path = Path("/proc")) -> list[Path]:
    """Give the group of a container's first process, and those of podman above it, more weight; return what was set.

    Nothing is set where control groups v2 or systemd's slices weigh them already, or where we may not.

    Args:
        pid: of the container's first process.
        groups: where the cpu controller of control groups v1 is mounted.
        processes: where the kernel tells of processes.
    """
    try:
        lines = (processes / str(pid) / "cgroup").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    told = (line.split(":", 2) for line in lines)
    path = next((where for _, controllers, where in told if "cpu" in controllers.split(",")), "/")
    found = []
    for group in (PurePosixPath(path), *PurePosixPath(path).parents):
        shares = groups / str(group).lstrip("/") / "cpu.shares"
        if group.name.startswith(_OURS) and shares.is_file():
            with contextlib.suppress(OSError):
                shares.write_text(f"{SHARES}\n", encoding="ascii")
                found.append(shares)
    return found


def requesting_little(container: str) -> dict[str, object]:
    """Return the patch of a pod's spec by which one of its containers has `REQUESTS`."""
    return {"spec": {"containers": [{"name": container, "resources": {"requests": REQUESTS}}]}}


def write_patches(folder: Path) -> None:
    """Write what kubeadm is to change in the pods of its control plane (kubeadm's `patches.directory`)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in CONTROL_PLANE:
        (folder / f"{name}+strategic.yaml").write_text(yaml.safe_dump(requesting_little(name)), encoding="utf-8")
    no_fsync = {"op": "add", "path": "/spec/containers/0/command/-", "value": "--unsafe-no-fsync"}
    (folder / "etcd+json.yaml").write_text(yaml.safe_dump([no_fsync]), encoding="utf-8")
