from __future__ import annotations

import pytest

from srs_conformance.errors import UsageError
from srs_conformance.images.names import major_of, parse

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("said", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("ossrs/srs:3", "docker.io/ossrs/srs:3"),
        ("docker.io/ossrs/srs:3", "docker.io/ossrs/srs:3"),
        ("index.docker.io/ossrs/srs:3", "docker.io/ossrs/srs:3"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("localhost/a/b:c", "localhost/a/b:c"),
        ("localhost:5000/a", "localhost:5000/a:latest"),
        ("registry.example.com/group/srs:v4.0.5", "registry.example.com/group/srs:v4.0.5"),
        ("[::1]:5000/a", "[::1]:5000/a:latest"),
        (f"ossrs/srs@{DIGEST}", f"docker.io/ossrs/srs@{DIGEST}"),
        (f"ossrs/srs:3@{DIGEST}", f"docker.io/ossrs/srs:3@{DIGEST}"),
    ],
)
def test_names_are_completed_as_docker_does(said: str, full: str) -> None:
    assert str(parse(said)) == full
    assert str(parse(full)) == full


@pytest.mark.parametrize(
    "said", ["", "UPPER/case", "a b", "ossrs/srs:", "ossrs//srs", "-x", "a@sha256:12", "a:b:c", "$(x)"]
)
def test_what_is_no_name_is_refused(said: str) -> None:
    with pytest.raises(UsageError, match="is not an image name; expected"):
        parse(said)


@pytest.mark.parametrize(
    ("said", "major"),
    [
        ("ossrs/srs:3", 3),
        ("ossrs/srs:v4.0.5", 4),
        ("ossrs/srs:6.0-d2", 6),
        ("ossrs/srs:v5", 5),
        ("ossrs/srs:encoder", None),
        ("ossrs/srs", None),
        ("nginx", None),
        ("ossrs/srs:3a", None),
    ],
)
def test_the_major_version_of_a_tag(said: str, major: int | None) -> None:
    assert major_of(said) == major


def test_slugs() -> None:
    assert (parse("ossrs/srs:3").slug, parse("nginx").slug) == ("ossrs-srs", "nginx")
