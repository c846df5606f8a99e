"""Metadata of a web page outside its text: JSON-LD, Open Graph, microdata, canonical links."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from corpus.parse.html.dates import PageDates, read_dates
from corpus.parse.html.markup import Element, collapse
from corpus.parse.plain.facts import site_of
from corpus.parse.plain.outlets import bare_host, known_outlet, outlet_of

_MOST_JSON = 200_000  # characters of one script
_LONGEST = 300  # characters of a headline or a name
_LONGEST_TITLE = 1000  # characters of a page's title: a headline, and an outlet with its sections
_LONGEST_URL = 2000
_SEPARATOR = re.compile(r"\s+[|–—\-•·:»]\s+|\s*\|\s*")
_ARTICLE = re.compile(r"(?:article|posting|report)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    headlines: tuple[str, ...] = ()
    """The article's headline as named in several places, best first."""
    publisher: str | None = None
    url: str | None = None
    """The article's own address, on the host where the page was found."""
    dates: PageDates = field(default_factory=PageDates)


def read_metadata(root: Element, url: str | None = None) -> Metadata:
    """Return the metadata in a page's markup; ``url`` is the address where the page was found."""
    meta = _meta(root)
    linked = _json_article(root)
    own = _own_url(root, meta, linked, url)
    publisher = _publisher(meta, linked, own or url)
    return Metadata(
        headlines=tuple(_headlines(root, meta, linked, publisher)),
        publisher=publisher,
        url=own,
        dates=read_dates(root, meta, linked, own or url),
    )


def _meta(root: Element) -> dict[str, str]:
    """Return the values of ``<meta>`` by lower-case name; the first value wins for a repeated name."""
    found: dict[str, str] = {}
    for element in root.iter("meta"):
        value = collapse(element.get("content") or "")
        for attribute in ("property", "name", "itemprop"):
            name = (element.get(attribute) or "").strip().lower()
            if name and value:
                found.setdefault(name, value)
    return found


def _json_article(root: Element) -> dict[str, Any]:
    """Return the article in the page's JSON-LD; empty for none, or for several with different headlines."""
    articles: list[dict[str, Any]] = []
    for script in root.iter("script"):
        text = script.text or ""
        if (script.get("type") or "").strip().lower() != "application/ld+json" or len(text) > _MOST_JSON:
            continue
        try:
            data = json.loads(re.sub(r"^\s*//\s*<!\[CDATA\[|//\s*\]\]>\s*$", "", text), strict=False)
            articles += [node for node in _nodes(data) if _is_article(node)]
        except (ValueError, RecursionError):
            continue
    headlines = {_string(article.get("headline")) for article in articles}
    return articles[0] if articles and len(headlines) == 1 else {}


def _nodes(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(data, list):
        for each in data:
            yield from _nodes(each, depth + 1)
    elif isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(data.get(name), depth + 1)


def _is_article(node: dict[str, Any]) -> bool:
    types = node.get("@type")
    named = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and _ARTICLE.search(name) for name in named)


def _string(value: Any) -> str:
    """Return a JSON-LD string, or the name of the object in its place, on one line."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id") or ""
    return collapse(html.unescape(value)) if isinstance(value, str) else ""


def _own_url(root: Element, meta: dict[str, str], linked: dict[str, Any], found: str | None) -> str | None:
    """Return the address that the page declares for itself, if it is on the host where the page was found."""
    canonical = [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    page = linked.get("mainEntityOfPage")
    claimed = [*canonical[:1], meta.get("og:url", ""), _string(linked.get("url"))]
    claimed.append(_string(page))
    for claim in claimed:
        url = _absolute(claim, found)
        if url and (found is None or _same_place(url, found)):
            return url
    return None


def _absolute(claim: str, base: str | None) -> str | None:
    claim = claim.strip()
    if (
        not claim
        or len(claim) > _LONGEST_URL
        or any(each.isspace() or not each.isprintable() for each in claim)
    ):
        return None
    try:
        url = urljoin(base or "", claim)
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def address_of(claim: str) -> str | None:
    """Return a claimed address if it is one of the web, None for anything else."""
    return _absolute(claim, None)


def _same_place(url: str, found: str) -> bool:
    """Return whether a claimed address can be the page's; another outlet's address or a front page cannot."""
    claimed, there = urlsplit(url), urlsplit(found)
    one, other = bare_host(claimed.hostname or ""), bare_host(there.hostname or "")
    same = one == other or one.endswith("." + other) or other.endswith("." + one)
    return same and (claimed.path.strip("/") != "" or there.path.strip("/") == "")


def _publisher(meta: dict[str, str], linked: dict[str, Any], url: str | None) -> str | None:
    site = site_of(url) if url else None
    if site and outlet_of(site) != site:
        return outlet_of(site)
    for name in (
        meta.get("og:site_name", ""),
        _string(linked.get("publisher")),
        meta.get("application-name", ""),
    ):
        if name and "://" not in name and any(each.isalpha() for each in name):
            name = html.unescape(name)[:_LONGEST]
            return known_outlet(name) or _SEPARATOR.split(name)[0][:_LONGEST].strip() or None
    return None


def _headlines(
    root: Element, meta: dict[str, str], linked: dict[str, Any], publisher: str | None
) -> Iterator[str]:
    site = meta.get("og:site_name", "")
    title = next((collapse(each.text or "") for each in root.iter("title")), "")
    names = {name for name in (site, publisher or "") if name}
    for said in (
        _string(linked.get("headline")),
        meta.get("og:title", ""),
        meta.get("twitter:title", ""),
        title,
    ):
        headline = _without_site(html.unescape(said)[:_LONGEST_TITLE], names)
        if headline and headline not in names:
            yield headline[:_LONGEST]


def _without_site(title: str, names: set[str]) -> str:
    """Return «headline | outlet» without the outlet, if it is in ``names`` or a known outlet."""
    parts = _SEPARATOR.split(title)
    cut = title
    while len(parts) > 1 and (parts[-1] in names or known_outlet(parts[-1])):
        cut = cut[: cut.rindex(parts[-1])].rstrip(" |–—-•·:»\t")
        parts.pop()
    return cut
