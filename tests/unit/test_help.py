"""The help of every command: an example that works, and words for each option."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from srs_conformance import cli
from srs_conformance.commands import COMMANDS
from srs_conformance.commands.examples import PROGRAM

Path = tuple[str, ...]


def commands(group: click.Group = cli.cli, path: Path = ()) -> Iterator[tuple[Path, click.Command]]:
    """Yield every command below a group, groups too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


ALL = dict(commands())
named = pytest.mark.parametrize("path", ALL, ids=" ".join)


def examples(path: Path) -> list[list[str]]:
    """Return the examples of a command's help as a shell would give them to the program."""
    shown = CliRunner().invoke(cli.cli, [*path, "--help"], max_content_width=200).output
    _, _, text = shown.partition("Examples:\n")
    lines = [shlex.split(line.partition(" > ")[0]) for line in text.splitlines()]
    assert all(words[0] == PROGRAM for words in lines)
    return [words[1:] for words in lines]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file that an example names be there."""
    monkeypatch.setattr(click.Path, "convert", lambda _, value, *__: value)


def parsed(words: list[str]) -> Path:
    """Parse a command line without running it, and return the command."""
    command: click.Command = cli.cli
    path: Path = ()
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found, f"no command {words[0]}"
        path, command, words = (*path, words[0]), found, words[1:]
    command.make_context(path[-1], words)
    return path


@named
def test_a_command_has_examples_of_itself_that_parse(path: Path, files: None) -> None:
    found = examples(path)
    assert found
    for words in found:
        assert parsed(words)[: len(path)] == path, words


def test_an_example_of_what_is_not_there_is_found(files: None) -> None:
    with pytest.raises(click.NoSuchOption):
        parsed(["doctor", "--jsn"])
    with pytest.raises(click.MissingParameter):
        parsed(["watch"])
    with pytest.raises(AssertionError, match="no command shout"):
        parsed(["report", "shout"])


@named
def test_each_option_says_what_it_does(path: Path) -> None:
    options = [each for each in ALL[path].params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


@named
def test_the_first_line_is_a_sentence(path: Path) -> None:
    first = (ALL[path].help or "").split("\n\n")[0].strip()
    assert first[:1].isupper()
    assert first[-1:] == "."


def test_the_list_of_commands_is_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["--help"])
    shown = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"  {name} " in shown
        assert entry.short in shown
