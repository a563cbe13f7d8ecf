"""The reference server: a small SRS-compatible server that proves the suite, and never passes for SRS.

It emulates what a viewer, a publisher, the SRS HTTP API and Kubernetes can observe of SRS 3 and SRS 6. It takes only
the chunk codec, the handshake, AMF0 and the parsers of codec headers from the media core; its sessions and its FLV and
MPEG-TS writers are its own, so that a misunderstanding in the viewers does not hide in the server too.
"""
