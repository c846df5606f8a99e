"""Metadata of a web page outside its text: JSON-LD, Open Graph, microdata, canonical links."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from corpus.parse.html.dates import PageDates, read_dates
from corpus.parse.html.markup import Element, collapse, text_of
from corpus.parse.plain.boilerplate import reason_for
from corpus.parse.plain.facts import site_of, web_address
from corpus.parse.plain.lines import Line
from corpus.parse.plain.outlets import bare_host, known_outlet, outlet_of

_MOST_JSON = 200_000  # characters of one script
_LONGEST = 300  # characters of a headline or a name
_LONGEST_TITLE = 1000  # characters of a page's title: a headline, and an outlet with its sections
_LONGEST_URL = 2000
_NAME = 5  # words of a site's name
_MOST_HEADINGS = 40  # that are looked at
_SEPARATOR = re.compile(r"\s+[|–—\-•·:»]\s+|\s*\|\s*")
_REFERENCE = re.compile(r"#|_:|\w+:/?/?\S+$|/\S*$")
"""An @id in the place of a name."""
_BARS = " |–—-•·:»\t"
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
    nodes = _json_nodes(root)
    linked = _json_article(nodes)
    names = list(_site_names(root, meta, linked, nodes))
    own = _own_url(root, meta, linked, url)
    if url is None and own and _is_anothers(own, names):
        own = None
    publisher = _publisher(names, own or url)
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


def _json_nodes(root: Element) -> list[dict[str, Any]]:
    """Return the objects of the page's JSON-LD."""
    nodes: list[dict[str, Any]] = []
    for script in root.iter("script"):
        text = script.text or ""
        if (script.get("type") or "").strip().lower() != "application/ld+json" or len(text) > _MOST_JSON:
            continue
        try:
            data = json.loads(re.sub(r"^\s*//\s*<!\[CDATA\[|//\s*\]\]>\s*$", "", text), strict=False)
            nodes += _nodes(data)
        except (ValueError, RecursionError):
            continue
    return nodes


