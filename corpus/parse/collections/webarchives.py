"""Web archives (WARC, and WACZ, which is several of them zipped): each page an entry, with its address and its day.

The day on which a page was saved is no more than the last on which it can have been published.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO, Any

from corpus.article import Published
from corpus.decode import NoTextError, Reason
from corpus.parse.collections.entry import MOST_ENTRY, Entry, Item, LeftOut, Refused
from corpus.parse.collections.records import address
from corpus.parse.collections.stamped import published_of
from corpus.parse.collections.streams import no_line
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_MOST_MEMBERS = 10_000
_FOUND = 200  # HTTP's status of a page that was there


def pages(stream: IO[bytes]) -> Iterator[Item]:
    """Yield the pages of a web archive. Raises NoTextError."""
    from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]
    from warcio.exceptions import ArchiveLoadFailed  # type: ignore[import-untyped]

    read = 0
    try:
        for record in ArchiveIterator(stream):
            read += bool(record.rec_type)
            if record.rec_type in ("response", "resource"):
                yield _page(record)
    except (ArchiveLoadFailed, ValueError, AttributeError) as error:
        raise NoTextError(Reason.DAMAGED, "breaks off" if read else "no web archive") from error
    if not read:
        raise NoTextError(Reason.DAMAGED, "no web archive")


def _page(record: Any) -> Item:
    url = address(record.rec_headers.get_header("WARC-Target-URI") or "")
    http = record.http_headers
    stated = (http or record.rec_headers).get_header("Content-Type") or ""
    media, _, more = stated.partition(";")
    if media.strip().lower() not in _PAGES or url is None:
        return LeftOut("no page")
    if http is not None and (http.get_statuscode() or "") != str(_FOUND):
        return LeftOut("no page")
    stamp = record.rec_headers.get_header("WARC-Date") or ""
    body = record.content_stream()
    data = body.read(MOST_ENTRY + 1)
    if len(data) > MOST_ENTRY:
        return Refused(url, Reason.TOO_LARGE, no_line())
    fetched = published_of(stamp, url)
    said = PageMetadata(
        url=url,
        site=site_of(url),
        published=Published(evidence=stamp, not_after=fetched.date) if fetched else None,
    )
    charset = more.lower().partition("charset=")[2].split(";")[0].strip(" \"'") or None
    return Entry(url, data, ".html", said, url, charset)


def packed_pages(path: str) -> Iterator[Item]:
    """Yield the pages of the archives in a WACZ file. Raises NoTextError."""
    try:
        with zipfile.ZipFile(path) as members:
            named = [
                each for each in members.infolist()[:_MOST_MEMBERS] if each.filename.startswith("archive/")
            ]
            if not named:
                raise NoTextError(Reason.UNSUPPORTED, "a zip file without a web archive")
            for member in named:
                with members.open(member) as archive:
                    yield from pages(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise NoTextError(Reason.DAMAGED, "no web archive") from error
