"""Volumes of the local backend: empty ones, and those whose files are a ConfigMap's or a Secret's keys."""

from pathlib import Path

import pytest

from srs_conformance.clusters.local.files import check_volume, keys_of, make_volume
from srs_conformance.errors import UsageError

SECRET = {"kind": "Secret", "data": {"tls.key": "a2V5"}, "stringData": {"tls.crt": "certificate"}}
VOLUME = {"name": "https", "secret": {"secretName": "nginx-https"}}


def test_a_secrets_values_are_decoded(tmp_path: Path) -> None:
    assert keys_of(SECRET) == {"tls.key": "key", "tls.crt": "certificate"}
    make_volume(tmp_path / "v", VOLUME, {("Secret", "nginx-https"): SECRET})
    assert {each.name: each.read_text() for each in (tmp_path / "v").glob("tls*")} == keys_of(SECRET)


def test_a_volume_of_what_is_not_there_is_refused() -> None:
    check_volume(VOLUME, {("Secret", "nginx-https")})
    with pytest.raises(UsageError, match="there is no Secret nginx-https"):
        check_volume(VOLUME, {("ConfigMap", "nginx-https")})
    with pytest.raises(UsageError, match="there is no PersistentVolumeClaim pages"):
        check_volume({"name": "claim", "persistentVolumeClaim": {"claimName": "pages"}}, set())
    with pytest.raises(UsageError, match="emptyDir, configMap, secret and persistentVolumeClaim only"):
        check_volume({"name": "node", "hostPath": {"path": "/srv"}}, set())
