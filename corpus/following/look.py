"""What a look at a source gives: items to take in, one after another, and at the end how it went."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from corpus.decode import Reason
from corpus.document import Document
from corpus.fetch import FetchError
from corpus.following.followed import Failure, Followed, Known
from corpus.following.web import Web

MOST_PAGES = 30
"""Pages fetched in one look; the rest in the next one. Also the items taken of what was there before."""
MOST_AGAIN = 3
"""Pages of items that are known already, looked at again in one look to see whether they changed or went."""
WATCHED = timedelta(days=14)
"""How long the page of an item is looked at again, at growing intervals."""
_SOONEST = timedelta(hours=1)
_AHEAD = timedelta(days=1)  # what clocks and zones may differ
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_GONE = (404, 410)
_FINAL = frozenset({Reason.NOT_THERE, Reason.REFUSED, Reason.TYPE, Reason.ROBOTS, Reason.PRIVATE})
_FINAL_TOO = frozenset({Reason.BAD_URL, Reason.CREDENTIALS, Reason.TOO_LARGE})


@dataclass(frozen=True, slots=True)
class Found:
    """An item that was found: what is known of it once it is in the archive."""

    known: Known
    document: Document | None = None
    """What is to be taken in first; None when something is only to be remembered."""
    instead: Document | None = None
    """What is taken in where ``document`` holds no article: the summary in the feed."""
    title: str | None = None
    new: bool = False
    """Whether it was not there before; of what was there when the source was added, nothing is."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a look went."""

    failure: Failure | None = None
    problem: Failure | None = None
    """What was wrong although the source could be read."""
    stopped: bool = False
    """Whether the source is gone for good."""
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None
    title: str | None = None
    fresh: float = 0.0
    """Seconds for which the source says that nothing changes."""
    retry_after: float | None = None
    complete: bool = True
    """Whether everything that is new was found, and nothing is left for the next look."""


Look = Generator[Found, None, Outcome]


def failed(error: FetchError) -> Outcome:
    """Return the outcome of a look at a source that could not be fetched."""
    return Outcome(
        failure=Failure(error.reason, error.detail),
        stopped=error.status == 410,
        retry_after=error.retry_after,
    )


def moment(stamp: str | None, now: datetime) -> tuple[datetime | None, bool]:
    """Return a time of publication as a feed gives it, and whether it cannot be true: in the future, or long ago."""
    try:
        at = datetime.fromisoformat(stamp.strip()) if stamp else None
    except ValueError:
        return None, False
    if at is None:
        return None, False
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not _OLDEST <= at <= now + _AHEAD:
        return None, True
    return min(at, now), False


def digest_of(*parts: bytes | str | None) -> str:
    whole = sha256()
    for part in parts:
        whole.update(part if isinstance(part, bytes) else (part or "").encode("utf-8", "surrogatepass"))
        whole.update(b"\0")
    return whole.hexdigest()


def fetched(known: Known, url: str, followed: Followed, web: Web, now: datetime) -> Found | FetchError:
    """Return an item with the page at its address; the error where it cannot be had.

    Of one whose page did not change there is no document.
    """
    asked = url if known.url == url else None  # what is known of another address says nothing of this one
    try:
        reply = web.get(
            url,
            private=followed.private,
            etag=known.etag if asked and known.source else None,
            last_modified=known.last_modified if asked and known.source else None,
        )
    except FetchError as error:
        return error
    known = replace(
        known, url=url, etag=reply.etag, last_modified=reply.last_modified, looked=now, missed=0, gone=None
    )
    document = reply.document
    if document is not None and known.source:
        document = replace(document, source=known.source)
    return Found(replace(known, source=document.source if document else known.source), document)


def is_final(error: FetchError) -> bool:
    """Return whether asking for a page again soon would give nothing else."""
    return error.reason in _FINAL | _FINAL_TOO and error.status not in (429, 500, 502, 503, 504)


def look_again(followed: Followed, known: dict[str, Known], web: Web, now: datetime) -> Generator[Found]:
    """Yield items whose pages were looked at again, as they are now: changed, or gone.

    One is looked at after an hour, and then each time its age has doubled. It is gone when its server says so for
    good (410), or twice that it is not there.
    """
    due = [item for item in known.values() if _is_due(item, now)]
    for item in sorted(due, key=lambda item: item.looked or item.seen or now)[:MOST_AGAIN]:
        assert item.url is not None
        found = fetched(item, item.url, followed, web, now)
        if isinstance(found, Found):
            # Of an item that the feed itself carries, its page only shows that it is there.
            carried = item.source is not None and "#" in item.source
            yield replace(found, document=None) if carried else found
        elif found.status in _GONE:
            missed = item.missed + 1
            gone = now if missed > 1 or found.status == 410 else None
            yield Found(replace(item, looked=now, missed=missed, gone=gone))
        else:
            yield Found(replace(item, looked=now))


def _is_due(item: Known, now: datetime) -> bool:
    if item.url is None or item.source is None or item.gone or item.seen is None:
        return False
    looked = item.looked or item.seen
    wait = _SOONEST if item.missed else max(_SOONEST, looked - item.seen)
    return now - item.seen <= WATCHED and now - looked >= wait
