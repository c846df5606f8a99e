"""Numbers that a sentence gives, and what they count."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot import lexicon
from bot.mentions.span import Mention, joined
from corpus.arabic import STOPWORDS, Word, fold_text

_APPROXIMATE = {"نحو", "حوالي", "قرابه", "زهاء", "اكثر", "اقل", "يقارب", "قرابت"}
# «أكثر من ثمانين» without «أكثر من» would say something else.
_BOUNDS = tuple(
    tuple(fold_text(bound).split())
    for bound in (
        "أكثر من", "أقل من", "أزيد من", "ما يزيد على", "ما يزيد عن", "ما لا يقل عن", "لا يقل عن", "ما يقرب من",
        "ما يقارب", "لا يزيد على", "لا يتجاوز", "يزيد على", "يزيد عن", "تزيد على", "تزيد عن",
    )
)  # fmt: skip
_HUNDRED = {"الميه", "المايه"}  # «في المئة» says percent
_NUMBERED = {"رقم", "الرقم"}
_DIGITS = re.compile(r"\d[\d.,]*%?")
_TEENS = {fold_text(w) for w in ("أحد", "إحدى", "اثنا", "اثنتا", "اثني", "اثنتي")}
_TEN = {"عشر", "عشره"}


def numbers(text: str, found: Sequence[Word], dates: Collection[tuple[int, int]] = ()) -> list[Mention]:
    """Numbers in digits or words that are not part of a date, nor the mark of a footnote or of a list."""
    values = lexicon.numbers()
    mentions = []
    index = 0
    while index < len(found):
        teens = found[index].text in _TEENS and index + 1 < len(found) and found[index + 1].text in _TEN
        if (
            not (teens or _is_number(found[index].text, values))
            or _inside(found[index], dates)
            or _is_mark(text, found[index])
            or (index and found[index].text in _HUNDRED and found[index - 1].text == "في")
        ):
            index += 1
            continue
        first = index
        while (
            index + 1 < len(found)
            and _is_number(found[index + 1].text, values)
            and joined(text, found, index)
        ):
            index += 1
        index += 1
        mentions.append(Mention(found[first].start, found[index - 1].end, first, index))
    return mentions


def counted(text: str, found: Sequence[Word], number: Mention) -> Mention:
    """The number with what makes it readable: «نحو 2500 مقاتل»، «أكثر من ثمانين دولة»،
    «العضو رقم 90»، «40 في المئة»."""
    start = first = bounded(text, found, number.first)
    last = number.last
    ordinal = any(found[i].text in lexicon.ordinals() for i in range(first, last))
    reach = 2 if not ordinal else 1
    while first > 0 and reach and joined(text, found, first - 1):
        before = found[first - 1].text
        if before in _APPROXIMATE or before in _NUMBERED or (ordinal and before not in STOPWORDS):
            first -= 1
            reach -= 1
            # «العضو رقم 90»: the noun before «رقم» says of what.
            if before in _NUMBERED and first > 0 and joined(text, found, first - 1):
                if found[first - 1].text not in STOPWORDS:
                    first -= 1
                break
        else:
            break
    percent = text[found[last - 1].end :].lstrip()[:1] in {"%", "٪"}
    end = found[last - 1].end
    if percent:
        end += len(text[end:]) - len(text[end:].lstrip()) + 1
    elif (not ordinal and first == start) or _approximate(found, first, start):
        follow = [w.text for w in found[last : last + 2]]
        if follow[:1] == ["في"] and follow[1:2] and follow[1] in _HUNDRED:
            last += 2
        elif last < len(found) and joined(text, found, last - 1) and found[last].text not in STOPWORDS:
            last += 1
        end = found[last - 1].end
    return Mention(found[first].start, end, first, last)


def bounded(text: str, found: Sequence[Word], first: int) -> int:
    """The number of the word with which what bounds a number before it begins, «أكثر من ثمانين»; else ``first``."""
    for bound in _BOUNDS:
        start = first - len(bound)
        if start >= 0 and all(
            (
                found[start + i].text == word
                or (not i and found[start].text in {f"{c}{word}" for c in "وفبلك"})
            )
            and joined(text, found, start + i)
            for i, word in enumerate(bound)
        ):
            return start
    return first


def _is_number(word: str, values: dict[str, float]) -> bool:
    if _DIGITS.fullmatch(word):
        return True
    if word in values:
        return True
    return word[:1] in {"و", "ب", "ل"} and word[1:] in values and len(word) > 4


def _inside(word: Word, dates: Collection[tuple[int, int]]) -> bool:
    return any(start <= word.start < end for start, end in dates)


def _is_mark(text: str, word: Word) -> bool:
    """A footnote mark [1] or a list number «1.» counts nothing."""
    if not _DIGITS.fullmatch(word.text):
        return False
    before, after = text[: word.start].rstrip(" "), text[word.end : word.end + 1]
    return (before.endswith(("[", "(")) and after in {"]", ")"}) or (
        (not before or before.endswith("\n")) and after in {".", ")", "-"}
    )


def _approximate(found: Sequence[Word], first: int, number: int) -> bool:
    return first < number and all(found[i].text in _APPROXIMATE for i in range(first, number))
