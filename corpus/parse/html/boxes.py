"""Boxes among the paragraphs of an article that are not the article's, by their build.

A box is an element with a few lines that is only a small part of the text:

- one that begins with a link to another page is a teaser of it;
- one with a form asks the reader for something;
- one with a button, one that ends with a link, and what stands below the paragraphs and is not built as they are
  is not the article's if it speaks of other things: a call to subscribe, a policy for comments;
- one with a button at the very end has to speak of what the article speaks of.

A heading with nothing left under it goes with what it headed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corpus.parse.html.markup import BLOCKS, HEADINGS, TextLine
from corpus.parse.html.styles import Element
from corpus.parse.html.subject import Subject

_LINES = 5  # at most, of a box
_SHARE = 0.34  # at most, of the article's reporting in a box
_TITLE = 3  # words of a link that names another article
_LED = 0.8  # share of links of a line that is one
_BELOW = 3  # paragraphs below the text, and of the text above them, at least
_WHOLE = frozenset({"blockquote", "figure", "table", "tbody", "tr"})
"""Elements that are no boxes: what a paragraph quotes, and rows, in which a menu may stand beside the text."""
_OWN = frozenset({"blockquote", "figure", "table", "ul", "ol", "dl", "pre", "details", *HEADINGS})
"""Elements that stand among paragraphs and are built otherwise."""

Reporting = Callable[[TextLine], int]
"""The number of characters of reporting in a line."""


@dataclass(slots=True)
class _Box:
    lines: list[TextLine] = field(default_factory=list)
    """The first of them, one more than a box may have."""
    reported: int = 0
    asks: bool = False
    """Whether a form stands in it."""
    button: bool = False


def without_boxes(
    lines: Sequence[TextLine],
    container: Element,
    title: str,
    *,
    reporting: Reporting,
    leads_elsewhere: Callable[[TextLine], bool],
) -> list[TextLine]:
    """Return the lines of an article without those in boxes, and without those that lead elsewhere.

    ``lines`` are those in the ``container``, controls among them.
    """
    said = [line for line in lines if not line.control]
    boxes = _boxes(lines, container, reporting)
    subject = Subject(title, said)
    most = _SHARE * sum(map(reporting, said))
    reported = [line for line in said if reporting(line)]
    last = set(_below_container(reported[-1], container)) if reported else set()
    boxed = {
        element
        for element, box in boxes.items()
        if 0 < len(box.lines) <= _LINES
        and box.reported <= most
        and element.tag not in _WHOLE
        and _is_apart(element, box, subject, at_end=element in last)
    }
    kept = [line for line in said if boxed.isdisjoint(line.within) and not leads_elsewhere(line)]
    kept = _without_bare_headings(said, kept, container)
    below = _below(kept, container, reporting)
    return kept[: len(kept) - len(below)] if below and subject.is_foreign(below) else kept


def _boxes(lines: Sequence[TextLine], container: Element, reporting: Reporting) -> dict[Element, _Box]:
    boxes: dict[Element, _Box] = {}
    for line in lines:
        if line.control:
            # Only what asks stands in its box; a bar of buttons has one of its own.
            form = line.within[-1].tag == "form"
            around = [element for element in _below_container(line, container) if element.tag != "form"]
            if around:
                box = boxes.setdefault(around[-1], _Box())
                box.asks |= form
                box.button = True
            continue
        reported = reporting(line)
        for element in _below_container(line, container):
            box = boxes.setdefault(element, _Box())
            box.reported += reported
            if len(box.lines) <= _LINES:
                box.lines.append(line)
    return boxes


def _below_container(line: TextLine, container: Element) -> tuple[Element, ...]:
    return line.within[line.within.index(container) + 1 :]


def _is_apart(element: Element, box: _Box, subject: Subject, *, at_end: bool) -> bool:
    if box.asks and element.tag != "p":
        return True
    several = len(box.lines) > 1
    if several and _is_link(box.lines[0]) and len(box.lines[0].text.split()) >= _TITLE:
        return True
    button = box.button and element.tag != "p"
    if button and at_end and not subject.holds(box.lines):
        return True
    return (button or (several and _is_link(box.lines[-1]))) and subject.is_foreign(box.lines)


def _is_link(line: TextLine) -> bool:
    return line.linked >= _LED


def _without_bare_headings(
    said: Sequence[TextLine], kept: Sequence[TextLine], container: Element
) -> list[TextLine]:
    """Return the lines that are kept, without headings of elements of which nothing else is."""
    left = Counter(element for line in kept if line.kind != "heading" for element in line.within)
    remaining = set(kept)
    emptied = {
        element
        for line in said
        if line not in remaining
        for element in _below_container(line, container)
        if not left[element]
    }
    return [line for line in kept if line.kind != "heading" or emptied.isdisjoint(line.within)]


def _below(lines: Sequence[TextLine], container: Element, reporting: Reporting) -> Sequence[TextLine]:
    """Return the lines below the last of the paragraphs that are not built as these are, if they are few."""
    places = [_place(line) for line in lines]
    counts = Counter(place for place, line in zip(places, lines, strict=True) if reporting(line))
    [(place, count)] = counts.most_common(1) or [(None, 0)]
    last = max((at for at, each in enumerate(places) if each is place), default=0)
    below = lines[last + 1 :]
    own = any(element.tag in _OWN for line in below for element in _below_container(line, container))
    few = 0 < sum(reporting(line) > 0 for line in below) <= _BELOW <= count
    return below if few and not own else ()


def _place(line: TextLine) -> Element | None:
    """Return what the paragraph of a line stands in."""
    innermost = next((element for element in reversed(line.within) if element.tag in BLOCKS), None)
    return None if innermost is None else innermost.getparent()
