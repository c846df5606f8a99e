"""The entries of a collection, each a source of its own, on their way into the archive."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from corpus.article import Article
from corpus.decode import NoTextError, Reason
from corpus.document import safe_name
from corpus.errors import InconsistentArticleError
from corpus.foldersettings import FolderSettings
from corpus.ingest.found import CollectionFile
from corpus.ingest.sameness import alike, digest_of, is_other_parser
from corpus.ingest.tally import Tally
from corpus.ingest.tools import Tools
from corpus.parse import Page, ParseError
from corpus.parse.collections import Entry
from corpus.provenance import given
from corpus.store.passages import derivation


@dataclass(frozen=True, slots=True)
class Entries:
    """What takes the entries of one collection in."""

    tools: Tools
    parser: str
    """What makes their articles, see `corpus.ingest.context.Context.parser`."""
    settings: FolderSettings
    """What is said of the collection's folder."""
    outlet: str | None
    """The one given for the articles, whatever they say."""

    def take(self, file: CollectionFile, source: str, entry: Entry, tally: Tally) -> None:
        """Update the archive with an entry in one transaction, and count what became of it."""
        archive = self.tools.archive
        raw = _raw_digest(entry)
        known = archive.origin(source)
        made = (raw, self.parser, derivation(self.tools.recipe))
        if known and (known.raw, known.parser, known.recipe) == made:
            tally.fates["unchanged"] += 1
            return
        try:
            page = entry.complete(self._read(entry))
            digest = digest_of(page.text)
            holder = archive.holder(digest)
            if holder and holder != source and not (known and known.digest == digest):
                tally.fates["duplicate"] += 1
                archive.collections.put_double(source, file.source, digest)
                if known:
                    archive.remove_file(source)
                    tally.fates["removed"] += 1
                return
            added = archive.add_file(
                source,
                digest,
                page.text,
                self._articles(file, source, page),
                self.tools.chunk,
                parser=self.parser,
                recipe=self.tools.recipe,
                collection=file.source,
                raw=raw,
                outlet=self.outlet,
                anew=known is not None
                and known.digest != digest
                and entry.kind != ".txt"
                and is_other_parser(known.parser, self.parser),
            )
        except NoTextError as error:
            tally.refuse(safe_name(entry.key), error.reason, error.detail)
        except UnicodeEncodeError:  # half of a pair, in its name or its date
            tally.refuse(safe_name(entry.key), Reason.ENCODING, "bytes in the article that are no text")
        except (ParseError, InconsistentArticleError) as error:
            tally.refuse(safe_name(entry.key), Reason.NO_ARTICLE, str(error).removeprefix(f"{source}: "))
        else:
            tally.fates[added.status] += 1

    def _read(self, entry: Entry) -> Page:
        """Return the page of an entry. Raises NoTextError."""
        return self.tools.worker.read(entry.data, entry.kind, url=entry.url, charset=entry.charset)

    def _articles(self, file: CollectionFile, source: str, page: Page) -> list[Article]:
        found = self.tools.worker.parse(page.text, source, page.said)
        if file.sent:
            articles = [file.sent.complete(article, page.said) for article in found]
        else:
            articles = [self.settings.complete(article, file.path) for article in found]
        outlet = self.outlet
        return [given(article, outlet) for article in articles] if outlet else articles

    def is_like(self, source: str, raw: str | None, entry: Entry) -> bool:
        """Return whether an entry is a state of what the archive holds as ``source``, whose raw digest is ``raw``."""
        if raw == _raw_digest(entry):
            return True
        try:
            text = self._read(entry).text
        except NoTextError:
            return False
        return alike(text, self.tools.archive.file_text(source))


def _raw_digest(entry: Entry) -> str:
    """Return the digest of all that an entry's article is made from."""
    said = repr((entry.kind, entry.url, entry.charset, entry.said)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(said + b"\0" + entry.data).hexdigest()
