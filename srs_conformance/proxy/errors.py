"""The proxy's errors. It has a tree of its own, as its image holds nothing else of the suite."""

from __future__ import annotations


class ProxyError(Exception):
    """Base of the proxy's errors."""


class PlanError(ProxyError):
    """A plan that is none; the message names the field and what was expected."""


class InjectedError(ProxyError):
    """A connection is to be ended because a plan says so; `orderly` says whether the receiver sees FIN or both RST."""

    def __init__(self, *, orderly: bool) -> None:
        super().__init__("an end that the plan says")
        self.orderly = orderly
