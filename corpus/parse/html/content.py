"""Selection of the lines of a web page that belong to its article.

The article is taken from the element that holds most reporting and least else, after the removal of
everything named as a menu, an advertisement or a box of related news; its standfirst may stand between the
headline and that element. The rules for all text remove the remaining clutter line by line
(`corpus.parse.plain.boilerplate`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile

from corpus.article import Published
from corpus.parse.html.boxes import without_boxes
from corpus.parse.html.dates import visible_date
from corpus.parse.html.markup import HEADINGS, TextLine, is_doubtful, is_front_page, is_other, lines_of
from corpus.parse.html.styles import Element, read_styles
from corpus.parse.html.subject import Subject
from corpus.parse.plain.lines import key

_LINKED = 0.5  # share of links from which a line leads elsewhere
_WORDS = 12  # of a paragraph; with a full stop half of them do
_LINK_COST, _OTHER_COST = 80, 15  # characters of reporting that a line of links, of anything else weighs
_ENOUGH = 0.9  # of the best score: the innermost element that has so much is taken
_NAME = 4  # words of an outlet's name
_MOST_JUDGED = 8  # elements named as clutter around a line, the outermost, whose text is looked at
_MOST_LINKS = 4  # of a heading that are looked at
_STOPPED = re.compile(r"[.؟?!…:۔»\"”]\W{0,9}$")
_STANDFIRST = re.compile(
    r"(?:^|[-_\s])(?:lead|lede|standfirst|stand-first|summary|excerpt|intro|subtitle|sub-title|sub-?head\w*|"
    r"description|deck|dek|abstract|strapline)(?:[-_\s]|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Content:
    """An article's headline and lines, and the date that stands between them."""

    title: str
    lines: tuple[TextLine, ...]
    published: Published | None = None


def find_content(root: Element, headlines: Sequence[str]) -> Content:
    """Return the article of a page; ``headlines`` are those in the page's metadata, best first."""
    lines = _seen(root)
    place = {line: at for at, line in enumerate(lines)}
    left = _without_clutter(lines, next(iter(headlines), ""))
    text = [line for line in left if not line.control]
    heading = _headline([line for line in lines if not line.control], headlines)
    container = _container(text, heading)
    title = heading.text if heading else next(iter(headlines), "")
    begins = place[heading] if heading else -1
    inside = [line for line in left if container is not None and container in line.within]
    inside = [line for line in inside if line is not heading]
    if any(not _leads_elsewhere(line) and place[line] > begins for line in inside if not line.control):
        inside = [line for line in inside if place[line] > begins]
    body = without_boxes(inside, container, title, reporting=_reporting, leads_elsewhere=_leads_elsewhere)
    body = list(dropwhile(_is_stamp, body))
    first = place[body[0]] if body else len(lines)
    between = lines[begins + 1 : first] if heading else []
    clean = frozenset(text)
    standfirst = [line for line in between if line in clean and _is_standfirst(line)]
    published = visible_date(
        [
            *(line for line in between if not any(map(is_other, line.clutter))),
            *takewhile(lambda line: not _reporting(line), body if heading else ()),
        ]
    )
    found = [line for line in (*standfirst, *body) if key(line.text) != key(title)]
    return Content(title, tuple(_without_twins(found)), published)


def _seen(root: Element) -> list[TextLine]:
    """Return the lines of a page as they are seen.

    A page that hides most of itself shows it by a script: then its rules do not count.
    """
    styles = read_styles(root)
    lines = lines_of(root, styles)
    if not styles.ruled:
        return lines
    without = lines_of(root)
    return lines if 2 * sum(map(_reporting, lines)) >= sum(map(_reporting, without)) else without


