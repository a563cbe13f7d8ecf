"""Which directives a version knows: an unknown one refuses the start (`check_normal_config` of 3.0.170 and 6.0.157)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from srs_conformance.reference.config import ConfigError, Directive

Names = Mapping[str, frozenset[str]]


_COMMON: Final = {
    "": "listen pid chunk_size ff_log_dir srs_log_tank srs_log_level srs_log_file max_connections daemon heartbeat "
    "http_api stats vhost pithy_print_ms http_server stream_caster utc_time work_dir asprocess ff_log_level "
    "grace_final_wait force_grace_quit grace_start_wait empty_ip_ok disable_daemon_for_docker inotify_auto_reload "
    "auto_reload_for_docker",
    "http_api": "enabled listen crossdomain raw_api",
    "http_api.raw_api": "enabled allow_reload allow_query allow_update",
    "http_server": "enabled listen dir crossdomain",
    "heartbeat": "enabled interval url device_id summaries",
    "stats": "network disk",
    "stream_caster": "enabled caster output listen",
    "vhost": "enabled chunk_size min_latency tcp_nodelay dvr ingest hls http_hooks refer forward transcode bandcheck "
    "play publish cluster security http_remux dash http_static hds exec in_ack_size out_ack_size",
    "vhost.dvr": "enabled dvr_apply dvr_path dvr_plan dvr_duration dvr_wait_keyframe time_jitter",
    "vhost.refer": "enabled all publish play",
    "vhost.exec": "enabled publish",
    "vhost.play": "time_jitter mix_correct atc atc_auto mw_latency gop_cache queue_length send_min_interval "
    "reduce_sequence_header",
    "vhost.cluster": "mode origin token_traverse vhost debug_srs_upnode coworkers origin_cluster",
    "vhost.publish": "mr mr_latency firstpkt_timeout normal_timeout parse_sps",
    "vhost.ingest": "enabled input ffmpeg engine",
    "vhost.http_static": "enabled mount dir",
    "vhost.http_remux": "enabled mount fast_cache",
    "vhost.dash": "enabled dash_fragment dash_update_period dash_timeshift dash_path dash_mpd_file",
    "vhost.hls": "enabled hls_entry_prefix hls_path hls_fragment hls_window hls_on_error hls_storage hls_mount "
    "hls_td_ratio hls_aof_ratio hls_acodec hls_vcodec hls_m3u8_file hls_ts_file hls_ts_floor hls_cleanup hls_nb_notify "
    "hls_wait_keyframe hls_dispose hls_keys hls_fragments_per_key hls_key_file hls_key_file_path hls_key_url "
    "hls_dts_directly",
    "vhost.http_hooks": "enabled on_connect on_close on_publish on_unpublish on_play on_stop on_dvr on_hls "
    "on_hls_notify",
    "vhost.forward": "enabled destination",
    "vhost.security": "enabled deny allow",
    "vhost.transcode": "enabled ffmpeg engine",
    "vhost.bandcheck": "enabled key interval limit_kbps",
}
_ONLY_3: Final = {"stream_caster": "rtp_port_min rtp_port_max"}
_ONLY_6: Final = {
    "": "srs_log_level_v2 tencentcloud_apm rtc_server srt_server server_id tcmalloc_release_rate query_latest_version "
    "first_wait_for_qlv threads circuit_breaker is_full in_docker tencentcloud_cls exporter",
    "http_api": "auth https",
    "http_api.auth": "enabled username password",
    "http_server": "https",
    "heartbeat": "ports",
    "stats": "enabled",
    "rtc_server": "enabled listen dir candidate ecdsa tcp encrypt reuseport merge_nalus black_hole protocol ip_family "
    "api_as_candidates resolve_api_domain keep_api_domain use_auto_detect_network_ip",
    "srt_server": "enabled listen maxbw mss latency recvlatency peerlatency connect_timeout peer_idle_timeout sendbuf "
    "recvbuf payloadsize default_app sei_filter mix_correct tlpktdrop tsbpdmode passphrase pbkeylen",
    "exporter": "enabled listen label tag",
    "stream_caster": "sip",
    "stream_caster.sip": "enabled listen timeout reinvite candidate",
    "vhost": "rtc srt",
    "vhost.play": "gop_cache_max_frames mw_msgs",
    "vhost.cluster": "protocol follow_client",
    "vhost.publish": "try_annexb_first kickoff_for_idle",
    "vhost.http_remux": "drop_if_not_match has_audio has_video guess_has_av",
    "vhost.dash": "dash_window_size dash_dispose dash_cleanup",
    "vhost.hls": "hls_ctx hls_ts_ctx",
    "vhost.forward": "backend",
    "vhost.rtc": "enabled nack twcc nack_no_copy bframe aac stun_timeout stun_strict_check dtls_role dtls_version "
    "drop_for_pt rtc_to_rtmp pli_for_rtmp rtmp_to_rtc keep_bframe opus_bitrate aac_bitrate keep_avc_nalu_sei",
    "vhost.srt": "enabled srt_to_rtmp",
}


def _merged(extra: Mapping[str, str]) -> Names:
    paths = {**_COMMON, **extra}
    return {path: frozenset(f"{_COMMON.get(path, '')} {extra.get(path, '')}".split()) for path in paths}


_KNOWN: Final[Mapping[int, Names]] = {3: _merged(_ONLY_3), 6: _merged(_ONLY_6)}


def known(version: int) -> Names:
    """Return the directives that a version knows: path of a block -> names in it."""
    return _KNOWN[version]


def check(root: Directive, version: int) -> None:
    """Refuse an empty configuration, unknown directives, and one without a usable `listen`.

    Raises:
        ConfigError: with the words of SRS, and the line.
    """
    if not root.block:
        raise ConfigError("conf is empty")
    _check_block(root, "", _KNOWN[version])
    listen = root.get("listen")
    if listen is None or not listen.args:
        raise ConfigError("listen requires params")


def _check_block(block: Directive, path: str, known: Names) -> None:
    names = known.get(path)
    if names is None:  # what SRS does not look into, for example an engine of transcode
        return
    for child in block.block:
        where = f"{path}.{child.name}" if path else child.name
        if child.name not in names:
            raise ConfigError(f"illegal directive {where} (line {child.line})")
        _check_block(child, where, known)
