"""Judgements over both copies of an HLS stream: they hold on what servers gave, and fail on each kind of damage."""

import pytest

from srs_conformance.checkers.copies import Body, Reading, nothing_temporary, same_bytes, same_playlist, whole

HEAD = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-TARGETDURATION:15\n"


def playlist(first: int, *names: str, context: str = "") -> str:
    return HEAD.format(first) + "".join(f"#EXTINF:10.000, no desc\n{name}{context}\n" for name in names)


OLD, NEW = playlist(0, "a-0.ts"), playlist(0, "a-0.ts", "a-1.ts")


def looks(*texts: str | None, of: str = "nginx") -> list[Reading]:
    return [Reading(of, at / 20, 200 if text else 404, text or "Not Found") for at, text in enumerate(texts)]


def test_a_playlist_that_is_replaced_is_whole_at_each_look() -> None:
    assert whole(looks(*[None] * 5, *[OLD] * 15, *[NEW] * 15)).holds


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("", "status 404"),
        ("#EXTM3U\n", "EXT-X-TARGETDURATION"),
        (NEW[:-3], "no line end"),
        (HEAD.format(0), "no segment in it"),
        (NEW[: NEW.rindex("a-1")], "a URI after it"),
        (OLD, "ends with segment 0, after one that ended with 1"),
    ],
    ids=["gone", "cut after a line", "cut in a name", "empty", "cut before a name", "older"],
)
def test_a_playlist_that_is_seen_half_is_told(broken: str, words: str) -> None:
    found = whole(looks(*[OLD] * 15, *[NEW] * 15, broken, *[NEW] * 15))
    assert not found.holds
    assert words in found.details[0]


def test_too_few_looks_prove_nothing() -> None:
    assert not whole(looks(OLD, NEW)).holds
    assert not whole(looks(None, None)).holds


def test_an_unfinished_segment_in_a_playlist_is_told() -> None:
    assert nothing_temporary(looks(None, OLD, NEW)).holds
    found = nothing_temporary(looks(OLD, playlist(0, "a-0.ts", "a-1.ts.tmp?hls_ctx=x")))
    assert not found.holds
    assert "a-1.ts.tmp" in found.seen
    assert not nothing_temporary(looks(None)).holds


def bodies(*digests: str, status: int = 200) -> dict[str, Body]:
    return {f"server {at}": Body(status, 188, digest) for at, digest in enumerate(digests)}


def test_segments_must_be_the_same_bytes_everywhere() -> None:
    assert same_bytes({"a-0.ts": bodies("x", "x"), "a-1.ts": bodies("y", "y")}).holds
    assert not same_bytes({"a-0.ts": bodies("x", "x"), "a-1.ts": bodies("y", "z")}).holds
    assert not same_bytes({"a-0.ts": bodies("x", "x", status=404)}).holds
    assert not same_bytes({"a-0.ts": {**bodies("x"), "gone": Body(404, 0, "x")}}).holds
    assert not same_bytes({}).holds


def in_turn(nginx: list[str], srs: list[str]) -> list[Reading]:
    pairs = zip(looks(*nginx), looks(*srs, of="SRS"), strict=True)
    return [each for pair in pairs for each in pair]


def test_playlists_may_differ_in_what_stands_behind_the_names_and_at_a_change() -> None:
    with_context = playlist(0, "a-0.ts", "a-1.ts", context="?hls_ctx=8x4")
    readings = in_turn([OLD] * 15 + [NEW] * 15, [OLD] * 14 + [with_context] * 16)
    assert same_playlist(readings, "nginx", "SRS").holds


@pytest.mark.parametrize("other", [OLD, playlist(1, "a-1.ts"), ""], ids=["an older one", "a shorter one", "none"])
def test_a_playlist_of_other_segments_is_told(other: str) -> None:
    found = same_playlist(in_turn([NEW] * 30, [NEW] * 25 + [other] * 5), "nginx", "SRS")
    assert not found.holds
    assert found.details


def test_playlists_that_nobody_has_are_not_the_same() -> None:
    assert not same_playlist(in_turn([""] * 30, [""] * 30), "nginx", "SRS").holds
