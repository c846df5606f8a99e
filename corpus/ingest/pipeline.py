"""The way of files and documents into the archive: found, taken in, reported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from corpus.document import Document
from corpus.ingest.context import Context
from corpus.ingest.documents import Documents
from corpus.ingest.found import Found
from corpus.ingest.outcomes import Outcomes
from corpus.ingest.pages import Pages
from corpus.ingest.paths import Paths
from corpus.ingest.taking import Taking
from corpus.ingest.tools import Progress, Tools
from corpus.ingest.versions import Versions
from corpus.ocr import Ocr
from corpus.report import Report
from corpus.spool import Spool
from corpus.store import Archive
from corpus.store.passages import Chunker
from corpus.worker import Worker


def ingest(
    paths: Sequence[Path],
    archive: Archive,
    chunk: Chunker,
    *,
    prune: bool = False,
    fields: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    recipe: str = "",
    outlet: str | None = None,
    ocr: bool = False,
    leave: Collection[Path] = (),
) -> Report:
    """Ingest the files at ``paths`` and below them into the archive.

    Each file is one transaction: after an ingest that is killed and run again, the archive is as if it had
    never been killed. Files that were ingested from below a given folder and are no longer there are reported
    as missing, or removed with ``prune``; files elsewhere are left alone. ``fields`` names the fields of
    collections by role (`corpus.arabic.fields.ROLES`), instead of a guess; they are remembered until others are
    given, and ``{}`` forgets them. ``recipe`` names the dependencies of ``chunk``, see ``Archive.add_file``.

    ``outlet`` is that of all the files, whatever they say; it is remembered for them until another is given, and ""
    forgets it. What a folder's `musnad.toml` says comes next; where that cannot be used, its folder is left out and
    the file reported. With ``ocr`` the text in pictures and in scanned PDF files is recognised. Files below the folders
    that ``leave`` names by their real paths are left as they are: someone is still writing to them.

    Raises ArchiveError when the archive cannot be written; a file never makes it raise.
    """
    with archive.lock(), Spool(archive.path.parent), _worker(ocr) as worker:
        run = _Run(Tools(archive, chunk, recipe, worker), outlet)
        search = Paths(run.context, run.found, run.outcomes, run.pages, pictures=ocr, leave=leave)
        for given in paths:
            search.find(given)
        run.taking.settle_missing(prune)
        run.taking.take_all(progress, fields, prune)
        return run.outcomes.report(archive)


def ingest_documents(
    documents: Iterable[Document],
    archive: Archive,
    chunk: Chunker,
    *,
    progress: Progress | None = None,
    recipe: str = "",
    outlet: str | None = None,
    ocr: bool = False,
) -> Report:
    """Ingest documents without a path into the archive, as `ingest` does files. No folder prunes them."""
    with archive.lock(), Spool(archive.path.parent) as spool, _worker(ocr) as worker:
        run = _Run(Tools(archive, chunk, recipe, worker), outlet)
        search = Documents(run.context, run.found, run.outcomes, spool)
        for document in documents:
            search.find(document)
        run.taking.take_all(progress)
        return run.outcomes.report(archive)


class _Run:
    """The parts of one ingest that finding and taking share."""

    def __init__(self, tools: Tools, outlet: str | None) -> None:
        self.context = Context(tools, outlet)
        self.found = Found()
        self.outcomes = Outcomes()
        self.pages = Pages(tools.worker)
        versions = Versions(self.context, self.outcomes, self.pages)
        self.taking = Taking(self.context, self.found, self.outcomes, versions)


@contextmanager
def _worker(ocr: bool) -> Iterator[Worker]:
    """Yield a worker, with text recognition or without."""
    with ExitStack() as stack:
        yield stack.enter_context(Worker(ocr=stack.enter_context(Ocr()) if ocr else None))
