"""The place in an article that somebody points at by quoting its words, and what stands there.

A question that only points («متى كان ذلك؟»، «من قاله؟»، «وكم عددهم؟») is answered from the sentence pointed at, with
the one before where that goes on from it («وأضاف …»، «ولهذا …»): of one date, number, person or place that stands in
one clause with the words it is said outright; else the sentence is shown, for the reader to judge.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from bot import mentions
from bot.answer import Answer, Quote
from bot.claim import published
from bot.evidence import gives_reason
from bot.firstline import outright
from bot.held import Held, holdings, of_other
from bot.matching import view, words_of
from bot.mentions import Mention
from bot.question import Asked
from bot.quotes import cut, locate
from corpus.arabic import fold_text, sentences, words
from corpus.article import Article, Span
from corpus.dates import DateMention
from prompts import Language, say

if TYPE_CHECKING:
    from corpus.store import Archive

SURE = 1.0
"""The score of a quote that was pointed at."""

H = TypeVar("H", bound=Held)
KINDS = frozenset({"when", "number", "who", "where", "why"})
"""Kinds of question that a place in an article can be seen to answer."""
_LEAST = 3  # words that a line must have to be looked for by itself in the whole archive


@dataclass(frozen=True, slots=True)
class Near:
    """What answers, right where somebody points."""

    quotes: tuple[Quote, ...]
    holds: tuple[Held, ...] = ()
    """In offsets of the first quote's body; none when it holds several that may be meant, or speaks for itself."""


def spot_of(quoted: str, answer: Answer | None, archive: Archive) -> Quote | None:
    """Where the quoted words stand: in a quote of the answer they were taken from, else in the archive; None when
    they are nobody's."""
    quotes = (*answer.quotes, *answer.related) if answer else ()
    lines = sorted(filter(None, (line.strip(_MARKS) for line in quoted.split("\n"))), key=len, reverse=True)
    for text in dict.fromkeys((quoted.strip(_MARKS), *lines)):
        for quote in quotes:
            if found := locate(text, quote.article.body, quote.start, quote.end):
                return cut(quote.article, found.start, found.end, SURE)
    for quote in quotes:  # the headline under a quote points at the quote
        if any(fold_text(quote.article.title) in fold_text(line) for line in lines):
            return quote
    for text in dict.fromkeys((quoted.strip(_MARKS), *lines)):
        if len(text.split()) >= (_LEAST if text in lines and len(lines) > 1 else 1):
            found_in = published(text, archive)
            if found_in is not None and found_in.quote is not None:
                return replace(found_in.quote, score=SURE)
    return None


_MARKS = " \t\r\u200e\u200f\u2066\u2067\u2068\u2069…"
"""Blanks, and what a message has around quoted words: direction marks, isolates, ellipses."""


def sentences_at(spot: Quote) -> tuple[Span | None, Span, Span | None]:
    """The sentence before, the sentences pointed at, and the sentence behind; those around of the same paragraph."""
    body = spot.article.body
    spans = sentences(body)
    at = [i for i, span in enumerate(spans) if span.start < spot.end and spot.start < span.end]
    if not at:
        return None, Span(spot.start, spot.end), None
    whole = Span(spans[at[0]].start, spans[at[-1]].end)
    before = spans[at[0] - 1] if at[0] else None
    behind = spans[at[-1] + 1] if at[-1] + 1 < len(spans) else None
    if before and "\n" in body[before.end : whole.start]:
        before = None
    if behind and "\n" in body[whole.end : behind.start]:
        behind = None
    return before, whole, behind


def around(spot: Quote) -> Quote:
    """The sentences pointed at with those right before and behind."""
    before, whole, behind = sentences_at(spot)
    return cut(spot.article, (before or whole).start, (behind or whole).end, SURE)


def nearby(asked: Asked, spot: Quote) -> Near | None:
    """What answers a question that only points, right there; None when nothing does."""
    if asks_speaker(asked):
        return _speaker(spot)
    if asked.kind == "why":
        return _reason(spot)
    if asked.kind not in KINDS:
        return None
    if asked.kind == "who" and (named := _office_of(spot)):
        return named
    bare = replace(asked, terms=(), speaker=frozenset())
    before, whole, _ = sentences_at(spot)
    if own := _held(bare, spot.article, whole):
        meant = _meant(asked, spot.article, whole, [held for held in own if _beside(spot, held)])
        return Near((_shown(spot, whole),), meant)
    for shown in ((whole,), (before, whole)) if before else ((whole,),):
        text = fold_text(spot.article.body[shown[0].start : whole.end])
        if asked.kind == "when" and _SAME_DAY.search(text) and (date := dated(spot)):
            return Near((_shown(spot, *shown), date))
    # «من قدّر ذلك؟»: the sentence that has the verb has who did it, be it an office.
    if asked.kind == "who" and any(
        term.match(view(spot.article.body[whole.start : whole.end])) for term in asked.terms
    ):
        return Near((_shown(spot, whole),))
    return None


