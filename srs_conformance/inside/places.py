"""Where the pod keeps what: names that those outside and inside of it share."""

from __future__ import annotations

WORK = "/work"
"""The one folder where the containers may write, besides /tmp; both have the same."""
REPORT = f"{WORK}/report"
GIVEN = f"{WORK}/given"
"""What options of the user's name."""
PARCEL_FOLDER, PARCEL = "/parcel", "given.tar.gz"
"""How that comes."""
PACKED = f"{WORK}/report.tar.gz"
SUITE, KEEPER = "suite", "report"
"""The containers: one that runs, and one that keeps the report until it is fetched, whatever becomes of the other."""
POD = "srs-inside"
