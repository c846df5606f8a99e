"""Small archives for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpus.chunk import chunks
from corpus.parse import parse
from corpus.store import Archive


def filled(path: Path, files: Mapping[str, str]) -> Archive:
    """Return an archive of files given by name, cut into chunks by word count."""
    archive = Archive(path)
    for source, text in files.items():
        archive.add_file(
            source,
            source,
            text,
            parse(text, source),
            lambda article: chunks(article, lambda texts: [len(text.split()) for text in texts]),
        )
    return archive
