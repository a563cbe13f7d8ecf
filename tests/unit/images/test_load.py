"""The load generator's image: what is in it suffices, and is no more than needed; without apt, and without pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.images import checkout, load, pinned
from srs_conformance.images.checkout import Checkout
from srs_conformance.images.load import CLIP, HOME, PYTHON_PACKAGES
from srs_conformance.images.pinned import normal, selected

ROOT = Path(__file__).parents[3]

#: Imports what a container imports, and says where each package came from: nothing else is left in it.
IMPORTED = """
import importlib.metadata as metadata, json, pathlib, sys
from loadtests import flv, hls, mixed, publish, rtmp
import loadtests.once, locust.main
metadata.version("srs-conformance")
names = {name.partition(".")[0] for name in sys.modules}
distributions = {each for name, found in metadata.packages_distributions().items() if name in names for each in found}
files = {"from": flv.__file__, "ours": sys.modules["srs_conformance"].__file__}
json.dump(files | {"distributions": sorted(distributions)}, sys.stdout)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("image")
    clip = folder / "clip"
    clip.write_bytes(b"FLV")
    load.write_tree(folder / "tree", Checkout(ROOT), clip)
    return folder / "tree" / HOME


def test_code_and_packages_suffice_for_every_locustfile(tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-BP", "-c", IMPORTED],
        env=os.environ | {"PYTHONPATH": str(tree)},
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["from"] == str(tree / "loadtests" / "flv.py")
    assert found["ours"] == str(tree / "srs_conformance" / "__init__.py")
    wanted = {normal(name) for name in PYTHON_PACKAGES}
    # setuptools is imported by a file of its own wherever it is installed, and needed by nothing
    imported = {normal(name) for name in found["distributions"]} - {"setuptools", "srs-conformance"}
    assert imported <= wanted
    assert wanted - imported <= {"urllib3", "idna", "charset-normalizer", "typing-extensions", "requests"}


def test_nothing_of_the_suite_that_a_load_does_not_need_is_in_it(tree: Path) -> None:
    names = {str(path.relative_to(tree)) for path in tree.rglob("*")}
    assert {CLIP, "loadtests/once.py", "srs_conformance/load/result.schema.json"} <= names
    assert not [name for name in names if "__pycache__" in name or "kubernetes" in name or "reference" in name]


def test_pinned_lines_come_with_their_hashes() -> None:
    text = "one==1 \\\n    --hash=sha256:a\n    # via two\nTwo_x==2 ; python_version > '3' \\\n    --hash=sha256:b\n"
    assert "".join(selected(text, ["two-X"])) == "Two_x==2 ; python_version > '3' \\\n    --hash=sha256:b\n"
    with pytest.raises(EngineError, match=r"requirements.txt has no three"):
        list(selected(text, ["one", "three"]))


def test_of_a_package_pinned_by_version_the_one_for_the_image_is_taken_whatever_runs_here() -> None:
    text = (
        "av==18 ; python_full_version < '3.12' \\\n    --hash=sha256:a\n"
        "av==19 ; python_full_version >= '3.12' \\\n    --hash=sha256:b\n"
    )
    assert "".join(selected(text, ["av"])) == "av==18 \\\n    --hash=sha256:a\n"
    with pytest.raises(EngineError, match=r"requirements.txt has no av"):
        list(selected("av==19 ; python_full_version >= '3.12' \\\n", ["av"]))


def test_all_packages_are_pinned() -> None:
    lines = list(selected((ROOT / "requirements.txt").read_text(), PYTHON_PACKAGES))
    assert sum("==" in line for line in lines) == len(PYTHON_PACKAGES)


def test_what_runs_nothing_is_left_out(tmp_path: Path) -> None:
    files = (
        *("a/__init__.py", "a/core.so", "a/core.pyx", "a/tests/test_a.py", "bin/a"),
        *(
            "a-1.dist-info/METADATA",
            "a-1.dist-info/entry_points.txt",
            "a-1.dist-info/RECORD",
            "a-1.dist-info/licenses/LICENSE",
        ),
    )
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    pinned._slim(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    about = {"METADATA", "entry_points.txt", "licenses/LICENSE"}
    assert left == {"a/__init__.py", "a/core.so", *(f"a-1.dist-info/{name}" for name in about)}


def test_the_checkout_is_found_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Checkout.find().root == ROOT
    monkeypatch.setattr(
        checkout.srs_conformance, "__file__", str(tmp_path / "site-packages/srs_conformance/__init__.py")
    )
    with pytest.raises(UsageError, match=r"loadtests.* is not there: load tests need the project's checkout"):
        Checkout.find()


def test_a_container_is_nobody() -> None:
    assert load.config().user == "65534:65534"
