"""What the gate says, in three forms: lines for a terminal, Markdown for the page of a CI job, JSON for a badge."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from srs_conformance.errors import ExitCode
from srs_conformance.report.comparing import Change, Group
from srs_conformance.report.gating import Gated, Item, Standing, gravest
from srs_conformance.report.words import WORDS

_WIDTH = 116
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#|~!&])")
_SIGNS = {
    Standing.BROKEN: "‼",
    Standing.NEW: "✕",
    Standing.OVERDUE: "⧖",
    Standing.UNTESTED: "?",
    Standing.WARNING: "!",
    Standing.MENDED: "✓",
    Standing.KNOWN: "·",
}
_COLOURS = {
    ExitCode.HOLDS: "brightgreen",
    ExitCode.MISSED: "red",
    ExitCode.COULD_NOT_TEST: "lightgrey",
    ExitCode.ENGINE_ERROR: "orange",
}


def exit_code(every: Sequence[Gated]) -> ExitCode:
    """Return the gravest exit code of all reports."""
    return gravest(each.exit_code for each in every)


def lines(every: Sequence[Gated]) -> Iterator[str]:
    """Yield what is to be read at a terminal, the verdict last."""
    for each in every:
        yield f"{each.name}: {each.judged} judged"
        yield from (f"  {hindrance}" for hindrance in each.hindrances)
        yield from (f"  note: {note}" for note in each.notes)
        for item in each.items:
            yield from _item_lines(item)
        yield from (f"  {line}" for line in _change_lines(each))
        yield ""
    yield _verdict(every)


def markdown(every: Sequence[Gated]) -> str:
    """Return the same as a page in GitHub's Markdown; what came from outside cannot pass for markup in it."""
    return "\n".join([f"## {_verdict(every)}", "", *(line for each in every for line in _section(each))])


def badge(every: Sequence[Gated]) -> dict[str, Any]:
    """Return what a badge says, by the schema of endpoint badges (https://shields.io/badges/endpoint-badge)."""
    code = exit_code(every)
    words = _counts(every) if code is not ExitCode.COULD_NOT_TEST else "no verdict"
    real = [each for each in every if not each.reference]
    return {
        "schemaVersion": 1,
        "label": "SRS on Kubernetes",
        "message": words if real else "reference server only",
        "color": _COLOURS[code] if real else _COLOURS[ExitCode.COULD_NOT_TEST],
        "isError": code is not ExitCode.HOLDS,
    }


def _item_lines(item: Item) -> Iterator[str]:
    text = textwrap.shorten(item.text, _WIDTH - 34, placeholder=" ...")
    yield f"  {item.standing:14} {item.id or '-':8} {item.level:6} {text}"
    indent = " " * 17
    if item.seen and item.standing not in (Standing.MENDED, Standing.KNOWN):
        yield f"{indent}seen: {item.seen}"
    if item.entry:
        yield f"{indent}{item.entry.reference}, until {item.entry.until}: {item.entry.why}"
    if item.todo:
        yield f"{indent}to do: {item.todo}"


def _change_lines(each: Gated) -> Iterator[str]:
    if each.change is None:
        return
    yield f"since {each.change.names[0]}: {_changed(each)}"
    for change in each.change.changes:
        yield f"  {change.group:18} {change.id:8} {_from_to(change)}"


def _changed(each: Gated) -> str:
    assert each.change is not None
    counts = [(group, sum(one.group is group for one in each.change.changes)) for group in Group]
    return ", ".join([*(f"{count} {group}" for group, count in counts if count), f"{each.change.alike} alike"])


def _from_to(change: Change) -> str:
    before, after = (WORDS[verdict].text if verdict else "unknown" for verdict in (change.before, change.after))
    return f"{before} -> {after}"


def _verdict(every: Sequence[Gated]) -> str:
    return f"{exit_code(every).name.replace('_', ' ')}: {_counts(every)}"


def _counts(every: Sequence[Gated]) -> str:
    counts = [(standing, sum(len(each.of(standing)) for each in every)) for standing in Standing]
    told = [f"{count} {standing}" for standing, count in counts if count and standing is not Standing.NEW]
    new = sum(len(each.of(Standing.NEW)) for each in every)
    hindered = sum(bool(each.hindrances) for each in every)
    undecided = f"{hindered} of {len(every)} reports {'decides' if hindered == 1 else 'decide'} nothing"
    return ", ".join([f"{new} new" if new else "nothing new", *told, *([undecided] if hindered else [])])


def _section(each: Gated) -> Iterator[str]:
    yield f"### {_plain(each.name)}"
    yield ""
    yield f"{each.judged} requirements judged."
    yield from (f"**{_plain(hindrance)}**  " for hindrance in each.hindrances)
    yield from (f"Note: {_plain(note)}  " for note in each.notes)
    yield ""
    if each.items:
        yield "| | requirement | | what | seen, and what is known |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(item) for item in each.items)
        yield ""
    if each.change is not None:
        yield f"Since {_plain(each.change.names[0])}: {_changed(each)}."
        yield ""
        yield from (f"- {change.group}: {_plain(change.id)} {_from_to(change)}" for change in each.change.changes)
        yield ""


def _row(item: Item) -> str:
    told = [_plain(item.seen)] if item.seen else []
    if item.entry:
        name = _plain(item.entry.reference)
        link = f"[{name}]({item.entry.page})" if item.entry.page else name
        told.append(f"{link}, until {item.entry.until}: {_plain(item.entry.why)}")
    if item.todo:
        told.append(f"**to do:** {_plain(item.todo)}")
    cells = (f"{_SIGNS[item.standing]} {item.standing}", _plain(item.id), item.level, _plain(item.text))
    return f"| {' | '.join(cells)} | {'<br>'.join(told)} |"


def _plain(text: str) -> str:
    """Return text as it is to be read: on one line, and nothing in it is markup."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
