"""Viewers: clients that play one stream over one protocol as a real player does, and what they saw."""

from srs_conformance.viewers.flv import FlvViewer
from srs_conformance.viewers.frames import Frame, Kind
from srs_conformance.viewers.timeline import Ending, Protocol, Timeline
from srs_conformance.viewers.viewer import Viewer

__all__ = ["Ending", "FlvViewer", "Frame", "Kind", "Protocol", "Timeline", "Viewer"]
