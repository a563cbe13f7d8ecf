"""The commands of `srs-conformance`, one module each.

A command does what it is told and prints; what it needs to know stands in the library.
"""

COMMANDS = {
    "cluster": "srs_conformance.commands.cluster:cluster",
    "doctor": "srs_conformance.commands.doctor:doctor",
}
"""Name -> "module:attribute" of a click command."""
