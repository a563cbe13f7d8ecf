"""What this machine can run of the suite, and what is missing for the rest; nothing on it is changed.

    look() -> [Finding]          every part: one line of what was found, each thing tried or read, none guessed
    uses(findings) -> [Use]      per use of the suite: whether it can run here, and on what that depends
    lines(...), document(...)    both, for people and as JSON

Whatever a look tries (a mount, a control group, a port) is undone at once, and every look ends within seconds.
"""

from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.doctor.looking import look
from srs_conformance.doctor.telling import document, lines
from srs_conformance.doctor.uses import Use, uses

__all__ = ["Finding", "Part", "State", "Use", "document", "lines", "look", "uses"]
