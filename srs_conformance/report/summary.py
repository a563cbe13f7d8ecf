"""The summary table of a run for the terminal: plain lines, one per requirement, failures explained below."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srs_conformance.report.conformance import Run
from srs_conformance.report.model import Verdict, requirement_verdicts
from srs_conformance.requirements import Chapter

_WIDTH = 116


def lines(run: Run, chapters: Sequence[Chapter]) -> Iterator[str]:
    """Yield the table of every chapter of which something ran, what was tested above it, what failed below it."""
    yield from _head(run)
    yield from _manifests(run)
    for chapter in chapters:
        verdicts = requirement_verdicts(chapter, run.results)
        if all(verdict is Verdict.NOT_RUN for verdict in verdicts.values()):
            continue
        yield ""
        yield f"{chapter.title}"
        for requirement in chapter.requirements:
            verdict = verdicts[requirement.id]
            text = textwrap.shorten(requirement.text, _WIDTH - 34, placeholder=" ...")
            yield f"  {requirement.id:8} {requirement.level:6} {verdict:14} {text}"
        for patch in run.facts.get("chapters", {}).get(chapter.name, {}).get("patches", []):
            yield f"  patch    {patch['name']:21} {patch['cause']}"
        yield from _losses(run.facts.get("chapters", {}).get(chapter.name, {}).get("histories", {}))
    yield from _explanations(run)
    yield from _second_tries(run)
    yield from _not_given(run)
    yield ""
    yield _verdict_line(run, chapters)


def _losses(histories: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each history: what its viewers lost, by protocol and by what they were there for."""
    if not histories:
        return
    yield "  lost viewer-seconds per thousand:"
    for name, told in histories.items():
        figures = {**told["losses"]["by_protocol"], **told["losses"]["by_role"]}
        lost = [f"{who} {each['lost_per_thousand']:.1f}" for who, each in figures.items() if each["wanted"]]
        yield f"    {name:14} {', '.join(lost)}"


def _head(run: Run) -> Iterator[str]:
    server, cluster = run.facts.get("server"), run.facts.get("cluster")
    if cluster:
        where = f"{cluster['backend']} {cluster['name']}, Kubernetes {cluster['version']}"
        yield f"cluster: {where}, {cluster['data_path']}"
    if server:
        says = f", says it is {server['version']}" if server.get("version") else ""
        yield f"server:  {server['asked']} from {server['source']}{says}, {server['digest'] or 'no digest'}"
        if server["reference"]:
            yield "         THIS IS THE REFERENCE SERVER, NOT SRS: the run proves the suite and says nothing about SRS"


def _manifests(run: Run) -> Iterator[str]:
    if own := run.facts.get("manifests"):
        yield f"manifests: not the guide's for {', '.join(own['chapters'])}: {own['folder']}, {own['digest']}"
        yield "         whatever else is deployed is the guide's"


def _explanations(run: Run) -> Iterator[str]:
    """Yield what is to be said of each verdict; of what hindered several tests alike, once."""
    told: dict[str, str] = {}
    for result in run.results:
        if result.not_given:
            continue
        if result.verdict in (Verdict.FAIL, Verdict.WARN, Verdict.COULD_NOT_TEST, Verdict.ENGINE_ERROR):
            yield ""
            yield f"{result.verdict} {', '.join(result.requirements) or '-'}  {result.node}"
            first = result.node
            if result.verdict is Verdict.COULD_NOT_TEST:
                first = told.setdefault(result.hindrance, result.node)
            yield textwrap.indent(result.message if first == result.node else f"hindered as {first} was", "  ")
            if result.evidence:
                yield f"  evidence: {result.evidence}"


def _second_tries(run: Run) -> Iterator[str]:
    """Yield a line of those that were tried twice and have a verdict now."""
    names = {name for each in run.results if each.earlier for name in each.requirements}
    if names:
        yield ""
        yield f"tried twice, as the machine gave the first try no processor time: {', '.join(sorted(names))}"


def _not_given(run: Run) -> Iterator[str]:
    """Yield a line for each option for want of which requirements were not tested."""
    for option in sorted({result.not_given for result in run.results} - {""}):
        names = {name for result in run.results if result.not_given == option for name in result.requirements}
        yield ""
        yield f"could-not-test {', '.join(sorted(names))}: {option} was not given (--help tells what it is)"


def _verdict_line(run: Run, chapters: Sequence[Chapter]) -> str:
    verdicts = [verdict for chapter in chapters for verdict in requirement_verdicts(chapter, run.results).values()]
    verdicts += [result.verdict for result in run.results if not result.requirements]
    counted = {verdict: verdicts.count(verdict) for verdict in Verdict if verdict is not Verdict.NOT_RUN}
    counts = ", ".join(f"{count} {verdict}" for verdict, count in counted.items() if count)
    what = run.exit_code.name.replace("_", " ")
    return f"{what}: {counts or 'nothing ran'}"
