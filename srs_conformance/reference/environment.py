"""The configuration as SRS from 5 on reads it from its environment, with `-e` and no file."""

from __future__ import annotations

from collections.abc import Mapping

from srs_conformance.reference.config import Directive
from srs_conformance.reference.grammar import Names

_VHOST = "vhost"


def configuration(environment: Mapping[str, str], known: Names) -> Directive:
    """Return the root of the configuration that variables mean: SRS_VHOST_HLS_ENABLED is `enabled` of the vhost's hls.

    Variables that mean no directive are passed over, as SRS does.
    """
    root = Directive("root")
    places = {_variable(path, name): (path, name) for path, names in known.items() for name in names}
    for variable in sorted(environment.keys() & places.keys()):
        path, name = places[variable]
        if _path(path, name) not in known:
            _block(root, path).block.append(Directive(name, environment[variable].split()))
    return root


def _block(root: Directive, path: str) -> Directive:
    block = root
    for step in filter(None, path.split(".")):
        found = block.get(step)
        if found is None:
            found = Directive(step, ["__defaultVhost__"] if step == _VHOST else [])
            block.block.append(found)
        block = found
    return block


def _path(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _variable(path: str, name: str) -> str:
    words = f"srs_{_path(path, name)}".replace(".", "_").upper()
    return words.replace("SRS_SRS_", "SRS_")  # srs_log_tank is SRS_LOG_TANK