def _json_article(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the article in the page's JSON-LD; empty for none, or for several with different headlines."""
    articles = [node for node in nodes if _is_article(node)]
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


def _first(value: Any) -> Any:
    return (value[0] if value else "") if isinstance(value, list) else value


def _string(value: Any) -> str:
    """Return a JSON-LD string, or the name of the object in its place, on one line."""
    value = _first(value)
    if isinstance(value, dict):
        value = _first(value.get("name"))
    if not isinstance(value, str):
        return ""
    # JSON may hold halves of surrogate pairs, which are no text.
    return collapse(html.unescape(value.encode("utf-8", "ignore").decode()))


def _named(value: Any, nodes: list[dict[str, Any]]) -> str:
    """Return the name of what JSON-LD names itself, or refers to by its @id; "" for a reference to nothing."""
    value = _first(value)
    if isinstance(value, dict) and not value.get("name"):
        value = value.get("@id")
    if isinstance(value, str):
        named = next((node for node in nodes if node.get("@id") == value and node.get("name")), None)
        value = named or ("" if _REFERENCE.match(value) else value)
    return _string(value)


def _address(value: Any) -> str:
    """Return the address that a JSON-LD value is, or that identifies the object in its place."""
    value = _first(value)
    return _string((value.get("@id") or value.get("url")) if isinstance(value, dict) else value)


def _own_url(root: Element, meta: dict[str, str], linked: dict[str, Any], found: str | None) -> str | None:
    """Return the address that the page declares for itself, if it is on the host where the page was found."""
    canonical = [
        element.get("href") or ""
        for element in root.iter("link")
        if "canonical" in (element.get("rel") or "").lower().split()
    ]
    page = linked.get("mainEntityOfPage")
    claimed = [*canonical[:1], meta.get("og:url", ""), _address(linked.get("url"))]
    claimed.append(_address(page))
    urls = [url for claim in claimed if (url := _absolute(claim, found))]
    if found is None:  # a file: its claims must at least be of one host
        hosts = {site_of(url) for url in urls}
        return urls[0] if len(hosts) == 1 else None
    return next((url for url in urls if _same_place(url, found)), None)


def _is_anothers(url: str, names: list[str]) -> bool:
    """Return whether the address is one known outlet's, and the page calls itself by the name of another."""
    site = site_of(url)
    host = outlet_of(site) if site else None
    known = next(filter(None, map(known_outlet, names)), None)
    return known is not None and host != site and known != host


def _absolute(claim: str, base: str | None) -> str | None:
    claim = claim.strip()
    try:
        return web_address(urljoin(base or "", claim)) if 0 < len(claim) <= _LONGEST_URL else None
    except ValueError:
        return None


def _same_place(url: str, found: str) -> bool:
    """Return whether a claimed address can be the page's; another outlet's address or a front page cannot."""
    claimed, there = urlsplit(url), urlsplit(found)
    one, other = bare_host(claimed.hostname or ""), bare_host(there.hostname or "")
    same = one == other or one.endswith("." + other) or other.endswith("." + one)
    return same and (claimed.path.strip("/") != "" or there.path.strip("/") == "")


def _publisher(names: list[str], url: str | None) -> str | None:
    """Return the outlet of the page's host if it is a known one, else the first name that the page gives its site."""
    site = site_of(url) if url else None
    if site and outlet_of(site) != site:
        return outlet_of(site)
    for name in names:
        found = known_outlet(name) or _SEPARATOR.split(name)[0].strip()
        if found:
            return found
    return None


def _site_names(
    root: Element, meta: dict[str, str], linked: dict[str, Any], nodes: list[dict[str, Any]]
) -> Iterator[str]:
    """Yield the names that a page gives its site or its publisher, best first."""
    micro = root.xpath("//*[@itemprop='publisher']//*[@itemprop='name']")
    for name in (
        meta.get("og:site_name", ""),
        _named(linked.get("publisher"), nodes),
        *(meta.get(kind, "") for kind in ("dc.publisher", "dcterms.publisher", "application-name")),
        *(collapse(each.get("content") or each.text_content()) for each in micro[:1]),
        _beside_headline(root, meta, linked),
    ):
        name = html.unescape(name)[:_LONGEST]
        if name and "://" not in name and any(each.isalpha() for each in name) and not _is_label(name):
            yield name


def _beside_headline(root: Element, meta: dict[str, str], linked: dict[str, Any]) -> str:
    """Return the outlet beside the headline in the page's title, "" for none: «headline - section - outlet».

    What stands before it, «outlet | headline», may as well be a label; it is the outlet if it is a heading too.
    """
    title = next((collapse(each.text or "") for each in root.iter("title")), "")[:_LONGEST_TITLE]
    headings = [
        text_of(each)[:_LONGEST_TITLE] for each in islice(root.iter("h1", "h2", "h3"), _MOST_HEADINGS)
    ]
    beside = (heading for heading in headings if title.startswith(heading) or title.endswith(heading))
    repeated = max(beside, key=len, default="")
    for headline in (_string(linked.get("headline")), html.unescape(meta.get("og:title", "")), repeated):
        if not headline or headline == title:
            continue
        behind = _SEPARATOR.split(title.removeprefix(headline))
        before = _SEPARATOR.split(title.removesuffix(headline))
        if title.startswith(headline) and not behind[0]:
            name = behind[-1].strip()
            return name if 0 < len(name.split()) <= _NAME else ""
        if title.endswith(headline) and not before[-1] and before[0] in headings:
            return before[0]
    return ""


def _is_label(name: str) -> bool:
    """Return whether a name is that of a section or a menu: «الرئيسية»."""
    return reason_for(Line(0, len(name), len(name), name), "edge") not in {"", "outlet name"}


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
    """Return «headline | outlet» or «outlet | headline» without the outlet: one in ``names``, or a known one."""
    parts = _SEPARATOR.split(title)
    cut = title
    while len(parts) > 1 and _is_site(parts[-1], names):
        cut = cut[: cut.rindex(parts[-1])].rstrip(_BARS)
        parts.pop()
    if len(parts) > 1 and _is_site(parts[0], names):
        cut = cut[len(parts[0]) :].lstrip(_BARS)
    return cut


def _is_site(name: str, names: set[str]) -> bool:
    return name in names or known_outlet(name) is not None
