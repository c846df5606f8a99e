"""Reading of an article's facts from its page: headline, outlet, site, address, place and date."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from corpus.arabic import fold_text
from corpus.arabic.boilerplate import boilerplate, boilerplate_words_as_written
from corpus.article import Attribution, Published
from corpus.dates import parse_published
from corpus.parse.page import PageMetadata, shown
from corpus.parse.plain.boilerplate import reason_for
from corpus.parse.plain.dateline import read_dateline
from corpus.parse.plain.lines import Line, key
from corpus.parse.plain.marks import LINK, NOTICE, credit_of
from corpus.parse.plain.outlets import bare_host, known_agency, known_outlet, named_outlet, outlet_of
from corpus.parse.plain.signatures import is_signed, read_signature
from corpus.parse.plain.sitevoice import mark_site_voice
from corpus.parse.plain.stamps import says_publication

HEADER_NAMES = ("publisher", "date", "url", "place", "title", "other")
_HEADER = re.compile("|".join(f"(?P<{name}>{boilerplate(f'header_{name}')})" for name in HEADER_NAMES))
_SOURCE_LABELS = boilerplate_words_as_written("source_labels")
(_LINK_LABEL,) = boilerplate_words_as_written("link_label")
_HEADER_LINE = re.compile(r"(?P<key>[^\s:：][^:：]{0,24}?)\s*[:：]\s*(?P<value>\S.*)")
_MASTHEAD = re.compile(r"(?P<title>.{10,}?)\s*[|–—\-:•«»]+\s*(?P<name>[^|–—\-:]{2,40})")
_NOT_SITES = re.compile(
    r"(?:^|\.)(?:t\.me|telegram\.me|wa\.me|whatsapp\.com|facebook\.com|fb\.me|fb\.com|x\.com|twitter\.com|"
    r"t\.co|instagram\.com|youtube\.com|"
    r"youtu\.be|tiktok\.com|linkedin\.com|bit\.ly|tinyurl\.com|goo\.gl|ow\.ly|cutt\.ly|is\.gd|buff\.ly|"
    r"google\.com|play\.google\.com|apple\.com)$"
)
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-zA-Z0-9][\w-]*(?:\.[\w-]+)+)(?:/\S*)?")
_LONGEST_HEADLINE = 1000  # characters; a longer line is none, whatever it looks like
_LONGEST_TITLE = 90  # characters of a headline made from the first sentence
_HEAD = 6  # lines in which a headline is repeated
_LONGEST_URL = 2000
_LONGEST_HOST = 253
_HOST_NAME = re.compile(r"(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*\.?")
_SIGNED_WITHIN = 40  # lines at either end
_LONGEST_SIGNATURE = 8  # words of a line beside a date that says who wrote for which outlet
_DATELINE_WITHIN = 4  # blocks: standfirsts may come before the first paragraph


@dataclass(slots=True)
class Facts:
    """Facts read from one page, with the texts that may give its date."""

    title: str = ""
    publisher: str | None = None
    site: str | None = None
    url: str | None = None
    attribution: Attribution | None = None
    """What ``publisher`` rests on; None while there is none."""
    place: str | None = None
    published: Published | None = None
    updated: Published | None = None
    """Upper bound on the date, for a page that says only when it was last changed."""
    dates: list[str] = field(default_factory=list)
    """Texts that may say when the article was published, best first."""


def read_facts(page: Sequence[Line], said: PageMetadata | None = None) -> Facts:
    """Read a page's facts and mark the lines that hold nothing else; the unmarked lines are the body.

    ``said`` is the metadata from the page's markup; a notice or a header in the text takes precedence over
    it, except over its address.
    """
    facts = Facts()
    _read_notice(page, facts)
    headed = said is None or said.headed
    headline = _read_headline(page, facts, said or PageMetadata()) if headed else None
    _read_header(page, facts, headline)
    _mark_edges(page, headline)
    _mark_repeated(page, facts)
    if said:
        _take_said(said, facts)
    _read_credits(page, facts)
    _read_dateline(page, facts)
    _read_dates(facts)
    if said and said.leads:
        _take_leading(said, facts)
    if facts.publisher:
        facts.attribution = "claimed"
    elif said and said.recurring:
        _read_recurring(page, said.recurring, facts)
    if not facts.title:
        facts.title = _title_from(page)
    if facts.url and "://" in facts.url:
        facts.url = web_address(facts.url)
    facts.title = shown(facts.title)
    facts.publisher = shown(facts.publisher or "") or None
    facts.place = shown(facts.place or "") or None
    return facts


def _read_dates(facts: Facts) -> None:
    said = [found for found in map(parse_published, facts.dates) if found]
    facts.published = facts.published or next((found for found in said if found.date), None)
    facts.updated = facts.updated or next((found for found in said if found.not_after), None)


def _take_said(said: PageMetadata, facts: Facts) -> None:
    """Add the markup's metadata: its address replaces the text's, all else only fills in what is missing."""
    _read_dates(facts)
    if facts.published is None and said.published:
        if said.published.date:
            facts.published = said.published
        else:
            facts.updated = facts.updated or said.published
    facts.url = said.url or facts.url
    facts.publisher = facts.publisher or said.publisher
    facts.site = facts.site or said.site


def _take_leading(said: PageMetadata, facts: Facts) -> None:
    """Replace what the text says by metadata that takes precedence over it."""
    facts.publisher = said.publisher or facts.publisher
    facts.site = said.site or facts.site
    facts.url = said.url or facts.url
    if said.published:
        facts.published = said.published if said.published.date else None
        facts.updated = None if said.published.date else said.published


def _left(page: Sequence[Line]) -> list[Line]:
    return [line for line in page if not line.reason]


def _read_notice(page: Sequence[Line], facts: Facts) -> None:
    for line in page:
        if line.reason != "republication notice":
            continue
        found = NOTICE.search(line.text)
        host = _host_in(line.text[found.start("site") :] if found else line.text)
        if host:
            facts.site = bare_host(host)
            facts.publisher = outlet_of(host)
        facts.dates.append((found["date"] if found else None) or line.text)


def _host_in(text: str) -> str | None:
    """Return the host of the first address in a text; None where it names a user before its host."""
    for word in text.split():
        found = _HOST.search(word)
        if found and not found[1][0].isdigit():
            return None if names_user(word[found.start() :]) else found[1]
    return None


def _read_headline(page: Sequence[Line], facts: Facts, said: PageMetadata) -> Line | None:
    """Return the headline: the markup's, else the first clean line unless it is a paragraph or the only line."""
    left = _left(page)
    if 0 < len(said.title) <= _LONGEST_HEADLINE and len(left) > 1 and left[0].text == said.title:
        facts.title = said.title
        left[0].reason = "headline"
        return left[0]
    for at, line in enumerate(left):
        if line.kind == "reference":
            return None
        reason = reason_for(line, "edge")
        if reason not in {"", "dated byline"} or (at < _SIGNED_WITHIN and is_signed(line)):
            continue
        if said.recurring and len(left) > at + 2 and _same_name(line.text, said.recurring):
            line.reason = "outlet name"
            continue
        others = [other for other in left[at + 1 :] if not reason_for(other, "edge")]
        repeated = any(_same(line, other) for other in others[:_HEAD])
        if not others or not (repeated or _is_headline(line)):
            return None
        facts.title = " ".join(line.text.split())
        line.reason = "headline"
        return line
    return None


