"""What a sentence holds of the kind a question asks for: its date, its number, its place, its persons, its speech."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Collection, Sequence

from bot import lexicon, mentions
from bot.matching import RELATED, view, view_of, words_of
from bot.mentions import Mention
from bot.names import nationality
from bot.question import Asked
from bot.terms import SUPPORTING
from corpus.arabic import Word, fold_text
from corpus.dates import DateMention, find_dates

Held = Mention | DateMention

HOLDING = frozenset({"when", "number", "who", "where", "said"})
"""Kinds of question that ask for something a sentence can be seen to hold."""


def held(
    asked: Asked, text: str, own: Sequence[float], anchor: datetime.date | None, known: Collection[str]
) -> tuple[Held | None, float]:
    """What the sentence holds of the kind asked for, and how near it stands to the question's terms (0 … 1).

    ``own``: how well the sentence matches each term; ``anchor``: the day its article was published; ``known``: family
    names of persons met elsewhere.
    """
    if asked.kind not in HOLDING:
        return None, 0.0
    found = words_of(text)
    at = _positions(asked, found, own)
    return _nearest_of(_options(asked, text, found, at, anchor, known), at, asked, text, found)


def holdings(
    asked: Asked, text: str, anchor: datetime.date | None, known: Collection[str] = ()
) -> list[Held]:
    """Everything a sentence holds of the kind asked for, in order, wherever it stands; for a question without terms."""
    found = words_of(text)
    return [held for held, _, _ in _options(asked, text, found, (), anchor, known)]


def _options(
    asked: Asked,
    text: str,
    found: Sequence[Word],
    at: Sequence[Sequence[tuple[int, float]]],
    anchor: datetime.date | None,
    known: Collection[str],
) -> list[tuple[Held, int, int]]:
    """What a sentence holds of the kind asked for, each with the numbers of its words."""
    taken = {i for positions in at for i, _ in positions}
    options: list[tuple[Held, int, int]] = []
    if asked.kind == "when":
        options = [(date, *_word_range(found, date.start, date.end)) for date in find_dates(text, anchor)]
    elif asked.kind == "number":
        # Any year will do: «9 من شباط» counts nothing.
        dates = [(date.start, date.end) for date in find_dates(text, anchor or _ANY_DAY)]
        numbers = [
            (number, mentions.counted(text, found, number)) for number in mentions.numbers(text, found, dates)
        ]
        options = [
            (whole, number.first, number.last)
            for number, whole in numbers
            if _counts(whole, at, asked)
            and (_ranks(asked) or not _is_rank(found, number))
            and not _is_year(text, number, whole)
            and not _denied(text, found, whole.first)
        ]
    elif asked.kind == "where":
        spots = mentions.locations(text, found)
        options = [
            (spot, spot.first, spot.last) for spot in spots if not taken & set(range(spot.first, spot.last))
        ]
    elif asked.kind == "who":
        options = [
            (person, person.first, person.last)
            for person in people_named(asked, text, known)
            if not asked.holds_office or _in_office(asked, found, person)
        ]
    else:
        options = [
            (Mention(found[i].start, found[i].end, i, i + 1), i, i + 1) for i in mentions.speech(text, found)
        ]
    return options


def people_named(asked: Asked, text: str, known: Collection[str] = ()) -> list[Mention]:
    """The persons a sentence names that the question does not."""
    found = words_of(text)
    single = [view_of(word.text) for word in found]
    own = {i for i, seen in enumerate(single) for term in asked.terms if term.match(seen) > RELATED}
    return [m for m in mentions.people(text, found, known) if not own & set(range(m.first, m.last))]


def named_together(asked: Asked, text: str, person: Mention) -> list[Mention]:
    """The person with those named in one breath with them, in order."""
    found = words_of(text)
    group: list[Mention] = []
    for other in people_named(asked, text):
        if group and not mentions.together(found, group[-1], other):
            if any(m.first == person.first for m in group):
                break
            group = []
        group.append(other)
    return group if any(m.first == person.first for m in group) else [person]


def only_reports(asked: Asked, text: str, person: Mention) -> bool:
    """Whether a sentence has a person only say what the question asks the doer of: «من وقّع» is not answered by
    «أعلن الوزير … توقيع الاتفاق»."""
    found = words_of(text)
    before = mentions.office(found, person)
    at = before.start - 1
    if at < 0 or at not in mentions.speech(text, found):
        return False
    plain = [term for term in asked.terms if not term.name]
    spoken = view_of(found[at].text)
    held = view(" ".join(found[i].text for i in before))
    return bool(plain) and not plain[0].match(spoken) and not any(term.match(held) for term in plain)


_FORMER = {fold_text(w) for w in ("السابق", "السابقة", "الأسبق", "الراحل", "الراحلة")}
_OF_STATE = {
    fold_text(w) for w in ("الدولة", "الجمهورية", "الحالي", "الحالية", "المنتخب", "الانتقالي", "المؤقت")
}


def _in_office(asked: Asked, found: Sequence[Word], person: Mention) -> bool:
    """Whether the words before a name say that the person holds the office asked for, and no other: the words of
    the title stand there, no «السابق» that the question lacks, no ministry when only «الرئيس» is asked for, and no
    other country's."""
    before = [found[i].text for i in mentions.office(found, person)]
    seen = view(" ".join(before))
    plain = [term for term in asked.terms if not term.name]
    titles = [term for term in plain if term.forms.keys() & lexicon.speech("titles")]
    duties = [term for term in plain if term not in titles]
    wanted = sum(term.weight for term in duties)
    if not any(term.match(seen) > RELATED for term in titles):
        return False
    if sum(term.weight for term in duties if term.match(seen) >= RELATED) < 0.5 * wanted:
        return False
    strange = [
        word for word in before if not any(term.match(view_of(word)) > RELATED for term in asked.terms)
    ]
    if _FORMER.intersection(strange):
        return False
    if len(plain) == len(titles) and (lexicon.speech("offices") - _OF_STATE).intersection(strange):
        return False
    country = any(term.name for term in asked.terms)
    return not (country and any(nationality(word) or word in lexicon.places() for word in strange))


