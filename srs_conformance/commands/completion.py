"""`srs-conformance completion`: what a shell needs to complete commands, options and values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from srs_conformance.commands.examples import PROGRAM, examples

VARIABLE = "_SRS_CONFORMANCE_COMPLETE"
"""In which the shell asks; click derives the same from the program's name."""
SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    epilog=examples(
        "completion bash > ~/.local/share/bash-completion/completions/srs-conformance",
        "completion zsh > ~/.zfunc/_srs-conformance",
        "completion fish > ~/.config/fish/completions/srs-conformance.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what makes a shell complete commands, options, and values such as faults, requirements and contexts."""
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(click.get_current_context().find_root().command, {}, PROGRAM, VARIABLE).source())
