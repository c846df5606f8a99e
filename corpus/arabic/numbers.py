"""Numbers in Arabic text, in digits and in words: «اثنا عشر ألفًا وخمسمئة»، «2 500»، «مليون ونصف».

The words are those of ``numbers.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from corpus.arabic.affixes import article
from corpus.arabic.folding import fold_text
from corpus.arabic.text import Word
from corpus.arabic.wordlists import read, word_list, word_set

_DIGITS = re.compile(r"\d+(?:\.\d+)?")


def value_of(word: str) -> float | None:
    """Return the number of a folded word, in digits or as a number word: «2014»، «سبعين»، «وثلاثة»."""
    if _DIGITS.fullmatch(word):
        return float(word)
    known = _cardinals()
    for form in (word, *((word[1:],) if word[:1] in "وبل" and len(word) > 3 else ())):
        if form in known:
            return known[form]
    return None


def values(found: Iterable[Word]) -> list[tuple[float, int, int]]:
    """Return the numbers among words, each with the index of its first word and of the word after it.

    Words that form one number together are one: «اثنا عشر ألفًا وخمسمئة»، «2 500»، «مليون ونصف».
    """
    listed = list(found)
    result: list[tuple[float, int, int]] = []
    index = 0
    while index < len(listed):
        read = _number(listed, index)
        if read is None:
            index += 1
        else:
            result.append((read[0], index, read[1]))
            index = read[1]
    return result


_THOUSAND = 1000


def _number(listed: Sequence[Word], first: int) -> tuple[float, int] | None:
    """Return the number that begins at a word, and the index of the word after it."""
    part = _part(listed, first) if listed[first].text != "و" else None
    if part is None:
        return None
    value, index = part
    total, group = (value, 0.0) if _is_scale(listed[index - 1], value) else (0.0, value)
    scale = value if total else 0.0
    while index < len(listed) and (part := _part(listed, index)) is not None:
        value, after = part
        joined = listed[index].text[0] == "و"
        if group and not joined and _is_scale(listed[after - 1], value):
            # «ثلاثة ملايين», «250 ألف»: what was gathered is multiplied.
            total, group, scale = total + group * value, 0.0, value
        elif joined and 0 < value < 1 and scale and not group:
            total += value * scale  # «مليون ونصف»
        elif joined and _adds(group, value, bool(total)):
            group += value
        else:
            break
        index = after
    return total + group, index


def _part(listed: Sequence[Word], index: int) -> tuple[float, int] | None:
    """Return one number word, a pair («اثنا عشر») or digits in groups of three, and the index of the next word."""
    word = listed[index].text
    following = listed[index + 1].text if index + 1 < len(listed) else ""
    if following in word_set("numbers", "ten"):
        unit = _teens().get(word.removeprefix("و"))
        unit = value_of(word) if unit is None else unit
        if unit is not None and unit < 10:
            return 10 + unit, index + 2
    if word == "و" and index and following.isdigit():  # «مليون و250 ألفًا»: two words
        word, index = following, index + 1
    value = value_of(word)
    if value is None:
        return None
    index += 1
    while word.isdigit() and len(word) <= 3 and _is_group(listed, index):
        value, index = value * _THOUSAND + float(listed[index].text), index + 1
    return value, index


def _is_group(listed: Sequence[Word], index: int) -> bool:
    """Return whether three digits follow after one blank: «2 500»."""
    if index >= len(listed) or listed[index].start - listed[index - 1].end != 1:
        return False
    return listed[index].text.isdigit() and len(listed[index].text) == 3


def _is_scale(word: Word, value: float) -> bool:
    return value >= _THOUSAND and not word.text[0].isdigit()


def _adds(group: float, value: float, beside_scale: bool) -> bool:
    """Return whether «و» adds a number word: units before tens, hundreds before less, anything after thousands."""
    if not group:
        return beside_scale and value < 1e6
    return (
        (group < 10 and 20 <= value < 100)
        or (group % 100 == 0 and value < 100)
        or (group % 100 < 10 and group > 100 and 20 <= value < 100)
    )


@cache
def ordinals() -> dict[str, int]:
    """Return the masculine ordinals up to 31, folded and without their article, mapped to their values."""
    simple = {int(value): words for value, words in read("numbers")["ordinal"].items()}
    (first,) = word_list("numbers", "first_of_compound")
    ten = word_list("numbers", "ten")[0]
    units = {1: first} | {unit: simple[unit][0] for unit in range(2, 10)}
    named = [(value, simple[value][0]) for value in range(1, 11)]
    named += [(10 + unit, f"{word} {ten}") for unit, word in units.items()]
    named += [(20 + unit, f"{word} و{tens}") for unit, word in units.items() for tens in simple[20]]
    named += [(31, f"{first} و{tens}") for tens in simple[30]]
    named += [(value, tens) for value in (20, 30) for tens in simple[value]]
    return {fold_text(word).removeprefix(article()): value for value, word in named}


@cache
def _cardinals() -> dict[str, float]:
    """Return the folded number words, cardinal and ordinal, mapped to their values."""
    kinds = (read("numbers")["cardinal"], read("numbers")["ordinal"])
    return {
        fold_text(word): float(value) for kind in kinds for value, words in kind.items() for word in words
    }


@cache
def _teens() -> dict[str, float]:
    """Return the folded words that stand only before «عشر», mapped to their values."""
    return {
        fold_text(word): float(value) for value, words in read("numbers")["teens"].items() for word in words
    }
