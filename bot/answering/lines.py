"""Build the first line of an answer: the date, number or name that its first sentence states.

Only words of the sentence that are of the kind asked for are used, only where the judge is sure, and never from a
sentence that denies, doubts, conditions, plans or calls off (``states``): such a sentence is shown without a line.
The thresholds were chosen on the news questions to fit on and the hostile cases that may be looked at;
docs/evaluation.md says how often a line was right.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from bot.answering import features
from bot.answering.candidates import Candidate
from bot.answering.judges import Judged
from bot.answering.matching import TEXTS, view, words_of
from bot.answering.question import Query, QueryWord
from corpus.arabic import Word, fold_text, stopwords
from corpus.arabic.affixes import affixes, article
from corpus.arabic.negation import Negation, future_verb, negations
from corpus.arabic.questions import question_words
from corpus.arabic.roots import WORDS, bare_forms
from corpus.arabic.wordlists import word_list, word_set
from corpus.article import Span
from corpus.dates import DateMention, format_date
from prompts import Language, say

LINE = 0.83
"""Minimum probability that the sentence states what is asked."""
OPEN = 0.05
"""Maximum probability that any word of the question is left open."""
NAMED = 0.7
"""For a date or number: minimum share of the question, by weight, that the sentence and the headline name."""
CERTAIN = 0.4
"""Minimum certainty of the judge about exactly the words that are said."""
_NAME = 7  # words of the longest name that is said outright


def first_line(query: Query, judged: Judged, language: Language) -> tuple[str, Span | None]:
    """Return the line that states what is asked and the words of the body that say it; ("", None) where uncertain.

    A date is resolved to the calendar by the day its article was published; all else is the sentence's own words.
    """
    nothing = "", None
    span = answering(query, judged) if judged.probability >= LINE else None
    if span is None or not _is_sure(query, judged):
        return nothing
    start = judged.candidate.span.start
    if not states(judged.candidate.text, query, Span(span.start - start, span.end - start)):
        return nothing
    return worded(query, judged, span, language), span


def _is_sure(query: Query, judged: Judged) -> bool:
    near = view(judged.candidate.text) | view(judged.candidate.article.title)
    if judged.openness:
        named = query.kind == "who" or features.coverage(query, near) >= NAMED
        return named and judged.certain >= CERTAIN and max(judged.openness) <= OPEN
    if query.kind == "who":
        return judged.certain >= CERTAIN
    # Where the judge does not say what is left open, the sentence has to name every word of the question.
    return all(word.match(near) for word in query.words)


def worded(query: Query, judged: Judged, span: Span, language: Language) -> str:
    """Return the line that states ``body[span]``."""
    if query.kind == "when":
        place = span.start - judged.candidate.span.start
        date = next(each for each in _dates(judged.candidate) if each.start == place)
        return say("when", language, date=format_date(date.date, date.precision, language))
    text = judged.candidate.article.body[span.start : span.end]
    return say("number" if query.kind == "number" else "person", language, words=text)


def answering(query: Query, judged: Judged) -> Span | None:
    """Return the words of the kind asked for that are the judge's answer, in offsets of the body."""
    candidate, words = judged.candidate, judged.words
    text, start = candidate.text, candidate.span.start
    if query.kind == "when":
        found = _dates(candidate)
        # «نشرت اليوم البيان … الذي عُقد أمس»: of two days in a sentence the judge may mean the wrong one.
        dates = (
            [Span(d.start + start, d.end + start) for d in found] if len({d.date for d in found}) == 1 else []
        )
        return _chosen(dates, words)
    if query.kind == "number":
        held = features.held(query, text, features.anchor(candidate.article))
        numbers = [each for each in held if isinstance(each, features.Number)]
        counted = [n for n in numbers if _is_counted(query, text, n, numbers)]
        if words is not None and _chosen([_whole(text, n, start) for n in numbers], words) is None:
            return None  # the judge's words hold several figures
        return _chosen([_whole(text, n, start) for n in counted], words)
    if query.kind == "who" and words is not None:  # of places the judge is not sure enough to say one
        named = words_of(candidate.article.body[words.start : words.end])
        asked = any(word.match(view(each.text)) for each in named for word in query.words)
        return words if 0 < len(named) <= _NAME and not asked else None
    return None


def _whole(text: str, number: features.Number, start: int) -> Span:
    span = _counted(text, number)
    return Span(span.start + start, span.end + start)


def _chosen(spans: Sequence[Span], words: Span | None) -> Span | None:
    """Return the only span that the judge's words overlap; without such words, the only span."""
    if words is not None:
        spans = [s for s in spans if s.start < words.end and words.start < s.end]
    return spans[0] if len(spans) == 1 else None


