"""The commands of `srs-conformance`, one module each.

A command does what it is told and prints; what it needs to know stands in the library.
"""

COMMANDS = {
    "capacity": "srs_conformance.commands.capacity:command",
    "check": "srs_conformance.commands.check:command",
    "clean": "srs_conformance.commands.clean:command",
    "cluster": "srs_conformance.commands.cluster:cluster",
    "doctor": "srs_conformance.commands.doctor:doctor",
    "faults": "srs_conformance.commands.faults:command",
    "load": "srs_conformance.commands.load:command",
    "load-image": "srs_conformance.commands.load:image_command",
    "proxy-image": "srs_conformance.commands.proxy:image_command",
    "publish": "srs_conformance.commands.publish:command",
    "report": "srs_conformance.commands.report:report",
    "requirements": "srs_conformance.commands.requirements:command",
    "watch": "srs_conformance.commands.watch:command",
}
"""Name -> "module:attribute" of a click command."""