_SAME_DAY = re.compile(r"(?:اليوم|الشهر|العام) (?:نفسه|ذاته)|(?:ذات|نفس) (?:اليوم|الشهر|العام)")


def _shown(spot: Quote, *spans: Span) -> Quote:
    return cut(spot.article, min(span.start for span in spans), max(span.end for span in spans), SURE)


def pointed_answer(question: str, put: Asked, spot: Quote, shown: str, language: Language) -> Answer | None:
    """The answer to a question that only points, from right where it points; a refusal when only that place could
    answer; None when the archive may."""
    found = nearby(put, spot)
    if found is not None:
        said = [outright(put.kind, held, spot.article.body, language) for held in found.holds]
        return Answer(question, shown, "answered", "، ".join(dict.fromkeys(said)), found.quotes)
    refused = Answer(question, shown, "refused", "", related=(around(spot),), reason="kind_missing")
    if asks_speaker(put):
        outlet = spot.article.publisher or spot.article.site
        text = (
            say("refused_nobody_said", language)
            if outlet is None
            else say("refused_outlet_said", language, outlet=outlet)
        )
        return replace(refused, text=text)
    if put.kind in KINDS:
        return None
    return replace(refused, text=say("refused_pointing", language), reason="no_evidence")


def dated(spot: Quote) -> Quote | None:
    """The last sentence before the spot that gives a day, anywhere in its article: whether it is the spot's is for the
    reader to judge."""
    from bot.question import understand

    asked = replace(understand("متى؟"), terms=())
    spans = [span for span in sentences(spot.article.body) if span.end <= spot.start]
    for span in reversed(spans):
        if _held(asked, spot.article, span):
            return cut(spot.article, span.start, span.end)
    return None


# --- who said it -----------------------------------------------------------------------------------------------------

_SAYING = frozenset(
    map(fold_text, ("قاله", "قالها", "قال", "قالت", "ذكره", "ذكرها", "صرح", "أعلنه", "أعلنها", "القائل"))
)
_ENGLISH_SAYING = frozenset({"said", "says", "say", "stated", "announced", "declared"})


def asks_speaker(asked: Asked) -> bool:
    """«من قاله؟»: whose words they are."""
    return asked.kind == "who" and any(
        word.text in _SAYING | _ENGLISH_SAYING for word in words_of(asked.standard)
    )


def attributed(spot: Quote) -> bool:
    """Whether the sentences pointed at are put into somebody's mouth at all."""
    _, whole, _ = sentences_at(spot)
    text = spot.article.body[whole.start : whole.end]
    if _ACCORDING.search(fold_text(text)):
        return True
    # «ما أعلنته السفارة»: a word of speech with its object written onto it.
    bare = " ".join(_OBJECT.sub("", word.text) for word in words_of(text))
    return any(mentions.speech(each, words_of(each)) for each in (text, bare))


_ACCORDING = re.compile(r"\b[وف]?(?:بحسب|حسب|وفق|وفقا|نقلا|لسان)\b")
_OBJECT = re.compile("(?<=...)(?:ه|ها)$")


def _speaker(spot: Quote) -> Near | None:
    before, whole, _ = sentences_at(spot)
    body = spot.article.body
    if not attributed(spot):
        return None
    if speakers := _speakers(body, whole):
        return Near((_shown(spot, whole),), tuple(speakers) if len(speakers) == 1 else ())
    # «وأضاف أن …»: who goes on speaking is named in the sentence before.
    if before and _goes_on(body[whole.start : whole.end]) and (speakers := _speakers(body, before)):
        return Near((_shown(spot, before, whole),), tuple(speakers) if len(speakers) == 1 else ())
    return Near((_shown(spot, whole),))


def _speakers(body: str, span: Span) -> list[Mention]:
    """The persons whom a sentence has speak: named behind a word of speech and their office, or before «قد قال»."""
    text = body[span.start : span.end]
    found = words_of(text)
    speech = set(mentions.speech(text, found))
    persons = []
    for person in mentions.people(text, found, _known(body)):
        first = mentions.office(found, person).start if mentions.office(found, person) else person.first
        behind = (
            person.last + 1
            if found[person.last : person.last + 1] and found[person.last].text == "قد"
            else person.last
        )
        if first - 1 in speech or behind in speech:
            persons.append(_shifted(person, span.start))
    return persons


