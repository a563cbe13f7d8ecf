"""All looks at this machine, side by side, so that one that waits for an answer keeps no other waiting."""

from __future__ import annotations

import platform
from concurrent.futures import ThreadPoolExecutor

from srs_conformance.clusters.kind.engine import choose_kind
from srs_conformance.doctor import kind, loads, node_images, places, playing
from srs_conformance.doctor.finding import Finding

ENGINE_WITHIN = 1.5
"""Seconds that Docker has to answer."""


def look() -> list[Finding]:
    """Look at every part of the machine; what was found, part by part."""
    engine = choose_kind(ENGINE_WITHIN)
    own = [lambda: kind.tools(engine), lambda: node_images.image(engine)] if platform.system() == "Linux" else []
    looks = (
        lambda: kind.machine(engine),
        *own,
        lambda: [kind.kubectl()],
        places.other_clusters,
        lambda: [playing.ffmpeg()],
        playing.browser,
        loads.load,
        lambda: [places.checkout()],
    )
    with ThreadPoolExecutor(len(looks)) as pool:
        return [finding for found in pool.map(lambda each: each(), looks) for finding in found]
