"""How a container of the local backend becomes a process: its image's command, environment and files."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srs_conformance.clusters.local import nginx
from srs_conformance.clusters.local.files import SERVER_FOLDER, Root
from srs_conformance.errors import UsageError
from srs_conformance.images import names, server, standins
from srs_conformance.reference import layout
from srs_conformance.runqueue import WATCHED_VARIABLE

VERSION_VARIABLE, FAULTS_VARIABLE = "SRS_REFERENCE_VERSION", "SRS_REFERENCE_FAULTS"
_NGINX, _PROXY, _SERVER = "nginx", "proxy", ("srs", "reference")
_STANDINS = (standins.ENCODER, standins.SHELL)
_LAUNCHER = """\
#!/bin/sh
exec {python} -P -m srs_conformance.reference {options} "$@"
"""


@dataclass(frozen=True)
class Surroundings:
    """What a container sees of its pod and namespace.

    `hosts` are names and their addresses, of Services and of pods, as they are now; the file has the same.
    """

    pod: str
    address: str
    hosts: Mapping[str, str]
    hosts_file: Path


@dataclass(frozen=True)
class Program:
    """A command that is ready to be started."""

    argv: list[str]
    environment: dict[str, str]
    folder: Path


def prepare(spec: Mapping[str, Any], root: Root, around: Surroundings) -> Program:
    """Lay a container's files out anew and return its command.

    Raises:
        UsageError: an image that the local backend has no program for.
    """
    environment = _environment(spec, around)
    root.clear()
    folder = root.folder
    if _is_server(spec["image"]):
        folder = root.path(SERVER_FOLDER)
        _lay_out(folder, environment, around)
    elif _base_name(spec["image"]) == standins.ENCODER:
        folder = root.path(standins.ENCODER_FOLDER)
        _lay_out_encoder(root.folder, environment)
    root.mount()
    argv = [*(spec.get("command") or ()), *(spec.get("args") or ())]
    if not spec.get("command"):
        argv = _default(spec["image"], environment, root, around) + argv
    expanded = [_expand(word, environment) for word in argv]
    return Program(translate(expanded, root, around, environment), environment, folder)


def translate(argv: Sequence[str], root: Root, around: Surroundings, environment: Mapping[str, str]) -> list[str]:
    """Return a command with paths and Service names as they are here, and with what /bin/sh is in the image.

    That is bash, as in the image of SRS 3, or by a fault dash, as in that of SRS 6.
    """
    words = [_resolve(root.translate(word), around) for word in argv]
    shell = "dash" if "sh-is-dash" in environment.get(FAULTS_VARIABLE, "").split(",") else "bash"
    return [shell, *words[1:]] if words and words[0] in ("sh", "/bin/sh") else words


def aim(argv: Sequence[str], process: int) -> list[str]:
    """Return a command in which `kill` and /proc/1 have the container's main process for process 1."""
    if argv and argv[0] == "kill":
        return [str(process) if word == "1" else word for word in argv]
    argv = [re.sub(r"/proc/1\b", f"/proc/{process}", word) for word in argv]
    return [re.sub(r"(\bkill(?:\s+-\S+(?:\s+[A-Z]+)?)*\s+)1\b", rf"\g<1>{process}", word) for word in argv]


def is_known(image: str) -> bool:
    """Whether the local backend has a program for an image."""
    return _is_server(image) or _base_name(image) in (_NGINX, _PROXY, *_STANDINS)


def check_image(image: str) -> None:
    """Refuse an image that the local backend has no program for.

    Raises:
        UsageError: neither SRS, nor the reference server, nor nginx, nor an image of the suite's own; or there is no
            nginx to be had.
    """
    if _base_name(image) == _NGINX:
        nginx.program()
    elif not is_known(image):
        known = ", ".join((*_SERVER, _NGINX, _PROXY, *_STANDINS))
        raise UsageError(f"image {image}: the local backend plays {known} only")


