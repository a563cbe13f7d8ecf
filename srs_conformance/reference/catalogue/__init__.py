"""The catalogue of faults, as data, by what they touch; `fault` says what one is.

`breaks` are the requirements whose words a fault makes untrue; of quick_start and edge_cluster no more and no fewer,
`pytest tests/mutation --whole` sees to it; of the other chapters, what was tried. A requirement whose scene needs what
the fault breaks is not among them: it cannot be tested then.
"""

from typing import Final

from srs_conformance.reference.catalogue import changing, edges, hls, playing, running, wire
from srs_conformance.reference.catalogue.fault import Fault, Role

__all__ = ["FAULTS", "Fault", "Role"]

FAULTS: Final = (*edges.FAULTS, *playing.FAULTS, *wire.FAULTS, *hls.FAULTS, *running.FAULTS, *changing.FAULTS)
