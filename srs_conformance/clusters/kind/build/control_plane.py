"""The images of the control plane, under the names by which kubeadm asks for them, in one archive."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from srs_conformance.errors import EngineError
from srs_conformance.images.debian import debian_rootfs
from srs_conformance.images.oci import Image, ImageConfig, Layer, write_images
from srs_conformance.progress import Progress

PROXY_PACKAGES = ("nftables", "iptables", "conntrack", "iproute2", "kmod", "dash")
"""What kube-proxy runs to set rules."""


def write_control_plane(out: Path, programs: Mapping[str, Path], work: Path, progress: Progress) -> str:
    """Write the images that kubeadm wants, made of our programs, to `out`; return the name of the pause image.

    Args:
        out: the archive.
        programs: program name -> file; kubeadm among them, which tells the images' names.
        work: an empty folder for what is needed in between.
        progress: told of the packages of kube-proxy's image.

    Raises:
        EngineError: kubeadm wants an image that we cannot make.
    """
    names = image_names(programs["kubeadm"])
    base = work / "kube-proxy packages"
    debian_rootfs(base, PROXY_PACKAGES, progress)
    images = []
    for program, name in names.items():
        if program not in programs:
            raise EngineError(f"kubeadm wants the image {name}, for which no program is built")
        at_root = program in ("pause", "coredns")
        folder = work / program
        (folder / "tmp").mkdir(parents=True)
        (folder / "tmp").chmod(0o1777)
        target = folder / program if at_root else folder / "usr" / "local" / "bin" / program
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(programs[program], target)
        layers = [Layer(base)] if program == "kube-proxy" else []
        config = ImageConfig(entrypoint=[f"/{program}"] if at_root else [])
        images.append(Image([name], [*layers, Layer(folder)], config))
    write_images(out, images)
    return names["pause"]


def image_names(kubeadm: Path) -> dict[str, str]:
    """Ask kubeadm which images it wants; return program -> image name in full."""
    told = subprocess.run([kubeadm, "version", "-o", "short"], capture_output=True, text=True, check=True)
    listed = subprocess.run(
        [kubeadm, "config", "images", "list", "--kubernetes-version", told.stdout.strip()],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.rpartition("/")[2].partition(":")[0]: name for name in listed.stdout.split()}