def says(asked: Asked, own: Sequence[float]) -> bool:
    """Whether a sentence speaks of what a question asks the time of: its first term that says something, when that
    is no name. A date in a sentence that merely shares the question's names is the date of something else."""
    for term, match in zip(asked.terms, own, strict=True):
        if term.text not in SUPPORTING:
            return term.name or match >= RELATED
    return True


_COUNTED_WITHIN = 6  # words between a number and what it counts


def _counts(number: Mention, at: Sequence[Sequence[tuple[int, float]]], asked: Asked) -> bool:
    """Whether a number stands by something the question counts, and not only by a name of it."""
    things = [positions for term, positions in zip(asked.terms, at, strict=True) if not term.name]
    near = (max(number.first - i, i - number.last + 1) for positions in things for i, _ in positions)
    return not things or any(distance <= _COUNTED_WITHIN for distance in near)


_ANY_DAY = datetime.date(2000, 1, 1)
_RANKED = {fold_text(w) for w in ("رقم", "ترتيب", "مرتبة", "مركز", "المرتبة", "المركز", "number", "rank")}


def _ranks(asked: Asked) -> bool:
    """Whether a rank is asked for rather than a count: «ما رقم العضوية»."""
    return any(word.text in _RANKED for word in words_of(asked.standard))


def _is_rank(found: Sequence[Word], number: Mention) -> bool:
    """«العضو التسعون»، «عضوا تسعين»، «العضو رقم 90» and «تسعون هو ترتيب …» say which, not how many."""
    numbered = number.first > 0 and found[number.first - 1].text in _RANKED | {"عضو", "عضوا"}
    behind = [word.text for word in found[number.last : number.last + 2]]
    called = len(behind) == 2 and behind[0] in {"هو", "هي"} and behind[1] in _RANKED
    return (
        numbered
        or called
        or any(found[i].text in lexicon.ordinals() for i in range(number.first, number.last))
    )