def _is_headline(line: Line) -> bool:
    if len(line.text) > _LONGEST_HEADLINE or line.is_item or len(line.words) > 30:
        return False
    if line.is_paragraph and read_dateline(line.text):
        return False
    return not line.text.endswith(".") or line.text.endswith("..") or len(line.words) <= 12


def _same(line: Line, other: Line) -> bool:
    return key(line.text) == key(other.text)


def _read_header(page: Sequence[Line], facts: Facts, headline: Line | None) -> None:
    """Read lines «key: value» such as «الناشر: …» below the headline (or above it), up to a blank line."""
    lines = list(page)
    start = lines.index(headline) + 1 if headline is not None else 0
    found_any = False
    for line in lines[start:]:
        header = _HEADER_LINE.fullmatch(line.text)
        name = _HEADER.fullmatch(" ".join(fold_text(header["key"]).split())) if header else None
        if header is None or (name is None and (not found_any or line.after_blank)) or len(line.words) > 25:
            if line.reason and not found_any:
                continue
            break
        if found_any and line.after_blank and name is None:
            break
        found_any = True
        line.reason = "header"
        if name is not None:
            _take_header(str(name.lastgroup), header["value"].strip(), facts)
            if name.lastgroup == "date":  # a month by itself is a date only behind its label
                facts.dates.insert(1, line.text)


