"""Documents without a path, each found under a name that is free or that of an earlier version of it."""

from __future__ import annotations

from dataclasses import replace

from corpus.decode import NoTextError, Reason
from corpus.document import Document
from corpus.files import MAX_BYTES, read_bytes, too_large
from corpus.ingest.context import Context
from corpus.ingest.found import CollectionFile, File, Found
from corpus.ingest.kinds import is_collection
from corpus.ingest.names import numbered
from corpus.ingest.outcomes import Outcomes
from corpus.ingest.sameness import alike, digest_of
from corpus.parse.page import PageMetadata
from corpus.spool import Spool


class Documents:
    """The search of one ingest among documents. Those that are collections wait in files of ``spool``."""

    def __init__(self, context: Context, found: Found, outcomes: Outcomes, spool: Spool) -> None:
        self._context = context
        self._archive = context.tools.archive
        self._found = found
        self._outcomes = outcomes
        self._spool = spool

    def find(self, document: Document) -> None:
        """Record a document under its own name or a numbered one that is free."""
        if is_collection(document):
            self._find_collection(document)
        else:
            self._find_text(document)

    def _find_text(self, document: Document) -> None:
        try:
            page = read_bytes(
                document.data,
                document.kind,
                self._context.tools.worker,
                url=document.url,
                charset=document.charset,
            )
            if not document.headed:
                page = replace(page, said=replace(page.said or PageMetadata(), headed=False))
        except NoTextError as error:
            self._outcomes.skip(document.source, error.reason, error.detail)
            return
        digest = digest_of(page.text)
        source = next(
            name for name in numbered(document.source) if self._may_be(name, page.text, digest, document.url)
        )
        if source in self._found.files:
            self._outcomes.double(document.source, source)
        else:
            self._found.files[source] = File(source, None, digest, document, page)

    def _may_be(self, source: str, text: str, digest: str, url: str | None) -> bool:
        """Return whether a document may have this name: it is free, or an earlier version of the text has it."""
        if source in self._found.files:
            return self._found.files[source].digest == digest
        if source in self._found.collections or source in self._context.known_collections:
            return False
        known = self._context.known.get(source)
        if known is None:
            return True
        if known.path:
            return False
        return bool(url) or known.digest == digest or alike(text, self._archive.file_text(source))

    def _find_collection(self, document: Document) -> None:
        document = replace(document, published=None)  # the day of the file is not that of its articles
        if len(document.data) > MAX_BYTES:
            self._outcomes.skip(document.source, *too_large(len(document.data)))
            return
        try:
            path = self._spool.put(document.data, document.source, document.kind)
        except OSError as error:
            self._outcomes.skip(document.source, Reason.UNREADABLE, error.strerror or "")
            return
        document = replace(document, data=b"")  # which is in the file now
        for name in numbered(document.source):
            file = CollectionFile(name, path, (None, None), document)
            if self._may_be_collection(file):
                self._found.collections[name] = file
                return

    def _may_be_collection(self, file: CollectionFile) -> bool:
        """Return whether a collection that was sent may have its name: no other has it, or an earlier state of it."""
        if file.source in self._found or file.source in self._context.known:
            return False
        known = self._context.known_collections.get(file.source)
        if known is None:
            return True
        if known.path:
            return False
        return bool(file.sent and file.sent.url) or not self._context.ingesting(file).is_another(file)
