"""The options by which commands are told of an ACK cluster; the suites have the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from srs_conformance.clusters.ack.access import Access
from srs_conformance.errors import UsageError

_OPTIONS = (
    click.option("--ack-cluster", default="", metavar="ID", help="An ACK cluster of Alibaba Cloud (docs/ack.md)."),
    click.option("--ack-region", default="", metavar="REGION", help="Where it is; default ALIBABA_CLOUD_REGION_ID."),
    click.option("--ack-endpoint", default="", metavar="HOST", help="Of the API, not the region's public one."),
    click.option("--ack-private", is_flag=True, help="Reach its API server by its address in the VPC."),
)


def ack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options."""
    for each in reversed(_OPTIONS):
        command = each(command)
    return command


def access(given: Mapping[str, Any]) -> Access:
    """Return the way to the cluster that a command was given.

    Raises:
        UsageError: none was named, or as `Access.of`.
    """
    if not given["ack_cluster"]:
        raise UsageError("--cluster ack needs --ack-cluster ID", hint="name the cluster; none is ever guessed")
    return Access.of(
        given["ack_cluster"], given["ack_region"], given["ack_endpoint"], private=bool(given["ack_private"])
    )
