"""The committed examples are what the suite makes of their conformance.json."""

from pathlib import Path

import pytest

from srs_conformance.errors import ExitCode
from srs_conformance.report import page, reading
from srs_conformance.report.comparing import Group, compare

EXAMPLES = Path(__file__).parents[3] / "reports" / "example"


@pytest.mark.parametrize("name", ["passing", "failing"])
def test_an_examples_page_is_as_the_suite_makes_it_now(name):
    """Where it is not: `srs-conformance report html reports/example/NAME`."""
    folder = EXAMPLES / name
    assert page.render(reading.read(folder), folder) == (folder / page.FILE_NAME).read_text(encoding="utf-8")


def test_what_the_fault_breaks_is_newly_failing_in_the_second():
    found = compare(*(reading.read(EXAMPLES / name) for name in ("passing", "failing")))
    assert found.exit_code is ExitCode.MISSED
    newly = {each.id for each in found.changes if each.group is Group.NEWLY_FAILING}
    assert newly == {"EDGE-03", "EDGE-04", "EDGE-10"}
