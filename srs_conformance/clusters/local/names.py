"""Names of Services and of StatefulSets' pods as a cluster's DNS has them, and a file to read them from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from srs_conformance.clusters.local.pod import LocalPod

#: Short and long, as the search path of a pod's resolver completes them.
_FORMS = ("{0}", "{0}.{1}", "{0}.{1}.svc", "{0}.{1}.svc.cluster.local")


class Names:
    """The names of a namespace, as they are now; `file` has them in the format of /etc/hosts."""

    def __init__(self, namespace: str, file: Path) -> None:
        self._namespace, self.file = namespace, file
        self.known: dict[str, str] = {}
        self._write()

    def update(self, services: Mapping[str, str], headless: Mapping[str, Iterable[LocalPod]]) -> None:
        """Take over the Services' addresses, and the pods behind those that have none.

        A pod has a name below its Service's while it is ready, and the Service's name is then that of one of them.
        """
        found = {form: address for name, address in services.items() for form in self._forms(name)}
        for name, pods in headless.items():
            for pod in pods:
                if pod.ready and not pod.terminating:
                    found.update(dict.fromkeys(self._forms(f"{pod.name}.{name}"), pod.address))
                    found.update(dict.fromkeys(self._forms(name), pod.address))
        if found != self.known:
            for gone in self.known.keys() - found.keys():
                del self.known[gone]
            self.known.update(found)
            self._write()

    def _forms(self, name: str) -> Iterator[str]:
        return (form.format(name, self._namespace) for form in _FORMS)

    def _write(self) -> None:
        """Write the file in one step: whoever reads it finds the old names or the new ones."""
        coming = self.file.with_suffix(".new")
        coming.write_text("".join(f"{address} {name}\n" for name, address in self.known.items()), encoding="utf-8")
        coming.replace(self.file)
