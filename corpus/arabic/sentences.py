"""Split Arabic news, and the English in it, into sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from corpus.arabic.speech import speech_verbs
from corpus.arabic.wordlists import word_list
from corpus.article import Article, Span

LONG = 100
"""Number of words above which «؛» may cut a sentence, and above which stops in a quotation end sentences."""


def sentences_of(
    article: Article, start: int = 0, end: int | None = None, *, whole: bool = False
) -> list[Span]:
    """Return the sentences of ``article.body[start:end]``, as `sentences` does, each within its block.

    A line break inside a block is a blank: the text was wrapped there. ``whole``: none is cut for its length.
    """
    end = len(article.body) if end is None else end
    if not article.blocks:
        return sentences(article.body, start, end, whole=whole)
    found: list[Span] = []
    for block in article.blocks:
        if block.start < end and start < block.end:
            first, last = max(block.start, start), min(block.end, end)
            found += sentences(article.body, first, last, wrapped=True, whole=whole)
    return found


def sentences(
    text: str, start: int = 0, end: int | None = None, *, wrapped: bool = False, whole: bool = False
) -> list[Span]:
    """Return the sentences of ``text[start:end]`` in order, without outer white space; offsets into ``text``.

    Together they cover everything but white space. A sentence ends at a new line, and at . ! ? ؟ … with the
    quotation marks, brackets and footnote marks that follow, except where the stop

    - belongs to a number, an address (sana.sy, a URL, an e-mail), an initial or an abbreviation («د. »,
      «ق.م.», «ص. 5», J. K., U.S., Dr.), or to the marker of a list item («1. »), which stays with its
      sentence;
    - is a pause («..», « ... ») or is followed by a comma;
    - stands inside a quotation or bracket that closes on the same line within 100 words, unless it closes
      right there and the next words begin anew («…انتهى.» وأضاف) rather than go on («هل انتهى؟» سأل المذيع).

    A sentence of more than 100 words is cut at «؛» into as few parts of at most 100 as its «؛» allow, unless it is to
    stay ``whole``. In a paragraph that is ``wrapped``, line breaks are blanks and end nothing.
    """
    end = len(text) if end is None else end
    lines = [(start, _LINE_BREAK.sub(" ", text[start:end]))] if wrapped else _lines(text, start, end)
    return [
        Span(offset + first, offset + last)
        for offset, line in lines
        for first, last in _line_sentences(line, whole)
    ]


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    for line in _LINE.finditer(text, start, end):
        yield line.start(), line.group()


_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
STOP = re.compile("[.!?؟…]+")
"""What may end a sentence within a line."""
_LETTER = re.compile(r"[^\W_]")
# Up to «؛» and what closes right after it; it never ends in white space but at the end of its sentence.
_CLAUSE = re.compile(r"[^؛\s][^؛]*(?:؛+[»”\"]?)?|؛+[»”\"]?")


def _line_sentences(line: str, whole: bool = False) -> Iterator[tuple[int, int]]:
    cuts = _cuts(line) if STOP.search(line) else [0, len(line)]
    for first, last in pairwise(cuts):
        part = line[first:last]
        first, last = last - len(part.lstrip()), first + len(part.rstrip())
        if last - first > 2 * LONG and not whole:
            yield from _parts(line, first, last)
        elif first < last:
            yield first, last


def _cuts(line: str) -> list[int]:
    """Return 0, the end of each sentence, and the length of the line."""
    holds = _find_holds(line)
    cuts = [0]
    letter = _LETTER.search(line)
    for stop in STOP.finditer(line):
        if letter is None or stop.start() < letter.start():
            continue
        if _is_held(line, cuts[-1], stop.start(), stop.end()):
            continue
        after, closed = _after_closers(line, stop.end(), holds)
        if holds.hold(stop.start(), after) or (closed and not _begins_anew(line, after, stop.group())):
            continue
        cuts.append(after)
        letter = _LETTER.search(line, after)
    # What holds no letter is no sentence: it stays with the one before.
    if len(cuts) > 1 and letter is None:
        cuts.pop()
    return [*cuts, len(line)]


def _parts(line: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a sentence, cut at «؛» when it is too long."""
    start, end, count = first, first, 0
    for clause in _CLAUSE.finditer(line, first, last):
        more = len(clause.group().split())
        if count and count + more > LONG:
            yield start, end
            start, count = clause.start(), 0
        end, count = clause.end(), count + more
    yield start, last


