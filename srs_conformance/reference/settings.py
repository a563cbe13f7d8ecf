"""What a configuration means: typed settings with the defaults of each version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from srs_conformance.reference import grammar
from srs_conformance.reference.config import ConfigError, Directive, load
from srs_conformance.reference.environment import configuration
from srs_conformance.reference.personality import Personality

DEFAULT_VHOST: Final = "__defaultVhost__"
RTMP_PORT: Final = 1935
#: The first version that knows `-e`.
_READS_ENVIRONMENT: Final = 5


@dataclass(frozen=True)
class Address:
    """Where to listen or connect; an empty host means every address."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int | None = None) -> Address:
        """Parse `[host:]port`, or `host[:port]` where there is a default port.

        Raises:
            ConfigError: the port is no number from 1 to 65535.
        """
        host, _, port = text.rpartition(":")
        if default_port is not None and not _:
            host, port = text, str(default_port)
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise ConfigError(f"listen.port={port} is invalid in {text!r}")
        return cls(host.strip("[]"), int(port))


@dataclass(frozen=True)
class Hls:
    """The block `hls` of a vhost; durations in seconds."""

    enabled: bool
    path: str
    playlist: str
    segment: str
    fragment: float
    window: float
    target_duration_ratio: float
    cleanup: bool
    dispose: float
    dispose_asked: bool
    context: bool


@dataclass(frozen=True)
class Vhost:
    """A vhost: play, publish, cluster, http_remux and hls; durations in seconds."""

    name: str
    enabled: bool
    edge: bool
    origins: tuple[Address, ...]
    origin_cluster: bool
    coworkers: tuple[str, ...]  # HTTP APIs, host[:port], in the order in which they are asked
    upstream_vhost: str
    chunk_size: int
    gop_cache: bool
    queue_seconds: float
    merged_write_seconds: float
    first_packet_seconds: float
    packet_seconds: float
    remux: bool
    mount: str
    hls: Hls


@dataclass(frozen=True)
class Settings:
    """A whole configuration; durations in seconds, paths relative to the working folder."""

    rtmp: tuple[Address, ...]
    api: Address | None
    web: Address | None
    web_folder: str
    crossdomain: bool
    web_crossdomain: bool
    pid_file: str
    log_file: str | None
    max_connections: int
    daemon: bool
    grace_start: float
    grace_final: float
    force_grace_quit: bool
    log_level: str
    watch_file: bool
    watch_in_docker: bool
    vhosts: tuple[Vhost, ...]

    def vhost(self, name: str) -> Vhost | None:
        """Return the vhost of that name, else the default one, else None (SRS: code 2014)."""
        by_name = {vhost.name: vhost for vhost in self.vhosts if vhost.enabled}
        return by_name.get(name) or by_name.get(DEFAULT_VHOST)


def read(path: Path, personality: Personality) -> Settings:
    """Read and check a configuration file.

    Raises:
        ConfigError: it is missing, breaks the grammar, or has what the version does not know.
    """
    root = load(path)
    grammar.check(root, personality.number)
    return settings_of(root, personality)


def read_environment(environment: Mapping[str, str], personality: Personality) -> Settings:
    """Read and check the configuration that an environment is.

    Raises:
        ConfigError: it is none, or the version reads no environment.
    """
    if personality.number < _READS_ENVIRONMENT:
        raise ConfigError("illegal cmd argv: -e")
    root = configuration(environment, grammar.known(personality.number))
    grammar.check(root, personality.number)
    return settings_of(root, personality)


def settings_of(root: Directive, personality: Personality) -> Settings:
    """Return the settings that a checked configuration means."""
    listen = root.get("listen")
    api, web = root.get("http_api") or Directive(""), root.get("http_server") or Directive("")
    return Settings(
        rtmp=tuple(Address.parse(text) for text in (listen.args if listen else [])),
        api=Address.parse(api.text("listen", "1985")) if api.on("enabled") else None,
        web=Address.parse(web.text("listen", "8080")) if web.on("enabled") else None,
        web_folder=web.text("dir", "./objs/nginx/html"),
        crossdomain=api.on("crossdomain", True),
        web_crossdomain=web.on("crossdomain", True),
        pid_file=root.text("pid", "./objs/srs.pid"),
        log_file=None
        if root.text("srs_log_tank", "file") == "console"
        else root.text("srs_log_file", "./objs/srs.log"),
        max_connections=int(root.number("max_connections", 1000)),
        daemon=root.on("daemon", True),
        grace_start=root.number("grace_start_wait", 2300) / 1000,
        grace_final=root.number("grace_final_wait", 3200) / 1000,
        force_grace_quit=root.on("force_grace_quit"),
        log_level=root.text("srs_log_level", "trace"),
        watch_file=root.on("inotify_auto_reload"),
        watch_in_docker=root.on("auto_reload_for_docker", True),
        vhosts=tuple(_vhost(block, root, personality) for block in root.all("vhost")),
    )


def _vhost(block: Directive, root: Directive, personality: Personality) -> Vhost:
    play, publish = block.get("play") or Directive(""), block.get("publish") or Directive("")
    cluster, remux = block.get("cluster") or Directive(""), block.get("http_remux") or Directive("")
    edge, origin = cluster.text("mode", "local") == "remote", cluster.get("origin")
    coworkers = cluster.get("coworkers")
    if edge and not (origin and origin.args):
        raise ConfigError(f"vhost {block.args[:1]} is an edge without cluster.origin (line {block.line})")
    return Vhost(
        name=block.args[0] if block.args else DEFAULT_VHOST,
        enabled=block.on("enabled", True),
        edge=edge,
        origins=tuple(Address.parse(text, RTMP_PORT) for text in (origin.args if origin else ())),
        origin_cluster=cluster.on("origin_cluster"),
        coworkers=tuple(coworkers.args if coworkers else ()),
        upstream_vhost=cluster.text("vhost", "[vhost]"),
        chunk_size=min(max(int(block.number("chunk_size", root.number("chunk_size", 60000))), 128), 65535),
        gop_cache=play.on("gop_cache", True),
        queue_seconds=play.number("queue_length", 30),
        merged_write_seconds=0.0 if block.on("min_latency") else play.number("mw_latency", 350) / 1000,
        first_packet_seconds=publish.number("firstpkt_timeout", 20000) / 1000,
        packet_seconds=publish.number("normal_timeout", 5000) / 1000,
        remux=remux.on("enabled"),
        mount=remux.text("mount", "[vhost]/[app]/[stream].flv"),
        hls=_hls(block.get("hls") or Directive(""), personality),
    )


def _hls(block: Directive, personality: Personality) -> Hls:
    return Hls(
        enabled=block.on("enabled"),
        path=block.text("hls_path", "./objs/nginx/html"),
        playlist=block.text("hls_m3u8_file", "[app]/[stream].m3u8"),
        segment=block.text("hls_ts_file", "[app]/[stream]-[seq].ts"),
        fragment=block.number("hls_fragment", 10),
        window=block.number("hls_window", 60),
        target_duration_ratio=block.number("hls_td_ratio", personality.target_duration_ratio),
        cleanup=block.on("hls_cleanup", True),
        dispose=block.number("hls_dispose", 120 if personality.number > 3 else 0),
        dispose_asked=block.get("hls_dispose") is not None,
        context=personality.hls_context and block.on("hls_ctx", True),
    )
