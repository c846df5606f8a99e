"""Read a question in standard Arabic, dialect or English: its kind, its words and their weight."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.answering.matching import spellings, words_of
from bot.answering.question.kinds import bare, counting_words, english_kind, kind_of, peeled
from bot.answering.question.query import Period, Query, QueryWord, overlaps
from bot.answering.question.standard import replaced, standard_of
from bot.answering.question.tense import english_tense, tense_of
from corpus.arabic import Word, fold_text, stopwords, value_of
from corpus.arabic.calendar import units
from corpus.arabic.questions import about_words, interrogatives, question_words, shape_words
from corpus.arabic.roots import root
from corpus.arabic.speech import asked_speech
from corpus.article import Span
from corpus.dates import find_dates

_MOST_WORDS = 40
"""Maximum number of words that are searched; a question of more words is a text."""


def understand(text: str, today: datetime.date | None = None) -> Query:
    """Parse a question asked on ``today``, without the archive (``weigh`` uses that)."""
    text, today = " ".join(text.split()), today or datetime.date.today()
    english = is_english(text)
    found = words_of(text)
    standard = [word.text if english else standard_of(found, index) for index, word in enumerate(found)]
    folded = [word for words in standard for word in fold_text(words).split()]
    kind = english_kind(" ".join(folded)) if english else kind_of(folded)
    searched = text if english else replaced(text, found, standard)
    period, dated = _period(text, today)
    words = tuple(w for w in _query_words(text, found, standard, english) if not overlaps(w.span, dated))[
        :_MOST_WORDS
    ]
    counted = _counted(found, standard, words) if kind == "number" else None
    speaker = _speaker(found, standard, words) if kind == "said" else ()
    open_ended = kind == "what" and bool(question_words("happened") & set(folded))
    tense = (
        english_tense(" ".join(folded), period, today) if english else tense_of(folded, kind, period, today)
    )
    return Query(text, searched, kind, words, counted, speaker, period, english, open_ended, tense)


def weigh(
    query: Query,
    frequency: Callable[[Sequence[str]], Mapping[str, int]],
    size: int,
    correct: Callable[[str], str | None] = lambda word: None,
) -> Query:
    """Return the question with its words weighed by the archive.

    ``frequency`` counts the passages a word or stem is in, of ``size`` in all; ``correct`` names the archive's
    spelling of a word it does not know. The weight is Robertson and Spärck Jones's, kept positive as in Lucene.
    """
    counts = frequency(sorted({form for word in query.words for form in word.forms}))
    weighed = []
    for word in query.words:
        count = max((counts.get(form, 0) for form in word.forms), default=0)
        if not count and word.value is None and (spelling := correct(fold_text(word.text))):
            word = replace(word, forms=word.forms | spellings(spelling), root=root(spelling))
            count = max(frequency(sorted(spellings(spelling))).values(), default=0)
        weight = math.log(1 + (max(size - count, 0) + 0.5) / (count + 0.5))
        weighed.append(replace(word, weight=max(weight, 0.1), known=count > 0))
    return replace(query, words=tuple(weighed))


def is_english(text: str) -> bool:
    """Return whether a text has more Latin letters than Arabic ones."""
    latin = sum(1 for c in text if c.isascii() and c.isalpha())
    return latin > sum(1 for c in text if "\u0600" <= c <= "\u06ff")


def _query_words(text: str, found: Sequence[Word], standard: Sequence[str], english: bool) -> list[QueryWord]:
    shape = question_words("english_shape") if english else shape_words()
    listed: dict[str, QueryWord] = {}
    for index, (word, meant) in enumerate(zip(found, standard, strict=True)):
        for part in fold_text(meant).split():
            # «^2» is a sign that slipped in, no number that an article would have to give.
            stray = word.start > 0 and text[word.start - 1] in "^*#@&=+"
            value = None if stray else value_of(part)
            if stray and part.isdigit():
                continue
            plain = part in stopwords() or part in shape or peeled(part) in shape or len(part) < 2
            # «من مثّل سوريا»: behind «من» stands a verb, also one that is written as a particle is.
            if index == 1 and standard[0] == interrogatives()["who"] and part not in shape and len(part) > 2:
                plain = False
            plain = plain or part in question_words("time") or any(part in unit for unit in units())
            if (plain and value is None) or part in listed:
                continue
            forms = spellings(part) if value is None else frozenset({part})
            span = Span(word.start, word.end)
            listed[part] = QueryWord(text[word.start : word.end], span, forms, root(part), value)
    return list(listed.values())


def _counted(found: Sequence[Word], standard: Sequence[str], words: Sequence[QueryWord]) -> QueryWord | None:
    """Return the word counted: the first noun behind «كم», also a unit of time; else the measure («طول»)."""
    measures = question_words("count") - question_words("counting_nouns")
    measured = next((word for word in words if bare(fold_text(word.text)) in measures), None)
    if measured is not None:
        return measured
    opening = next((n for n, meant in enumerate(standard) if fold_text(meant) in counting_words()), -1)
    if 0 <= opening < len(found) - 1:
        behind = found[opening + 1]
        unit = next((group for group in units() if behind.text in group), None)
        if unit is not None:
            return QueryWord(behind.text, Span(behind.start, behind.end), unit, "")
    start = found[opening].end if opening >= 0 else 0
    return next((word for word in words if word.span.start >= start), None)


def _speaker(found: Sequence[Word], standard: Sequence[str], words: Sequence[QueryWord]) -> tuple[int, ...]:
    """Return the indices of the words that name the speaker, between the verb of speech and «عن»، «حول»، «في»."""
    about = about_words() | {"on", "about", "regarding", "of", "in"}
    until = next(
        (
            w.start
            for n, (w, s) in enumerate(zip(found, standard, strict=True))
            if n > 1 and fold_text(s) in about
        ),
        None,
    )
    speech = asked_speech()
    return tuple(
        n
        for n, word in enumerate(words)
        if (until is None or word.span.start < until) and not word.forms & speech
    )


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def _period(text: str, today: datetime.date) -> tuple[Period | None, list[Span]]:
    """Return the first date that a question names, and the spans of all of them."""
    dates = find_dates(text, today)
    if dates:
        first = dates[0]
        length = {"year": 4, "month": 7, "day": 10}[first.precision]
        said = text[first.start : first.end]
        # «10 مارس» without a year is any year's in an archive; only «أمس» and its like hang on the asker's day.
        if first.relative and any(c.isdigit() for c in fold_text(said)):
            return None, []
        return Period(said, first.date[:length], first.relative), [Span(d.start, d.end) for d in dates]
    year = _YEAR.search(fold_text(text)) if len(fold_text(text)) == len(text) else None
    return (Period(year[0], year[0], False), [Span(*year.span())]) if year else (None, [])
