"""Articles that name no outlet but by a line that recurs in the files of their folder: read again, once it shows."""

from __future__ import annotations

from pathlib import Path

from corpus.folderoutlets import LEAST, MOST_READ, names_in, outlet_among
from corpus.ingest.context import Context
from corpus.ingest.found import File, Found
from corpus.ingest.versions import Versions
from corpus.store import Archive


def find_recurring(context: Context, found: Found, versions: Versions, taken: set[str]) -> None:
    """Read again the files that name no outlet but by a line that recurs in their folder.

    ``taken`` are the sources that were added or changed: only in their folders can it have come to recur.
    """
    archive = context.tools.archive
    folders: dict[Path, list[File]] = {}
    for file in found.files.values():
        if file.path:
            folders.setdefault(file.path.parent, []).append(file)
    for folder, files in folders.items():
        if folder in context.recurring or not any(file.source in taken for file in files):
            continue
        unsigned = [file for file in files if _is_unsigned(file.source, archive)]
        if len(unsigned) < LEAST:
            continue
        read = unsigned[:MOST_READ]
        texts = [names_in(archive.file_text(file.source)) for file in read]
        outlet = outlet_among(texts, len(files) * len(read) // len(unsigned))
        if outlet is not None:
            context.recurring[folder] = outlet
            for file in unsigned:
                versions.store(file)


def _is_unsigned(source: str, archive: Archive) -> bool:
    articles = archive.articles_of(source)
    return bool(articles) and articles[0].publisher is None
