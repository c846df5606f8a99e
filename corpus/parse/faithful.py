"""Check that a text reads as it was written, whatever its format; put right what certainly does not.

``mended`` is for every document: entities left over in plain text are written out, wrong decodings undone
(`corpus.mojibake`), and letters that were lost, garbled or stored back to front refuse it by name.

``is_faithful`` is for a text extracted from a file of glyphs. Their order is determined before
(`corpus.parse.pdf.readingorder`). The remaining errors affect a whole text: the page itself was laid out from left to
right («يف» for «في», or «الخارجية وزير»), brackets stand the wrong way round, or the file maps its glyphs to other
letters, or to none. They are detected by words that every text uses, by pairs of words that follow each other in one
order only, and by marks. A text that holds too few of them is not taken as faithful.

Measured on 1,452 news articles wrapped at 12 words a line, most of them of a hundred words: 97 in 100 pass;
of those with their letters reversed none, with only their words reversed 4 in 100.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from itertools import pairwise, product

from corpus.arabic import fold_text
from corpus.arabic.affixes import article
from corpus.arabic.calendar import months, weekday_names
from corpus.arabic.letters import signs
from corpus.arabic.wordlists import word_list, word_set
from corpus.decode import NoTextError, Reason
from corpus.mojibake import is_garbled, undone
from corpus.parse.page import Page

_COMMON = word_set("wordorder", "common")
# «كان» turned round is «ناك», which is no word.
_REVERSED = frozenset(word[::-1] for word in _COMMON) - _COMMON - word_set("wordorder", "words_when_reversed")
_MONTH_WORDS = frozenset(word for name in months() for word in name.split()) - word_set(
    "wordorder", "months_in_two_words"
)


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield the pairs of folded words that follow each other in one order only."""
    for pair in word_list("wordorder", "pairs"):
        first, second = fold_text(pair).split()
        yield first, second
    yield from product(word_set("wordorder", "before_that"), word_set("wordorder", "that"))
    weekdays = [fold_text(article() + day) for day in weekday_names()]
    yield from product(word_set("wordorder", "before_weekday"), weekdays)
    yield from product([_DAY], _MONTH_WORDS)
    yield from product(_MONTH_WORDS | word_set("wordorder", "year_word"), [_YEAR])


_YEAR, _DAY, _OTHER_NUMBER = "####", "##", "#"
_PAIRS = frozenset(_pairs())

_WORD = re.compile(r"[ء-يٱ-ۓ]+|\d+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_NO_LETTER = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]|\\(cid:\\d+\\)")
# A line begins with a comma, «»واس«», «)قسد(»: runs of one direction that changed places within a line.
_MISPLACED = re.compile(r"^\s*[،؛؟,;:!.](?!\.)|(?<![\w.])[»)\]](?=\w)|(?<=\w)[«(\[](?!\w)", re.MULTILINE)
_MARKS = re.compile(r"[،؛؟,;:!.»)\]«(\[]")
_MOST_MISPLACED = 0.05  # of all marks: some are, in what people write
_LEAST = 4  # common words
_MOST_WRONG = 0.05  # of their number that stand reversed


def is_faithful(text: str) -> bool:
    """Return whether the text reads as it was written; in other scripts only lost letters are detected."""
    if len(_NO_LETTER.findall(text)) * 200 > len(text):
        return False
    found = [[_number(word) for word in _WORD.findall(fold_text(line))] for line in text.splitlines()]
    words = Counter(word for line in found for word in line)
    arabic = sum(len(word) * count for word, count in words.items() if word.isalpha())
    if arabic * 10 < len(_LATIN.findall(text)):
        return True
    if len(_MISPLACED.findall(text)) > 1 + _MOST_MISPLACED * len(_MARKS.findall(text)):
        return False
    right = sum(words[word] for word in _COMMON)
    wrong = sum(words[word] for word in _REVERSED)
    if right < _LEAST or wrong > _MOST_WRONG * right:
        return False
    pairs = Counter(pair for line in found for pair in pairwise(line))
    forward = sum(pairs[pair] for pair in _PAIRS)
    backward = sum(pairs[second, first] for first, second in _PAIRS if (second, first) not in _PAIRS)
    return backward <= max(forward / 2, min(forward, 1))


def _number(word: str) -> str:
    """Replace days and years by placeholders: «9 شباط 2026» has one order only."""
    if not word.isdigit():
        return word
    return _YEAR if len(word) == 4 else _DAY if len(word) <= 2 else _OTHER_NUMBER


# --- every document --------------------------------------------------------------------------------------

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOST_ESCAPES = 3
"""How many times one text may have been escaped: «&amp;amp;quot;»."""
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_REPLACED = re.compile("\ufffd")
_ASKED = re.compile(r"(?<!\S)[\"'(«]?\?{2,}[\"')».,،؛:]?(?!\S)")
"""A word of which only question marks are left."""
_MOST_REPLACED = 0.005  # of all characters
_MOST_ASKED = 0.02  # of all words
_LEAST_ASKED = 4
_LEAST_BACKWARD = 3


def mended(page: Page, *, escaped: bool = False) -> Page:
    """Return the page with its wrong decodings undone; with its entities written out if it is ``escaped``.

    Raises NoTextError for a page that holds other letters than were written, or not in their order.

    Lines stay lines, so that what the markup says of them holds of them still.
    """
    text = _mended(page.text, escaped)
    _check(text)
    if text == page.text or page.said is None:
        return replace(page, text=text)
    said = page.said
    kinds = dict(said.kinds)
    if kinds:
        old, new = _line_starts(page.text), _line_starts(text)
        moved = dict(zip(old, new, strict=True))
        kinds = {moved.get(start, start): kind for start, kind in kinds.items()}
    publisher = said.publisher and _mended(said.publisher, escaped)
    said = replace(said, title=_mended(said.title, escaped), publisher=publisher, kinds=kinds)
    return Page(text, said)


def _check(text: str) -> None:
    """Raise NoTextError for a text whose letters are not those that were written, or not in their order."""
    if is_garbled(text):
        raise NoTextError(Reason.GARBLED)
    if len(_REPLACED.findall(text)) > max(1, _MOST_REPLACED * len(text)):
        raise NoTextError(Reason.LOST, "U+FFFD")
    asked = len(_ASKED.findall(text))
    if asked >= _LEAST_ASKED and asked > _MOST_ASKED * len(text.split()):
        raise NoTextError(Reason.LOST, "????")
    for line in text.split("\n"):
        found = signs(line)
        if found.backward >= _LEAST_BACKWARD and found.backward > found.forward:
            raise NoTextError(Reason.REVERSED, " ".join(line.split()[:4]))


def _mended(text: str, escaped: bool) -> str:
    return undone(_written_out(text) if escaped else text)


def _written_out(text: str) -> str:
    for _ in range(_MOST_ESCAPES):
        if "&" not in text or _ENTITY.search(text) is None:
            break
        text = _ENTITY.sub(_character, text)
    return text


def _character(found: re.Match[str]) -> str:
    """Return what an entity stands for: no line break and no control, and itself where it stands for nothing."""
    if found[0][1] != "#" and found[0][1:] not in html5:
        return found[0]
    character = html.unescape(found[0])
    return " " if _UNSAFE.search(character) else character


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]