# --- stops that end nothing ------------------------------------------------------------------------------

_ARABIC_INITIAL = "[ء-ي]\u0640?"
# «د», «أ.د», «ق. م», «ود», at the end of what stands before the stop.
_ARABIC_INITIALS = re.compile(
    rf"(?:^|[^\w\u064b-\u0652])(?:[وفبل][دمأ]|(?:[وفبل]?{_ARABIC_INITIAL}\.\s?)*{_ARABIC_INITIAL})$"
)
# «2014 م», «1447 هـ», «15 م»: a unit, which may well end a sentence.
_UNIT = re.compile(r"\d\s?[مهـصلغت]{1,2}$")
_LATIN_INITIALS = re.compile(r"(?:^|[^\w])(?:[^\W\d_]\.\s?)*[A-Za-z]$")
_DOTTED = re.compile(r"[^\W\d_]\.\s?[A-Za-z]$")
_MARKER = re.compile(r"[\W_]*(?:\d{1,3}(?:\.\d{1,3})*|[ivx]{1,5})", re.I)
_LATIN = re.compile(r"[A-Za-z]")
_ARABIC = re.compile(r"[ء-ي]")


def _any_of(words: Iterable[str]) -> str:
    return "(?:" + "|".join(map(re.escape, words)) + ")"


@cache
def _titles() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[^\w]){_any_of(word_list('sentences', 'titles'))}$", re.I)


@cache
def _before_number() -> re.Pattern[str]:
    return re.compile(rf"(?:^|[^\w]){_any_of(word_list('sentences', 'before_number'))}$", re.I)


def _is_held(line: str, start: int, stop: int, after: int) -> bool:
    """Return whether the stops ``line[stop:after]`` end no sentence, judged by the text before and after."""
    rest = line[after : after + 40]
    if not rest.strip():
        return False
    following = rest.lstrip()
    if following[0] in "،,؛;:.!?؟…" or (line[stop - 1] in "([" and rest[0] in ")]"):
        return True
    stops = line[stop:after]
    if set(stops) <= {".", "…"}:
        dots = stops.count(".") + 3 * stops.count("…")
        if dots == 2:
            return True
        if dots > 2:
            return rest[0].isalnum() or line[stop - 1].isspace() or line[stop - 1] in "(["
        return _is_held_dot(line, start, stop, rest, following)
    return bool(_LATIN.match(rest) and _LATIN.match(line, stop - 1))


def _is_held_dot(line: str, start: int, stop: int, rest: str, following: str) -> bool:
    """Return ``_is_held`` for one full stop, given the text after it."""
    before = line[max(start, stop - 16) : stop]
    glued = rest[0].isalnum()
    latin_before = bool(_LATIN.match(before[-1]))
    if _ARABIC_INITIALS.search(before) and (glued or not _UNIT.search(before)):
        return True
    if glued and (before[-1].isdigit() or latin_before) and (rest[0].isdigit() or _LATIN.match(rest)):
        return True
    if glued and rest[0].islower():
        return True
    if latin_before and (
        following[0].islower()
        or _titles().search(before)
        or (_LATIN_INITIALS.search(before) and (not _ARABIC.match(following) or _DOTTED.search(before)))
    ):
        return True
    if following[0].isdigit() and _before_number().search(before):
        return True
    return stop - start <= 16 and bool(_MARKER.fullmatch(line, start, stop))


# --- quotations, brackets, addresses ---------------------------------------------------------------------

