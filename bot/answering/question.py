"""Read a question in standard Arabic, dialect or English: its kind, its words and their weight."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from bot.answering.matching import RELATED, SAME, View, spellings, words_of
from corpus.arabic import Word, fold_text, stopwords, value_of
from corpus.arabic.affixes import article
from corpus.arabic.calendar import units
from corpus.arabic.dialect import dialect
from corpus.arabic.questions import about_words, english_kinds, interrogatives, question_words, shape_words
from corpus.arabic.roots import bare_forms, root
from corpus.arabic.speech import asked_speech
from corpus.arabic.wordlists import word_list
from corpus.article import Span
from corpus.dates import find_dates

Kind = Literal["when", "number", "who", "where", "said", "whether", "why", "how", "what"]


@dataclass(frozen=True, slots=True)
class QueryWord:
    """A word of the question that an article would have to mention."""

    text: str
    """The word as the question writes it."""
    span: Span
    """Span of the word in ``Query.text``."""
    forms: frozenset[str]
    """Folded words and stems that name it."""
    root: str
    value: float | None = None
    """The number it counts or the year it is, when it is a number."""
    weight: float = 1.0
    """Inverse document frequency in the archive, a measure of how well it tells passages apart."""
    known: bool = True
    """Whether the archive has any of its forms."""

    def match(self, seen: View) -> float:
        """Return how well the words of ``seen`` name it, 0 … 1."""
        if self.value is not None:
            return SAME if self.value in seen.values else 0.0
        if self.forms & seen.forms:
            return SAME
        return RELATED if self.root and self.root in seen.roots else 0.0


@dataclass(frozen=True, slots=True)
class Period:
    """A day, month or year that a question names."""

    text: str
    """The date as the question writes it."""
    date: str
    """The beginning of an ISO date: ``2026``, ``2026-03`` or ``2026-03-02``."""
    relative: bool
    """Whether it is counted from the asker's day: «أمس»."""

    def holds(self, date: str) -> bool:
        """Return whether an ISO date, or the beginning of one, lies in the period."""
        return date.startswith(self.date)


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed question."""

    text: str
    """The question as it is shown; the spans of its words refer to it."""
    searched: str
    """The question with dialect words in standard Arabic, used for search and reading."""
    kind: Kind
    words: tuple[QueryWord, ...]
    counted: QueryWord | None = None
    """For ``number``: the word counted or measured: «كم قتيلًا», «ما طول الجسر»."""
    speaker: tuple[int, ...] = ()
    """For ``said``: indices of the ``words`` that name the person said to have spoken."""
    period: Period | None = None
    """The day, month or year that the question names."""
    english: bool = False
    open_ended: bool = False
    """Whether it asks only what happened: «ماذا حدث في المرفأ؟»."""

    @property
    def expansions(self) -> tuple[str, ...]:
        """Further spellings for the lexical side of the search: the archive's own of words it does not know."""
        own = {word.text for word in words_of(self.searched)}
        return tuple(
            dict.fromkeys(
                form
                for word in self.words
                for form in sorted(word.forms)
                if form not in own and word.value is None
            )
        )

    def without(self, part: str) -> Query:
        """Return the question without a part of its text, the particles before it, and their words.

        For what another check verifies, such as the day or the outlet that it names, which no sentence has to say.
        """
        start = self.text.find(part)
        if start < 0 or not part:
            return self
        end = start + len(part)
        for word in reversed([each for each in words_of(self.text)[1:] if each.end <= start]):
            if word.text not in stopwords() | question_words("time"):
                break
            start = word.start  # «في يوم 2 آذار»
        start -= self.text[start - 1 : start] == " "
        gone = Span(start, end)
        kept = [n for n, word in enumerate(self.words) if not _overlaps(word.span, [gone])]
        words = tuple(
            _moved(self.words[n], start - end) if self.words[n].span.start >= end else self.words[n]
            for n in kept
        )
        return replace(
            self,
            text=self.text[:start] + self.text[end:],
            words=words,
            speaker=tuple(kept.index(number) for number in self.speaker if number in kept),
        )


def _moved(word: QueryWord, by: int) -> QueryWord:
    return replace(word, span=Span(word.span.start + by, word.span.end + by))


_MOST_WORDS = 40
"""Maximum number of words that are searched; a question of more words is a text."""


def understand(text: str, today: datetime.date | None = None) -> Query:
    """Parse a question asked on ``today``, without the archive (``weigh`` uses that)."""
    text = " ".join(text.split())
    english = is_english(text)
    found = words_of(text)
    standard = [word.text if english else _standard(found, index) for index, word in enumerate(found)]
    folded = [word for words in standard for word in fold_text(words).split()]
    kind = _english_kind(" ".join(folded)) if english else _kind(folded)
    searched = text if english else _replaced(text, found, standard)
    period, dated = _period(text, today or datetime.date.today())
    words = tuple(w for w in _query_words(text, found, standard, english) if not _overlaps(w.span, dated))[
        :_MOST_WORDS
    ]
    counted = _counted(found, standard, words) if kind == "number" else None
    speaker = _speaker(found, standard, words) if kind == "said" else ()
    open_ended = kind == "what" and bool(question_words("happened") & set(folded))
    return Query(text, searched, kind, words, counted, speaker, period, english, open_ended)


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


