"""The image of the probe pod: what is in it suffices for every suite; without apt, and without pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.images import checkout, probe, python
from srs_conformance.images.checkout import Checkout
from srs_conformance.images.pinned import normal, selected
from srs_conformance.images.probe import HOME, KEEPS, PYTHON_PACKAGES

ROOT = Path(__file__).parents[3]

#: Collects every suite as the pod does, without what is taken out of the image's Python, and says what it imported.
COLLECTED = """
import importlib.abc, importlib.metadata as metadata, json, sys
class Without(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in without:
            raise ModuleNotFoundError(name)
without = set(sys.argv[2].split(","))
sys.meta_path.insert(0, Without())
import pytest
code = pytest.main(["suites", "--collect-only", "-q", "--cluster", "local", "--report", sys.argv[1]])
import fixtures, srs_conformance
names = {name.partition(".")[0] for name in sys.modules}
distributions = {each for name, found in metadata.packages_distributions().items() if name in names for each in found}
files = {"from": fixtures.__file__, "ours": srs_conformance.__file__, "code": int(code)}
print("\\n" + json.dumps(files | {"distributions": sorted(distributions)}))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    (folder / "kubectl").write_bytes(b"\x7fELF")
    probe.write_tree(folder / "tree", Checkout(ROOT), folder / "kubectl")
    return folder / "tree"


def test_code_and_packages_suffice_for_every_suite(tree: Path, tmp_path: Path) -> None:
    home = tree / HOME
    without = ",".join(set(python._UNUSED_MODULES) - set(KEEPS))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-BP", "-c", COLLECTED, tmp_path / "report", without],
        env=environment | {"PYTHONPATH": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["code"] == 0, done.stdout
    assert found["from"] == str(home / "fixtures" / "__init__.py")
    assert found["ours"] == str(home / "srs_conformance" / "__init__.py")
    wanted = {normal(name) for name in PYTHON_PACKAGES}
    # imported by files of their own, or where they happen to be installed; needed by nothing
    imported = {normal(name) for name in found["distributions"]} - {
        "setuptools",
        "srs-conformance",
        "rich",
        "platformdirs",
    }
    assert imported <= wanted


def test_all_packages_are_pinned() -> None:
    lines = list(selected((ROOT / "requirements.txt").read_text(), PYTHON_PACKAGES))
    assert sum("==" in line for line in lines) == len(PYTHON_PACKAGES) == len(set(PYTHON_PACKAGES))


def test_what_is_in_it(tree: Path) -> None:
    names = {str(path.relative_to(tree)) for path in tree.rglob("*")}
    assert {
        f"{HOME}/{name}" for name in ("conftest.py", "suites/load", "fixtures/manifests", "loadtests/flv.py")
    } <= names
    assert (tree / "usr/local/bin/kubectl").stat().st_mode & 0o111
    assert not [name for name in names if "__pycache__" in name or name.startswith(f"{HOME}/tests")]


def test_an_installed_package_says_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site-packages" / "srs_conformance" / "__init__.py"
    monkeypatch.setattr(checkout.srs_conformance, "__file__", str(installed))
    with pytest.raises(UsageError, match="the suites need the project's checkout"):
        probe.checkout()


def test_a_container_is_nobody() -> None:
    assert probe.config().user == "65534:65534"
