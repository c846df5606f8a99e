"""What a file is, by its suffix, its beginning and what lies beside it, before it is read."""

from __future__ import annotations

from pathlib import Path

from corpus.decode import NoTextError
from corpus.document import Document
from corpus.files import check_file
from corpus.ocr import PICTURES
from corpus.parse import KINDS, NAMED
from corpus.parse.collections import COLLECTIONS, may_be_posts

SUFFIXES = KINDS | COLLECTIONS | NAMED.keys() | PICTURES
"""The suffixes of files that are read, or refused by name."""

_PAGES = frozenset({".html", ".htm", ".xhtml"})
_HEAD = 64 * 1024  # bytes of a page that show what it is


def is_posts(path: Path) -> bool:
    """Return whether a file is a page of a chat's posts, each an article of its own."""
    if path.suffix.lower() not in (".html", ".htm"):
        return False
    try:
        check_file(path)
        with path.open("rb") as file:
            return may_be_posts(file.read(_HEAD))
    except (OSError, NoTextError):
        return False


def is_collection(document: Document) -> bool:
    """Return whether a document that came without a path holds many articles."""
    return document.kind in COLLECTIONS or (document.kind == ".html" and may_be_posts(document.data[:_HEAD]))


def is_of_page(folder: Path) -> bool:
    """Return whether a folder holds what belongs to a page saved beside it: «page.html» and «page_files»."""
    try:
        beside = [each.stem for each in folder.parent.iterdir() if each.suffix.lower() in _PAGES]
    except OSError:
        return False
    return any(folder.name.startswith((f"{stem}_", f"{stem}-", f"{stem}.")) for stem in beside)