# --- words ---------------------------------------------------------------------------------------------------------


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
            plain = part in stopwords() or part in shape or _peeled(part) in shape or len(part) < 2
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
    measured = next((word for word in words if _bare(fold_text(word.text)) in measures), None)
    if measured is not None:
        return measured
    opening = next((n for n, meant in enumerate(standard) if fold_text(meant) in _how_many()), -1)
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


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(span.start < other.end and other.start < span.end for other in others)


@cache
def _how_many() -> frozenset[str]:
    """Return what opens a question for a number: «كم», «بكم», «عدد»."""
    return question_words("counting") | {interrogatives()["how_many"], _counting_noun()}


def _counting_noun() -> str:
    return fold_text(word_list("questions", "counting_nouns")[0])


def _peeled(word: str) -> str:
    """Return a question word without the و or ف before it."""
    return word[1:] if len(word) > 2 and word[0] in "وف" else word


def _bare(word: str) -> str:
    return next((form for form in bare_forms(word) if not form.startswith(article())), word)


# --- dialect -------------------------------------------------------------------------------------------------------


def _standard(found: Sequence[Word], index: int) -> str:
    """Return a dialect word in standard Arabic, with its prefixes; any other as it is, folded."""
    known = dialect()
    word = found[index].text
    standard = known.words.get(word)
    # «شو قال» is «ماذا قال», «شو اسم» is «ما اسم».
    if standard == interrogatives()["which_is"] and index + 1 < len(found):
        following = fold_text(known.words.get(found[index + 1].text, found[index + 1].text))
        if following in asked_speech() or following in shape_words():
            return interrogatives()["which_is" if following in question_words("person") else "what"]
    if standard is None and word[0] == "و" and word[1:] in known.words:
        return "و" + known.words[word[1:]]
    if standard is not None:
        return standard
    for prefix, meaning in known.prefixes.items():
        if word == prefix:
            return meaning
        if prefix.endswith(article()) and word.startswith(prefix) and len(word) > len(prefix) + 2:
            return meaning + word[len(prefix) :]
    return word


_MARKS = re.compile("[\u0640\u064b-\u065f\u0670]")  # tatweel and the vowel signs


def _replaced(text: str, found: Sequence[Word], standard: Sequence[str]) -> str:
    """Return the text with standard words in place of dialect and without marks, as news is written."""
    parts: list[str] = []
    at = 0
    for word, meant in zip(found, standard, strict=True):
        parts.append(_MARKS.sub("", text[at : word.start]))
        parts.append(_MARKS.sub("", text[word.start : word.end]) if meant == word.text else meant)
        at = word.end
    return " ".join("".join([*parts, text[at:]]).split())


# --- kinds ---------------------------------------------------------------------------------------------------------


def _kind(folded: Sequence[str]) -> Kind:
    asking, shape = interrogatives(), shape_words()
    asked = [_peeled(word) if _peeled(word) in shape else word for word in folded]
    if _how_many() & set(asked[:4]) and not {asking["when"], asking["whether"]} & set(asked[:3]):
        at = next(index for index, word in enumerate(asked) if word in _how_many())
        if asked[at] != _counting_noun():
            return "when" if question_words("hour") & set(asked[at + 1 : at + 2]) else "number"
    for index, word in enumerate(asked[:8]):
        behind = [_bare(each) for each in asked[index + 1 : index + 4]]
        first = next((each for each in behind if each not in question_words("pronouns")), "")
        if word in _kinds_of_words():
            return _kinds_of_words()[word]
        if word in question_words("why_opening") and index == 0:
            return "why"
        word = word[1:] if word in question_words("which_with_prefix") else word
        if word in _what() | question_words("asking_for_noun") and (
            index <= 2 or word.startswith(asking["which"])
        ):
            # «ما اسم المدينة» asks for a place.
            nouns_asked = behind[1:2] if first in question_words("person") else [first]
            for kind, nouns in _ASKED_BY_NOUN.items():
                if {first, *nouns_asked} & question_words(nouns) and (
                    kind != "who" or not _is_place(nouns_asked)
                ):
                    return kind
            if word in _what() and {*behind, *asked[index + 1 : index + 4]} & asked_speech():
                return "said"
        if word in question_words("for_whom") and index == 0:
            return "who"
        if word == asking["who"] and (
            index == 0 or (index == 1 and asked[0] in question_words("before_who"))
        ):
            return "where" if asked[index + 1 : index + 2] == [asking["where"]] else "who"
    opening = _bare(asked[0]) if asked else ""
    return next(
        (
            k
            for k, nouns in _ASKED_BY_NOUN.items()
            if k in {"when", "number"} and opening in question_words(nouns)
        ),
        "what",
    )


@cache
def _kinds_of_words() -> dict[str, Kind]:
    """Return the question words that say the kind by themselves."""
    kinds: tuple[Literal["when", "where", "why", "how", "whether"], ...] = (
        "when", "where", "why", "how", "whether",
    )  # fmt: skip
    return {interrogatives()[kind]: kind for kind in kinds}


@cache
def _what() -> frozenset[str]:
    """Return the words for «what»: «ما», «ماذا», «علام»."""
    return question_words("what_forms") | {interrogatives()["which_is"], interrogatives()["what"]}


def _is_place(words: Sequence[str]) -> bool:
    return bool(set(words) & question_words("place"))


_ASKED_BY_NOUN: Mapping[Kind, str] = {
    "when": "time",
    "number": "count",
    "why": "cause",
    "who": "person",
    "where": "place",
}


def _english_kind(text: str) -> Kind:
    kinds: Iterator[Kind] = (kind for kind, pattern in english_kinds() if pattern.search(text))
    return next(kinds, "what")
