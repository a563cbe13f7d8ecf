"""The configuration that the reference server reads from its environment."""

import pytest

from srs_conformance.reference.config import ConfigError
from srs_conformance.reference.main import main
from srs_conformance.reference.personality import of_version
from srs_conformance.reference.settings import read_environment

CHART = {
    "SRS_LISTEN": "1935",
    "SRS_HTTP_API_ENABLED": "on",
    "SRS_HTTP_API_LISTEN": "1985",
    "SRS_HTTP_SERVER_ENABLED": "on",
    "SRS_HTTP_SERVER_LISTEN": "8080",
    "SRS_VHOST_HTTP_REMUX_ENABLED": "on",
    "SRS_VHOST_HLS_ENABLED": "on",
    "SRS_RTC_SERVER_ENABLED": "on",
    "SRS_LOG_TANK": "console",
    "SRS_DAEMON": "off",
    "SRS_PLATFORM": "helm",
    "PATH": "/bin",
}


def test_variables_are_directives():
    settings = read_environment(CHART, of_version("6"))
    assert [each.port for each in settings.rtmp] == [1935]
    assert (settings.api.port, settings.web.port) == (1985, 8080)
    assert settings.log_file is None
    assert not settings.daemon
    (vhost,) = settings.vhosts
    assert vhost.name == "__defaultVhost__"
    assert vhost.remux
    assert vhost.hls.enabled


def test_what_is_not_said_has_its_default():
    settings = read_environment({"SRS_LISTEN": "19350"}, of_version("6"))
    assert settings.api is None
    assert settings.max_connections == 1000


@pytest.mark.parametrize(
    ("environment", "version", "words"),
    [(CHART, "3", "illegal cmd argv"), ({}, "6", "conf is empty"), ({"SRS_DAEMON": "off"}, "6", "listen requires")],
)
def test_what_no_server_could_start_with_is_refused(environment, version, words):
    with pytest.raises(ConfigError, match=words):
        read_environment(environment, of_version(version))


def test_the_command_line_knows_it(capsys, tmp_path):
    assert main(["-e", "-t", "--workdir", str(tmp_path)], {**CHART, "SRS_REFERENCE_VERSION": "6"}) == 0
    assert main(["-e", "-t", "--workdir", str(tmp_path)], {**CHART, "SRS_REFERENCE_VERSION": "3"}) == 255
