"""What mkdocs calls when it builds the site (`hooks` in mkdocs.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from docs.site import catalogues, outside, places

ROOT = Path(__file__).resolve().parents[2]
_FOREIGN_STYLE = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", re.IGNORECASE)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made, and the files that documents link to outside their folder."""
    decisions = sorted(file.src_uri for file in files if re.fullmatch(r"decisions/\d+.*\.md", file.src_uri))
    titles = [(Path(uri).name, (ROOT / places.DOCS / uri).read_text(encoding="utf-8")) for uri in decisions]
    made = {
        catalogues.REQUIREMENTS: catalogues.requirements(ROOT / "suites"),
        catalogues.FAULTS: catalogues.faults(),
        "decisions/index.md": catalogues.decisions(titles),
    }
    for uri, text in made.items():
        files.append(File.generated(config, uri, content=text))
    for source in places.brought(ROOT):
        files.append(File.generated(config, places.place_of(source), abs_src_path=str(ROOT / source)))
    for source in sorted(_linked(files)):
        files.append(File.generated(config, places.place_of(source), abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Lead links of a page to where their targets are in the site."""
    source = _source(page.file)
    return places.relinked(markdown, source, ROOT)[0] if source else markdown


def on_post_build(config: Any) -> None:
    """See that nothing is loaded from other hosts.

    Raises:
        PluginError: names each page that would, and what.
    """
    site = Path(config["site_dir"])
    found = [
        f"{path.relative_to(site)}: {address}"
        for path in sorted(site.rglob("*.html"))
        for address in outside.loaded(path.read_text(encoding="utf-8"))
    ]
    found += [
        f"{path.relative_to(site)}: a style from another host"
        for path in sorted(site.rglob("*.css"))
        if _FOREIGN_STYLE.search(path.read_text(encoding="utf-8"))
    ]
    if found:
        raise PluginError("the site would load from other hosts:\n" + "\n".join(found))


def _linked(files: Files) -> set[str]:
    sources = [source for file in files.documentation_pages() if (source := _source(file))]
    texts = {source: (ROOT / source).read_text(encoding="utf-8") for source in sources}
    return {linked for source, text in texts.items() for linked in places.relinked(text, source, ROOT)[1]}


def _source(file: File) -> str:
    """Return the file of the project that a page comes from, "" where the page is made."""
    return Path(file.abs_src_path).relative_to(ROOT).as_posix() if file.abs_src_path else ""
