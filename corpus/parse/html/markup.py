"""Conversion of a page's markup to lines of text, each with its place, its kind and whether it is clutter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from corpus.article import BlockKind
from corpus.decode import NoTextError, Reason

Element: TypeAlias = Any
"""An lxml element; lxml has no types."""

MOST_LINES = 20_000
"""Maximum number of lines of a page; a live page of a whole day has some thousands."""

_SPACE = re.compile(r"[ \t\n\r\f]+")
_CELL = "\x1f"  # between the cells of a row: no page holds it

_INVISIBLE = frozenset(
    """
    head script style noscript template iframe object embed svg math canvas audio video picture img map input
    select option textarea button datalist dialog menu
    """.split()  # noqa: SIM905
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1
    h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody tfoot thead tr
    ul
    """.split()  # noqa: SIM905
)
_CELLS = ("td", "th")
_LAID_OUT = ("p", "div", "table", "ul", "ol", "h1", "h2", "h3", "article")  # blocks that make a cell a place
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CLUTTER_TAGS = frozenset({"nav", "aside", "footer", "figcaption"})
_CLUTTER_ROLES = frozenset(
    """
    navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar alert
    """.split()  # noqa: SIM905
)
# Of what class and id are made of: whole words between hyphens, underscores and blanks.
_CLUTTER_NAMES = re.compile(
    r"(?:^|[-_\s])(?:"
    r"shar(?:e|es|ing|ebar)|social\w*|addtoany|sharethis|follow(?:-?us)?|whatsapp|telegram|facebook|"
    r"related\w*|recirc\w*|recommend\w*|trending|popular|most-?(?:read|viewed|popular)|mostread|latest|"
    r"read-?(?:also|more|next|too)|see-?also|also-?read|more-?(?:news|stories|articles|from)|you-?may-?like|"
    r"cross-?links?|inline-?links?|"
    r"breadcrumbs?|tags?|tag-?(?:list|cloud|links)|tagcloud|keywords|cat-?links|"
    r"comments?|comment-?\w+|respond|disqus\w*|reactions?|rating|"
    r"cookies?|cookie-?\w+|consent|gdpr|cmp|onetrust|newsletters?|subscri\w+|signup|sign-?up|login|paywall|"
    r"adverts?|advertisements?|advertising|ads?|ad-?(?:slot|unit|box|banner|container|wrapper|label)|"
    r"adsbygoogle|dfp|gpt|taboola|outbrain|mgid|sponsor\w*|promo\w*|banners?|"
    r"nav|navbar|navigation|menus?|mega-?menu|sidebars?|side-?bar|widgets?|widget-?area|"
    r"footer|site-?footer|page-?footer|popups?|modals?|overlay|toolbar|ticker|breaking|pagination|pager|"
    r"prev-?next|post-?navigation|post-?meta|entry-?meta|article-?meta|meta-?bar|bylines?|authors?|"
    r"author-?(?:box|bio|info|card)|print\w*|copyright|skip-?link|sr-only|visually-?hidden|"
    r"screen-?reader-?text|captions?|wp-caption-text|image-?credits?|credits|app-?(?:download|promo)|"
    r"player|gallery|slideshow|carousel|slider|notification"
    r")(?:[-_\s]|$)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A line as the page shows it."""

    text: str
    kind: BlockKind
    linked: float
    """Share of the line's characters that are links."""
    within: tuple[Element, ...]
    """Elements around the line, outermost first."""
    clutter: tuple[Element, ...]
    """Elements of ``within`` that are named as a menu, an advertisement and the like."""
    times: tuple[str, ...] = ()
    """Values of the line's ``<time datetime>`` elements."""


def read_markup(markup: str) -> Element:
    """Return the root element of a page. Raises NoTextError when there is none."""
    from lxml import etree  # type: ignore[import-untyped]
    from lxml.html import HTMLParser, document_fromstring  # type: ignore[import-untyped]

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return document_fromstring(markup.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise NoTextError(Reason.NO_ARTICLE, "a page without text") from error


def text_of(element: Element) -> str:
    """Return the visible text of an element on one line."""
    return collapse(" ".join(line.text for line in lines_of(element)))


def collapse(text: str) -> str:
    """Collapse white space as HTML does: one space for each run, none at the ends. No-break spaces stay."""
    return _SPACE.sub(" ", text).strip(" ")


def lines_of(root: Element) -> list[TextLine]:
    """Return the lines of a page from top to bottom. Raises NoTextError beyond `MOST_LINES`."""
    lines = list(islice(_Walk().lines(root), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise NoTextError(Reason.TOO_LARGE, f"a page of more than {MOST_LINES:,} lines")
    return lines


class _Walk:
    """A pass through a page, with the collected parts of the current line."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._linked = 0
        self._times: list[str] = []
        self._around: list[Element] = []
        self._clutter: list[Element] = []
        self._row: Element | None = None
        self._laid_out = False

    def lines(self, root: Element) -> Iterator[TextLine]:
        from lxml.etree import iterwalk  # type: ignore[import-untyped]

        links = 0
        walk = iterwalk(root, events=("start", "end"))
        for event, element in walk:
            hidden = element.tag in _INVISIBLE or _is_hidden(element)
            if hidden and event == "start":
                walk.skip_subtree()
            elif event == "start":
                if self._breaks(element) or element.tag == "br":
                    yield from self._line()
                elif element.tag in _CELLS:
                    self._parts.append(_CELL)
                self._around.append(element)
                if is_clutter(element):
                    self._clutter.append(element)
                links += element.tag == "a"
                if element.tag == "time" and element.get("datetime"):
                    self._times.append(element.get("datetime").strip())
                self._take(element.text, links)
            else:
                if not hidden:
                    if self._breaks(element):
                        yield from self._line()
                    links -= element.tag == "a"
                    self._around.pop()
                    if self._clutter and self._clutter[-1] is element:
                        self._clutter.pop()
                if element is not root:
                    self._take(element.tail, links)

    def _breaks(self, element: Element) -> bool:
        """Return whether an element starts and ends a line: a block, or a cell of a table used only for layout."""
        if element.tag not in _CELLS:
            return element.tag in _BLOCKS
        row = element.getparent()
        if row is None:
            return True
        if row is not self._row:  # looked through once, not for each of its cells
            self._row, self._laid_out = row, next(row.iter("br", *_LAID_OUT), None) is not None
        return self._laid_out

    def _take(self, text: str | None, links: int) -> None:
        if text:
            self._parts.append(text)
            self._linked += len("".join(text.split())) if links else 0

    def _line(self) -> Iterator[TextLine]:
        """Yield the current line, if it holds anything to read."""
        cells = map(collapse, "".join(self._parts).split(_CELL))
        text = "\t".join(cell for cell in cells if cell)
        linked, self._linked = self._linked, 0
        self._parts.clear()
        if not any(each.isalnum() for each in text):
            return
        tags = {element.tag for element in self._around}
        kind: BlockKind = "heading" if tags & HEADINGS else "item" if "li" in tags else "paragraph"
        size = len("".join(text.split()))
        times = tuple(self._times)
        self._times.clear()
        yield TextLine(text, kind, linked / size, tuple(self._around), tuple(self._clutter), times)


def is_clutter(element: Element) -> bool:
    """Return whether an element's tag, role, class or id names something other than an article."""
    if element.tag in ("html", "body", "main", "article", "h1"):
        return False
    if element.tag in _CLUTTER_TAGS or element.get("role", "").lower() in _CLUTTER_ROLES:
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return bool(names.strip()) and bool(_CLUTTER_NAMES.search(_CAMEL.sub("-", names[:500]).lower()))


def _is_hidden(element: Element) -> bool:
    if element.tag in ("html", "body"):
        return False
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN.search(element.get("style", "")))
    )
