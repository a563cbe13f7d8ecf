"""What is told by files: the checkout with the suites, and the kubeconfigs of other clusters."""

from __future__ import annotations

from srs_conformance.clusters.kubeconfig import contexts, default_files
from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.errors import UsageError
from srs_conformance.images.checkout import Checkout


def checkout() -> Finding:
    """Look whether this code runs from a checkout, which alone has suites and locustfiles."""
    try:
        return Finding(Part.CHECKOUT, "checkout", State.OK, str(Checkout.find().root))
    except UsageError:
        hint = "clone the project and run `make environment` in it"
        return Finding(Part.CHECKOUT, "checkout", State.MISSING, "this is an installed package", hint)


def other_clusters() -> list[Finding]:
    """Look for contexts where kubectl looks; whether their clusters answer is not asked."""
    found = []
    for file in default_files():
        try:
            names = tuple(contexts(file))
        except UsageError as error:
            found.append(Finding(Part.OTHERS, str(file), State.NOTE, error.message, error.hint))
            continue
        words = f"contexts: {', '.join(names)}" if names else "no context in it"
        found.append(Finding(Part.OTHERS, str(file), State.OK if names else State.NOTE, words, names=names))
    return found or [Finding(Part.OTHERS, "kubeconfig", State.NOTE, "none where kubectl looks", "--kubeconfig FILE")]
