"""The client of the SRS HTTP API, and what is read from it."""

from srs_conformance.srs.api import ApiUnavailable, SrsApi
from srs_conformance.srs.pulls import PullSample, PullSampler, pulls, pulls_at
from srs_conformance.srs.rows import AudioTrack, ClientKind, ClientRow, StreamRow, Summary, Version, VideoTrack

__all__ = [
    "ApiUnavailable",
    "AudioTrack",
    "ClientKind",
    "ClientRow",
    "PullSample",
    "PullSampler",
    "SrsApi",
    "StreamRow",
    "Summary",
    "Version",
    "VideoTrack",
    "pulls",
    "pulls_at",
]