def header_name(key: str) -> str | None:
    """Return which of `HEADER_NAMES` the key of a header or of front matter is: ``date`` for «تاريخ النشر»."""
    found = _HEADER.fullmatch(" ".join(fold_text(re.sub(r"[_-]+", " ", key)).split()))
    return found.lastgroup if found else None


def _take_header(name: str, value: str, facts: Facts) -> None:
    if name == "publisher":
        facts.publisher = named_outlet(value)
    elif name == "date":
        facts.dates.insert(0, value)
    elif name == "place":
        facts.place = value
    elif name == "title" and not facts.title:
        facts.title = value
    elif name == "url":
        _take_url(value, facts)


def site_of(url: str) -> str | None:
    """Return the host of an outlet's address.

    Returns None for sites where anyone posts, for link shorteners, and for machines without a name on the
    web.
    """
    host = bare_host(_host_of(url if "://" in url else f"https://{url}") or "")
    if names_user(url):
        return None
    named = "." in host and any(each.isalpha() for each in host) and ":" not in host
    return host if named and not is_shared_site(host) else None


def is_shared_site(host: str) -> bool:
    """Return whether a host is one where anyone posts, or a link shortener's."""
    return _NOT_SITES.search(host) is not None


def web_address(text: str) -> str | None:
    """Return an address of a page on the web, None for anything else, and for one that names a user.

    Its host and its port have to be such as there may be.
    """
    address = text.strip()
    if len(address) > _LONGEST_URL or any(each.isspace() or not each.isprintable() for each in address):
        return None
    good = address.lower().startswith(("http://", "https://")) and _host_of(address) is not None
    return address if good and not names_user(address) else None


def _host_of(url: str) -> str | None:
    """Return the host of an address; None where nothing can have that name, or listen at that port."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.port == 0:
            return None
        if ":" in host:
            return ipaddress.IPv6Address(host).compressed
    except ValueError:  # «http://[», «http://a:99999/»
        return None
    return host if len(host) <= _LONGEST_HOST and _HOST_NAME.fullmatch(host) else None


def names_user(url: str) -> bool:
    """Return whether an address has a user before its host: «https://www.reuters.com@evil.example/» is no outlet's."""
    return "@" in re.split(r"[/\\?#]", url.partition("://")[2] or url, maxsplit=1)[0]


def _take_url(url: str, facts: Facts) -> None:
    if names_user(url):
        return
    facts.url = facts.url or url
    facts.site = facts.site or site_of(url)


def _mark_edges(page: Sequence[Line], headline: Line | None) -> None:
    """Apply the rules that need a position: above the first and below the last paragraph of reporting."""
    paragraphs = [
        at
        for at, line in enumerate(page)
        if not line.reason and line.kind != "reference" and line.is_paragraph
    ]
    if not paragraphs:
        paragraphs = [
            at for at, line in enumerate(page) if not line.reason and line.is_stopped and len(line.words) >= 8
        ]
    first, last = (paragraphs[0], paragraphs[-1]) if paragraphs else (len(page), -1)
    timeline = any(not line.reason and reason_for(line, "edge") == "date line" for line in page[first:last])
    closing = _closing(page)
    announced = False  # whether a kept line «… هي:» said that such lines follow
    for at, line in enumerate(page):
        if line.reason:
            continue
        if (at < first or at > last) and (line.kind != "reference" or at >= closing):
            reason = reason_for(line, "edge")
            listing = announced if reason in {"section name", "date line", "dated byline"} else False
            if reason and not listing and not (timeline and reason == "date line"):
                line.reason = reason
                continue
            if listing:
                continue
        announced = line.text.endswith(":")
    _mark_author(page, headline, first)
    mark_site_voice(page)


