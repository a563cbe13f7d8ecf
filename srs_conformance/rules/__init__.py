"""Rules of the protocols, one by one: what a specification demands of a stream, judged on the bytes that a viewer kept.

    rule.py       Rule, Outcome, Verdict; `catalogue()` of all rules
    hls_*.py      playlists and their delivery (RFC 8216), each with its RULES and pure judges over kept responses
    ts_*.py       MPEG-TS segments (ISO/IEC 13818-1)
    samples.py, tracks.py   audio and video, whether of FLV tags or of RTMP messages: headers, order, timestamps
    pace.py       how soon and how steadily they come
    codecs.py, nal_units.py   decoder configurations, the frames after them, and what was published
    flv_*.py      FLV files and HTTP-FLV (Adobe's Video File Format 10.1, Annex E); all of it: flv_family.py
    rtmp_*.py     RTMP conversations (Adobe's RTMP 1.0); all of it: rtmp_family.py

A judge gets a `viewers.keeping.Keeping` (or a part of it) and gives one `Verdict` for each rule of its family: kept,
broken or not seen. It imports media and the kept bytes' types; no clock, no network, no reference server.
"""
