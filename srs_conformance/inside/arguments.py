"""The arguments for pytest: which of them are of use outside already, and what goes into the pod."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from srs_conformance.errors import UsageError
from srs_conformance.images.choosing import Wanted
from srs_conformance.inside import given as given_files

SUITES = "suites"
_OURS = ("cluster", "cluster-name", "context", "kubeconfig", "ack-cluster", "ack-region", "ack-endpoint", "report")
"""Options of this command: they belong before the arguments for pytest."""
_FILES = ("demo-file", "helm-chart", "manifests")
"""Options that name what lies here, and has to go into the pod."""


@dataclass(frozen=True)
class Arguments:
    """What pytest is asked for.

    Attributes:
        passed: for pytest in the pod, without what is of use outside alone.
        wanted: the images.
        proxy_image: as the user names it; "" for none.
        keep: whether the suite leaves its namespaces.
        files: what options name that lies here, by the option.
    """

    passed: tuple[str, ...] = ()
    wanted: Wanted = field(default_factory=Wanted)
    proxy_image: str = ""
    keep: bool = False
    files: Mapping[str, Path] = field(default_factory=dict)


def read(given: Sequence[str], root: Path) -> Arguments:
    """Return what the arguments say.

    Args:
        given: as pytest takes them; where they name no test, all suites are meant.
        root: of the checkout.

    Raises:
        UsageError: an option that belongs elsewhere, or lacks its value; a test that is not there.
    """
    found, rest = _parser().parse_known_args([each for each in given if each != "--"])
    for name in (*_OURS, "ack-private"):
        if getattr(found, name.replace("-", "_")) is not None:
            raise UsageError(
                f"--{name} stands among the arguments for pytest, which runs in the pod",
                hint=f"srs-conformance inside --{name} ... -- {SUITES}",
            )
    files = {name: Path(path) for name in _FILES if (path := getattr(found, name.replace("-", "_"))) is not None}
    for archive in found.image_archive:
        if not archive.is_file():
            raise UsageError(f"--image-archive {archive}: no such file", hint="give the path of an existing file")
    rest = [_within(each, root) for each in rest]
    chosen = any(_is_test(each) for each in rest)
    wanted = Wanted(
        srs_image=found.srs_image,
        srs_image_next=found.srs_image_next,
        nginx_image=found.nginx_image,
        archives=tuple(found.image_archive),
        require_real_srs=found.require_real_srs,
        faults=tuple(found.reference_fault),
        faithful=found.reference_faithful,
    )
    there = [word for name, path in files.items() for word in (f"--{name}", given_files.place(name, path))]
    passed = (*([] if chosen else [SUITES]), *rest, *_again(wanted), *there)
    return Arguments(passed, wanted, found.proxy_image, found.keep, files)


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong, as all of the command line does."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"arguments for pytest: {message}", hint="`pytest --help` lists the suite's options")


def _parser() -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name in (*_OURS, *_FILES):
        parser.add_argument(f"--{name}")
    for name, default in (
        ("srs-image", Wanted.srs_image),
        ("srs-image-next", Wanted.srs_image_next),
        ("nginx-image", Wanted.nginx_image),
        ("proxy-image", ""),
    ):
        parser.add_argument(f"--{name}", default=default)
    parser.add_argument("--image-archive", type=Path, action="append", default=[])
    parser.add_argument("--reference-fault", action="append", default=[])
    parser.add_argument("--ack-private", action="store_const", const=True)
    for name in ("require-real-srs", "reference-faithful", "keep"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser


def _again(wanted: Wanted) -> list[str]:
    """Return the options for the run in the pod: its report tells what was asked for."""
    words = ["--srs-image", wanted.srs_image, "--nginx-image", wanted.nginx_image]
    if wanted.srs_image_next:
        words += ["--srs-image-next", wanted.srs_image_next]
    for fault in wanted.faults:
        words += ["--reference-fault", fault]
    words += ["--require-real-srs"] if wanted.require_real_srs else []
    return [*words, "--reference-faithful"] if wanted.faithful else words


def _within(word: str, root: Path) -> str:
    """Return a test's path as it is in the pod, where the checkout lies elsewhere; any other word as it is.

    Raises:
        UsageError: it names a test that is not there.
    """
    path, separator, rest = word.partition("::")
    if word.startswith("-"):
        return word
    here = Path(path).resolve()
    if (root / SUITES) in (here, *here.parents) and here.exists():
        return str(here.relative_to(root)) + separator + rest
    if _is_test(word) and not (root / path).exists():
        raise UsageError(f"{word}: no such test in {root}", hint="`srs-conformance requirements` lists what there is")
    return word


def _is_test(word: str) -> bool:
    return word == SUITES or word.startswith(f"{SUITES}/")
