"""A file's text as the newest version of its source, with the articles in it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from corpus.article import Article
from corpus.decode import NoTextError, Reason
from corpus.errors import InconsistentArticleError
from corpus.ingest.context import Context
from corpus.ingest.found import File
from corpus.ingest.outcomes import Outcomes
from corpus.ingest.pages import Pages
from corpus.ingest.sameness import digest_of, is_other_parser
from corpus.parse import ParseError
from corpus.parse.page import Page, PageMetadata
from corpus.provenance import given


class Versions:
    """The versions that one ingest stores."""

    def __init__(self, context: Context, outcomes: Outcomes, pages: Pages) -> None:
        self._context = context
        self._tools = context.tools
        self._outcomes = outcomes
        self._pages = pages

    def store(self, file: File) -> str:
        """Read, parse and store a file; return whether it was added, changed or unchanged, "" when it was skipped."""
        try:
            page = self._page(file)
            digest = digest_of(page.text)
            anew = self._is_read_otherwise(file, digest) and not self._read_anew(file, page)
            added = self._tools.archive.add_file(
                file.source,
                digest,
                page.text,
                self._articles(file, page),
                self._tools.chunk,
                path=file.path,
                stamp=file.stamp,
                parser=self._context.parser(file.source, file.path),
                recipe=self._tools.recipe,
                outlet=self._context.given(file.source),
                raw=hashlib.sha256(file.document.data).hexdigest() if file.document else None,
                anew=anew,
            )
        except NoTextError as error:
            self._outcomes.skip(file.source, error.reason, error.detail)
        except (ParseError, InconsistentArticleError) as error:
            self._outcomes.skip(file.source, Reason.NO_ARTICLE, str(error).removeprefix(f"{file.source}: "))
        else:
            self._outcomes.scanned += page.said.scanned if page.said else 0
            return added.status
        return ""

    def _page(self, file: File) -> Page:
        """Return the page of a file found. Raises NoTextError."""
        if file.page is not None:
            return file.page
        assert file.path is not None  # nothing else is found without a page
        return self._pages.take(file.path)

    def _is_read_otherwise(self, file: File, digest: str) -> bool:
        """Return whether a file's text is another, and another parser read the older one."""
        known = self._context.known.get(file.source)
        parser = self._context.parser(file.source, file.path)
        return known is not None and known.digest != digest and is_other_parser(known.parser, parser)

    def _read_anew(self, file: File, page: Page) -> bool:
        """Read a file's older text anew before the newer takes its place; return whether that can be done.

        What a newer parser makes of the older text is no difference between the two. Of what is no plain text the
        archive has only what the older parser took from it.
        """
        known = self._context.known[file.source]
        kind = file.document.kind if file.document else file.path.suffix.lower() if file.path else ""
        if kind != ".txt":
            return False
        text = self._tools.archive.file_text(file.source)
        try:
            articles = self._articles(file, replace(page, text=text))
        except ParseError:
            return False
        self._tools.archive.add_file(
            file.source,
            known.digest,
            text,
            articles,
            self._tools.chunk,
            stamp=(known.size, known.modified),
            parser=self._context.parser(file.source, file.path),
            recipe=self._tools.recipe,
            outlet=known.outlet,
            raw=known.raw,
        )
        return True

    def _articles(self, file: File, page: Page) -> list[Article]:
        said = page.said
        if file.path and (recurring := self._context.recurring.get(file.path.parent)):
            said = replace(said or PageMetadata(), recurring=recurring)
        articles = self._tools.worker.parse(page.text, file.source, said)
        if file.document:
            articles = [file.document.complete(article, page.said) for article in articles]
        if file.path:
            settings = self._context.settings.of(file.path.parent)
            articles = [settings.complete(article, file.path) for article in articles]
        outlet = self._context.given(file.source)
        return [given(article, outlet) for article in articles] if outlet else articles