def _is_year(text: str, number: Mention, whole: Mention) -> bool:
    """«2014: بدأت الحملة» counts nothing, and «2014 مقاتلا» does."""
    digits = text[number.start : number.end]
    return (number.start, number.end) == (whole.start, whole.end) and re.fullmatch(
        r"(19|20)\d\d", digits
    ) is not None


_DENYING = frozenset(
    map(fold_text, ("لم", "لن", "ليس", "ليست", "لا", "فلم", "ولم", "وليس", "وليست", "ولا", "فلا"))
)
_EXCEPTING = frozenset(map(fold_text, ("سوى", "إلا", "غير", "فقط", "بل", "لكن")))
_DENIED_WITHIN = 8  # words


def _denied(text: str, found: Sequence[Word], number: int) -> bool:
    """Whether a number is said not to be it, in its clause: «لم يعد العدد ثمانين». «لم يحضر سوى ثمانين» says it."""
    for index in range(number - 1, max(number - _DENIED_WITHIN, 0) - 1, -1):
        if any(mark in "،؛:.؟!" for mark in text[found[index].end : found[index + 1].start]):
            return False
        word = found[index].text
        if word in _EXCEPTING:
            return False
        if word in _DENYING:
            return True
    return False


def _of_counted(number: Mention, at: Sequence[Sequence[tuple[int, float]]]) -> bool:
    """Whether the number is shown with the noun that the question counts: its first term."""
    return bool(at) and any(number.first <= i <= number.last for i, _ in at[0])


_REACH = 8.0  # words over which nearness falls to a third
_CLAUSE = 4.0  # words that a comma between counts for
_SINCE = 0.5  # what «منذ عام 2014» counts for beside a plain date: it dates something else, before
_BEFORE = (
    0.3  # what a date counts for that stands before the clause of what happened, when another stands in it
)
_SINCE_WORDS = frozenset(map(fold_text, ("منذ", "قبل", "بعد")))


def _nearest_of(
    options: Sequence[tuple[Held, int, int]],
    at: Sequence[Sequence[tuple[int, float]]],
    asked: Asked,
    text: str,
    found: Sequence[Word],
) -> tuple[Held | None, float]:
    """The option that stands nearest to the terms: each term counts its weight, less by the words and the clauses
    between. Names count half here: what happened is nearer to its date than whom it happened to."""
    if not options:
        return None, 0.0
    steps = _steps(text, found)
    weights = [term.weight * (0.5 if term.name else 1.0) for term in asked.terms]
    total = sum(weights) or 1.0
    opened = _opened(asked, found, at)
    best: tuple[Held | None, float] = (None, 0.0)
    for option, first, last in options:
        strength = 0.0
        for weight, positions in zip(weights, at, strict=True):
            near = (
                credit * math.exp(-max(steps[first] - steps[i], steps[i] - steps[last - 1], 0.0) / _REACH)
                for i, credit in positions
            )
            strength += weight * max(near, default=0.0)
        strength /= total
        if isinstance(option, DateMention) and any(
            w.text in _SINCE_WORDS for w in found[max(first - 3, 0) : first]
        ):
            strength *= _SINCE
        if isinstance(option, DateMention) and _of_other(found, first, at):
            strength *= _SINCE
        if (
            isinstance(option, DateMention)
            and last <= opened
            and any(other > opened for _, other, _ in options)
        ):
            strength *= _BEFORE
        if asked.kind == "number" and isinstance(option, Mention):
            if _of_counted(option, at):
                strength += 0.5 * (1.0 - strength)
            if _of_other_period(asked, found, first, last):
                strength *= 0.3
            if _of_rival(asked, found, first, last, at):
                strength *= 0.3
        if best[0] is None or strength > best[1]:
            best = (option, strength)
    return best


