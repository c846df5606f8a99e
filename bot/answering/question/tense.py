"""The time that a question asks about: what is now or newest, a state that may have changed, or what is over.

Two things show it. The words: adverbs of the present, what names the newest of its kind, a day. And the form: an Arabic
question without a verb, or with one in the imperfect («من وزير الصحة؟», «هل يعمل المطار؟»), asks how things stand; one
with a verb in the perfect («من وقّع الاتفاق؟») asks what happened. Where the form leaves both open («قائد» is built as
«قابل» is), it is taken to ask what happened.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Sequence
from functools import cache

from bot.answering.question.kinds import bare, counting_words, peeled
from bot.answering.question.query import Kind, Period, Tense
from corpus.arabic import stopwords
from corpus.arabic.affixes import affixes, article
from corpus.arabic.calendar import directions, units
from corpus.arabic.questions import interrogatives, question_words, shape_words
from corpus.arabic.wordlists import pattern

NEAR = datetime.timedelta(days=7)
"""A day so near is asked about as news: what is said of it still grows."""
_LATEST = 2
"""The last place, from 0, at which a question word opens a question: «وإلى جانب من»."""
_SHORT = ("day", "week", "hour", "minute")
"""Units of time of which the last or the next are now."""


def tense_of(folded: Sequence[str], kind: Kind, period: Period | None, today: datetime.date) -> Tense:
    """Return the time that an Arabic question asks about, by its folded words in standard Arabic."""
    if _reaches_now(folded, kind):
        return "now"
    if period is not None:
        return of_period(period, today)
    if _names_now(folded) or _names_newest(folded) or _names_near_time(folded):
        return "now"
    return "state" if _asks_for_state(folded, kind) else "event"


def english_tense(text: str, period: Period | None, today: datetime.date) -> Tense:
    """Return the time that an English question asks about."""
    if period is not None:
        return of_period(period, today)
    if re.search(pattern("questions", "english_now"), text):
        return "now"
    return "state" if re.search(pattern("questions", "english_state"), text) else "event"


def of_period(period: Period, today: datetime.date) -> Tense:
    """Return "now" for a period that is near or has not ended, "past" for one that is over."""
    return "now" if last_day(period) >= today - NEAR else "past"


def last_day(period: Period) -> datetime.date:
    """Return the last day of a day, month or year."""
    year, month, day = ([*map(int, period.date.split("-")), 0, 0])[:3]
    month = month or 12
    return datetime.date(year, month, day or calendar.monthrange(year, month)[1])


def _reaches_now(folded: Sequence[str], kind: Kind) -> bool:
    """Return whether it asks for what has come up to now: «منذ بداية العام», but not «منذ متى»."""
    return kind != "when" and any(peeled(word) in question_words("up_to_now") for word in folded)


def _names_now(folded: Sequence[str]) -> bool:
    present = question_words("now") | question_words("going_on")
    return any(word in present or peeled(word) in present for word in folded)


def _names_newest(folded: Sequence[str]) -> bool:
    """Return whether it asks for the newest of a kind: «آخر أخبار …», «الغارة الأخيرة»."""
    for index, word in enumerate(folded):
        if word in question_words("newest_before") and (index == 0 or _leads_to_noun(folded[index - 1])):
            return True
        if index and _without_ending(word) in question_words("newest_behind"):
            return True
    return False


def _leads_to_noun(word: str) -> bool:
    return word in shape_words() | stopwords() or peeled(word) in shape_words() | stopwords()


def _names_near_time(folded: Sequence[str]) -> bool:
    """Return whether it names minutes, hours, days or weeks next to now: «هذا الأسبوع», «قبل ساعات»."""
    for index, word in enumerate(folded):
        if not {word, bare(word)} & _short_units():
            continue
        before, behind = folded[max(index - 2, 0) : index], folded[index + 1 : index + 2]
        if behind and _without_ending(behind[0]) in directions():
            return True
        if before[-1:] and before[-1] in question_words("this_one"):
            return True
        of_another = behind and peeled(behind[0]) == interrogatives()["who"]  # «قبل يوم من الاجتماع»
        if question_words("time_before") & set(before) and not of_another:
            return True
    return False


@cache
def _short_units() -> frozenset[str]:
    found = units_by_name()
    return frozenset().union(*(found[name] for name in _SHORT))


def units_by_name() -> dict[str, frozenset[str]]:
    """Return the folded forms of the units of time by their English names."""
    from corpus.arabic.wordlists import read

    return dict(zip(read("calendar")["units"], units(), strict=True))


def _without_ending(word: str) -> str:
    return word.removeprefix(article()).removesuffix("ه")


# --- how things stand, by the form of the question


def _asks_for_state(folded: Sequence[str], kind: Kind) -> bool:
    if kind not in {"who", "number", "where", "whether", "what", "how"}:
        return False
    asking = {interrogatives()[each] for each in ("who", "where", "whether", "which_is", "how")}
    every = frozenset(interrogatives().values()) | counting_words()
    at = next((n for n, word in enumerate(folded) if peeled(word) in every), _LATEST + 1)
    # Further on «من» is "from".
    if at > _LATEST or peeled(folded[at]) not in asking | counting_words():
        return False
    opening = peeled(folded[at])
    behind = [word for word in folded[at + 1 :] if word not in question_words("pronouns")]
    named = len(behind) < len(folded) - at - 1
    if not behind or _is_relative(behind[0]):
        return False
    head = behind[0]
    if opening in counting_words():
        return _counts_state(behind)
    if _is_imperfect(head):
        return True
    if any(map(_is_relative, behind)):
        return False  # «من القاضي الذي أقسم أمامه …» tells its subject by what happened
    if _is_definite(head):
        return True
    if opening == interrogatives()["which_is"] or named:
        return True  # «ما سعر …», «من هو …»: what follows is a noun
    if kind == "who":
        return _is_office(head)
    return head in stopwords() and head not in shape_words() - question_words("pointing")


def _counts_state(behind: Sequence[str]) -> bool:
    """Return whether «كم» counts what is: «كم سعر …», «كم يبلغ …», «كم محافظة في …»."""
    head, after = behind[0], behind[1:2]
    if bare(head) in question_words("count") or _is_imperfect(head):
        return True
    return not after or after[0] in stopwords() or _is_imperfect(after[0])


def _is_relative(word: str) -> bool:
    return word in stopwords() and word.startswith(article())


def _is_definite(word: str) -> bool:
    return word.startswith(article()) and len(word) > 4


def _is_imperfect(word: str) -> bool:
    """Return whether a word is built as a verb in the imperfect: «يعمل», «تشارك», «سيعمل», not «تأسست»."""
    present = affixes("imperfect")
    if word.startswith(affixes("future")) and word[1:].startswith(present) and len(word) > 4:
        word = word[1:]
    return word.startswith(present) and len(word) > 3 and not word.endswith(affixes("verb_endings"))


def _is_office(word: str) -> bool:
    """Return whether a noun is built as those of offices are: «وزير», «محافظ», «قائد»."""
    adjective = len(word) == 4 and word[2] == "ي"
    participle = len(word) > 3 and word[0] == "م" and word[-1] != "ت"
    agent = len(word) == 4 and word[1] == "ا" and word[2] == "ي"
    return adjective or participle or agent
