"""Values that a shell completes; what cannot be read gives none, since there is nobody to tell.

Each imports what it needs when it is asked: a completion waits for nothing that it does not use.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import click

from srs_conformance.errors import UsageError


def contexts(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete a context of the kubeconfig that is given, else of those where kubectl looks."""
    from srs_conformance.clusters import kubeconfig  # noqa: PLC0415 - see above

    given = ctx.params.get("kubeconfig")
    found: list[str] = []
    for file in [given] if given else kubeconfig.default_files():
        with suppress(UsageError):
            found += kubeconfig.contexts(file)
    return _beginning(found, incomplete)


def clusters(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a kind cluster of this user."""
    from srs_conformance.clusters.kind.state import all_states  # noqa: PLC0415 - see above

    return _beginning((state.name for state in all_states()), incomplete)


def faults(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a fault, one that is not named yet."""
    from srs_conformance import manifest_faults  # noqa: PLC0415 - see above
    from srs_conformance.reference.faults import CATALOGUE  # noqa: PLC0415 - see above

    named = ctx.params.get("names") or ()
    return _beginning((name for name in (*CATALOGUE, *manifest_faults.CATALOGUE) if name not in named), incomplete)


def broken(_ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the ID of a requirement that a fault breaks."""
    from srs_conformance import manifest_faults  # noqa: PLC0415 - see above
    from srs_conformance.reference.faults import CATALOGUE  # noqa: PLC0415 - see above

    breaks = [fault.breaks for fault in CATALOGUE.values()] + [
        fault.breaks for fault in manifest_faults.CATALOGUE.values()
    ]
    return _beginning(frozenset().union(*breaks), incomplete.upper())


def requirements(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the ID of a requirement, where the folder of the suites is."""
    from srs_conformance.requirements import load_all  # noqa: PLC0415 - see above

    found: list[str] = []
    with suppress(UsageError, KeyError):
        chapters = load_all(ctx.params["suites"])
        found = [each.id for chapter in chapters for each in (*chapter.requirements, *chapter.unbound)]
    return _beginning(found, incomplete.upper())


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
