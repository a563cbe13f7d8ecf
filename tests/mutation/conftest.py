"""Two ways to prove the checks: in minutes each fault by one requirement that it breaks, in an hour by all of them."""

from pathlib import Path

import pytest

from tests.mutation.matrix import Matrix
from tests.support.suites import ROOT

WHOLE_RUNS = "test_whole_runs.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this folder."""
    group = parser.getgroup("srs-conformance")
    group.addoption(
        "--whole", action="store_true", help="run all suites with each fault: it must break what it says and no more"
    )
    group.addoption(
        "--chapter",
        action="append",
        metavar="NAME",
        help="with --whole: run this chapter (repeatable; default: quick_start, edge_cluster and zero_downtime)",
    )
    group.addoption(
        "--matrix", type=Path, metavar="FILE", help="write each fault's verdicts into this JSON file, or add them to it"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect rows in the process that sees all reports."""
    matrix = config.getoption("--matrix", default=None)  # not there where this folder was not named
    if config.getoption("--chapter", default=None) and not config.getoption("--whole"):
        raise pytest.UsageError("--chapter goes with --whole: other runs choose their own")
    for name in config.getoption("--chapter", default=None) or ():
        if not (ROOT / "suites" / name).is_dir():
            known = ", ".join(sorted(path.parent.name for path in ROOT.glob("suites/*/requirements.yaml")))
            raise pytest.UsageError(f"--chapter {name}: there is no such chapter; there are {known}")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Matrix(matrix.resolve() if matrix else None))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the whole runs unless they are asked for, and then the short ones, of which they have everything."""
    whole = config.getoption("--whole", default=False)
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    others = [item for item in here if (item.path.name == WHOLE_RUNS) != whole]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
