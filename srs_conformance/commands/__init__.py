"""The commands of `srs-conformance`, one module each.

A command does what it is told and prints; what it needs to know stands in the library.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    """A command as it is known before it is imported: where it is, and what it does in a few words."""

    place: str  # "module:attribute" of a click command
    short: str


def _of(module: str, short: str, attribute: str = "command") -> Entry:
    return Entry(f"{__name__}.{module}:{attribute}", short)


COMMANDS = {
    "capacity": _of("capacity", "Find how many viewers one server carries."),
    "check": _of("check", "Judge a stored history again."),
    "clean": _of("clean", "Remove what runs left on a cluster."),
    "cluster": _of("cluster", "Make, show and remove the kind cluster.", "cluster"),
    "completion": _of("completion", "Print what completes commands in a shell."),
    "doctor": _of("doctor", "Say what this machine can run.", "doctor"),
    "faults": _of("faults", "List what can be made to go wrong."),
    "inside": _of("inside", "Run the suite from a pod of a cluster."),
    "load": _of("load", "Run a load from pods of a cluster."),
    "load-image": _of("load", "Write the image of the load generator.", "image_command"),
    "probe-image": _of("inside", "Write the image of that pod.", "image_command"),
    "proxy-image": _of("proxy", "Write the image of the fault proxy.", "image_command"),
    "publish": _of("publish", "Publish the demo stream, or a file."),
    "report": _of("report", "Read reports, and put them side by side.", "report"),
    "requirements": _of("requirements", "List every promise and what judges it."),
    "watch": _of("watch", "Play one stream and judge it."),
}
