"""A load's course over time, as Locust asks for it."""

from __future__ import annotations

from locust import LoadTestShape

from srs_conformance.load.shapes import Shape


class SpecShape(LoadTestShape):
    """Follows `--shape`."""

    abstract = True

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape

    def tick(self) -> tuple[int, float] | None:
        """Return users and spawn rate for this moment; None when it is over."""
        return self._shape.at(self.get_run_time())