def _closing(page: Sequence[Line]) -> int:
    """Return from where on only section names remain, at the very end of a list of references."""
    at = len(page)
    while at and (page[at - 1].reason or reason_for(page[at - 1], "edge") == "section name"):
        at -= 1
    return at


def _mark_author(page: Sequence[Line], headline: Line | None, first: int) -> None:
    """Mark a name by itself between the headline and the date line."""
    above = list(page[:first])
    if headline not in above:
        return
    below = above[above.index(headline) + 1 :]
    if len(below) >= 2 and not below[0].reason and below[1].reason in {"date line", "dated byline"}:
        line = below[0]
        if (
            2 <= len(line.words) <= 4
            and not line.is_stopped
            and not line.text.endswith(":")
            and not line.is_item
        ):
            line.reason = "byline"


def _mark_repeated(page: Sequence[Line], facts: Facts) -> None:
    """Drop the headline where it is repeated; of «headline | outlet» and «headline», keep the second."""
    if not facts.title:
        return
    for line in _left(page)[:_HEAD]:
        masthead = _masthead(facts.title)
        below = _masthead(line.text)
        if masthead and key(masthead["title"]) == key(line.text):
            facts.publisher = facts.publisher or known_outlet(masthead["name"])
            facts.title = " ".join(line.text.split())
        elif below and key(below["title"]) == key(facts.title):
            facts.publisher = facts.publisher or known_outlet(below["name"])
            line.reason = "repeated headline"
    masthead = _masthead(facts.title)
    if masthead and "|" in facts.title and known_outlet(masthead["name"]):
        facts.publisher = facts.publisher or known_outlet(masthead["name"])
        facts.title = masthead["title"]
    left = _left(page)
    same = [line for line in left if key(line.text) == key(facts.title)]
    if len(same) < len(left):
        for line in same:
            line.reason = "repeated headline"


def _masthead(text: str) -> re.Match[str] | None:
    """Return «headline | outlet» in its parts."""
    return _MASTHEAD.fullmatch(text) if len(text) <= _LONGEST_HEADLINE else None


def _read_credits(page: Sequence[Line], facts: Facts) -> None:
    """Read source lines, links, dates and outlet names above and below the reporting."""
    left = [at for at, line in enumerate(page) if not line.reason and line.is_paragraph]
    first, last = (left[0], left[-1]) if left else (len(page), -1)
    outside = [line for at, line in enumerate(page) if at < first or at > last]
    sources = [line for line in outside if line.reason == "source"]
    for line in sources:
        credit = credit_of(line) or (line.text if not key(line.text).startswith(_SOURCE_LABELS) else "")
        _take_credit(credit, facts)
    for line in outside:
        link = LINK.fullmatch(line.text) if line.reason == "link" else None
        if link and site_of(link["url"]):
            _take_url(link["url"], facts)
        elif link and link["label"] and _LINK_LABEL in link["label"] and not names_user(link["url"]):
            facts.url = facts.url or link["url"]
    dated = [line for line in outside if line.reason in {"date line", "dated byline"}]
    said = sorted(dated, key=lambda line: not says_publication(line))
    facts.dates.extend(line.text for line in said)
    if facts.publisher is None:
        names = (known_agency(line.text) for line in outside if line.reason == "outlet name")
        facts.publisher = next((name for name in names if name), None)
    _read_signatures(page, outside, facts)


_SIGNING = frozenset({"date line", "dated byline", "byline"})
"""Reasons of lines in which an outlet's name stands between others."""
_LABELLING = frozenset({"copyright", "link"})
"""Reasons of lines in which it stands behind other words."""


