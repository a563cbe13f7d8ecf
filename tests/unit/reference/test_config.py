from __future__ import annotations

from pathlib import Path

import pytest

from srs_conformance.reference import grammar
from srs_conformance.reference.config import ConfigError, load, parse
from srs_conformance.reference.personality import PERSONALITIES
from srs_conformance.reference.settings import Address, read, settings_of

EDGE = """
listen              1935;
max_connections     1000;
daemon              off;
http_api {
    enabled         on;
    listen          1985;
}
http_server {
    enabled         on;
    listen          8080;
}
vhost __defaultVhost__ {
    cluster {
        mode            remote;
        origin          srs-origin-service 10.0.0.1:19350;
    }
    http_remux {
        enabled     on;
    }
}
"""


def test_words_quotes_comments_and_blocks() -> None:
    root = parse("a 1 'two words' \"it's\"; # b 2;\nc { d#e f; } vhost x{}")
    assert [(each.name, each.args) for each in root.block] == [
        ("a", ["1", "two words", "it's"]),
        ("c", []),
        ("vhost", ["x"]),
    ]
    assert [(each.name, each.args, each.line) for each in root.block[1].block] == [("d#e", ["f"], 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a 1\nb 2;", "line 1: unexpected end of line to parse token a"),
        ("\n\na {\nb 1;\n", 'line 5: unexpected end of file, expecting "}"'),
        ("a 1;\n}", 'line 2: unexpected "}"'),
        ("a 1; ;", "line 1: unexpected ';'"),
        ("{ }", "line 1: unexpected '{'"),
        ("a 'b", 'line 1: unexpected end of file, expecting ; or "}"'),
        ("a 'b'c;", "line 1: unexpected 'c'"),
        ("a b", 'line 1: unexpected end of file, expecting ; or "}"'),
        ("a { b } c;", "line 1: unexpected '}'"),
        ("include;", "line 1: include is empty directive"),
    ],
)
def test_what_breaks_the_grammar_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text)
    assert str(raised.value) == message


def test_include_takes_files_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("b 2;")
    (tmp_path / "srs.conf").write_text("a 1;\ninclude more.conf;\nc 3;")
    assert [each.name for each in load(tmp_path / "srs.conf").block] == ["a", "b", "c"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^no config file at .*/nope\.conf$"):
        load(tmp_path / "nope.conf")


@pytest.mark.parametrize(
    ("text", "version", "message"),
    [
        ("", 6, "conf is empty"),
        ("listen 1935;\nfoo bar;", 6, r"illegal directive foo \(line 2\)"),
        ("listen 1935; rtc_server { enabled on; }", 3, "illegal directive rtc_server"),
        ("listen 1935; vhost v { hls { hls_ctx on; } }", 3, "illegal directive vhost.hls.hls_ctx"),
        ("listen 1935; vhost v { cluster { origins a; } }", 6, "illegal directive vhost.cluster.origins"),
        ("max_connections 1;", 6, "listen requires params"),
    ],
)
def test_what_a_version_does_not_know_is_refused(text: str, version: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        grammar.check(parse(text), version)


@pytest.mark.parametrize("version", [3, 6])
def test_the_guides_edge_is_understood(version: int, tmp_path: Path) -> None:
    (tmp_path / "srs.conf").write_text(EDGE)
    settings = read(tmp_path / "srs.conf", PERSONALITIES[version])
    assert (settings.rtmp, settings.api, settings.web) == ((Address("", 1935),), Address("", 1985), Address("", 8080))
    assert (settings.max_connections, settings.daemon, settings.log_file) == (1000, False, "./objs/srs.log")
    vhost = settings.vhost("any.host")
    assert vhost is not None
    assert vhost.origins == (Address("srs-origin-service", 1935), Address("10.0.0.1", 19350))
    assert (vhost.edge, vhost.remux, vhost.hls.enabled) == (True, True, False)


def test_defaults_differ_by_version() -> None:
    root = parse("listen 1935; vhost __defaultVhost__ { hls { enabled on; } }")
    three, six = (settings_of(root, PERSONALITIES[version]).vhosts[0] for version in (3, 6))
    assert (three.hls.target_duration_ratio, six.hls.target_duration_ratio) == (1.5, 1.0)
    assert (three.hls.context, six.hls.context) == (False, True)
    assert (three.hls.fragment, three.hls.window, three.merged_write_seconds, three.chunk_size) == (10, 60, 0.35, 60000)


def test_a_vhost_of_its_own_comes_before_the_default_and_none_is_refused() -> None:
    text = "listen 1935; vhost a.com { chunk_size 4096; } vhost off.com { enabled off; }"
    settings = settings_of(parse(text), PERSONALITIES[6])
    assert settings.vhost("a.com") is settings.vhosts[0]
    assert settings.vhost("off.com") is None


@pytest.mark.parametrize("text", ["0", "70000", "x", "1.2.3.4:"])
def test_a_port_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is invalid"):
        Address.parse(text)


def test_an_edge_needs_an_origin() -> None:
    with pytest.raises(ConfigError, match=r"edge without cluster\.origin \(line 2\)"):
        settings_of(parse("listen 1935;\nvhost v { cluster { mode remote; } }"), PERSONALITIES[6])
