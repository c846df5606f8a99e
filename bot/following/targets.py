"""What someone wants to follow, as a source: an address of the web, a folder, a file, or a list of addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from corpus.decode import Reason
from corpus.document import safe_name
from corpus.fetch import FetchError
from corpus.following import Followed, Following, Kind
from corpus.following.discover import discover
from corpus.following.lists import sources_in
from corpus.following.web import Web
from corpus.report import Skipped

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_CHANNEL = re.compile(
    r"(?:https?://)?(?:www\.)?(?:t\.me|telegram\.me)/(?:s/)?(\w+)/?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Target:
    """What was given, and what is followed for it; or why nothing is: a channel has neither."""

    given: str
    followed: Followed | None = None
    problem: Skipped | None = None


def add(
    given: Iterable[str], following: Following, web: Web, now: datetime, *, outlet: str | None, private: bool
) -> Iterator[Target]:
    """Follow what is given, one after another; of a list of sources, each of them.

    ``private`` allows what stands on this machine and its network, files and folders among it.
    """
    for each in given:
        if is_channel(each):
            yield Target(each)
            continue
        if is_address(each):
            yield _add_address(each, following, web, now, outlet=outlet, private=private)
            continue
        path = Path(os.path.realpath(Path(each).expanduser()))
        if not private or not path.exists():
            yield Target(each, problem=Skipped(safe_name(each), Reason.NOT_FOUND))
            continue
        listed = sources_in(path) if path.is_file() else None
        for source in listed or ():
            target = _add_address(source.address, following, web, now, outlet=outlet, private=private)
            if source.title and target.followed and not target.followed.title:
                named = following.add(target.followed.address, target.followed.kind, now, title=source.title)
                target = Target(target.given, named)
            yield target
        if not listed:
            kind: Kind = "folder" if path.is_dir() else "file"
            followed = following.add(str(path), kind, now, outlet=outlet, title=path.name, private=private)
            yield Target(each, followed)


def is_address(given: str) -> bool:
    """Return whether this is an address of the web and no path; «news.example» is a path unless it says otherwise."""
    return _SCHEME.match(given) is not None or is_channel(given)


def is_channel(given: str) -> bool:
    """Return whether this is a channel of Telegram, which only the bot can follow, as a member of it."""
    return _CHANNEL.fullmatch(given.strip()) is not None


def named(given: str, following: Following) -> Followed | None:
    """Return the one source of this name: its address or path, its outlet, or what it calls itself."""
    path = "" if is_address(given) else os.path.realpath(Path(given).expanduser())
    for matches in (
        lambda each: given in (each.address, each.location) or each.address == path,
        lambda each: _bare(given) in (_bare(each.address), _bare(each.location or each.address)),
        lambda each: given.casefold() in {(each.outlet or "").casefold(), (each.title or "").casefold()},
    ):
        found = [each for each in following.all() if matches(each)]
        if len(found) == 1:
            return found[0]
    return None


def _bare(address: str) -> str:
    """Return an address as people write it: without a scheme, «www.» and a last slash."""
    bare = _SCHEME.sub("", address.strip(), count=1).rstrip("/").lower()
    return bare.removeprefix("www.")


def _add_address(
    url: str, following: Following, web: Web, now: datetime, *, outlet: str | None, private: bool
) -> Target:
    known = following.get(url)
    if known is not None:  # asked anew only for its state
        return Target(url, following.add(url, known.kind, now, outlet=outlet))
    try:
        found = discover(url, web, private=private)
    except FetchError as error:
        return Target(url, problem=Skipped(safe_name(error.url), error.reason, safe_name(error.detail)))
    followed = following.add(
        found.address, found.kind, now, outlet=outlet, title=found.title, private=private
    )
    return Target(url, followed)
