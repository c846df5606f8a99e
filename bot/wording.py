"""Whether a sentence is another one shortened: the only way in which a chat model's words may differ from a quote's.

A shortened sentence has the words of its source, in their order. Left out may be:

- the time or the place: «أمس الثلاثاء», «في دمشق»;
- from a comma, preposition or relative pronoun up to a later comma, or to the end: «، بحسب السفارة،»,
  «الذي تقوده واشنطن»;
- the beginning up to a comma.

Not left out is what turns the rest round (a denial, a condition, a doubt, an exception), nor a verb before it by which
somebody says it: «قال الوزير إن …» without these words is another claim.

A date may stand in calendar form for «أمس», a number in digits for one in words; nothing else may be put another way,
because words of the same family often say another thing: «ستنضم» and «انضمت», «قتيل» and «مقاتل».
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from bot import lexicon, mentions
from bot.quotes import locate, quotations
from corpus.arabic import STOPWORDS, fold_text, sentences, stem, words
from corpus.dates import find_dates

_LONGEST = 600  # characters; a statement is a sentence or two
_SHORTEST = 3  # words; fewer say nothing that could be checked


@dataclass(frozen=True, slots=True)
class _Token:
    """A word, or a date of several words."""

    forms: frozenset[str]
    """What it may be matched by."""
    word: str
    """Folded; "" for a date."""
    start: int
    end: int

    @property
    def is_date(self) -> bool:
        return not self.word


def as_published(text: str, source: str, anchor: datetime.date | None = None) -> str | None:
    """The statement when each of its sentences is one of the source's shortened, else None.

    What it has in quotation marks comes back as the source writes it. ``anchor``: the day of the article.
    """
    text = " ".join(text.split())
    if not words(text) or len(text) > _LONGEST or not _PLAIN.fullmatch(text):
        return None
    quoted = quotations(text)
    if quoted is None:
        return None
    for span in sorted(quoted, reverse=True):
        place = locate(text[span.start : span.end], source)
        if place is None:
            return None
        text = text[: span.start] + source[place.start : place.end] + text[span.end :]
    sources = [source[span.start : span.end] for span in sentences(source)]
    for said in sentences(text):
        if not any(is_shortened(text[said.start : said.end], whole, anchor) for whole in sources):
            return None
    return text


def is_shortened(text: str, source: str, anchor: datetime.date | None = None) -> bool:
    """Whether one sentence is another with nothing but phrases left out: the rule of this module."""
    said, given = _tokens(text, anchor), _tokens(source, anchor)
    if len(said) < _SHORTEST or _asks(source):
        return False
    cuts = _Cuts(source, given)
    reached = {at for at, token in enumerate(given) if _same(said[0], token) and cuts.may_open(at)}
    for token in said[1:]:
        reached = {
            at
            for at, other in enumerate(given)
            if _same(token, other)
            and any(before < at and cuts.may_skip(before + 1, at) for before in reached)
        }
    return any(cuts.may_close(at) for at in reached)


class _Cuts:
    """What may be left out of a sentence."""

    def __init__(self, sentence: str, given: Sequence[_Token]) -> None:
        self._sentence = sentence
        self._given = given
        self._places = _places(sentence, given)
        self._turning = [bool(token.forms & TURNING) for token in given]
        self._turning_all = [bool(token.forms & TURNING_ALL) for token in given]
        self._speech = [bool(token.forms & lexicon.speech("verbs")) for token in given]

    def may_open(self, at: int) -> bool:
        """Whether the sentence may begin with the token numbered ``at``."""
        if all(token.word in _OPENING for token in self._given[:at]):
            return True
        return self._breaks_before(at) and self._is_aside(0, at)

    def may_skip(self, first: int, last: int) -> bool:
        """Whether the tokens from ``first`` up to, not including, ``last`` may be left out between two that stay."""
        if first == last:
            return True
        if self._is_time_and_place(first, last):
            return True
        return self._may_end_before(first) and self._breaks_before(last) and self._is_aside(first, last)

    def may_close(self, at: int) -> bool:
        """Whether the sentence may end with the token numbered ``at``."""
        first = at + 1
        if first == len(self._given):
            return True
        if any(self._turning_all[i] for i in range(first, len(self._given))):
            return False
        clause = next((i for i in range(first, len(self._given)) if self._breaks_before(i)), len(self._given))
        if any(self._turning[i] for i in range(first, clause)):
            return False
        return self._may_end_before(first)

    def _may_end_before(self, at: int) -> bool:
        """Whether what stands before the token is whole without it and what it leads."""
        follows = self._given[at]
        return self._breaks_before(at) or follows.is_date or follows.word in _LEADING

    def _breaks_before(self, at: int) -> bool:
        """Whether a comma or the like stands before the token."""
        start = self._given[at - 1].end if at else 0
        return _BREAK.search(self._sentence[start : self._given[at].start]) is not None

    def _is_aside(self, first: int, last: int) -> bool:
        """Whether the tokens neither turn the rest round nor hold the verb by which somebody says it. In «بحسب ما
        أعلنته السفارة» a verb of saying governs nothing else."""
        according = False
        for at in range(first, last):
            if at == first or self._breaks_before(at):
                according = self._given[at].word in _ACCORDING
            if self._turning[at] or (self._speech[at] and not according):
                return False
        return True

    def _is_time_and_place(self, first: int, last: int) -> bool:
        """Whether the tokens are dates, and prepositions with names of places, on the same side of every comma."""
        at = first
        while at < last:
            if self._given[at].is_date:
                at += 1
            elif self._given[at].word in _WHERE and self._places.get(at + 1, 0):
                at += 1 + self._places[at + 1]
            else:
                return False
        return at == last and not any(self._breaks_before(i) for i in range(first, last + 1))


def _tokens(text: str, anchor: datetime.date | None) -> list[_Token]:
    """The words of a sentence, each date as one of them, without what only leads to a date («في»، «يوم»)."""
    dates = find_dates(text, anchor)
    tokens: list[_Token] = []
    found = words(text)
    for date in dates:
        inside = [word for word in found if date.start <= word.start < date.end]
        if inside:
            tokens.append(_Token(_date_forms(date.date, date.precision), "", date.start, date.end))
    for word in found:
        if not any(date.start <= word.start < date.end for date in dates):
            tokens.append(
                _Token(_forms(text, word.text, word.start, word.end), word.text, word.start, word.end)
            )
    tokens.sort(key=lambda token: token.start)
    return [
        token
        for token, following in zip_longest(tokens, tokens[1:])
        if not (following is not None and following.is_date and token.word in _TO_A_DATE)
    ]


def _forms(text: str, word: str, start: int, end: int) -> frozenset[str]:
    if word[:1].isdigit():
        percent = "%" if text[end:].lstrip()[:1] in {"%", "٪"} else ""
        minus = "-" if re.search(r"(?:^|\s)[-−–]$", text[:start]) else ""
        return (
            frozenset({f"{minus}{_number(float(word))}{percent}"}) if _is_number(word) else frozenset({word})
        )
    forms = {word, stem(word)}
    if word[0] in "وف" and (len(word) > 3 or word[1:] in STOPWORDS):
        forms |= {word[1:], stem(word[1:])}
    values = lexicon.numbers()
    bare = word[1:] if word[0] in "وبل" else word
    forms |= {_number(values[form]) for form in (word, bare) if form in values}
    return frozenset(forms)


def _is_number(word: str) -> bool:
    return re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", word) is not None


def _number(value: float) -> str:
    return f"{value:g}"


def _date_forms(date: str, precision: str) -> frozenset[str]:
    return frozenset({date[: {"day": 10, "month": 7, "year": 4}[precision]]})


def _same(said: _Token, given: _Token) -> bool:
    return said.is_date == given.is_date and not said.forms.isdisjoint(given.forms)


def _places(sentence: str, given: Sequence[_Token]) -> dict[int, int]:
    """Where names of places stand: the number of the first token, and of how many tokens the name is."""
    found = words(sentence)
    by_start = {token.start: at for at, token in enumerate(given)}
    return {
        by_start[found[place.first].start]: place.last - place.first
        for place in mentions.places(found)
        if found[place.first].start in by_start
    }


def _asks(sentence: str) -> bool:
    return re.search(r"[؟?][\s»”\")\]]*$", sentence) is not None


def _folded(text: str) -> frozenset[str]:
    return frozenset(map(fold_text, text.split()))


_PLAIN = re.compile(r"(?:[^\W_]|[\u064b-\u0652\u0670\u0640]|[ .,،؛:()\[\]«»\"“”'’/%٪–—-])+")
_BREAK = re.compile(r"[،,؛;:()\[\]–—]|\s-\s|\.(?=\s)")

_TO_A_DATE = _folded("في يوم بتاريخ")
_WHERE = _folded("في من إلى")
_LEADING = _folded(
    "في من إلى على عن مع منذ خلال حتى عبر ضد بين لدى حول وفق وفقا بحسب حسب عند أثناء ضمن لأجل من أجل بعد قبل"
    " الذي التي الذين اللذين اللتين اللاتي اللواتي حيث بينما فيما فيه فيها"
)
_ACCORDING = _folded("وفق وفقا ووفق ووفقا بحسب حسب وبحسب وحسب نقلا ونقلا")
_OPENING = _folded("و كما ثم كان كانت وكان وكانت أيضا")
TURNING = _folded(
    "لا لم لن ليس ليست ليسوا لست غير دون بدون بلا عدم سوى إلا عدا ماعدا باستثناء فقط ولا ولم ولن وليس وليست فلا فلم"
    " أليس لئلا ألا هل لو ولو لولا إذا وإذا إن شريطة بشرط ربما لعل قد يمكن ممكن محتمل المحتمل يحتمل مرجح المرجح يرجح"
    " كاد كادت يكاد تكاد شبه متوقع المتوقع يتوقع توقع توقعت يعتقد يظن يبدو زعم زعمت يزعم تزعم زاعما مزاعم مزعوم مزعومة"
    " ادعى ادعت يدعي ادعاء ادعاءات شائعة شائعات الشائعات أنباء مفبرك مفبركة كاذب كاذبة كذب خاطئ خاطئة مجرد أقل أكثر"
)
"""Words that may not be left out of the clause that is said."""
TURNING_ALL = _folded(
    "إلا سوى عدا ماعدا باستثناء غير فقط شريطة بشرط إذا لولا نفى نفت ينفي تنفي نافيا نافية نفي النفي نفيا نفاه نفته "
    " نفاها نفتها أنكر أنكرت ينكر إنكار كذب كذبت كذبه كذبته دحض دحضت استبعد استبعدت شكك شككت تراجع تراجعت"
    " ألغى ألغت ألغي شائعة شائعات الشائعات مفبرك مفبركة كاذب كاذبة مزعوم مزعومة زعم زعمت"
)
"""Words that may not be left out of the sentence, however far from what is said."""