def _dates(candidate: Candidate) -> tuple[DateMention, ...]:
    return features.dates(candidate.text, features.anchor(candidate.article))


# --- what a sentence states ------------------------------------------------------------------------------------------


_KINDS: tuple[Negation, ...] = ("denied", "doubted", "conditional", "planned", "cancelled")


def states(text: str, query: Query | None = None, at: Span | None = None) -> bool:
    """Return whether a sentence states its content, or that of its words ``text[at]``.

    It holds no word that denies, doubts, conditions, plans or calls off, except one that the question itself has.
    """
    own = {word.text for word in words_of(query.text)} if query else set()
    acts = [word for word, cue in _acts(text) if not own.issuperset(cue)]
    if at is not None:
        acts = [word for word in acts if not _turns_round_what_follows(text, word, at)]
    return not acts


def opens_with_denial(text: str, query: Query) -> bool:
    """Return whether a sentence, but not the question, begins by denying or calling false: «لم يفز …», «نفى …»."""
    own = {word.text for word in words_of(query.text)}
    found = words_of(text)
    return any(
        set(_bare(word.text)) & negations("denied") and not _is_excepted(text, found, index)
        for index, word in enumerate(found[:2])
        if word.text not in own
    )


def _turns_round_what_follows(text: str, word: Word, at: Span) -> bool:
    """Return whether a particle of negation behind a comma leaves the words before it alone.

    «في 22 آذار، ولم تُعلن الثمن» denies nothing of what stands before the comma.
    """
    particle = any(form in negations("particles") for form in _bare(word.text))
    return particle and word.start >= at.end and bool(set(text[at.end : word.start]) & set("،؛,;"))


@lru_cache(maxsize=TEXTS)
def _acts(text: str) -> tuple[tuple[Word, tuple[str, ...]], ...]:
    """Return the words by which a sentence does not state its content, each with all words of its cue."""
    found = words_of(text)
    folded = [word.text for word in found]
    cues = {cue for kind in _KINDS for cue in negations(kind)} | negations("english")
    phrases = [cue.split() for cue in cues if " " in cue]
    acts: list[tuple[Word, tuple[str, ...]]] = []
    for index, word in enumerate(found):
        if _is_excepted(text, found, index):
            continue
        phrase = next((parts for parts in phrases if _is_phrase(folded, index, parts)), None)
        single = set(_bare(word.text)) & cues or future_verb().match(word.text)
        doubts = text[word.start : word.end] in word_list("negation", "if_with_sukun")
        if single or doubts or _is_other_denial(folded, index):
            acts.append((word, (word.text,)))
        elif phrase:
            acts.append((word, (word.text, *folded[index + 1 : index + len(phrase)])))
    return tuple(acts)


def _is_phrase(folded: Sequence[str], index: int, parts: Sequence[str]) -> bool:
    first, *rest = parts
    return first in _bare(folded[index]) and list(folded[index + 1 : index + len(parts)]) == rest


def _is_other_denial(folded: Sequence[str], index: int) -> bool:
    """Return whether an ambiguous particle denies: «ما افتُتح …», «وما من …», «قد يُفتتح», «كان … ليُفتتح»."""
    word, following = folded[index], folded[index + 1] if index + 1 < len(folded) else ""
    if word in negations("ambiguous") and index == 0:
        return following not in negations("lasting")
    if word in negations("perhaps"):
        return following[:1] in {"ي", "ت"} and len(following) >= 3
    before = set(folded[max(index - 3, 0) : index])
    return word[0] == "ل" and word[1:2] in {"ي", "ت"} and len(word) > 4 and bool(before & negations("was"))


_REACH = 7  # words behind a particle of negation in which «سوى» or «إلا» takes it back


def _is_excepted(text: str, found: Sequence[Word], index: int) -> bool:
    """Return whether a particle of negation is taken back: «لم يحضر سوى ثمانين», «لا يقل عن ثمانين»."""
    if not set(_bare(found[index].text)) & (negations("particles") | negations("ambiguous")):
        return False
    behind = [word.text for word in found[index + 1 : index + 1 + _REACH]]
    if any(behind[: len(bound.split())] == bound.split() for bound in negations("bounds")):
        return True
    for number, word in enumerate(behind, index + 1):
        if set(text[found[number - 1].end : found[number].start]) & set("،؛,;:"):
            return False
        if word in negations("excepted"):
            return number + 1 < len(found) and not found[number + 1].text.startswith(
                word_list("negation", "clause")
            )
    return False


_JOINED = frozenset(("و", "ف", "ل", "ب"))
_JOINED_OR_ARTICLE = _JOINED | {"ا"}


