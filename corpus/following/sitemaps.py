"""A look at a sitemap, or at those that it lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from corpus.decode import NoTextError, Reason
from corpus.fetch import FetchError, Reply
from corpus.following.followed import Failure, Followed, Known
from corpus.following.look import (
    MOST_PAGES,
    Found,
    Look,
    Outcome,
    failed,
    fetched,
    is_final,
    look_again,
    moment,
)
from corpus.following.web import Web
from corpus.parse.collections import Link
from corpus.parse.plain.outlets import bare_host
from corpus.unfold import KIND, PACKED, items_of

MOST_MAPS = 20
"""Sitemaps read in one look, of those that one lists: the ones that changed last."""
_DEPTH = 2  # sitemaps that list sitemaps
_AGAIN = timedelta(minutes=10)  # within which a page is not asked for again, whatever its sitemap says


@dataclass(slots=True)
class _Reading:
    """The sitemaps that were read in this look."""

    links: dict[str, Link]
    maps: list[Known]
    whole: bool = True
    failure: Failure | None = None


def look(
    followed: Followed, known: Mapping[str, Known], web: Web, now: datetime, tries: dict[str, int]
) -> Look:
    """Yield the pages of a sitemap that are new or changed by its word, the newest first.

    At first only the newest are taken, and the others remembered as what was there before.
    """
    top = followed.location or followed.address
    try:
        reply = web.get(
            top, private=followed.private, etag=followed.etag, last_modified=followed.last_modified
        )
    except FetchError as error:
        return failed(error)
    outcome = Outcome(
        etag=reply.etag, last_modified=reply.last_modified, location=reply.moved, fresh=reply.fresh
    )
    reading = _Reading({}, [])
    if reply.document is not None:
        outcome = replace(outcome, failure=_read(reply, _host(top), reading))
        _read_listed(reading, followed, known, web, now, _host(top))
        if any(link.listing for link in reading.links.values()):
            # The list of them may stay as it is while one of them changes.
            outcome = replace(outcome, etag=None, last_modified=None)
    outcome = replace(outcome, failure=outcome.failure or reading.failure)
    pages = {key: link for key, link in reading.links.items() if not link.listing}
    if not pages and reply.document is not None and outcome.failure is None and not reading.maps:
        return Outcome(failure=Failure(Reason.NO_FEED))
    complete, lies = True, 0
    wanted: list[tuple[datetime | None, Link]] = []
    for link in pages.values():
        said, lie = moment(link.published or link.changed, now)
        lies += lie
        if _is_wanted(link, known.get(link.url), now):
            wanted.append((said, link))
    wanted.sort(key=lambda each: (each[0] is not None, each[0] or now), reverse=True)
    if not any(item.digest != _MAP for item in known.values()):
        for said, link in wanted[MOST_PAGES:]:  # before all else: a look that is killed leaves them known
            yield Found(Known(link.url, url=link.url, lastmod=link.changed, published=said))
        wanted = wanted[:MOST_PAGES]
    for number, (said, link) in enumerate(wanted):
        if number == MOST_PAGES:
            complete = False
            break
        before = known.get(link.url)
        item = replace(before or Known(link.url, url=link.url), lastmod=link.changed, published=said)
        found = fetched(item, link.url, followed, web, now)
        if isinstance(found, Found):
            tries.pop(link.url, None)
            document = found.document
            if document is not None and link.published and said:
                document = replace(document, published=link.published)
            yield replace(found, document=document, title=link.title, new=before is None)
            continue
        tries[link.url] = tries.get(link.url, 0) + 1
        if is_final(found) or tries[link.url] > 2:
            tries.pop(link.url, None)
            yield Found(replace(item, looked=now))
        else:
            complete = False
    for each in reading.maps:
        if complete:
            yield Found(each)
    yield from look_again(followed, dict(known), web, now)
    if not complete:
        outcome = replace(outcome, etag=None, last_modified=None, complete=False)
    problem = Failure(Reason.DATES, f"{lies} of {len(pages)}") if lies else None
    return replace(outcome, problem=problem)


_MAP = "sitemap"
"""The digest of what is known of a sitemap, which is no item."""


def _is_wanted(link: Link, before: Known | None, now: datetime) -> bool:
    if before is None:
        return True
    if not link.changed or link.changed == before.lastmod:
        return False
    return before.looked is None or now - before.looked >= _AGAIN


def _read(reply: Reply, host: str, reading: _Reading) -> Failure | None:
    """Add the links of a sitemap to those that were read, only such on its own host; return where it breaks off."""
    document = reply.document
    assert document is not None
    if document.kind not in (KIND, *PACKED):
        return Failure(Reason.NO_FEED, document.kind)
    try:
        for item in items_of(document):
            if isinstance(item, Link) and _host(item.url) == host:
                reading.links.setdefault(item.url, item)
    except NoTextError as error:
        return Failure(error.reason, error.detail)
    return None


def _read_listed(
    reading: _Reading,
    followed: Followed,
    known: Mapping[str, Known],
    web: Web,
    now: datetime,
    host: str,
) -> None:
    """Read the sitemaps that are listed, those that changed last first and only such as may have changed."""
    for _ in range(_DEPTH):
        done = {each.key for each in reading.maps}
        maps = [link for link in reading.links.values() if link.listing and link.url not in done]
        changed = [link for link in maps if _may_differ(link, known.get(link.url))]
        changed.sort(key=lambda link: link.changed or "9", reverse=True)
        for link in changed[:MOST_MAPS]:
            before = known.get(link.url) or Known(link.url, _MAP)
            try:
                reply = web.get(
                    link.url,
                    private=followed.private,
                    etag=before.etag,
                    last_modified=before.last_modified,
                )
            except FetchError as error:
                reading.failure = reading.failure or Failure(error.reason, error.detail)
                continue
            failure = _read(reply, host, reading) if reply.document is not None else None
            reading.failure = reading.failure or failure
            read = replace(
                before, lastmod=link.changed, etag=reply.etag, last_modified=reply.last_modified, looked=now
            )
            reading.maps += [] if failure else [read]


def _may_differ(link: Link, before: Known | None) -> bool:
    return before is None or not link.changed or link.changed != before.lastmod


def _host(url: str) -> str:
    try:
        return bare_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""
