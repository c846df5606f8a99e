"""Dates of a web page: those of its markup, the one that its readers see, and which of them is the article's.

A page's markup is written by programs: in UTC, in another calendar, with a zero for no date. What stands below the
headline is the outlet's own word, and decides between two neighbouring days where nothing else names the zone.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from corpus.article import Published
from corpus.dates import SIGHTED_APART, Stamp, is_possible, parse_published, read_stamp, zone_of_host
from corpus.parse.html.markup import Element, TextLine
from corpus.parse.plain.lines import Line
from corpus.parse.plain.stamps import is_date, is_dated_name, is_labelled_date

_PUBLISHED = (
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "publish-date",
    "publish_date",
    "publishdate",
    "pubdate",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "cxenseparse:recs:publishtime",
)
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified")
_STAMPS = 12  # lines below a headline among which its date is looked for
_LINKED = 0.5  # share of links from which a line leads elsewhere
_BYLINE = 6  # words of a linked author with a date; another article's headline has more
_A_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PageDates:
    """The stamps of a page's markup, best first, and the host of its outlet."""

    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    host: str = ""


def read_dates(
    root: Element, meta: Mapping[str, str], linked: Mapping[str, Any], url: str | None
) -> PageDates:
    """Return the stamps in a page's markup.

    ``meta`` holds its ``<meta>`` values by lower-case name, ``linked`` the article of its JSON-LD, ``url`` is its
    address.
    """
    published = [_text(linked.get("datePublished")), *(meta.get(name, "") for name in _PUBLISHED)]
    said = {
        (element.get("datetime") or element.get("content") or "").strip()
        for element in root.xpath("//*[@itemprop='datePublished' or @pubdate]")
    }
    stamps = {stamp: found.day for stamp in said if (found := _possible(stamp))}
    if len(set(stamps.values())) == 1:  # of several, some are of other articles
        published.append(next(iter(stamps)))
    updated = [_text(linked.get("dateModified")), *(meta.get(name, "") for name in _MODIFIED)]
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        host = ""
    return PageDates(tuple(filter(None, published)), tuple(filter(None, updated)), host)


def _text(value: Any) -> str:
    """Return a date of JSON-LD as text; some are numbers or in lists."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def visible_date(below: Sequence[TextLine]) -> Published | None:
    """Return the date below a headline, from a ``<time>`` element or from a line that is a date.

    Lines in a box with links to other articles are left out. Where an element's time and its words differ by
    a day, the words are what people read.
    """
    boxes = {
        element
        for line in below
        if line.linked >= _LINKED and len(line.text.split()) > _BYLINE
        for element in line.clutter
    }
    lines = [line for line in below[:_STAMPS] if boxes.isdisjoint(line.clutter)]
    for line in lines:
        for stamp in line.times:
            if found := _possible(stamp):
                return _shown(found, stamp, _in_words(line), None)
    return next(filter(None, map(_in_words, lines)), None)


def _in_words(line: TextLine) -> Published | None:
    said = Line(0, len(line.text), len(line.text), line.text)
    if not (is_date(said) or is_labelled_date(said) or is_dated_name(said)):
        return None
    published = parse_published(line.text)
    return published if published and published.date else None


def settle(dates: PageDates, visible: Published | None) -> Published | None:
    """Return the date of a page's article: that of its markup, on the outlet's own day; else the visible one.

    Where there is only a time of its last change, that bounds it.
    """
    zone = _zone(dates, visible)
    for stamp in dates.published:
        if found := _possible(stamp):
            return _shown(found, stamp, visible, zone)
    if visible:
        found = _possible(visible.evidence)
        return _shown(found, visible.evidence, None, zone) if found else visible
    for stamp in dates.updated:
        if found := _possible(stamp):
            return Published(evidence=stamp, not_after=found.day_in(zone).isoformat())
    return None


def _zone(dates: PageDates, visible: Published | None) -> datetime.tzinfo | None:
    """Return the outlet's zone: that of another stamp of the page which names one, else its host's."""
    texts = (*dates.published, *dates.updated, visible.evidence if visible else "")
    for found in filter(None, map(read_stamp, texts)):
        if found.offset:
            return datetime.timezone(found.offset)
    return zone_of_host(dates.host)


def _shown(stamp: Stamp, text: str, visible: Published | None, zone: datetime.tzinfo | None) -> Published:
    """Return the day of a stamp on the outlet's clock and calendar; the visible date where only that shows it.

    Not if no clock showed that day: then it is the day of an update, or another's.
    """
    if visible and visible.date and visible.precision == "day":
        seen = datetime.date.fromisoformat(visible.date)
        converted = stamp.calendar == "hijri" and abs(seen - stamp.day) <= SIGHTED_APART * _A_DAY
        clockless = stamp.offset is None or (stamp.is_utc and zone is None)
        if seen != stamp.day and (converted or (clockless and stamp.may_be_on(seen))):
            return visible
    return Published(stamp.day_in(zone).isoformat(), stamp.precision, text)


def _possible(text: str) -> Stamp | None:
    found = read_stamp(text)
    return found if found and is_possible(found.day) else None
