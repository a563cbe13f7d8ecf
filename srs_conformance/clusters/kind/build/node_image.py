"""The node image: Debian packages, kind's own files, Kubernetes and its parts, and the control plane's images."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from srs_conformance.clusters.kind.build import parts
from srs_conformance.clusters.kind.build.control_plane import write_control_plane
from srs_conformance.clusters.kind.build.toolchain import Toolchain
from srs_conformance.errors import EngineError
from srs_conformance.images.debian import debian_rootfs
from srs_conformance.images.oci import ImageConfig, Layer, write_image
from srs_conformance.progress import Progress, run_logged

FILES = Path(__file__).parent / "files"

NODE_PACKAGES = (
    # a shell and what scripts take for granted
    *("bash", "dash", "coreutils", "grep", "sed", "gawk", "findutils", "hostname", "gzip", "tar", "debianutils"),
    *("base-files", "base-passwd", "libc-bin", "dpkg", "util-linux", "mount", "procps", "jq"),
    # init
    *("systemd", "systemd-sysv"),
    # what kubelet, kube-proxy, containerd and kind's entrypoint run
    *("conntrack", "iptables", "nftables", "iproute2", "ethtool", "kmod", "pigz", "curl"),
)

UNITS = {
    "kubelet.service": ("multi-user.target.wants",),
    "containerd.service": ("multi-user.target.wants",),
    "undo-mount-hacks.service": ("multi-user.target.wants",),
    "control-plane-images.service": ("multi-user.target.wants", "kubelet.service.requires"),
}

UNWANTED = (
    "lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service",
    "lib/systemd/system/multi-user.target.wants/*",
    "etc/systemd/system/*.wants/*",
    "lib/systemd/system/local-fs.target.wants/*",
    "lib/systemd/system/sockets.target.wants/*udev*",
    "lib/systemd/system/sockets.target.wants/*initctl*",
    "lib/systemd/system/basic.target.wants/*",
)
"""Units that make no sense in a container; the list of kind's base image."""


def write_node_image(
    out: Path, name: str, programs: Mapping[str, Path], *, go: Toolchain, work: Path, progress: Progress
) -> None:
    """Put the node image together from finished programs and write it to `out`.

    Args:
        out: the archive, for `docker load` or `podman load`.
        name: the image's name.
        programs: program name -> file, of all parts.
        go: knows where the sources of kind and Kubernetes lie.
        work: an empty folder for what is needed in between.
        progress: told of the steps.
    """
    log = work / "assembly.log"
    root = work / "root"
    debian_rootfs(root, NODE_PACKAGES, progress)
    with progress.step("node image: kind's files and our programs", about=5):
        base = go.module_folder(parts.KIND.module, parts.KIND.folder, log) / "images" / "base" / "files"
        _add_kind_files(root, base)
        _register_iptables(root, log)
        _add_programs(root, programs)
        _set_up_units(root)
        sources = go.module_folder(parts.KUBERNETES.module, parts.KUBERNETES.folder, log)
        pause = work / "pause"
        run_logged(["gcc", "-Os", "-static", "-s", "-o", pause, sources / "build/pause/linux/pause.c"], log)
    archive = root / "kind" / "images" / "control-plane.tar"
    pause_name = write_control_plane(archive, {**programs, "pause": pause}, work / "control-plane", progress)
    _set_up_containerd(root, programs["ctr"], pause_name)
    with progress.step("node image: one archive", about=10):
        config = ImageConfig(
            entrypoint=["/usr/local/bin/entrypoint", "/sbin/init"],
            environment={"container": "docker"},
            stop_signal="SIGRTMIN+3",
        )
        write_image(out, name=name, layers=[Layer(root)], config=config)


