"""What the machine must offer before a cluster is started on it, each thing tried rather than guessed.

`up` asks for all of it before it starts anything; `srs-conformance doctor` prints it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from srs_conformance.clusters.kind.commands import Runner, run
from srs_conformance.clusters.kind.leftovers import cgroup_roots
from srs_conformance.errors import UsageError
from srs_conformance.paths import cache_path, nearest, state_path

DISK = 4 * 10**9
MEMORY = 2 * 10**9
WATCHERS = 50
"""inotify instances that systemd, kubelet, containerd and the control plane of one cluster open; 27 were counted."""
_GET_GENERATION = (10 << 8) | 16  # NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN: linux/netfilter/nf_tables.h
_NETLINK_NETFILTER = 12


@dataclass(frozen=True)
class Check:
    """One thing that was tried."""

    what: str
    trouble: str = ""  # why it does not work; "" where it does
    hint: str = ""
    found: str = ""  # how much of it there is, where it has an amount

    @property
    def ok(self) -> bool:
        """Whether it works."""
        return not self.trouble


def checks(engine: str, command: Runner = run) -> list[Check]:
    """Try everything that a cluster on this engine needs; Docker's daemon has the rights itself.

    On macOS that daemon has a machine of its own, into which we do not look.
    """
    if engine == "docker" and sys.platform == "darwin":
        return [_disk(command)]
    linux = _linux(command)
    if not linux.ok:
        return [linux]
    tried = [linux, *(each(command) for each in (_disk, _memory, _watchers))]
    if engine == "podman":
        tried += _rights(command)
    return tried


def _rights(command: Runner) -> Iterator[Check]:
    """Try what podman needs, up to the first thing that all others build on."""
    for each in (_programs, _root, _namespaces, _cgroups, _overlay, _links, _nftables):
        tried = each(command)
        yield tried
        if each in {_programs, _root, _namespaces} and not tried.ok:
            return


def require(engine: str, command: Runner = run) -> None:
    """Try everything that a cluster needs.

    Raises:
        UsageError: something does not work; names all of it.
    """
    wrong = [check for check in checks(engine, command) if not check.ok]
    if wrong:
        raise UsageError(
            "this machine cannot run a kind cluster: " + "; ".join(f"{check.what}: {check.trouble}" for check in wrong),
            hint="; ".join(dict.fromkeys(check.hint for check in wrong if check.hint)),
        )


def _linux(_: Runner) -> Check:
    trouble = "" if sys.platform == "linux" else f"this is {sys.platform}"
    return Check("Linux", trouble, "use a Linux machine, or --cluster kubeconfig with an existing cluster")


def _root(_: Runner) -> Check:
    trouble = f"running as user {os.geteuid()}" if os.geteuid() else ""
    return Check("root", trouble, "run as root, or start Docker and let your user use it")


def _programs(_: Runner) -> Check:
    missing = [name for name in ("ip", "mount", "umount", "unshare") if not shutil.which(name)]
    return Check(
        "programs of the system",
        f"{', '.join(missing)} not found" if missing else "",
        "install iproute2 and util-linux",
    )


def _namespaces(command: Runner) -> Check:
    tried = command("unshare", "--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "--cgroup", "true", timeout=10)
    return Check("namespaces", _words(tried.code, tried.err), _SANDBOX)


def _cgroups(_: Runner) -> Check:
    for root in cgroup_roots():
        if any((root / name).exists() for name in ("cgroup.controllers", "pids.max", "tasks")):
            probe = root / f"srs-conformance-probe-{os.getpid()}"
            try:
                probe.mkdir()
                probe.rmdir()
            except OSError as error:
                return Check("control groups", f"cannot make one in {root}: {error.strerror}", _SANDBOX)
    return Check("control groups")


def _overlay(command: Runner) -> Check:
    with tempfile.TemporaryDirectory(prefix="srs-conformance-probe-", dir=nearest(cache_path())) as folder:
        parts = {name: f"{folder}/{name}" for name in ("lower", "upper", "work", "merged")}
        for part in parts.values():
            Path(part).mkdir()
        options = f"lowerdir={parts['lower']},upperdir={parts['upper']},workdir={parts['work']}"
        tried = command("mount", "-t", "overlay", "overlay", "-o", options, parts["merged"], timeout=10)
        if not tried.code:
            command("umount", parts["merged"])
        # overlayfs leaves a folder without any rights in its work folder
        with contextlib.suppress(OSError):
            shutil.rmtree(parts["work"])
    return Check("overlay file systems", _words(tried.code, tried.err), f"is {cache_path()} on a local disk?")


def _links(command: Runner) -> Check:
    script = "ip link add probe0 type bridge && ip link add probe1 type veth peer name probe2"
    tried = command("unshare", "--net", "sh", "-c", script, timeout=10)
    return Check("bridges and virtual Ethernet", _words(tried.code, tried.err), _SANDBOX)


def _nftables(_: Runner) -> Check:
    """Ask the kernel's nf_tables for its generation; kube-proxy writes its rules there."""
    trouble = ""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as netlink:
            netlink.settimeout(5)
            netlink.send(struct.pack("=IHHIIBBH", 20, _GET_GENERATION, 1, 1, 0, 0, 0, 0))
            answer = netlink.recv(4096)
        kind = struct.unpack_from("=H", answer, 4)[0]
        if kind == 2:  # NLMSG_ERROR
            trouble = os.strerror(-struct.unpack_from("=i", answer, 16)[0])
    except OSError as error:
        trouble = str(error)
    return Check("nftables in the kernel", trouble, f"load the kernel module nf_tables; {_SANDBOX}")


