"""`srs-conformance capacity`: what is refused."""

from __future__ import annotations

import pytest

from srs_conformance import cli
from srs_conformance.errors import ExitCode


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["flv"], "where to? give --namespace"),
        (["flv", "--host", "rtmp://127.0.0.1:1935"], "http://HOST:PORT"),
        (["flv", "--host", "http://127.0.0.1:8080"], "nobody publishes at http://127.0.0.1:8080"),
        (["flv", "--host", "http://127.0.0.1:1", "--start", "10", "--most", "5"], "expected 1 <= start <= most"),
        (["flv", "--host", "http://127.0.0.1:1", "--resolution", "2"], "expected a share between 0 and 1"),
        (["flv", "--host", "http://127.0.0.1:1", "--slo", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_started(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["capacity", *arguments]) == ExitCode.USAGE
    assert words in capsys.readouterr().err
