"""How apt's answers are read, and the errors where there is no apt."""

from pathlib import Path

import pytest

from srs_conformance.errors import EngineError, UsageError
from srs_conformance.images.debian import Package, debian_rootfs, parse_simulation

SIMULATION = """\
NOTE: This is only a simulation!
Inst gcc-12-base (12.2.0-14+deb12u1 Debian:12.11/oldstable [amd64])
Inst libc6 [2.36-9] (2.36-9+deb12u10 Debian:12.11/oldstable, Debian-Security:12/oldstable-security [amd64]) []
Inst base-passwd (3.6.1 Debian:12.11/oldstable [amd64])
Inst media-types (1:10.0.0 Debian:12.11/oldstable [all])
Conf gcc-12-base (12.2.0-14+deb12u1 Debian:12.11/oldstable [amd64])
"""


def test_what_apt_would_install() -> None:
    assert parse_simulation(SIMULATION) == [
        Package("base-passwd", "3.6.1", "amd64"),
        Package("gcc-12-base", "12.2.0-14+deb12u1", "amd64"),
        Package("libc6", "2.36-9+deb12u10", "amd64"),
        Package("media-types", "1:10.0.0", "all"),
    ]


def test_file_of_a_package_with_an_epoch() -> None:
    assert Package("media-types", "1:10.0.0", "all").file == "media-types_1%3a10.0.0_all.deb"


def test_a_machine_without_apt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"apt-get, dpkg-deb, tar, ldconfig, which this machine lacks"):
        debian_rootfs(tmp_path / "root", ["bash"])


def test_a_folder_that_exists_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "file").touch()
    with pytest.raises((EngineError, UsageError)):
        debian_rootfs(tmp_path / "root", ["bash"])
    assert (tmp_path / "root" / "file").exists()
