"""What was prepared outside for a run in a pod: images that only from there get onto the nodes, and their names.

It comes as a variable of the environment, as an option would be one of the user's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from srs_conformance.images.server import ServerImage

VARIABLE = "SRS_CONFORMANCE_PREPARED"


@dataclass(frozen=True)
class Prepared:
    """What is ready.

    Attributes:
        namespace: the pod's, with which all others go that its run makes.
        images: the server, nginx, and perhaps the next version; none where the cluster pulls for itself.
        standins: names on the nodes of images in the place of public ones.
        one_machine: the cluster is one machine, whose pods are not to be started by several processes at once.
    """

    namespace: str
    images: tuple[ServerImage, ...] = ()
    standins: Mapping[str, str] = field(default_factory=dict)
    one_machine: bool = False

    def to_json(self) -> str:
        """Return it as the variable's value."""
        return json.dumps(
            {
                "namespace": self.namespace,
                "images": [each.to_plain() for each in self.images],
                "standins": dict(self.standins),
                "one_machine": self.one_machine,
            }
        )


def of_environment() -> Prepared | None:
    """Return what was prepared for this process; None where it runs by itself."""
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    found = json.loads(text)
    images = tuple(map(ServerImage.of_plain, found["images"]))
    return Prepared(found["namespace"], images, found["standins"], found["one_machine"])
