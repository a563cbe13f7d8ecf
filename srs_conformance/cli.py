"""The command line: `srs-conformance COMMAND`; every command is a module of `commands`, imported when it is used."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Mapping
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from srs_conformance.commands import COMMANDS, Entry
from srs_conformance.errors import ConformanceError, ExitCode
from srs_conformance.interrupts import EXIT_CODE

INTERRUPTED = EXIT_CODE


class LazyGroup(click.Group):
    """A group whose commands are listed and completed without being imported."""

    def __init__(self, entries: Mapping[str, Entry], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type] # whatever click takes
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return sorted(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command, imported now."""
        if cmd_name not in self._entries:
            return None
        module, _, attribute = self._entries[cmd_name].place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List all commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._entries[name].short) for name in self.list_commands(ctx)])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, and options."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self._entries[name].short) for name in names]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(cls=LazyGroup, entries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="srs-conformance")
@click.option("--debug", is_flag=True, help="Show where in the code an error came from.")
def cli(*, debug: bool) -> None:
    """Conformance and load tests for SRS live streaming on Kubernetes."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit, with the codes of `errors.ExitCode`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        result = cli.main(arguments, prog_name="srs-conformance", standalone_mode=False)
    except ConformanceError as error:
        return _report(error, debug="--debug" in arguments)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    return result if isinstance(result, int) else ExitCode.HOLDS


def _report(error: ConformanceError, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    click.echo(f"error: {error}", err=True)
    return error.exit_code