def _read_signatures(page: Sequence[Line], outside: Sequence[Line], facts: Facts) -> None:
    """Read the outlet from the lines that sign the article, and mark those among them that nothing else marked."""
    at = {line.start: number for number, line in enumerate(page)}
    for line in _ends(outside):
        beside = [page[other] for other in (at[line.start] - 1, at[line.start] + 1) if 0 <= other < len(page)]
        alone = (
            not line.reason
            and line.kind != "reference"
            and line.is_titular
            and len(line.words) <= _LONGEST_SIGNATURE
            and (is_signed(line) or any(other.reason in {"date line", "dated byline"} for other in beside))
        )
        if not alone and line.reason not in _SIGNING | _LABELLING:
            continue
        text = line.text.partition("://")[0] if line.reason == "link" else line.text
        signature = read_signature(text, labelled=line.reason in _LABELLING)
        if signature.name and alone:
            line.reason = "byline"
        if signature.name and line.reason in _SIGNING:
            facts.dates.append(signature.rest)
        facts.publisher = facts.publisher or signature.name


def _ends(lines: Sequence[Line]) -> Sequence[Line]:
    """Return the lines nearest to the top and the bottom, where an article is signed."""
    return lines if len(lines) <= 2 * _SIGNED_WITHIN else [*lines[:_SIGNED_WITHIN], *lines[-_SIGNED_WITHIN:]]


def _read_recurring(page: Sequence[Line], name: str, facts: Facts) -> None:
    """Take the outlet that recurs in the folder's files, where a line of this text is signed with it too."""
    left = [at for at, line in enumerate(page) if not line.reason and line.is_paragraph]
    first, last = (left[0], left[-1]) if left else (len(page), -1)
    for line in _ends([line for at, line in enumerate(page) if at < first or at > last]):
        if line.reason == "headline" or len(line.words) > _LONGEST_SIGNATURE:
            continue
        signature = read_signature(line.text)
        if any(_same_name(each, name) for each in (signature.name or "", *signature.possible)):
            facts.publisher, facts.attribution = name, "recurring"
            line.reason = line.reason or ("outlet name" if _same_name(line.text, name) else "byline")


def _same_name(text: str, name: str) -> bool:
    return key(text) == key(name)


def _take_credit(credit: str, facts: Facts) -> None:
    host = None if names_user(credit.strip(" .()[]")) else _HOST.fullmatch(credit.strip(" .()[]"))
    if host:
        facts.site = facts.site or bare_host(host[1])
        facts.publisher = facts.publisher or outlet_of(host[1])
        if "/" in credit.strip(" .()[]/").removeprefix("https://").removeprefix("http://"):
            facts.url = facts.url or credit.strip(" .()[]")
    elif credit:
        facts.publisher = facts.publisher or named_outlet(credit)


def _read_dateline(page: Sequence[Line], facts: Facts) -> None:
    blocks = [line for line in _left(page) if line.kind != "reference"]
    for at, line in enumerate(blocks[:_DATELINE_WITHIN]):
        found = read_dateline(line.text)
        alone = found is not None and found.end >= len(line.text.rstrip(' :»"”-–—ـ'))
        if found is None or not (line.is_paragraph or alone or found.agency or (at == 0 and line.is_stopped)):
            continue
        facts.place = facts.place or found.place
        facts.publisher = facts.publisher or found.agency
        if re.search(r"\d{4}", found.date):
            facts.dates.append(found.date)
        if alone and len(blocks) > 1:
            line.reason = "dateline"
        break
    if facts.publisher is None and facts.site:
        facts.publisher = outlet_of(facts.site)


def _title_from(page: Sequence[Line]) -> str:
    """Return a headline from the first words of a page without one, up to the end of a sentence that ends soon."""
    text = next((line.text for line in _left(page)), "")
    dateline = read_dateline(text)
    text = text[dateline.end :].lstrip(" -–—:،") if dateline and dateline.end < len(text) else text
    sentence = re.match(r".+?[.؟!](?=\s|$)", text)
    words = sentence[0].rstrip(".") if sentence else text
    if len(words) <= _LONGEST_TITLE:
        return words
    return words[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip("،؛: ") + "…"