_OPENERS = {"«": "»", "(": ")", "[": "]"}
_CLOSERS = {closer: opener for opener, closer in _OPENERS.items()}
# All straight and curly double quotes are one family: writers mix them, and turn them round in Arabic.
_DOUBLE_QUOTES = '"“”„‟″'
_PAIRED = re.compile(rf"[«»()\[\]{_DOUBLE_QUOTES}]")
# An e-mail address is looked for from the first character of a word only, or a long one would be read again and
# again.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s«»\"<>،؛]+|(?<![^\s@«»\"<>،؛])[^\s@«»\"<>،؛]++@[^\s@«»\"<>،؛]+"
)
_CLOSING = re.compile(rf"[)\]}}»’›]|[{_DOUBLE_QUOTES}](?=\s|$)|\s?\[\d{{1,3}}\]|[¹²³⁰-⁹]+")
_SPACE = re.compile(r"\s+")
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class _Holds:
    """The spans of a line's quotations, brackets and addresses, in order and disjoint, and the closing marks."""

    starts: list[int]
    ends: list[int]
    closers: frozenset[int]

    def hold(self, stop: int, after: int) -> bool:
        """Return whether the stop stands in a span that has not closed before ``after``."""
        at = bisect_right(self.starts, stop) - 1
        return at >= 0 and self.ends[at] > stop and self.ends[at] > after


def _find_holds(line: str) -> _Holds:
    pairs = list(_pairs(line))
    closers = frozenset(end - 1 for _, end in pairs)
    pairs = [pair for pair in pairs if line.count(" ", *pair) <= LONG]
    if "://" in line or "www." in line or "@" in line:
        for address in _ADDRESS.finditer(line):
            pairs.append((address.start(), address.start() + len(address.group().rstrip(".!?؟…)]”"))))
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(pairs):
        if ends and start < ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return _Holds(starts, ends, closers)


def _pairs(line: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of quotations and brackets that close; an opening mark with no partner has no span."""
    opened: list[tuple[str, int]] = []
    for match in _PAIRED.finditer(line):
        del opened[:-_DEEPEST]
        mark, at = match.group(), match.start()
        opener = '"' if mark in _DOUBLE_QUOTES else _CLOSERS.get(mark)
        if opener == '"' and _opens(line, at, any(kind == '"' for kind, _ in opened)):
            opened = [item for item in opened if item[0] != '"']
            opened.append(('"', at))
        elif opener is None:
            opened.append((mark, at))
        elif any(kind == opener for kind, _ in opened):
            while (item := opened.pop())[0] != opener:
                pass
            yield item[1], at + 1


def _opens(line: str, at: int, inside: bool) -> bool:
    """Return whether a straight quotation mark opens: by its neighbours, else by whether one is open already."""
    space_before = at == 0 or line[at - 1].isspace() or line[at - 1] in "([«-–—"
    space_after = at + 1 == len(line) or line[at + 1].isspace() or line[at + 1] in ".!?؟…،,؛;:)]»"
    return space_before if space_before != space_after else not inside


def _after_closers(line: str, at: int, holds: _Holds) -> tuple[int, bool]:
    """Return the end, with closing marks, of the sentence that stops before ``at``, and whether a pair closes."""
    closed = False
    while at < len(line):
        space = _SPACE.match(line, at)
        mark = space.end() if space else at
        if mark in holds.closers:
            at, closed = mark + 1, True
        elif match := _CLOSING.match(line, at):
            at = match.end()
        else:
            break
    return at, closed


# --- what follows a quotation that ends with a stop ------------------------------------------------------


@cache
def _goes_on() -> re.Pattern[str]:
    return re.compile(
        rf"[،,؛;:–—-]|[a-z]|{_any_of((*speech_verbs('closing'), *word_list('sentences', 'going_on')))}(?!\w)"
    )


@cache
def _begins() -> re.Pattern[str]:
    anew = _any_of(word_list("sentences", "beginning_anew"))
    return re.compile(rf"[«\"“(]|\d{{1,2}}[.)]|و[ء-ي]{{3,}}|{anew}(?!\w)")


def _begins_anew(line: str, after: int, stops: str) -> bool:
    """Return whether a new sentence begins after a quotation that closed on ``stops``.

    After a full stop it does, unless the words say who spoke; after ! ? … only where the words can hardly
    continue the sentence.
    """
    rest = line[after : after + 40].lstrip()
    if not rest:
        return True
    return not _goes_on().match(rest) if stops == "." else bool(_begins().match(rest))