def _goes_on(text: str) -> bool:
    """Whether a sentence has somebody speak whom it does not name: «وأضاف أن»."""
    found = words_of(text)
    return (
        len(found) > 1
        and 0 in mentions.speech(text, found)
        and found[1].text
        in {fold_text("أن"), fold_text("إن"), fold_text("أنه"), fold_text("إنه"), "انها", "علي", "في", "ايضا"}
    )


# --- what stands there -----------------------------------------------------------------------------------------------


def _held(asked: Asked, article: Article, span: Span) -> list[Held]:
    known = _known(article.body) if asked.kind == "who" else ()
    text = article.body[span.start : span.end]
    return [_shifted(held, span.start) for held in holdings(asked, text, _anchor(article), known)]


def _beside(spot: Quote, held: Held) -> bool:
    """Whether something stands in the words pointed at, or in one clause with them and as theirs: of «زيارة العاشر من
    تشرين» the date is the visit's."""
    if spot.start < held.end and held.start < spot.end:
        return True
    body = spot.article.body
    first, last = (held.end, spot.start) if held.end <= spot.start else (spot.end, held.start)
    between = set(body[first:last]) & _BREAKS
    if isinstance(held, Mention):
        return not between
    set_off = body[: held.start].rstrip().endswith("،") and _SET_OFF_BEHIND.match(body, held.end)
    return bool(set_off or not between) and not of_other(body[: held.start], body[held.start : held.end])


_SET_OFF_BEHIND = re.compile(r"\s*[،.؛]")
"""«استقبل فلان، أمس الإثنين، ضيفه»: a date between commas is that of the whole sentence."""
_BREAKS = frozenset("،,؛;:–—.\n")


def _meant(asked: Asked, article: Article, span: Span, held: Sequence[Held]) -> tuple[Held, ...]:
    """What is meant: the only one there is, or persons named in one breath."""
    if len(held) < 2:
        return tuple(held)
    if asked.kind == "when" and len({date.date for date in held if isinstance(date, DateMention)}) == 1:
        return (held[0],)
    if asked.kind == "where":
        # «في منطقة السفيرة الواقعة شرقي حلب»: the first is where it was, the next says where that lies.
        close = all(not set(article.body[a.end : b.start]) & _BREAKS for a, b in pairwise(held))
        return (held[0],) if close else ()
    if asked.kind == "who":
        found = words_of(article.body[span.start : span.end])
        persons = [person for person in held if isinstance(person, Mention)]
        return tuple(held) if all(mentions.together(found, a, b) for a, b in pairwise(persons)) else ()
    return ()


_AT_ONCE = 3  # words
_THEREFORE = re.compile(r"[وف]?(?:لهذا|لذلك|لذا|من هنا|بناء علي ذلك)\b")


def _reason(spot: Quote) -> Near | None:
    before, whole, behind = sentences_at(spot)
    body = spot.article.body
    # «ولهذا أيّدت …»: because of what stands before.
    if before and _THEREFORE.match(fold_text(body[whole.start : whole.end])):
        return Near((_shown(spot, before, whole),))
    if gives_reason(body[whole.start : whole.end]):
        return Near((_shown(spot, whole),))
    # «ويعود ذلك إلى …» goes on from it; a reason further in may be that of something else.
    if behind and gives_reason(" ".join(body[behind.start : behind.end].split()[:_AT_ONCE])):
        return Near((_shown(spot, whole, behind),))
    return None


def _office_of(spot: Quote) -> Near | None:
    """Of a name that was pointed at, whom its article says that is: «وزير الخارجية أسعد الشيباني»."""
    names = {word.text for word in words_of(spot.text)}
    if len(names) > 4:
        return None
    _, whole, _ = sentences_at(spot)
    body = spot.article.body
    for span in (whole, *sentences(body)):
        text = body[span.start : span.end]
        found = words_of(text)
        for person in mentions.people(text, found, _known(body)):
            office = mentions.office(found, person)
            own = {found[i].text for i in range(person.first, person.last)}
            if office and own and (names <= own or own <= names):
                held = Mention(
                    found[office.start].start + span.start, person.end + span.start, office.start, person.last
                )
                return Near((_shown(spot, span),), (held,))
    return None


@lru_cache(maxsize=64)
def _known(body: str) -> frozenset[str]:
    """Family names of the persons an article names with a title: it goes on to call them by these alone."""
    found = words(body)
    return frozenset(mentions.family_names(found, mentions.people(body, found)))


def _shifted(held: H, by: int) -> H:
    return replace(held, start=held.start + by, end=held.end + by)


def _anchor(article: Article) -> datetime.date | None:
    date = article.published
    return (
        datetime.date.fromisoformat(date.date) if date.date is not None and date.precision == "day" else None
    )
