"""RTMP (Adobe's Real Time Messaging Protocol specification 1.0): handshake, chunks, messages, connections, URLs."""
