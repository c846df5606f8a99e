"""Where an article really came from, beside the outlet that it names for itself.

A file or a page can call itself anything. So the host that a page was fetched from is kept apart from its claim, and an
outlet is taken for a fact only when that host is the outlet's own, or when the keeper of the archive says so.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from corpus.article import Article
from corpus.parse.plain.facts import is_shared_site, names_user
from corpus.parse.plain.outlets import bare_host, known_outlet, outlet_of


def origin_of(url: str) -> str | None:
    """Return the host of an address from which something was fetched; of one where anyone posts, with whose it is.

    Examples: «sana.sy», «t.me/somebody». None for what is no address of a host, or names a user before it.
    """
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = bare_host(parts.hostname or "")
    except ValueError:  # «http://[»
        return None
    if not host or names_user(url):
        return None
    whose = parts.path.strip("/").split("/")[0]
    return f"{host}/{whose}" if whose and is_shared_site(host) else host


def attributed(article: Article, origin: str | None) -> Article:
    """Return the article with its origin, and with what its outlet's name rests on."""
    if article.publisher is None or article.attribution not in {None, "claimed"}:
        return replace(article, origin=origin)
    own = origin is not None and outlet_of(origin) == article.publisher
    return replace(article, origin=origin, attribution="host" if own else "claimed")


def given(article: Article, outlet: str) -> Article:
    """Return the article with the outlet that the keeper of the archive says it is from."""
    return replace(article, publisher=outlet, attribution="given")


def is_known(outlet: str) -> bool:
    """Return whether an outlet is one whose own hosts are known, so that its name elsewhere is only a claim."""
    return known_outlet(outlet) is not None
