"""The grammar of srs.conf: text to a tree of directives.

A directive is a name and arguments, ended by `;` or by a block. `#` begins a comment only where a token may begin.
Quotes group one argument and know no escapes. A line must not end between the arguments of a directive.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_SPACES: Final = frozenset(" \t\r\n")

#: SRS's code for a configuration that it does not take.
CONFIG_INVALID: Final = 1023


class ConfigError(Exception):
    """A configuration that the server refuses; the text names the line where one is to blame."""


@dataclass
class Directive:
    """One directive with the line on which it begins."""

    name: str
    args: list[str] = field(default_factory=list)
    line: int = 0
    block: list[Directive] = field(default_factory=list)

    def get(self, name: str, arg: str | None = None) -> Directive | None:
        """Return the first directive of that name (and that first argument) in the block, or None."""
        return next(self.all(name, arg), None)

    def all(self, name: str, arg: str | None = None) -> Iterator[Directive]:
        """Return all directives of that name in the block."""
        return (each for each in self.block if each.name == name and (arg is None or each.args[:1] == [arg]))

    def text(self, name: str, default: str) -> str:
        """Return the first argument of a directive in the block."""
        found = self.get(name)
        return found.args[0] if found and found.args else default

    def on(self, name: str, default: bool = False) -> bool:
        """Return a switch: exactly `on` or `off` turn it, anything else leaves the default, as SRS does."""
        return {"on": True, "off": False}.get(self.text(name, ""), default)

    def number(self, name: str, default: float) -> float:
        """Return a number; what is no number counts as 0, as in C."""
        found = self.text(name, "")
        if not found:
            return default
        try:
            return float(found)
        except ValueError:
            return 0.0


def load(path: Path) -> Directive:
    """Return the root of a configuration file.

    Raises:
        ConfigError: there is no such file, it cannot be read, or it breaks the grammar.
    """
    if not path.is_file():
        raise ConfigError(f"no config file at {path}")
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"read {path}: {error}") from error
    return parse(text, folder=path.parent)


def parse(text: str, *, folder: Path | None = None) -> Directive:
    """Return the root of a configuration; `include` looks for files as given, then beside the file.

    Raises:
        ConfigError: it breaks the grammar.
    """
    parser = _Parser(text, folder)
    root = Directive("root")
    parser.block(root, outermost=True)
    return root


class _Parser:
    def __init__(self, text: str, folder: Path | None) -> None:
        self._text = text
        self._folder = folder
        self._position = 0
        self._line = 1

    def block(self, parent: Directive, *, outermost: bool) -> None:
        while True:
            start, args, end = self._directive()
            if end == "}":
                if outermost:
                    raise ConfigError(f'line {self._line}: unexpected "}}"')
                return
            if end == "":
                if outermost:
                    return
                raise ConfigError(f'line {self._line}: unexpected end of file, expecting "}}"')
            if args[0] == "include":
                self._include(args[1:], parent)
                continue
            child = Directive(args[0], args[1:], start)
            parent.block.append(child)
            if end == "{":
                self.block(child, outermost=False)

    def _include(self, files: list[str], parent: Directive) -> None:
        if not files:
            raise ConfigError(f"line {self._line}: include is empty directive")
        for name in files:
            path = Path(name)
            if not path.is_file() and self._folder is not None:
                path = self._folder / name
            parent.block += load(path).block

    def _directive(self) -> tuple[int, list[str], str]:
        """Return the line, the words and what ended them: `;`, `{`, `}` or nothing at the end of the file."""
        args: list[str] = []
        start = 0
        while True:
            self._skip_spaces(args)
            if self._position >= len(self._text):
                if args:
                    raise ConfigError(f'line {self._line}: unexpected end of file, expecting ; or "}}"')
                return start, args, ""
            character = self._text[self._position]
            if character in ";{}":
                if bool(args) == (character == "}"):
                    raise ConfigError(f"line {self._line}: unexpected '{character}'")
                self._position += 1
                return start, args, character
            start = start or self._line
            args.append(self._quoted(character) if character in "\"'" else self._word())

    def _skip_spaces(self, args: list[str]) -> None:
        while self._position < len(self._text):
            character = self._text[self._position]
            if character == "#":
                end = self._text.find("\n", self._position)
                self._position = len(self._text) if end < 0 else end
                continue
            if character not in _SPACES:
                return
            if character == "\n":
                if args:
                    raise ConfigError(f"line {self._line}: unexpected end of line to parse token {args[0]}")
                self._line += 1
            self._position += 1

    def _word(self) -> str:
        start = self._position
        while self._position < len(self._text) and self._text[self._position] not in "; \t\r\n{":
            self._position += 1
        if self._position >= len(self._text):
            raise ConfigError(f'line {self._line}: unexpected end of file, expecting ; or "}}"')
        return self._text[start : self._position]

    def _quoted(self, quote: str) -> str:
        end = self._text.find(quote, self._position + 1)
        if end < 0:
            raise ConfigError(f'line {self._line}: unexpected end of file, expecting ; or "}}"')
        word = self._text[self._position + 1 : end]
        self._line += word.count("\n")
        self._position = end + 1
        after = self._text[self._position : self._position + 1]
        if after and after not in "; \t\r\n{":
            raise ConfigError(f"line {self._line}: unexpected '{after}'")
        return word
