"""Every fault fails what it breaks and nothing else: all suites with each fault, and once without any.

Off unless `--whole` asks for it, as it takes more than an hour. A requirement whose scene needs what the fault breaks
could not be tested, which is neither: only `fail` and `warn` accuse the server of breaking a promise.
"""

import time

import pytest

from srs_conformance.reference.faults import CATALOGUE
from tests.mutation.matrix import ROW
from tests.support.suites import (
    BY_THE_MANIFESTS,
    BY_VERSION,
    KILLING_THE_ORIGIN,
    MISSED,
    NEEDS_CHART,
    NEEDS_KUBERNETES,
    run,
    switched_on,
    version_of,
)

pytestmark = pytest.mark.timeout(1500)

SIDE_BY_SIDE = ("-n", "2")
#: Unless others are named. Crowds are left out: whether they suffer from a fault of few players' is a matter of degree.
CHAPTERS = ("quick_start", "edge_cluster", "zero_downtime")


@pytest.fixture
def whole_run(tmp_path, record_property, pytestconfig):
    """Run all suites and return the verdicts and the output; the run becomes a row of the matrix."""

    def run_with(fault=None):
        started = time.monotonic()
        arguments = switched_on(fault) if fault else []
        suites = [f"suites/{name}" for name in pytestconfig.getoption("--chapter") or CHAPTERS]
        found, output = run(tmp_path, *SIDE_BY_SIDE, *KILLING_THE_ORIGIN, *arguments, timeout=1400, suites=suites)
        left_out = (BY_THE_MANIFESTS | BY_VERSION[version_of(fault)] | NEEDS_CHART) - (fault.breaks if fault else set())
        found = {name: each for name, each in found.items() if each != "not-run" and name not in left_out}
        declared = sorted(fault.breaks) if fault else []
        seconds = round(time.monotonic() - started)
        name = fault.name if fault else ""
        record_property(ROW, {"fault": name, "breaks": declared, "seconds": seconds, "verdicts": found})
        return found, output

    return run_with


def test_without_a_fault_everything_holds(whole_run):
    found, output = whole_run()
    assert {name for name, verdict in found.items() if verdict == "unsupported"} == NEEDS_KUBERNETES & set(found)
    assert {verdict for name, verdict in found.items() if name not in NEEDS_KUBERNETES} == {"pass"}, output


@pytest.mark.parametrize("fault", CATALOGUE.values(), ids=lambda fault: fault.name)
def test_a_fault_fails_what_it_breaks_and_nothing_else(fault, whole_run):
    found, output = whole_run(fault)
    missed = {name for name, verdict in found.items() if verdict in MISSED}
    assert missed == (fault.breaks & set(found)) - NEEDS_KUBERNETES, output
    assert "engine-error" not in found.values(), output
