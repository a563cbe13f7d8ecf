"""A hand-written fake of the command lines of Docker and kind: what the kind backend asks of them, and nothing else.

It is no Docker: no image is unpacked and no container runs. It holds its callers to what the real programs refuse
(networks that overlap, ports that are taken or that an internal network would have to publish, images that are not
there), as their documentation and source have it, in the words of Docker 28 and kind 0.31.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tarfile
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

CLUSTER, ROLE = "io.x-k8s.kind.cluster", "io.x-k8s.kind.role"
EMPTY = {
    "os": "Ubuntu 24.04",
    "security": ["name=seccomp,profile=builtin"],
    "registry": [],
    "images": [],
    "networks": {},
    "containers": {},
    "ports": [],
}
State = dict[str, Any]
#: Where the first cluster's API server is published; the next one that is free, as kind chooses it.
API_PORT = 43210


def install(folder: Path, **settings: Any) -> Path:
    """Put `docker` and `kind` into a folder, for PATH; return the file that holds what they know, as JSON.

    Settings: `os` and `security` are what `docker info` tells, `registry` the images that can be pulled, `images` those
    that are there, `ports` what others have taken on this machine ("127.0.0.1:80").
    """
    folder.mkdir()
    state = folder / "state.json"
    state.write_text(json.dumps(EMPTY | settings))
    for name in ("docker", "kind"):
        program = folder / name
        words = [sys.executable, __file__, name, str(state)]
        program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        program.chmod(0o755)
    return state


class RefusalError(Exception):
    """What a program says before it ends with code 1."""


def main(name: str, path: Path, words: list[str]) -> None:
    """Play one command, and keep what it has changed."""
    state: State = json.loads(path.read_text())
    try:
        said = (_docker if name == "docker" else _kind)(state, words)
        code = 0
    except RefusalError as refusal:
        said, code = "", 1
        sys.stderr.write(f"{refusal}\n")
    path.write_text(json.dumps(state, indent=1))
    sys.stdout.write(said)
    sys.exit(code)


def _docker(state: State, words: list[str]) -> str:
    for beginning, play in _DOCKER.items():
        if words[: len(beginning.split())] == beginning.split():
            return play(state, words[len(beginning.split()) :])
    raise RefusalError(f"the fake of docker has no {shlex.join(words)}")


def _option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1] if name in words else ""


def _info(state: State, words: list[str]) -> str:
    if "OperatingSystem" in _option(words, "--format"):
        return f"{state['os']} {json.dumps(state['security'])}\n"
    return "28.2.2\n"


def _network_create(state: State, words: list[str]) -> str:
    subnet = IPv4Network(_option(words, "--subnet"))
    if any(subnet.overlaps(IPv4Network(each["subnet"])) for each in state["networks"].values()):
        raise RefusalError(
            "Error response from daemon: invalid pool request: Pool overlaps with other one on this address"
        )
    leases = [str(each) for each in IPv4Network(_option(words, "--ip-range")).hosts()]
    leases.remove(_option(words, "--gateway"))
    state["networks"][words[-1]] = {"subnet": str(subnet), "internal": "--internal" in words, "leases": leases}
    return f"{words[-1]}\n"


def _network_rm(state: State, words: list[str]) -> str:
    if any(each["network"] == words[-1] for each in state["containers"].values()):
        raise RefusalError(
            f"Error response from daemon: error while removing network: {words[-1]} has active endpoints"
        )
    if state["networks"].pop(words[-1], None) is None:
        raise RefusalError(f"Error response from daemon: network {words[-1]} not found")
    return f"{words[-1]}\n"


def _network_inspect(state: State, words: list[str]) -> str:
    subnet = state["networks"][words[0]]["subnet"]
    return json.dumps([{"Name": words[0], "IPAM": {"Config": [{"Subnet": subnet}]}}])


def _image_inspect(state: State, words: list[str]) -> str:
    if words[-1] not in state["images"]:
        raise RefusalError(f"Error response from daemon: No such image: {words[-1]}")
    return "[{}]\n"


def _pull(state: State, words: list[str]) -> str:
    if words[-1] not in state["registry"]:
        raise RefusalError(f"Error response from daemon: manifest for {words[-1]} not found: manifest unknown")
    state["images"].append(words[-1])
    return f"Status: Downloaded newer image for {words[-1]}\n"


def _load(state: State, words: list[str]) -> str:
    with tarfile.open(_option(words, "--input")) as archive:
        member = archive.extractfile("manifest.json")
        names = json.load(member)[0]["RepoTags"] if member else []
    state["images"] += names
    return "".join(f"Loaded image: {name}\n" for name in names) or "Loaded image ID: sha256:12\n"


def _ps(state: State, words: list[str]) -> str:
    label, _, value = _option(words, "--filter").removeprefix("label=").partition("=")
    return "".join(f"{name}\n" for name, each in state["containers"].items() if each["labels"].get(label) == value)


def _container_inspect(state: State, words: list[str]) -> str:
    container = state["containers"].get(words[-1])
    if container is None:
        raise RefusalError(f"Error response from daemon: No such container: {words[-1]}")
    if form := _option(words, "--format"):
        return {"{{.State.Running}}": "true\n", "{{.State.Pid}}": "4711\n"}[form]
    networks = {container["network"]: {"IPAddress": container["address"]}}
    return json.dumps([{"NetworkSettings": {"Networks": networks}}])


def _port(state: State, words: list[str]) -> str:
    wanted = int(words[1].partition("/")[0])
    found = [each for each in state["containers"][words[0]]["ports"] if each["containerPort"] == wanted]
    if not found:
        raise RefusalError(f"Error: No public port '{words[1]}' published for {words[0]}")
    return "".join(f"{each['listenAddress']}:{each['hostPort']}\n" for each in found)


def _rm(state: State, words: list[str]) -> str:
    state["containers"].pop(words[-1])
    return f"{words[-1]}\n"


def _exec(state: State, words: list[str]) -> str:
    """Play what runs in a node: containerd's images, kubectl's view of the nodes, the kubeconfig; all else succeeds."""
    node, *argv = [each for each in words if each not in ("--privileged", "--interactive")]
    held = state["containers"][node]["held"]
    match argv:
        case ["ctr", _, "images", "import", *_]:
            with tarfile.open(fileobj=sys.stdin.buffer, mode="r|*") as archive:
                names = next(json.load(archive.extractfile(each)) for each in archive if each.name == "manifest.json")
            full = [f"docker.io/{name}" for name in names[0]["RepoTags"]]
            held.update(dict.fromkeys(full, "sha256:12"))
            return "".join(f"unpacking {name} (sha256:12)...done\n" for name in full)
        case ["ctr", _, "images", "tag", _, old, new]:
            held[new] = held[old]
        case ["ctr", _, "images", "list", wanted]:
            name = wanted.removeprefix("name==")
            return "REF TYPE DIGEST\n" + (f"{name} type {held[name]}\n" if name in held else "")
        case ["kubectl", "get", "nodes", *_]:
            cluster = state["containers"][node]["labels"][CLUSTER]
            return " ".join("True" for each in state["containers"].values() if each["labels"].get(CLUSTER) == cluster)
        case ["cat", "/etc/kubernetes/admin.conf"]:
            return _kubeconfig(state["containers"][node]["labels"][CLUSTER], f"https://{node}:6443")
    return ""


_DOCKER: dict[str, Callable[[State, list[str]], str]] = {
    "info": _info,
    "network create": _network_create,
    "network inspect": _network_inspect,
    "network rm": _network_rm,
    "image inspect": _image_inspect,
    "pull": _pull,
    "load": _load,
    "ps": _ps,
    "container inspect": _container_inspect,
    "port": _port,
    "exec": _exec,
    "logs": lambda *_: "",
    "rm": _rm,
}


def _kind(state: State, words: list[str]) -> str:
    name = _option(words, "--name")
    match words:
        case ["version"]:
            return "kind v0.31.0 go1.26.0 linux/amd64\n"
        case ["create", "cluster", *_]:
            return _create(state, words, name)
        case ["get", "kubeconfig", *_]:
            node = f"{name}-control-plane"
            internal = "--internal" in words
            server = f"{node}:6443" if internal else _port(state, [node, "6443/tcp"]).strip()
            return _kubeconfig(name, f"https://{server}")
    raise RefusalError(f"the fake of kind has no {shlex.join(words)}")


def _create(state: State, words: list[str], name: str) -> str:
    import yaml

    config = yaml.safe_load(Path(_option(words, "--config")).read_text())
    network = state["networks"][os.environ["KIND_EXPERIMENTAL_DOCKER_NETWORK"]]
    _image_inspect(state, [_option(words, "--image")])
    workers = 0
    for each in config.get("nodes") or [{"role": "control-plane"}]:
        workers += each["role"] == "worker"
        number = str(workers) if each["role"] == "worker" and workers > 1 else ""
        ports = list(each.get("extraPortMappings") or ())
        if each["role"] == "control-plane":
            host_port = API_PORT + len(state["containers"])
            ports.append({"listenAddress": "127.0.0.1", "hostPort": host_port, "containerPort": 6443})
        state["containers"][f"{name}-{each['role']}{number}"] = {
            "labels": {CLUSTER: name, ROLE: each["role"]},
            "network": os.environ["KIND_EXPERIMENTAL_DOCKER_NETWORK"],
            "address": network["leases"].pop(0),
            "ports": [] if network["internal"] else [_bound(state, each) for each in ports],
            "held": {},
        }
    if network["internal"]:
        raise RefusalError("ERROR: failed to create cluster: failed to get api server port: no output")
    return ""


def _bound(state: State, mapping: dict[str, Any]) -> dict[str, Any]:
    address = f"{mapping['listenAddress']}:{mapping['hostPort']}"
    bound = [each for container in state["containers"].values() for each in container["ports"]]
    if address in [*(f"{each['listenAddress']}:{each['hostPort']}" for each in bound), *state["ports"]]:
        raise RefusalError(f"ERROR: failed to create cluster: Bind for {address} failed: port is already allocated")
    return mapping


def _kubeconfig(name: str, server: str) -> str:
    """Return a kubeconfig, as JSON, which is YAML, too."""
    context = f"kind-{name}"
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": {"server": server}}],
            "users": [{"name": context, "user": {"token": "t"}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "current-context": context,
        }
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