@lru_cache(maxsize=WORDS)
def _bare(word: str) -> tuple[str, ...]:
    """Return a word with and without its prefix and the ا of an object: «ولم»، «المزعوم»، «مقترحًا»."""
    short = (word[1:],) if len(word) > 2 and word[0] in _JOINED else ()
    forms = (word, *short, *(form for form in bare_forms(word) if word[0] in _JOINED_OR_ARTICLE))
    return (*forms, *(form[:-1] for form in forms if len(form) > 5 and form.endswith("ا")))


# --- numbers -------------------------------------------------------------------------------------------------------


_NEAR = 4  # words between a number and what it counts


def _is_counted(query: Query, text: str, number: features.Number, numbers: Sequence[features.Number]) -> bool:
    """Return whether a number is that of the thing that the question counts or measures.

    Its word stands near, with no other number and no other measure between, and no word of the question stands
    only beside another number. «طوله 120 مترًا وعرضه أربعة»: four is no length.
    """
    found = words_of(text)
    if query.counted is None or _belongs_elsewhere(query, text, number, numbers):
        return False
    measures = question_words("count")
    measured = any(form in measures for form in _bare(fold_text(query.counted.text)))
    if not measured and not _counts(query.counted, text, number):
        return False
    for index, each in enumerate(found):
        if not query.counted.match(view(each.text)):
            continue
        first, last = sorted((index, number.first if index < number.first else number.last - 1))
        between = [w for n, w in enumerate(found) if first < n < last and not number.first <= n < number.last]
        others = any(o is not number and first <= o.first < last + 1 for o in numbers)
        rival = any(form in measures for w in between for form in measure_forms(w.text))
        if len(between) <= _NEAR + 4 * (index < number.first) and not others and not rival:
            return True
    return False


def _counts(counted: QueryWord, text: str, number: features.Number) -> bool:
    """Return whether the noun right behind a number is the one that is counted, or there is none."""
    found = words_of(text)
    if number.last >= len(found):
        return True
    behind = found[number.last]
    apart = not text[found[number.last - 1].end : behind.start].isspace()
    return apart or behind.text in stopwords() or bool(counted.match(view(behind.text)))


def _belongs_elsewhere(
    query: Query, text: str, number: features.Number, numbers: Sequence[features.Number]
) -> bool:
    """Return whether the question names words that the sentence has only beside another number.

    Of «في الأردن 21% وفي لبنان 30%» the first is not Lebanon's. Parts of a sentence begin behind a comma and with
    «و».
    """
    found = words_of(text)
    inside = {n for each in numbers for n in range(each.first + 1, each.last)}
    part, parts = 0, []
    for index, word in enumerate(found):
        comma = index > 0 and set(text[found[index - 1].end : word.start]) & set("،؛,;:")
        joined = word.text[0] == "و" and len(word.text) > 1 and not word.text.startswith(f"و{article()}")
        part += index > 0 and index not in inside and bool(comma or joined)
        parts.append(part)
    own = parts[number.first]
    others = {parts[each.first] for each in numbers} - {own}
    for word in (*query.words, *((query.counted,) if query.counted else ())):
        at = {parts[index] for index, each in enumerate(found) if word.match(view(each.text))}
        if at and own not in at and at & others:
            return True
    return False


def measure_forms(folded: str) -> tuple[str, ...]:
    """Return a folded word's forms as a noun of measure: «عرضه» is «عرض»."""
    return tuple(
        {*_bare(folded), *(f.removesuffix(s) for f in _bare(folded) for s in affixes("pronouns_of_things"))}
    )


@cache
def _bounds() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(fold_text(bound).split()) for bound in word_list("numbers", "bounds"))


def _counted(text: str, number: features.Number) -> Span:
    """Return the span of a number with its context: «نحو 2500 مقاتل»، «أكثر من ثمانين دولة»، «40 في المئة»."""
    found = words_of(text)
    first = number.first
    for bound in _bounds():
        start = first - len(bound)
        if start >= 0 and all(
            found[start + i].text.removeprefix("و") == part for i, part in enumerate(bound)
        ):
            first = start
            break
    else:
        if first and found[first - 1].text in word_set("numbers", "approximate"):
            first -= 1
    end = found[number.last - 1].end
    rest = text[end:]
    percent = rest.lstrip()[:1]
    if percent in {"%", "٪"}:
        return Span(found[first].start, end + len(rest) - len(rest.lstrip()) + 1)
    following = found[number.last : number.last + 2]
    if " ".join(w.text for w in following) in word_set("numbers", "percent"):
        end = following[-1].end
    elif following and text[end : following[0].start].isspace() and following[0].text not in stopwords():
        end = following[0].end
    return Span(found[first].start, end)