def _opened(asked: Asked, found: Sequence[Word], at: Sequence[Sequence[tuple[int, float]]]) -> int:
    """Where what happened opens a clause of its own, «ودخلت سوريا … عام 2025»: the number of its word; -1 where it
    does not. A date before it is that of what is told before."""
    for term, positions in zip(asked.terms, at, strict=True):
        if not term.name and term.text not in SUPPORTING:
            joined = [i for i, _ in positions if found[i].text.startswith("و") and term.text[0] != "و"]
            return joined[0] if joined and len(joined) == len(positions) else -1
    return -1


def of_other(before: str, date: str) -> bool:
    """Whether a date, by the words before it, is that of something else: «منذ عام 2014»، «زيارة العاشر من تشرين»."""
    found = words_of(" ".join((*before.split()[-6:], date)))
    first = len(found) - len(words_of(date))
    since = any(word.text in _SINCE_WORDS for word in found[max(first - 3, 0) : first])
    return since or _of_other(found, first, ())


_TIME_NOUNS = frozenset(map(fold_text, ("سنة", "ليلة", "صبيحة", "عشية", "الساعة", "غداة")))


def _of_other(found: Sequence[Word], first: int, at: Sequence[Sequence[tuple[int, float]]]) -> bool:
    """Whether a date belongs to a noun that the question does not speak of: «زيارة العاشر من تشرين»."""
    if not first:
        return False
    word = found[first - 1].text
    asked_of = {i for positions in at for i, _ in positions}
    return (
        word.endswith("ه")
        and not word.startswith("ال")
        and word not in _TIME_NOUNS
        and first - 1 not in asked_of
    )


_PERIODS = frozenset(map(fold_text, ("يوميا", "أسبوعيا", "شهريا", "سنويا")))


def _of_other_period(asked: Asked, found: Sequence[Word], first: int, last: int) -> bool:
    """Whether a number is a day's where a year's is asked for: «300 ألف يوميًا، أي 100 مليار سنويًا»."""
    wanted = {word.text for word in words_of(asked.standard)} & _PERIODS
    near = [i for i, word in enumerate(found) if word.text in _PERIODS]
    if not wanted or not near:
        return False
    nearest = min(near, key=lambda i: max(first - i, i - last + 1))
    return found[nearest].text not in wanted


def _of_rival(
    asked: Asked, found: Sequence[Word], first: int, last: int, at: Sequence[Sequence[tuple[int, float]]]
) -> bool:
    """Whether a number counts what is another country's: the next country named behind it is not the question's."""
    own = {i for term, positions in zip(asked.terms, at, strict=True) if term.name for i, _ in positions}
    if not own:
        return False
    for i in range(last, min(last + 5, len(found))):
        if i in own:
            return False
        if nationality(found[i].text) or found[i].text in lexicon.places():
            return True
    return False


def _steps(text: str, found: Sequence[Word]) -> list[float]:
    """How far along each word stands, in words, with a comma counting for several."""
    steps, at = [], 0.0
    for index, word in enumerate(found):
        if index:
            between = text[found[index - 1].end : word.start]
            at += 1.0 + (_CLAUSE if any(mark in between for mark in "،,؛;:–—") else 0.0)
        steps.append(at)
    return steps


def _positions(asked: Asked, found: Sequence[Word], own: Sequence[float]) -> list[list[tuple[int, float]]]:
    """For each term the numbers of the words that match it, with how well; ``own`` says which match at all."""
    single = [view_of(word.text) for word in found]
    stems = tuple(word.stem for word in found)
    at: list[list[tuple[int, float]]] = []
    for term, matched in zip(asked.terms, own, strict=True):
        if not matched:
            at.append([])
            continue
        here = [(i, credit) for i, seen in enumerate(single) if (credit := term.match(seen))]
        for phrase, credit in term.phrases.items():
            here += [
                (i, credit)
                for i in range(len(stems) - len(phrase) + 1)
                if stems[i : i + len(phrase)] == phrase
            ]
        at.append(here)
    return at


def _word_range(found: Sequence[Word], start: int, end: int) -> tuple[int, int]:
    inside = [i for i, word in enumerate(found) if start <= word.start < end]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)