def _without_twins(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """Yield the lines, each paragraph once: some pages have it in one place for telephones, in one for others."""
    seen: set[str] = set()
    for line in lines:
        same = line.text if _reporting(line) else ""
        if not same or same not in seen:
            yield line
        seen.add(same)


def _reporting(line: TextLine) -> int:
    """Return the number of characters of reporting in a line."""
    words = len(line.text.split())
    if line.linked >= _LINKED or words < _WORDS // 2 or (words < _WORDS and not _STOPPED.search(line.text)):
        return 0
    return round(len(line.text) * (1 - line.linked))


def _without_clutter(lines: Sequence[TextLine], title: str) -> list[TextLine]:
    """Return the lines outside clutter.

    An element with more than half of the page's reporting is not clutter, nor are all of one doubtful name that have so
    much, nor is one of a doubtful name that holds nothing but more of what the rest of the page reports.
    """
    asking = {line.within[-1] for line in lines if line.control and line.within}
    reported: Counter[Element] = Counter()
    inside: dict[Element, list[TextLine]] = {}  # of those around a line that are judged by their text
    for line in lines:
        reporting = _reporting(line)
        for element in {*line.clutter, *asking.intersection(line.within)}:
            reported[element] += reporting
        for element in line.clutter[:_MOST_JUDGED]:
            inside.setdefault(element, []).append(line)
    whole = sum(map(_reporting, lines))
    small = {element for element, most in reported.items() if 2 * most <= whole}
    clutter = {element for line in lines for element in line.clutter if element in small}
    doubtful = {
        each for each in clutter.intersection(inside) if is_doubtful(each) and _reports_only(inside[each])
    }
    # What a page builder calls each of its paragraphs says nothing of any.
    alike: Counter[tuple[str, str]] = Counter()
    for each in doubtful:
        alike[_kind(each)] += reported[each]
    common = {each for each in doubtful if 2 * alike[_kind(each)] > whole}
    clutter, doubtful = clutter - common, doubtful - common
    if doubtful:
        without = small - doubtful - common
        sure = [line for line in lines if _reporting(line) and without.isdisjoint(line.within)]
        subject = Subject(title, sure)
        clutter -= {each for each in doubtful if subject.holds(inside[each])}
    return [line for line in lines if clutter.isdisjoint(line.clutter)]


def _kind(element: Element) -> tuple[str, str]:
    return str(element.tag), " ".join((element.get("class") or "").split())


def _reports_only(lines: Sequence[TextLine]) -> bool:
    """Return whether lines are paragraphs, with headings between them at most: no control, no link to elsewhere."""
    return any(map(_reporting, lines)) and all(
        _reporting(line) or (line.kind == "heading" and line.linked < _LINKED and not line.control)
        for line in lines
    )


def _headline(lines: Sequence[TextLine], headlines: Iterable[str]) -> TextLine | None:
    """Return the headline: a heading repeated in the metadata, else a line with most of it, else the only h1.

    Of several headings in the metadata, which may name the outlet as well, it is the longest.
    """
    named = [key(headline) for headline in headlines]
    lines = [line for line in lines if not _is_logo(line)]
    alike = [
        line for line in lines if len(words := key(line.text)) > 5 and any(words in each for each in named)
    ]
    if headings := [line for line in alike if line.kind == "heading"]:
        return max(headings, key=lambda line: len(key(line.text)))
    for line in alike:
        if any(2 * len(key(line.text)) > len(each) and key(line.text) in each for each in named):
            return line
    first = [line for line in lines if any(element.tag == "h1" for element in line.within)]
    if len(first) != 1:
        return None
    # A page's only heading of the first rank may be the outlet's name, which is short.
    own = key(first[0].text)
    long = len(first[0].text.split()) > _NAME
    return first[0] if not named or long or any(len(each) > 2 and each in own for each in named) else None


def _is_logo(line: TextLine) -> bool:
    """Return whether a line is the site's name in large letters: a heading that is a link to its front page."""
    if line.kind != "heading" or line.linked < _LINKED:
        return False
    around = next((each for each in line.within if each.tag in HEADINGS), None)
    links = [each for each in line.within if each.tag == "a"]
    links += () if around is None else islice(around.iter("a"), _MOST_LINKS)
    return bool(links) and all(is_front_page(link.get("href") or "") for link in links)


def _container(lines: Sequence[TextLine], heading: TextLine | None) -> Element | None:
    scores: Counter[Element] = Counter()
    reported: Counter[Element] = Counter()
    depth: dict[Element, int] = {}
    for line in lines:
        reporting = _reporting(line)
        cost = 0 if line.kind == "heading" and line.linked < _LINKED else _OTHER_COST
        cost = _LINK_COST if line.linked >= _LINKED else cost
        for at, element in enumerate(line.within):
            depth[element] = at
            reported[element] += reporting
            scores[element] += reporting or -cost
    whole = max(reported.values(), default=0)
    if not whole:
        return None
    marked = [
        each for each in reported if each.get("itemprop") == "articleBody" and reported[each] > whole / 3
    ]
    if marked:
        return marked[0]
    own = [each for each in reported if each.tag == "article" and reported[each] > whole / 3]
    if heading:
        own = [each for each in own if each in heading.within] or own
    within = _whole_of(own[0], lines) if own else None
    candidates = {each for line in lines if within is None or within in line.within for each in line.within}
    if within is not None:
        candidates = {each for each in candidates if depth[each] >= depth[within]}
    best = max(scores[each] for each in candidates)
    return max(
        (each for each in candidates if scores[each] >= best * _ENOUGH and reported[each]),
        key=lambda each: (depth[each], scores[each]),
        default=None,
    )


def _whole_of(article: Element, lines: Sequence[TextLine]) -> Element:
    """Return an article, or what it stands in where more of it follows in articles beside it, as on live pages.

    Articles of others are beside it with a link to each.
    """
    beside = [each for each in article.itersiblings("article")]
    if not beside:
        return article
    reported = {each for line in lines if _reporting(line) for each in line.within}
    linked = {each for line in lines if line.linked >= _LINKED for each in line.within}
    more = any(each in reported for each in beside) and not any(each in linked for each in beside)
    return article.getparent() if more else article


def _leads_elsewhere(line: TextLine) -> bool:
    return line.linked >= _LINKED and (line.linked > 0.8 or not _STOPPED.search(line.text))


def _is_stamp(line: TextLine) -> bool:
    """Return whether a line is little more than a ``<time>`` element: «قبل يومين»."""
    return bool(line.times) and not _reporting(line)


def _is_standfirst(line: TextLine) -> bool:
    names = " ".join(f"{each.get('class', '')} {each.get('id', '')}" for each in line.within[-2:])
    return line.linked < _LINKED and (
        _reporting(line) > 0 or (len(line.text.split()) > _WORDS // 2 and bool(_STANDFIRST.search(names)))
    )
