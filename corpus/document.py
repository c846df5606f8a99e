"""Documents without a path: a file from a chat, a fetched page, a forwarded post."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from corpus.article import Article, Published
from corpus.dates import parse_stamp, zone_of_host
from corpus.parse.page import PageMetadata
from corpus.parse.plain.facts import site_of
from corpus.parse.plain.outlets import outlet_of
from corpus.provenance import attributed, origin_of

LONGEST_SOURCE = 200
"""Maximum length of a source name, in code points."""

KINDS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "multipart/related": ".mhtml",
    "application/x-mimearchive": ".mhtml",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.ms-word.document.macroenabled.12": ".docm",
    "application/msword": ".doc",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.text-flat-xml": ".fodt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/epub+zip": ".epub",
    # Collections, of which a document is any one file: their suffixes are those of `corpus.parse.collections`.
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/warc": ".warc",
    "application/wacz": ".wacz",
    "application/gzip": ".gz",
    "application/x-gzip": ".gz",
    "application/x-bzip2": ".bz2",
    "application/x-xz": ".xz",
    "application/zstd": ".zst",
}
"""Media types that can be read, mapped to the suffix that names each kind."""

_OTHERS = {
    ".htm": ".html",
    ".xhtml": ".html",
    ".mht": ".mhtml",
    ".text": ".txt",
    ".markdown": ".md",
    ".ndjson": ".jsonl",
    ".rss": ".xml",
    ".atom": ".xml",
    ".wxr": ".xml",
    ".jpeg": ".jpg",
    ".tiff": ".tif",
}
PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/tiff": ".tif", "image/webp": ".webp"}
"""Media types of pictures, whose text can be read where text recognition is on."""

_JOINERS = "\u200c\u200d"  # of words in several scripts: «می‌رود»


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of a document, with the facts known about it from outside.

    These facts fill in those that the text itself does not give: the text's own outlet and date take precedence
    over ``publisher`` and ``published``. The address is always kept; a page may name a better one on its own
    host.
    """

    source: str
    """Name that users see and that identifies the document: one of the same source is a new version of it.
    Made safe (see `safe_name`) and never opened as a path."""
    data: bytes
    kind: str
    """The suffix that names its format: ``.txt``, ``.html``, ``.md``, ``.pdf``, ``.docx``, …; see `kind_of`."""
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    """A date or a time as a program wrote it, kept as the day, ISO ``YYYY-MM-DD``: as written there, or for a time in
    UTC on the clock of the outlet where its address tells that. None where it tells no day."""
    charset: str | None = None
    """The encoding named by a server."""
    found: str | None = None
    """The address from which it really came where that is not ``url``: of a feed that says where its items are."""
    headed: bool = True
    """Whether its first line may be a headline, which is not in a passage; in a channel's post it is news."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "source", safe_name(self.source) or f"document{self.kind}")
        object.__setattr__(self, "kind", "." + self.kind.lower().lstrip("."))
        object.__setattr__(self, "publisher", safe_name(self.publisher or "") or None)
        object.__setattr__(self, "published", self._day())

    def _day(self) -> str | None:
        zone = zone_of_host(site_of(self.url or "") or "")
        published = parse_stamp(self.published or "", zone)
        return published.date if published and published.precision == "day" else None

    def complete(self, article: Article, said: PageMetadata | None) -> Article:
        """Return the article with the outside facts filled in where its text and markup give none."""
        published = article.published
        if published.date is None and self.published:
            published = Published(self.published, "day")
        url = (said and said.url) or self.url or article.url
        site = article.site or (site_of(url) if url else None)
        completed = replace(
            article,
            url=url,
            site=site,
            publisher=article.publisher or self.publisher or (outlet_of(site) if site else None),
            published=published,
        )
        found = self.found or self.url
        return attributed(completed, origin_of(found) if found else None)


def safe_name(name: str) -> str:
    """Return an untrusted name made safe, on one line.

    It has no control, direction or unassigned characters, no runs of white space, and at most
    `LONGEST_SOURCE` code points (a suffix is kept).
    """
    visible = "".join(
        each
        if each in _JOINERS or unicodedata.category(each)[0] not in "CZ"
        else (" " if each.isspace() else "")
        for each in name
    )
    line = " ".join(visible.split())
    if len(line) <= LONGEST_SOURCE:
        return line
    suffix = PurePosixPath(line).suffix
    suffix = suffix if len(suffix) <= 10 else ""
    return line[: LONGEST_SOURCE - 1 - len(suffix)] + "…" + suffix


def kind_of(name: str, media_type: str = "") -> str:
    """Return the kind of a document: the suffix of its name if that is a kind that can be read.

    Otherwise the kind of its media type, or else the suffix as it is; "" when there is neither.
    """
    kind = (KINDS | PICTURES).get(media_type.partition(";")[0].strip().lower(), "")
    suffix = PurePosixPath(name.strip().lower()).suffix
    suffix = _OTHERS.get(suffix, suffix)
    # A chat program may call anything it does not know text or octets: a suffix that is read says more.
    return suffix if suffix in (KINDS | PICTURES).values() else kind or suffix
