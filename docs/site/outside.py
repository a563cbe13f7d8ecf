"""What a page would load from other hosts: the site must work without a network, and tell nobody who reads it."""

from __future__ import annotations

from html.parser import HTMLParser

_LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
_NOT_LOADED = {"canonical", "next", "prev", "edit"}
"""Relations of a <link> that no browser fetches."""


def loaded(page: str) -> list[str]:
    """Return the addresses of other hosts from which a page of HTML would load something."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads."""
        given = dict(attrs)
        address = given.get(_LOADING.get(tag, "")) or ""
        if address.startswith(("http://", "https://", "//")) and given.get("rel") not in _NOT_LOADED:
            self.found.append(address)
