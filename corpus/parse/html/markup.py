"""Conversion of a page's markup to lines of text, each with its place, its kind and whether it is clutter.

A line is what a reader of the page sees of it: without what is hidden or struck out, without the marks of footnotes
and the readings above words, and with the words that happen to be buttons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from corpus.article import BlockKind
from corpus.decode import NoTextError, Reason
from corpus.parse.html.styles import Element as Element
from corpus.parse.html.styles import Styles, hides, strikes

MOST_LINES = 20_000
"""Maximum number of lines of a page; a live page of a whole day has some thousands."""

_DEEP = 100  # elements around a line; a page that was built by hand or by a program has fewer
_MOST_AROUND = 30_000  # elements beyond these, of all lines together: what is done with them takes its time

_OF_CHANGE = re.compile(r"\b(?:dt-)?(?:updated?|modified|dateModified)\b", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f]+")
_CELL = "\x1f"  # between the cells of a row: no page holds it

_INVISIBLE = frozenset(
    """
    head script style noscript template iframe object embed svg math canvas audio video picture img map input
    select option textarea datalist dialog menu s del strike rt rp rtc
    """.split()  # noqa: SIM905
)
BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1
    h2 h3 h4 h5 h6 header hgroup hr html legend li main nav ol p pre section summary table tbody tfoot thead tr
    ul
    """.split()  # noqa: SIM905
)
_CELLS = ("td", "th")
_LAID_OUT = ("p", "div", "table", "ul", "ol", "h1", "h2", "h3", "article")  # blocks that make a cell a place
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NEVER_CLUTTER = ("html", "body", "main", "article", "h1")
_CLUTTER_TAGS = frozenset({"nav", "aside", "footer", "figcaption"})
_CLUTTER_ROLES = frozenset(
    """
    navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar alert
    """.split()  # noqa: SIM905
)
# Of what class and id are made of: whole words between hyphens, underscores and blanks.
_NAMES = r"(?:^|[-_\s])(?:{})(?:[-_\s]|$)"
_CLUTTER_NAMES = re.compile(
    _NAMES.format(
        r"shar(?:e|es|ing|ebar)|social\w*|addtoany|sharethis|follow(?:-?us)?|whatsapp|telegram|facebook|"
        r"related\w*|teasers?|recirc\w*|recommend\w*|trending|popular|most-?(?:read|viewed|popular)|mostread|latest|"
        r"read-?(?:also|more|next|too)|see-?also|also-?read|more-?(?:news|stories|articles|from)|you-?may-?like|"
        r"cross-?links?|inline-?links?|"
        r"breadcrumbs?|tags?|tag-?(?:list|cloud|links)|tagcloud|keywords|cat-?links|"
        r"comments?|comment-?\w+|respond|disqus\w*|reactions?|rating|"
        r"nav|navbar|navigation|menus?|mega-?menu|sidebars?|side-?bar|widget-?area|"
        r"footer|site-?footer|page-?footer|pagination|pager|"
        r"prev-?next|post-?navigation|copyright|skip-?link|captions?|wp-caption-text|"
        r"image-?credits?|credits"
    )
)
# Weak signs: publishing systems give these names to parts of articles, too («subscriber-only», «story-banner»).
_DOUBTFUL_NAMES = re.compile(
    _NAMES.format(
        r"cookies?|cookie-?\w+|consent|gdpr|cmp|onetrust|newsletters?|subscri\w+|signup|sign-?up|login|"
        r"adverts?|advertisements?|advertising|ads?|ad-?(?:slot|unit|box|banner|container|wrapper|label)|"
        r"adsbygoogle|dfp|gpt|taboola|outbrain|mgid|sponsor\w*|promo\w*|banners?|widgets?|"
        r"popups?|modals?|overlay|toolbar|ticker|breaking|print\w*|"
        r"app-?(?:download|promo)|player|gallery|slideshow|carousel|slider|notification"
    )
)
# Of the article, but not in its text: who wrote it, and when.
_HEADER_NAMES = re.compile(
    _NAMES.format(
        r"post-?meta|entry-?meta|article-?meta|meta-?bar|bylines?|authors?|author-?(?:box|bio|info|card)"
    )
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What the common style sheets call the text for screen readers.
_UNSEEN_NAMES = re.compile(
    r"(?:^|\s)(?:sr-only|(?:\w+-)?visually-?hidden|screen-?reader(?:s|-?text|-?only)?|hidden-visually)(?=$|\s)"
)
_ICONS = re.compile(r"icon|(?:^|\s)fa[srlbd]?(?:\s|$)", re.IGNORECASE)
_SUPERSCRIPT = {unicodedata.digit(each): each for each in "⁰¹²³⁴⁵⁶⁷⁸⁹"}
_NO_CHARACTER = re.compile(r"&#([xX][0-9a-fA-F]{1,16}|[0-9]{1,20});?")
_FRONT = re.compile(r"/?|\./|/?(?:index|home|default)\.\w{2,5}|/(?:ar|arabic|home)/?", re.IGNORECASE)
_LONGEST_MARK = 8  # characters of a footnote mark
_CONTROLS = ("button", "input", "select", "textarea")
_STOPPED = re.compile(r"[.؟?!…:؛۔»\"”]\W{0,9}$")
_ITEM = re.compile(r"\d{1,3}\s?[.)\-–]|[^\w\s«\"“(\[]")
_SHORTEST_WRAP = 30  # characters of the longest of lines that a writer's program broke


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
    """Values of the line's ``<time datetime>`` elements, those of a last change behind the others."""
    control: bool = False
    """Whether it is a button or another control, which nobody reads as text."""
    broken: bool = False
    """Whether one ``<br>``, and no more, parts it from the line before."""


def read_markup(markup: str) -> Element:
    """Return the root element of a page. Raises NoTextError when there is none."""
    from lxml import etree  # type: ignore[import-untyped]
    from lxml.html import HTMLParser, document_fromstring  # type: ignore[import-untyped]

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = document_fromstring(_NO_CHARACTER.sub(_left_out, markup).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        root = None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise NoTextError(Reason.TOO_LARGE, "a page of elements within elements, thousands deep")
    if root is None:
        raise NoTextError(Reason.NO_ARTICLE, "a page without text")
    return root


def _left_out(reference: re.Match[str]) -> str:
    """Return "" for a reference to what is no character, or to a control, and any other as it is."""
    number = reference[1]
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    control = code < 0x20 and chr(code) not in "\t\n\f\r"
    return "" if control or code == 0x7F or 0xD800 <= code < 0xE000 or code > 0x10FFFF else reference[0]


def text_of(element: Element) -> str:
    """Return the visible text of an element on one line."""
    return collapse(" ".join(line.text for line in lines_of(element)))


def collapse(text: str) -> str:
    """Collapse white space as HTML does: one space for each run, none at the ends. No-break spaces stay."""
    return _SPACE.sub(" ", text).strip(" ")


def lines_of(root: Element, styles: Styles | None = None) -> list[TextLine]:
    """Return the lines of a page from top to bottom, controls among them. Raises NoTextError beyond `MOST_LINES`.

    ``styles`` says what is hidden; without it, only the elements' own attributes do.
    """
    walk = _Walk(root, styles or Styles())
    lines: list[TextLine] = []
    around = 0
    for line in walk.lines():
        lines.append(line)
        around += max(0, len(line.within) - _DEEP)
        if len(lines) > MOST_LINES:
            raise NoTextError(Reason.TOO_LARGE, f"a page of more than {MOST_LINES:,} lines")
        if around > _MOST_AROUND:
            raise NoTextError(Reason.TOO_LARGE, "a page of many lines, each within hundreds of elements")
    return _unwrapped(lines)


class _Walk:
    """A pass through a page, with the collected parts of the current line."""

    def __init__(self, root: Element, styles: Styles) -> None:
        self._root = root
        self._styles = styles
        self._laid_out = _laid_out_rows(root)
        self._parts: list[str] = []
        self._linked: list[int] = [0]  # characters in links, by cell
        self._times: list[str] = []
        self._changes: list[str] = []  # times of the last change, by their element's name
        self._around: list[Element] = []
        self._clutter: list[Element] = []
        self._links: list[Element] = []
        self._raised: list[Element] = []
        self._buttons: list[tuple[Element, int]] = []  # open ones, each with the part that it begins with
        self._pressed: list[tuple[int, int]] = []  # parts in buttons, of the current line
        self._controls: list[tuple[Element, ...]] = []
        self._breaks_before = 0

    def lines(self) -> Iterator[TextLine]:
        from lxml.etree import iterwalk  # type: ignore[import-untyped]

        walk = iterwalk(self._root, events=("start", "end"))
        unseen = False
        for event, element in walk:
            if event == "start":
                if element.tag in _CONTROLS[1:] and element.get("type") != "hidden":
                    self._controls.append(tuple(self._around))
                unseen = element.tag in _INVISIBLE or self._is_unseen(element)
                if unseen:
                    walk.skip_subtree()
                else:
                    yield from self._start(element)
            else:
                # What is skipped ends right after its start.
                if not unseen:
                    yield from self._end(element)
                unseen = False
                if element is not self._root:
                    self._take(element.tail)

    def _start(self, element: Element) -> Iterator[TextLine]:
        if element.tag == "br" and self._is_in_heading():
            self._parts.append(" ")
        elif element.tag == "br":
            yield from self._line()
            self._breaks_before += 1
        elif self._breaks(element):
            yield from self._line()
            self._breaks_before = 2
        elif element.tag in _CELLS:
            self._parts.append(_CELL)
            self._linked.append(0)
        self._around.append(element)
        if is_clutter(element):
            self._clutter.append(element)
        if element.tag == "a" and not (self._is_in_heading() and _is_within_page(element)):
            self._links.append(element)
        if element.tag == "sup":
            self._raised.append(element)
        if element.tag == "button" or element.get("role") == "button":
            self._buttons.append((element, len(self._parts)))
        if element.tag == "time" and element.get("datetime"):
            changed = _OF_CHANGE.search(f"{element.get('class') or ''} {element.get('itemprop') or ''}")
            (self._changes if changed else self._times).append(element.get("datetime").strip())
        self._take(element.text)

    def _end(self, element: Element) -> Iterator[TextLine]:
        if self._breaks(element):
            yield from self._line()
            self._breaks_before = 2
        self._around.pop()
        for stack in (self._clutter, self._links, self._raised):
            if stack and stack[-1] is element:
                stack.pop()
        if self._buttons and self._buttons[-1][0] is element:
            _, first = self._buttons.pop()
            self._pressed.append((first, len(self._parts)))

    def _breaks(self, element: Element) -> bool:
        """Return whether an element starts and ends a line: a block, or a cell of a table used only for layout."""
        if element.tag not in _CELLS:
            return element.tag in BLOCKS
        row = element.getparent()
        return row is None or row in self._laid_out

    def _is_unseen(self, element: Element) -> bool:
        if element.tag in ("html", "body"):
            return False
        if element.get("hidden") is not None or _is_for_screen_readers(element) or _is_note_mark(element):
            return True
        style = self._styles.of(element)
        return bool(style) and (hides(style) or strikes(style))

    def _is_in_heading(self) -> bool:
        return any(each.tag in HEADINGS for each in self._around[-_CLOSE:])

    def _take(self, text: str | None) -> None:
        if not text:
            return
        if self._raised and text.strip().isdigit():
            # What stands raised is no further figure of the number before it.
            text = "".join(_SUPERSCRIPT[unicodedata.digit(each)] for each in text.strip())
        self._parts.append(text)
        self._linked[-1] += len("".join(text.split())) if self._links else 0

    def _line(self) -> Iterator[TextLine]:
        """Yield the current line, if it holds anything to read, and a control in the place of its buttons."""
        pressed = self._without_buttons()
        cells = "".join(self._parts).split(_CELL)
        linked, self._linked = self._linked, [0]
        self._parts.clear()
        rows = [[at] for at in range(len(cells))] if _is_menu_and_text(cells, linked) else [range(len(cells))]
        for row in rows:
            text = "\t".join(cell for at in row if (cell := collapse(cells[at])))
            if any(each.isalnum() for each in text):
                size = len("".join(text.split()))
                yield self._text_line(text, sum(linked[at] for at in row) / size)
                self._times.clear()
                self._changes.clear()
                self._breaks_before = 0
        if pressed:
            self._controls.append(tuple(self._around))
        for around in self._controls:
            yield TextLine("", "paragraph", 0.0, around, tuple(self._clutter), control=True)
        self._controls.clear()

    def _text_line(self, text: str, linked: float) -> TextLine:
        tags = {element.tag for element in self._around}
        kind: BlockKind = "heading" if tags & HEADINGS else "item" if "li" in tags else "paragraph"
        broken = self._breaks_before == 1
        return TextLine(
            text,
            kind,
            linked,
            tuple(self._around),
            tuple(self._clutter),
            times=(*self._times, *self._changes),
            broken=broken,
        )

    def _without_buttons(self) -> bool:
        """Take the buttons off that no text of the line follows; return whether a line held nothing else.

        A button that text follows is a word of its sentence, and the button of a heading is the heading.
        """
        pressed, self._pressed = self._pressed, []
        if self._buttons:
            first = self._buttons[0][1]
            pressed = [*(each for each in pressed if each[1] <= first), (first, len(self._parts))]
            self._buttons = [(element, 0) for element, _ in self._buttons]
        if not pressed:
            return False
        until = len(self._parts)
        taken: list[tuple[int, int]] = []
        for first, last in reversed(pressed):
            if any(part.strip() for part in self._parts[last:until]):
                break
            taken.append((first, last))
            until = min(first, until)
        alone = not any(part.strip() for part in self._parts[:until])
        if alone and self._is_in_heading():
            return False
        for first, last in taken:
            for at in range(first, min(last, len(self._parts))):
                self._parts[at] = _CELL if self._parts[at] == _CELL else ""
        return alone and bool(taken)


_CLOSE = 8  # elements around a text among which a heading is looked for


def _laid_out_rows(root: Element) -> set[Element]:
    """Return the rows of tables with a block or a line break in them: their cells are places, not figures."""
    from lxml.etree import iterwalk

    found: set[Element] = set()
    rows: list[Element] = []  # around, outermost first; once one is found, those around it are, too
    for event, element in iterwalk(root, events=("start", "end"), tag=("tr", "br", *_LAID_OUT)):
        if element.tag == "tr":
            if event == "start":
                rows.append(element)
            else:
                rows.pop()
        elif event == "start":
            for row in reversed(rows):
                if row in found:
                    break
                found.add(row)
    return found


def _is_menu_and_text(cells: Sequence[str], linked: Sequence[int]) -> bool:
    """Return whether one cell of a row is of links, and another is a paragraph."""
    sizes = [len("".join(cell.split())) for cell in cells]
    menu = any(size and 2 * links >= size for size, links in zip(sizes, linked, strict=True))
    return menu and any(
        2 * links < size and len(cell.split()) >= _PARAGRAPH
        for cell, size, links in zip(cells, sizes, linked, strict=True)
    )


_PARAGRAPH = 12  # words


def _unwrapped(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines with those joined that were broken at a width: the next word found no room on the line."""
    joined: list[TextLine] = []
    run: list[TextLine] = []
    for line in [*lines, None]:
        if line is not None and run and line.broken and _are_alike(run[-1], line):
            run.append(line)
            continue
        joined.extend(_sentences_of(run))
        run = [line] if line is not None else []
    return joined


def _are_alike(one: TextLine, other: TextLine) -> bool:
    return not (one.control or other.control or one.linked or other.linked) and one.within == other.within


def _sentences_of(run: Sequence[TextLine]) -> Iterator[TextLine]:
    width = max((len(line.text) for line in run), default=0)
    whole: list[TextLine] = []
    for line in run:
        if whole and not _goes_on(whole[-1].text, line.text, width):
            yield _join(whole)
            whole = []
        whole.append(line)
    if whole:
        yield _join(whole)


def _goes_on(text: str, after: str, width: int) -> bool:
    """Return whether a line of a block of this width was broken only because the next word did not fit on it."""
    fits = len(text) + 1 + len(after.split(maxsplit=1)[0]) <= width
    return width >= _SHORTEST_WRAP and not fits and not _STOPPED.search(text) and not _ITEM.match(after)


def _join(lines: Sequence[TextLine]) -> TextLine:
    first = lines[0]
    if len(lines) == 1:
        return first
    times = tuple(time for line in lines for time in line.times)
    return replace(first, text=" ".join(line.text for line in lines), times=times)


def is_clutter(element: Element) -> bool:
    """Return whether an element's tag, role, class or id names something other than an article's text."""
    return element.tag not in _NEVER_CLUTTER and (
        is_other(element) or bool(_HEADER_NAMES.search(_names(element)))
    )


def is_other(element: Element) -> bool:
    """Return whether it names something other than an article: its header, too, is the article's."""
    if element.tag in _NEVER_CLUTTER:
        return False
    return _is_surely_other(element) or bool(_DOUBTFUL_NAMES.search(_names(element)))


def is_doubtful(clutter: Element) -> bool:
    """Return whether nothing but a weak sign makes an element clutter: then it takes a look at its text."""
    return not _is_surely_other(clutter) and not _HEADER_NAMES.search(_names(clutter))


def _is_surely_other(element: Element) -> bool:
    if element.tag in _CLUTTER_TAGS or element.get("role", "").lower() in _CLUTTER_ROLES:
        return True
    return bool(_CLUTTER_NAMES.search(_names(element)))


def _names(element: Element) -> str:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return _CAMEL.sub("-", names[:500]).lower()


def is_front_page(href: str) -> bool:
    """Return whether the target of a link is the front page of a site."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    return (
        bool(href.strip())
        and _FRONT.fullmatch(parts.path) is not None
        and not (parts.query or parts.fragment)
    )


def _is_within_page(link: Element) -> bool:
    href = (link.get("href") or "").strip()
    return href.startswith("#") and len(href) > 1


def _is_for_screen_readers(element: Element) -> bool:
    """Return whether a text is for screen readers, or is hidden from them with all that is around it.

    A few words inside a paragraph that are hidden from them are seen; there a second text says the same.
    """
    if _UNSEEN_NAMES.search(_CAMEL.sub("-", (element.get("class") or "")[:500]).lower()):
        return True
    if element.get("aria-hidden") != "true":
        return False
    return element.tag in BLOCKS or element.tag == "i" or bool(_ICONS.search(element.get("class") or ""))


def _is_note_mark(element: Element) -> bool:
    """Return whether an element is the raised number of a footnote, linked to it: it is no figure of the text."""
    if element.get("role") == "doc-noteref":
        return True
    if element.tag != "sup" or len(element) > 2:
        return False
    links = [each for each in (element.getparent(), *element) if each is not None and each.tag == "a"]
    inside = (part for each in element for part in (each.text, each.tail))
    mark = "".join(part or "" for part in (element.text, *inside))
    return len(mark.strip()) <= _LONGEST_MARK and any("#" in (link.get("href") or "") for link in links)
