"""The list of fixture plugins; options and hooks live in them."""

pytest_plugins = [
    "fixtures.options",
    "fixtures.binding",
    "fixtures.evidence",
    "fixtures.verdicts",
    "fixtures.recorder",
    "fixtures.clusters",
    "fixtures.images",
    "fixtures.deploying",
    "fixtures.scenes",
    "fixtures.publish",
    "fixtures.watch",
    "fixtures.broadcast",
    "fixtures.load",
    "fixtures.histories",
    "fixtures.disturb",
    "fixtures.audience",
    "fixtures.releasing",
    "fixtures.changing",
    "fixtures.updates",
    "fixtures.graying",
]
