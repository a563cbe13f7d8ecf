"""The ACK backend's cluster: an existing cluster as any other, but for where its kubeconfig comes from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from srs_conformance.clusters.ack import kubeconfig
from srs_conformance.clusters.ack.access import Access
from srs_conformance.clusters.ack.balancers import AckNamespace
from srs_conformance.clusters.kubeconfig import KubeconfigCluster

BACKEND = "ack"


class AckCluster(KubeconfigCluster):
    """An ACK cluster, reached by a kubeconfig of a few hours in a folder that goes with this object.

    `close` deletes the folder, as does the end of the process where nobody has called it.
    """

    namespaces = AckNamespace
    _folder: tempfile.TemporaryDirectory[str]

    @classmethod
    def of(cls, access: Access, minutes: int) -> AckCluster:
        """Connect to a cluster for a time.

        Raises:
            UsageError: as `Access.kubeconfig`.
            CouldNotTest: as `Access.kubeconfig`, or the API server does not answer, or refuses.
        """
        given = access.kubeconfig(minutes)
        folder = tempfile.TemporaryDirectory(prefix="srs-conformance-ack-")
        try:
            file = kubeconfig.write(given, Path(folder.name), access.cluster)
            cluster = cls(file, kubeconfig.CONTEXT, name=access.cluster, backend=BACKEND, data_path="")
            cluster._folder = folder
            cluster._reach(f"ACK cluster {access.cluster}")
        except BaseException:
            folder.cleanup()
            raise
        return cluster

    def close(self) -> None:
        """Release what this object holds, the kubeconfig with it; the cluster itself stays."""
        super().close()
        self._folder.cleanup()