def _add_kind_files(root: Path, base: Path) -> None:
    for part in ("usr", "etc", "kind"):
        for source in (base / part).rglob("*"):
            target = root / source.relative_to(base)
            if source.is_dir():
                target.mkdir(exist_ok=True, parents=True)
            else:
                target.parent.mkdir(exist_ok=True, parents=True)
                target.unlink(missing_ok=True)
                shutil.copyfile(source, target)
                target.chmod(0o755 if "bin" in source.parts[-3:] else 0o644)
    (root / "kind" / "version").write_text(f"v{parts.KUBERNETES.version}\n")
    for folder in ("kind/images", "kind/manifests", "etc/cni/net.d", "etc/kubernetes/manifests", "opt/cni/bin"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for manifest in ("default-cni.yaml", "default-storage.yaml"):
        shutil.copyfile(FILES / manifest, root / "kind" / "manifests" / manifest)


def _register_iptables(root: Path, log: Path) -> None:
    """Make iptables an alternative with two choices, between which kind's entrypoint switches."""
    for family in ("iptables", "ip6tables"):
        for mode, priority in (("legacy", "10"), ("nft", "20")):
            followers = []
            for tool in ("save", "restore"):
                link = f"/usr/sbin/{family}-{tool}"
                (root / link[1:]).unlink(missing_ok=True)
                followers += ["--slave", link, f"{family}-{tool}", f"/usr/sbin/{family}-{mode}-{tool}"]
            link = f"/usr/sbin/{family}"
            if mode == "legacy":
                (root / link[1:]).unlink(missing_ok=True)
            choice = [link, family, f"{link}-{mode}", priority]
            run_logged(["update-alternatives", "--root", root, "--install", *choice, *followers], log)


def _add_programs(root: Path, programs: Mapping[str, Path]) -> None:
    places = {
        "usr/local/bin": ("containerd", "containerd-shim-runc-v2", "ctr"),
        "usr/local/sbin": ("runc",),
        "usr/bin": ("kubelet", "kubectl", "kubeadm"),
        "opt/cni/bin": ("ptp", "loopback", "host-local", "portmap"),
    }
    for place, names in places.items():
        (root / place).mkdir(parents=True, exist_ok=True)
        for name_ in names:
            shutil.copy(programs[name_], root / place / name_)
    # kubeadm only looks whether it is there; its source is not to be had as a Go module.
    crictl = root / "usr/local/bin/crictl"
    crictl.write_text("#!/bin/sh\necho 'this image has no crictl; use ctr -n k8s.io' >&2\nexit 1\n")
    crictl.chmod(0o755)


def _set_up_units(root: Path) -> None:
    for pattern in UNWANTED:
        for path in root.glob(pattern):
            path.unlink()
    system = root / "etc/systemd/system"
    shutil.copyfile(FILES / "control-plane-images.service", system / "control-plane-images.service")
    for unit, wants in UNITS.items():
        for folder in wants:
            (system / folder).mkdir(exist_ok=True)
            (system / folder / unit).symlink_to(f"/etc/systemd/system/{unit}")
    # It would register formats with the kernel, for the whole machine.
    (system / "systemd-binfmt.service").symlink_to("/dev/null")
    (system / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
    with (root / "etc/systemd/journald.conf").open("a") as journald:
        journald.write("ReadKMsg=no\n")


def _set_up_containerd(root: Path, ctr: Path, pause: str) -> None:
    folder = root / "etc/containerd"
    shutil.copyfile(FILES / "cni.conflist.template", folder / "cni.conflist.template")
    spec = json.loads(subprocess.run([ctr, "oci", "spec"], capture_output=True, check=True).stdout)
    spec["process"].pop("rlimits", None)
    (folder / "cri-base.json").write_text(json.dumps(spec))
    config = folder / "config.toml"
    text = config.read_text()
    text = replace_once(text, '"registry.k8s.io/pause:3.10"', f'"{pause}"')
    text = replace_once(
        text,
        "restrict_oom_score_adj = false",
        "restrict_oom_score_adj = true\n  disable_hugetlb_controller = true\n  disable_apparmor = true",
    )
    text += (
        '\n[plugins."io.containerd.grpc.v1.cri".cni]\n'
        "  # filled in with the node's range of Pod addresses when the kubelet tells it\n"
        '  conf_template = "/etc/containerd/cni.conflist.template"\n'
    )
    config.write_text(text)


def replace_once(text: str, old: str, new: str) -> str:
    """Replace the one occurrence of `old`.

    Raises:
        EngineError: it occurs never or more than once: the file is not the one this was written for.
    """
    if text.count(old) != 1:
        raise EngineError(f"expected {old!r} once, found it {text.count(old)} times")
    return text.replace(old, new)
