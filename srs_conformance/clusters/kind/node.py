"""What is done in the node after kind: name service, addresses, images, logs."""

from __future__ import annotations

import json
from pathlib import Path

from srs_conformance.clusters.kind.commands import Result
from srs_conformance.clusters.kind.engine import Engine
from srs_conformance.clusters.kind.weight import requesting_little
from srs_conformance.errors import EngineError
from srs_conformance.images.names import parse

INTERFACE = "eth0"
IMPORT_TIMEOUT = 300.0
_IMAGES = ("ctr", "--namespace=k8s.io", "images")

# Names outside the cluster are answered at once, as there is no way out. The two server blocks stay apart: `template`
# comes before `kubernetes` in CoreDNS's fixed order of plugins and would answer for cluster.local too.
COREFILE = """\
cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        ttl 30
    }
    prometheus :9153
    reload
    loadbalance
}
.:53 {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
"""


class Node:
    """The one node of a cluster."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.engine = engine
        self.name = name

    def kubectl(self, *argv: str, stdin: str | None = None, timeout: float = 60) -> Result:
        """Run the node's own kubectl as administrator."""
        return self.engine.exec(self.name, "kubectl", *argv, stdin=stdin, timeout=timeout)

    def nft(self, *argv: str, stdin: str | None = None) -> Result:
        """Run the node's own nftables."""
        return self.engine.exec(self.name, "nft", *argv, stdin=stdin)

    def close_name_service(self) -> None:
        """Let CoreDNS answer for the cluster alone, with one replica, as there is one node.

        Raises:
            EngineError: the API server refuses.
        """
        self._patch("configmap/coredns", {"data": {"Corefile": COREFILE}})
        template = {
            "metadata": {"annotations": {"srs-conformance.io/corefile": "closed"}},
            **requesting_little("coredns"),
        }
        self._patch("deployment/coredns", {"spec": {"replicas": 1, "template": template}})

    def weigh_proxy(self) -> None:
        """Have kube-proxy request what the control plane does: managed clusters have it request something too.

        Without, it shares with the pods that request nothing, and on a busy machine routes follow endpoints late.

        Raises:
            EngineError: the API server refuses.
        """
        self._patch("daemonset/kube-proxy", {"spec": {"template": requesting_little("kube-proxy")}})

    def wait_until_ready(self, timeout: float) -> None:
        """Wait until Kubernetes says that the node is ready.

        Raises:
            EngineError: it does not.
        """
        self.kubectl(
            "wait", "node", "--all", "--for=condition=Ready", f"--timeout={timeout:.0f}s", timeout=timeout + 10
        ).checked()

    def wait_for_name_service_and_proxy(self, timeout: float) -> None:
        """Wait until CoreDNS runs with our Corefile, and kube-proxy with our request.

        Raises:
            EngineError: they do not.
        """
        for what in ("deployment/coredns", "daemonset/kube-proxy"):
            argv = ("rollout", "status", what, "--namespace=kube-system", f"--timeout={timeout:.0f}s")
            self.kubectl(*argv, timeout=timeout + 10).checked()

    def healthy(self) -> bool:
        """Return whether the API server answers and all nodes are ready."""
        ready = '{.items[*].status.conditions[?(@.type=="Ready")].status}'
        told = self.kubectl("get", "nodes", f"--output=jsonpath={ready}", timeout=15).out.split()
        return set(told) == {"True"}

    def add_address(self, address: str) -> None:
        """Let the node answer for a further address of its network."""
        self._ip("replace", address).checked()

    def remove_address(self, address: str) -> None:
        """Take a further address from the node again."""
        self._ip("del", address)

    def further_addresses(self) -> set[str]:
        """Return the addresses that were added to the node."""
        links = self.engine.exec(self.name, "ip", "-j", "-4", "address", "show", "dev", INTERFACE).json()
        found = [address for link in links for address in link.get("addr_info", ())]
        return {address["local"] for address in found if address.get("prefixlen") == 32}

    def import_image(self, archive: Path, source: str, name: str) -> None:
        """Put an archive's images into the node, unpacked, and give the one called `source` a further name.

        Raises:
            EngineError: containerd refuses the archive, or the archive has no such image.
        """
        said = self.engine.exec(
            self.name, *_IMAGES, "import", "--local", "--digests", "-", stdin=archive, timeout=IMPORT_TIMEOUT
        ).checked()
        imported = [line.split()[1] for line in said.splitlines() if line.startswith("unpacking ")]
        # containerd completes the names that `docker save` writes, and takes those of an OCI layout as they are
        known = [each for each in (source, str(parse(source))) if each in imported]
        if not known:
            raise EngineError(f"{archive} holds no image {source}, only {', '.join(imported) or 'none'}")
        if known[0] != name:
            self.engine.exec(self.name, *_IMAGES, "tag", "--force", known[0], name).checked()

    def image_digest(self, name: str) -> str | None:
        """Return the digest of the image that containerd has under exactly this name."""
        lines = self.engine.exec(self.name, *_IMAGES, "list", f"name=={name}").checked().splitlines()[1:]
        return lines[0].split()[2] if lines else None

    def dump(self, folder: Path) -> None:
        """Write the node's own logs into a folder, as far as they can be had."""
        folder.mkdir(parents=True, exist_ok=True)
        for unit in ("kubelet", "containerd"):
            said = self.engine.exec(self.name, "journalctl", "--no-pager", f"--unit={unit}")
            (folder / f"{unit}.log").write_text(said.out + said.err)
        for what in ("pods", "events"):
            said = self.kubectl("get", what, "--all-namespaces", "--output=wide", timeout=20)
            (folder / f"{what}.txt").write_text(said.out + said.err)
        said = self.engine("logs", self.name)
        (folder / "node.log").write_text(said.out + said.err)
        script = 'for log in /var/log/pods/*/*/*.log; do echo "== $log"; tail -n 200 "$log"; done'
        (folder / "pods.log").write_text(self.engine.exec(self.name, "sh", "-c", script).out)

    def _patch(self, what: str, patch: object) -> None:
        self.kubectl("patch", what, "--namespace=kube-system", f"--patch={json.dumps(patch)}").checked()

    def _ip(self, verb: str, address: str) -> Result:
        return self.engine.exec(self.name, "ip", "address", verb, f"{address}/32", "dev", INTERFACE)


def nodes_of(engine: Engine, cluster: str) -> list[Node]:
    """Return the nodes of a cluster with one control plane, that first.

    Raises:
        EngineError: it has none or several, with a load balancer of kind's before them.
    """
    names = engine.nodes(cluster)
    workers = [each for each in names if each.startswith(f"{cluster}-worker")]
    others = [each for each in names if each not in workers]
    if others != [f"{cluster}-control-plane"]:
        found = ", ".join(names) or "no node"
        raise EngineError(f"the kind cluster {cluster} has {found}; this works with one control plane")
    return [Node(engine, each) for each in (*others, *workers)]
