"""Every fault of the reference server is found: the requirements that it breaks are judged on it, and must be missed.

This proves that each check can fail. The deployments are processes on loopback addresses (`--cluster local`);
requirements that only a real Kubernetes can judge, and what acts when a container starts, are left to the cluster. That
a fault breaks nothing else shows `pytest tests/mutation --whole`.
"""

import os
import shutil
import zlib

import pytest

from fixtures.turns import Turns
from srs_conformance import manifest_faults
from srs_conformance.reference.faults import CATALOGUE
from srs_conformance.requirements import load_all
from tests.mutation.matrix import ROW
from tests.support.suites import LONG, MISSED, NEEDS_CHART, NEEDS_KUBERNETES, ROOT, chosen, run, switched_on

#: Of the requirements about crowds the one that is judged soonest.
QUICK_CROWD = "LOAD-05"
#: Their scenes take half a minute and more; what others find too, others find.
SLOW_CHAPTERS = ("LOAD", "FLT", "SOAK", "CLOUD", "DEMO", "CLN", "INO", "HLS")
#: What only hours show, or ten minutes at least; that the check finds it show tests/interop/test_leaks.py.
NEEDS_LONG = {"SOAK-07", "SOAK-08"}
#: What must happen for a fault to show, where its judge does not do it.
COMPANIONS = {"crashes-after-unpublish": {"QS-09", "EDGE-02", "SV-02"}}
#: What Kubernetes itself keeps, nginx, or the manifests; and all that needs a cluster.
KEPT_BY_OTHERS = NEEDS_KUBERNETES | {
    "QS-13",
    *("UPD-00", "UPD-11", "CAN-00", "CAN-01", "CAN-06", "CAN-07"),
    *("FLT-01", "FLT-04", "FLT-05", "RLD-00"),
    *NEEDS_CHART,
    *("OC-00", "OC-01", "OC-09", "DEP-02", "DEP-03"),
    "SOAK-05",
    *("SV-13", "WEB-04", "WEB-05", "WEB-06", "SLB-00"),
}


def judge_of(fault):
    """One of the requirements that a fault breaks: the first of a chapter, chosen by the fault's name alone."""
    broken = sorted(fault.breaks - NEEDS_KUBERNETES - NEEDS_LONG)
    if QUICK_CROWD in broken:
        return QUICK_CROWD
    broken = [name for name in broken if not name.startswith(SLOW_CHAPTERS)] or broken
    firsts = sorted({name.split("-")[0]: name for name in reversed(broken)}.values())
    return firsts[zlib.crc32(fault.name.encode()) % len(firsts)]


#: What tests judge; what no test is bound to, no fault can be found by.
KNOWN = {name for chapter in load_all(ROOT / "suites") for name in chapter.ids()}
#: Of what acts when a container starts, that which the local backend plays.
PLAYED_AT_START = {"sh-is-dash"}
#: What the local backend can judge: not what acts when a container starts, nor what no suite here asks for.
JUDGED = [
    fault
    for fault in CATALOGUE.values()
    if (not fault.at_start or fault.name in PLAYED_AT_START) and (fault.breaks - NEEDS_LONG) & KNOWN
]


#: Requirements of chapters that the gate leaves to `make nightly` (`tox -e long_faults`).
LONG_ONES = {name for chapter in load_all(ROOT / "suites") if chapter.name in LONG for name in chapter.ids()}


def marked(fault):
    """The fault as a parameter, marked where its judge is of a long chapter."""
    return pytest.param(fault, marks=[pytest.mark.long] if judge_of(fault) in LONG_ONES else [], id=fault.name)


@pytest.fixture
def turns(tmp_path_factory):
    """What the processes of this run share: its base folder is one above that of each of them."""
    base = tmp_path_factory.getbasetemp()
    return Turns(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)


@pytest.mark.parametrize("fault", map(marked, JUDGED))
def test_a_fault_is_found_by_a_requirement_that_it_breaks(fault, tmp_path, turns, record_property):
    judge = judge_of(fault)
    if judge.startswith("WEB-") and not all(shutil.which(each) for each in ("chromium", "npm")):
        pytest.skip("no Chromium and no npm here")
    arguments = [*switched_on(fault), *chosen(*sorted({judge} | COMPANIONS.get(fault.name, set())))]
    with turns.take(alone=False):
        found, output = run(tmp_path / "first", *arguments, timeout=300)
    if found[judge] == "could-not-test":  # the runs beside it took the time that it measures
        with turns.take(alone=True):
            found, output = run(tmp_path / "alone", *arguments, timeout=300)
    record_property(ROW, {"fault": fault.name, "breaks": sorted(fault.breaks), "verdicts": {judge: found[judge]}})
    assert found[judge] in MISSED, output


#: What manifests break that the local backend can judge, by one requirement each.
OF_MANIFESTS = {
    fault.name: min(fault.breaks - NEEDS_KUBERNETES)
    for fault in manifest_faults.CATALOGUE.values()
    if fault.breaks - NEEDS_KUBERNETES
}


@pytest.mark.parametrize("name", OF_MANIFESTS)
def test_a_fault_of_manifests_is_found_by_a_requirement_that_it_breaks(name, tmp_path, turns, record_property):
    judge, breaks = OF_MANIFESTS[name], sorted(manifest_faults.CATALOGUE[name].breaks)
    with turns.take(alone=False):
        found, output = run(tmp_path, "--manifest-fault", name, "--requirement", judge, timeout=300)
    record_property(ROW, {"fault": name, "breaks": breaks, "verdicts": {judge: found[judge]}})
    assert found[judge] in MISSED, output


def test_every_requirement_that_a_server_or_manifests_can_break_has_a_fault():
    """What no fault breaks is kept by others."""
    chapters = {name.partition("-")[0] for name in KNOWN}
    faults = [*CATALOGUE.values(), *manifest_faults.CATALOGUE.values()]
    broken = set().union(*(fault.breaks for fault in faults))
    assert {name for name in broken if name.partition("-")[0] in chapters} <= KNOWN
    assert KNOWN - broken <= KEPT_BY_OTHERS
