"""What the findings come to: per use of the suite, whether it can run here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srs_conformance.doctor.finding import Finding, Part, State
from srs_conformance.doctor.loads import VIEWERS
from srs_conformance.load.limits import SPARE


@dataclass(frozen=True)
class Use:
    """Something that the suite does, and whether it can here; `words` say so, with what to do where it cannot."""

    name: str
    able: bool
    words: str


def uses(findings: Sequence[Finding]) -> list[Use]:
    """Judge every use."""
    return [
        cluster(findings),
        _judged("conformance on kind", findings, Part.KIND, Part.IMAGE, Part.KUBECTL, Part.STREAMS, Part.CHECKOUT),
        _others(findings),
        _judged("watch and publish", findings, Part.STREAMS),
        _judged("browser chapter", findings, Part.BROWSER, Part.STREAMS, Part.CHECKOUT),
        _load(findings),
    ]


def cluster(findings: Sequence[Finding]) -> Use:
    """Judge the kind cluster alone: that decides the exit code."""
    return _judged("kind cluster", findings, Part.KIND, Part.IMAGE)


def _judged(name: str, findings: Sequence[Finding], *parts: Part) -> Use:
    ours = [each for each in findings if each.part in parts]
    if wrong := [each for each in ours if each.missing]:
        return Use(name, able=False, words="; ".join(map(_wrong, wrong)))
    later = [each.what for each in ours if each.state is State.LATER]
    return Use(name, able=True, words=f"can run (got on first use: {', '.join(later)})" if later else "can run")


def _wrong(finding: Finding) -> str:
    short = finding.hint if finding.part is Part.BROWSER else f"{finding.found}{finding.hint and f' ({finding.hint})'}"
    return f"{finding.what} is missing: {short}"


def _others(findings: Sequence[Finding]) -> Use:
    needed = _judged("conformance on another cluster", findings, Part.KUBECTL, Part.STREAMS, Part.CHECKOUT)
    names = [name for each in findings if each.part is Part.OTHERS for name in each.names]
    if not needed.able:
        return needed
    if not names:
        return Use(needed.name, able=False, words="no context in a kubeconfig: --kubeconfig FILE --context NAME")
    listed = " | ".join(names)
    return Use(
        needed.name, able=True, words=f"{needed.words}: --cluster kubeconfig --context {listed} (none was asked)"
    )


def _load(findings: Sequence[Finding]) -> Use:
    """Reckon how many followed HTTP-FLV viewers this machine carries: a process of Locust uses one processor."""
    needed = _judged("load tests", findings, Part.LOAD, Part.CHECKOUT)
    if not needed.able:
        return needed
    amounts = {each.what: each.amount for each in findings if each.part is Part.LOAD}
    files, processors = amounts["open files"], amounts["processors"]
    by_files = max(0, files - SPARE)
    if by_files < VIEWERS:
        limit = f"the limit of open files, {files}, gives about {by_files} viewers in a process"
    else:
        limit = f"about {VIEWERS} HTTP-FLV viewers of 600 kbit/s in a process"
    total = min(by_files, VIEWERS) * processors
    more = f", {total} with --processes {processors}" if processors > 1 else ""
    return Use(needed.name, able=True, words=f"{needed.words}: {limit}{more}")
