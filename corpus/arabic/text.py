"""Cut Arabic text into words and stems, and spell them otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus.arabic.affixes import affixes, articles
from corpus.arabic.folding import ACCENTS, DROPPED, LETTERS, SIGNS, fold_text

VERSION = 1
"""Increased whenever folding, stemming or sentence splitting gives other results; part of an index's recipe."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its folded form, its stem, and its position in the original."""

    text: str
    stem: str
    start: int
    end: int


_PREFIXES = "وفبلك" + "".join(letter for letter, folded in LETTERS.items() if folded in "وفبك")
# A letter or digit, then letters, digits and marks. Numbers keep their decimal point and their thousands;
# a chain of more numbers (9.2.2026, 192.168.1.1) is several words, and so is 10:30 or 9/2/2026.
_WORD = re.compile(
    rf"(?<!\d[.,٫٬،])(?:\d{{1,3}}(?:[,٬،]\d{{3}})+(?:[.٫]\d+)?|\d+[.٫]\d+)(?![.,٫٬،]?\d)"
    rf"|[{_PREFIXES}][{DROPPED}]*(?=\d)"
    rf"|[^\W_{DROPPED}][^\W_{DROPPED}{ACCENTS}]*(?:[{DROPPED}{ACCENTS}]+[^\W_{DROPPED}{ACCENTS}]+)*"
    rf"[{SIGNS}{ACCENTS}]*"
)


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words of ``text[start:end]`` in order, with offsets into ``text``.

    A word is a run of letters and digits with their marks. «و» and other prefixes stay on their word: stems
    and ``variants`` handle them; before a number («بـ19», «و2.5») they are a word of their own. A number is
    one word, without its thousands separators and with its decimals after a point («1,200» and «١٬٢٠٠» are
    ``1200``, «٢٫٥» is ``2.5``); % and other signs are not part of any word. So a folded word holds letters,
    accents and digits, and at most one "." between digits.
    """
    found = list(_WORD.finditer(text, start, len(text) if end is None else end))
    # All words folded in one go: a line feed is never part of a word. Commas only stand inside numbers.
    joined = fold_text("\n".join([match.group() for match in found])).replace(",", "").replace("،", "")
    result: list[Word] = []
    for match, folded in zip(found, joined.split("\n"), strict=False):
        if folded.isalnum() or "." in folded:
            result.append(Word(folded, stem(folded), *match.span()))
        else:  # ﷺ is four words
            result.extend(Word(part, stem(part), *match.span()) for part in folded.split())
    return result


@lru_cache(maxsize=1 << 16)
def stem(folded_word: str) -> str:
    """Return the light10 stem of a folded word: one prefix removed, then each suffix in turn.

    Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information Retrieval" (2007), in the form of
    Lucene's ArabicStemmer: an article («ال وال بال كال فال لل») is removed when it leaves two letters, or else
    «و» when it leaves three; then «ها ان ات ون ين يه ية ه ة ي» in this order, each when it leaves two.
    Folding has already made ة into ه. Words that are not Arabic are their own stem.
    """
    stemmed = folded_word
    for prefix in articles():
        if stemmed.startswith(prefix) and len(stemmed) >= len(prefix) + 2:
            stemmed = stemmed[len(prefix) :]
            break
    else:
        if stemmed.startswith("و") and len(stemmed) >= 4:
            stemmed = stemmed[1:]
    for suffix in affixes("light10_suffixes"):
        if stemmed.endswith(suffix) and len(stemmed) >= len(suffix) + 2:
            stemmed = stemmed[: -len(suffix)]
    return stemmed


# A name's last letter as other hands write it: سوريا سوريه, and a final ى typed as ا: مستشفي مستشفا.
_ENDINGS = {"ا": ("ه", "اء", "ي"), "ه": ("ا",), "اء": ("ا",), "يء": ("ي",), "وء": ("و",)}
# Spellings inside a word that differ between countries and hands: امريكا اميركا, مسوول مسيول (مسؤول مسئول),
# داوود داود.
_INSIDE = (("امريك", "اميرك"), ("اميرك", "امريك"), ("وو", "يو"), ("وو", "و"), ("يو", "وو"))


def variants(folded_word: str) -> tuple[str, ...]:
    """Return other spellings of a folded Arabic word that folding and stems do not unify, likeliest first.

    They are formed by rule alone, so not all of them are words: they must be looked up before they are shown.
    They are: the word with other spellings of its last letter; of the inside of امريكا, of «ؤو» and of a double
    «و»; the word without a prefix «و ف ب ل ك» that leaves three letters, and that with the other last letter;
    the word without its article, or with it when it has none, where that changes the stem. Never the word
    itself.
    """
    if not _ARABIC_WORD.fullmatch(folded_word):
        return ()
    found = [*_respelt(folded_word)]
    for bare in _without_prefix(folded_word):
        found += [bare, *_respelt(bare)]
    found.append(folded_word[2:] if folded_word.startswith("ال") else "ال" + folded_word)
    same = stem(folded_word)
    return tuple(
        dict.fromkeys(word for word in found if len(word) > 2 and word != folded_word and stem(word) != same)
    )


_ARABIC_WORD = re.compile("[ء-ي]{3,}")


def _respelt(word: str) -> Iterator[str]:
    for ending, others in _ENDINGS.items():
        if len(word) > 3 and word.endswith(ending):
            # Nothing ends in «يي» or, but for adjectives, «ياء».
            kept = others[:1] if word[-2] == "ي" else others
            yield from (word[: -len(ending)] + other for other in kept)
    for here, there in _INSIDE:
        if here in word:
            yield word.replace(here, there)


def _without_prefix(word: str) -> Iterator[str]:
    """Yield the word without its «و» or «ف», then without the «ب», «ل» or «ك» after it."""
    for prefixes in ("وف", "بلك"):
        if len(word) > 3 and word[0] in prefixes:
            word = word[1:]
            yield word
