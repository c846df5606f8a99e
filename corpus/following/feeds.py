"""A look at an RSS or Atom feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from corpus.decode import NoTextError, Reason
from corpus.document import Document
from corpus.fetch import FetchError
from corpus.following.followed import Failure, Followed, Known
from corpus.following.look import (
    MOST_PAGES,
    Found,
    Look,
    Outcome,
    digest_of,
    failed,
    fetched,
    is_final,
    look_again,
    moment,
)
from corpus.following.web import Web
from corpus.parse.collections import Entry, Item, Link, Refused
from corpus.unfold import KIND, PACKED, document_of, items_of

MOST_TRIES = 3
"""Looks in which the page of an item is asked for until its summary is taken instead."""

_MOST_STALLED = 2  # pages that a host does not give, after which no more are asked for in this look
_TTL = re.compile(rb"<ttl>\s*(\d{1,5})\s*</ttl>", re.IGNORECASE)
_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Listed:
    """An item as the feed lists it."""

    key: str
    url: str | None
    title: str | None
    digest: str
    published: datetime | None
    document: Document | None
    """What the feed carries of it."""
    whole: bool


def look(
    followed: Followed, known: Mapping[str, Known], web: Web, now: datetime, tries: dict[str, int]
) -> Look:
    """Yield the items of a feed that are new or changed, the newest first, then some that are looked at again.

    ``tries`` counts by key how often the page of an item was asked for in vain.
    """
    try:
        reply = web.get(
            followed.location or followed.address,
            private=followed.private,
            etag=followed.etag,
            last_modified=followed.last_modified,
        )
    except FetchError as error:
        return failed(error)
    outcome = Outcome(
        etag=reply.etag, last_modified=reply.last_modified, location=reply.moved, fresh=reply.fresh
    )
    if reply.document is None:
        yield from look_again(followed, dict(known), web, now)
        return outcome
    if reply.document.kind not in (KIND, *PACKED):
        return Outcome(failure=Failure(Reason.NO_FEED, reply.document.kind))
    listed, lies, failure = _read(reply.document, now)
    if not listed:
        return Outcome(failure=failure or Failure(Reason.NO_FEED))
    pages, complete = 0, failure is None
    stalled: list[FetchError] = []
    for item in listed:
        before = known.get(item.key)
        if before and before.digest == item.digest:
            continue
        if item.whole or item.url is None:
            yield _carried(item, before, now)
            continue
        if pages == MOST_PAGES:
            complete = False
            continue
        pages += 1
        so_far = _known(item, before, before.source if before else None)
        asked = len(stalled) < _MOST_STALLED
        page = fetched(so_far, item.url, followed, web, now) if asked else stalled[-1]
        if isinstance(page, FetchError) and page.reason in (Reason.TIMEOUT, Reason.NO_CONNECTION):
            stalled.append(page)
        found = _paged(item, before, page, now, tries)
        if found is None:
            complete = False
        else:
            yield found
    yield from look_again(followed, dict(known), web, now)
    if ttl := _TTL.search(reply.document.data[:_HEAD]):
        outcome = replace(outcome, fresh=max(outcome.fresh, int(ttl[1]) * 60.0))
    if not complete:
        outcome = replace(outcome, etag=None, last_modified=None, complete=False)
    problem = Failure(Reason.DATES, f"{lies} of {len(listed)}") if lies else None
    title = next((item.document.publisher for item in listed if item.document), None)
    return replace(outcome, failure=failure, problem=problem, title=title)


def _read(document: Document, now: datetime) -> tuple[list[_Listed], int, Failure | None]:
    """Return the items of a feed, the newest first, how many have impossible dates, and where it breaks off."""
    listed: list[_Listed] = []
    lies = 0
    failure = None
    try:
        for item in items_of(document):
            each, lie = _listed(item, document, now)
            listed += [each] if each else []
            lies += lie
    except NoTextError as error:
        failure = Failure(error.reason, error.detail)
    keys = {each.key: each for each in reversed(listed)}  # of two with one key, the first
    dated = sorted(keys.values(), key=lambda each: each.published or now, reverse=True)
    return dated, lies, failure


def _listed(item: Item, feed: Document, now: datetime) -> tuple[_Listed | None, bool]:
    if isinstance(item, Entry):
        published, lie = moment(item.stamp, now)
        document = document_of(item, feed)
        if lie:
            document = replace(document, published=None)
        digest = digest_of(item.data, item.said.url, item.stamp)
        return _Listed(item.key, item.said.url, item.said.title, digest, published, document, item.whole), lie
    if isinstance(item, Refused) and isinstance(item.link, Link):
        published, lie = moment(item.link.published, now)
        digest = digest_of(item.link.url, item.link.title, item.link.published)
        return _Listed(item.key, item.link.url, item.link.title, digest, published, None, False), lie
    return None, False


def _carried(item: _Listed, before: Known | None, now: datetime) -> Found:
    """Return an item with what the feed carries of it."""
    document = item.document
    source = before.source if before and before.source else document.source if document else None
    known = _known(item, before, source)
    return Found(
        known,
        document and replace(document, source=source or document.source),
        None,
        item.title,
        before is None,
    )


def _paged(
    item: _Listed, before: Known | None, found: Found | FetchError, now: datetime, tries: dict[str, int]
) -> Found | None:
    """Return an item with its page, and with the feed's summary where that cannot be had; None to try again."""
    if isinstance(found, Found):
        tries.pop(item.key, None)
        page = found.document
        if page is not None and item.document is not None:
            page = replace(page, publisher=item.document.publisher, published=item.document.published)
        return Found(found.known, page, item.document, item.title, before is None)
    tries[item.key] = tries.get(item.key, 0) + 1
    if not is_final(found) and tries[item.key] < MOST_TRIES:
        return None
    tries.pop(item.key, None)
    return _carried(item, before, now)


def _known(item: _Listed, before: Known | None, source: str | None) -> Known:
    fresh = Known(item.key, item.digest, item.url, source, published=item.published)
    if before is None or before.url != item.url:
        return fresh
    return replace(before, digest=item.digest, published=item.published, source=source)
