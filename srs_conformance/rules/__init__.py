"""Rules of the protocols, one by one: what a specification demands of a stream, judged on the bytes that a viewer kept.

    rule.py       Rule, Outcome, Verdict; `catalogue()` of all rules
    hls_*.py      playlists and their delivery (RFC 8216), each with its RULES and pure judges over kept responses
    ts_*.py       MPEG-TS segments (ISO/IEC 13818-1)
    flv_*.py      FLV files and HTTP-FLV (Adobe's Video File Format 10.1, Annex E)
    rtmp_*.py     RTMP conversations (Adobe's RTMP 1.0)
    codecs.py     decoder configurations against what was published

A judge gets a `viewers.keeping.Keeping` (or a part of it) and gives one `Verdict` for each rule of its family: kept,
broken or not seen. It imports media and the kept bytes' types; no clock, no network, no reference server.
"""