def _disk(_: Runner) -> Check:
    least, folder = min((shutil.disk_usage(nearest(path)).free, path) for path in (cache_path(), state_path()))
    found = f"{least / 1e9:.1f} GB free at {folder}"
    trouble = "" if least >= DISK else f"{found}, {DISK / 1e9:.0f} GB needed"
    hint = "make room, or set XDG_CACHE_HOME and XDG_STATE_HOME to a larger disk"
    return Check("disk", trouble, hint, found)


def _memory(_: Runner) -> Check:
    facts = dict(_meminfo())
    free = facts.get("MemAvailable", MEMORY)
    found = f"{free / 1e9:.1f} GB available"
    trouble = "" if free >= MEMORY else f"{found}, {MEMORY / 1e9:.0f} GB needed"
    return Check("memory", trouble, "end other programs", found)


def _watchers(_: Runner) -> Check:
    """Open as many inotify instances as a cluster does: the limit is the user's, and all clusters share it."""
    opened: list[int] = []
    try:
        while len(opened) < WATCHERS and (descriptor := _inotify()) >= 0:
            opened.append(descriptor)
    finally:
        for each in opened:
            os.close(each)
    if len(opened) == WATCHERS:
        return Check("inotify instances")
    limit = Path("/proc/sys/fs/inotify/max_user_instances")
    allowed = limit.read_text().strip() if limit.exists() else "unknown"
    trouble = f"{len(opened)} can be opened, a cluster needs {WATCHERS} (fs.inotify.max_user_instances is {allowed})"
    return Check("inotify instances", trouble, "sysctl fs.inotify.max_user_instances=512, or end another cluster")


def _inotify() -> int:
    """Return a new inotify instance's file descriptor; negative where there is none to be had."""
    try:
        return int(ctypes.CDLL(None).inotify_init1(os.O_CLOEXEC))
    except AttributeError:  # no Linux: another check says so
        return -1


def _meminfo() -> Iterator[tuple[str, int]]:
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        yield name, int(value.split()[0]) * 1024


def _words(code: int, said: str) -> str:
    return (said.strip().splitlines() or [f"code {code}"])[0] if code else ""


_SANDBOX = "in a container, start it with --privileged"
