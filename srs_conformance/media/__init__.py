"""The media core, sans-I/O: bytes in, events out.

No sockets, clocks or threads, and nothing of ours is imported. A peer that breaks a protocol gets `ProtocolError`,
misuse by our own code `LocalProtocolError`.
"""