def _base_name(image: str) -> str:
    return names.parse(image).repository.rpartition("/")[2]


def _is_server(image: str) -> bool:
    return _base_name(image) in _SERVER


def _environment(spec: Mapping[str, Any], around: Surroundings) -> dict[str, str]:
    """Return this process's environment, over it the image's, over it the container's."""
    environment = {**os.environ, WATCHED_VARIABLE: around.pod}
    if _is_server(spec["image"]):
        name = names.parse(spec["image"])
        nearest = "3" if name.major is not None and name.major <= 4 else "6"
        environment[VERSION_VARIABLE] = server.reference_release(name) or nearest
        environment["SRS_IN_DOCKER"] = "on" if _major(environment) > 3 else ""  # as images have it
    fields = {"metadata.name": around.pod, "status.podIP": around.address}
    for each in spec.get("env") or ():
        source = (each.get("valueFrom") or {}).get("fieldRef", {}).get("fieldPath")
        environment[each["name"]] = fields[source] if source else _expand(str(each.get("value", "")), environment)
    return environment


def _expand(text: str, environment: Mapping[str, str]) -> str:
    """Expand `$(NAME)` as Kubernetes does in commands, arguments and values."""
    return re.sub(r"\$\(([A-Za-z_]\w*)\)", lambda found: environment.get(found[1], found[0]), text)


def _lay_out(folder: Path, environment: Mapping[str, str], around: Surroundings) -> None:
    """Write the image's folder of the server, with a launcher that knows the pod's address and the Services."""
    layout.write_tree(folder, _major(environment))
    options = ["--bind", around.address, "--hosts", str(around.hosts_file)]
    launcher = folder / "objs" / "srs"
    launcher.write_text(
        _LAUNCHER.format(python=shlex.quote(sys.executable), options=shlex.join(options)), encoding="utf-8"
    )
    launcher.chmod(0o755)


def _lay_out_encoder(folder: Path, environment: dict[str, str]) -> None:
    """Have what the encoder's image has over its packages, and let its ffmpeg be found."""
    standins.write_encoder(folder, put=_linked)
    environment["PATH"] = f"{folder / standins.PROGRAM_FOLDER}:{environment['PATH']}"


def _linked(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    to.symlink_to(source)


def _own_options(around: Surroundings) -> list[str]:
    """Return what programs of ours must be told that a pod's network would give them: its address, and names."""
    names = [word for name, address in around.hosts.items() for word in ("--host", f"{name}={address}")]
    return ["--bind", around.address, *names]


def _default(image: str, environment: Mapping[str, str], root: Root, around: Surroundings) -> list[str]:
    """Return the command that the image itself has."""
    if _is_server(image):
        configuration = "conf/srs.conf" if _major(environment) == 3 else "conf/docker.conf"
        return ["./objs/srs", "-c", configuration]
    if _base_name(image) in _STANDINS:
        return ["/bin/sh"]
    if _base_name(image) == _PROXY:
        return [sys.executable, "-P", "-m", "srs_conformance.proxy", *_own_options(around)]
    documents = root.path(nginx.DOCUMENT_ROOT)
    documents.mkdir(parents=True, exist_ok=True)
    servers = sorted(root.path(nginx.SERVERS).glob("*.conf"))
    text = "\n".join(root.translate(file.read_text(encoding="utf-8")) for file in servers)
    return nginx.command(root.folder, around.address, documents, text)


def _major(environment: Mapping[str, str]) -> int:
    return int(environment[VERSION_VARIABLE].partition(".")[0])


def _resolve(text: str, around: Surroundings) -> str:
    """Put addresses for the names of Services in URLs and bash's /dev/tcp paths, which ask the machine's own DNS."""
    names_of = re.compile(r"(/dev/tcp/|rtmp://|http://)([\w.-]+)(?=[/:])")
    return names_of.sub(lambda found: found[1] + around.hosts.get(found[2], found[2]), text)
