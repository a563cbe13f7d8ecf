"""Two ways to prove the checks: in minutes each fault by one requirement that it breaks, in an hour by all of them."""

import json
from pathlib import Path

import pytest

from tests.support.suites import ROOT

WHOLE_RUNS = "test_whole_runs.py"
#: The property by which a whole run's row gets into the matrix, whichever process has made it.
ROW = "fault-row"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of this folder."""
    group = parser.getgroup("srs-conformance")
    group.addoption(
        "--whole", action="store_true", help="run all suites with each fault: it must break what it says and no more"
    )
    group.addoption(
        "--chapter", action="append", metavar="NAME", help="with --whole: run this chapter (repeatable; default: "
        "quick_start, edge_cluster and zero_downtime)",
    )  # fmt: skip
    group.addoption(
        "--matrix", type=Path, metavar="FILE", help="with --whole: write each fault's verdicts into this JSON file"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect rows in the process that sees all reports."""
    matrix = config.getoption("--matrix", default=None)  # not there where this folder was not named
    for option, why in (
        ("--matrix", "only whole runs have all verdicts"),
        ("--chapter", "other runs choose their own"),
    ):
        if config.getoption(option, default=None) and not config.getoption("--whole"):
            raise pytest.UsageError(f"{option} goes with --whole: {why}")
    for name in config.getoption("--chapter", default=None) or ():
        if not (ROOT / "suites" / name).is_dir():
            known = ", ".join(sorted(path.parent.name for path in ROOT.glob("suites/*/requirements.yaml")))
            raise pytest.UsageError(f"--chapter {name}: there is no such chapter; there are {known}")
    if matrix and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Matrix(matrix.resolve()))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the whole runs unless they are asked for, and then the short ones, of which they have everything."""
    whole = config.getoption("--whole", default=False)
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    others = [item for item in here if (item.path.name == WHOLE_RUNS) != whole]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


class Matrix:
    """Faults x requirements, written after each run so that an interrupted hour is not lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a row."""
        row = dict(report.user_properties).get(ROW)
        if report.when == "call" and isinstance(row, dict):
            self._rows[row["fault"]] = row
            self._path.write_text(json.dumps(list(self._rows.values()), indent=1) + "\n", encoding="utf-8")
