"""The page beside Locust's own: what viewers get, over time, while the test runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loadtests.driver.session import Session


def add(web: Any, session: Session) -> None:
    """Add /viewers to Locust's web page, and a tab with the present figures."""
