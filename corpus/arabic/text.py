"""Fold Arabic text, and cut it into words and stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus.arabic.stopwords import ARABIC, ENGLISH, NOT_AFTER_WAW
from corpus.article import Span

VERSION = 1
"""Increased whenever folding, stemming or sentence splitting gives other results; part of an index's recipe."""

# Characters that leave no trace in the folded text: Arabic vowel signs, Quranic marks and tatweel, and the
# marks that only steer joining, direction, hyphenation or display.
_SIGNS = (
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06de-\u06ed\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff"
)
_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_DROPPED = _SIGNS + _INVISIBLE
# Accents written as characters of their own: composed with their letter.
_ACCENTS = "\u0300-\u034e\u0350-\u036f"
# Letters and ligatures stored in their drawn forms, and full-width Latin: written out.
_DRAWN = "\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc\uff01-\uff5e"

_dropped = re.compile(f"[{_DROPPED}]")
_accented = re.compile(f"(?s:.)[{_ACCENTS}]+")
_drawn = re.compile(f"[{_DRAWN}]")
# Everything whose folding may be shorter or longer than itself, with the letter an accent belongs to.
_uneven = re.compile(f"[^{_DROPPED}][{_DROPPED}]*(?:[{_ACCENTS}][{_DROPPED}]*)+|[{_DROPPED}]+|[{_DRAWN}]")

_LETTERS = {
    letter: folded
    for folded, letters in {
        "ا": "أإآٱٲٳٵ",
        "ي": "ىئیۍێېےۓ",
        "ه": "ةھہۂۃەۀ",
        "و": "ؤۆۇۈۋ",
        "ك": "کڪگڭ",
        "ب": "پ",
        "ج": "چ",
        "ف": "ڤ",
        "ز": "ژ",
        ".": "٫",
        ",": "٬",
    }.items()
    for letter in letters
}


class _Foldings(dict[int, str]):
    """The folded form of each character, computed on first use."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if _dropped.match(character):
        return ""
    if character in _LETTERS:
        return _LETTERS[character]
    if _drawn.match(character):
        written_out = unicodedata.normalize("NFKC", character)
        # A vowel sign drawn by itself is a space or a tatweel carrying it.
        return "".join(map(_fold_character, written_out)).strip() if written_out != character else character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    return "i" if character == "İ" else character.lower()


_FOLDINGS = _Foldings()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text with the offsets of its characters in the original.

    ``offsets[i]`` is the position in the original of the character that gave ``text[i]``; the last of its
    ``len(text) + 1`` entries is the original's length.
    """

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """Return the span of the original that corresponds to ``text[start:end]``.

        It includes the marks after its last letter, and the whole of a ligature of which only a part is
        requested, so that folding it gives ``text[start:end]`` again (or, for a part of a ligature, contains
        it).
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"no span {start}..{end} in a folded text of {len(self.text)} characters")
        if start == end:
            return Span(self.offsets[start], self.offsets[start])
        last = self.offsets[end - 1]
        while self.offsets[end] == last:
            end += 1
        return Span(self.offsets[start], self.offsets[end])


def fold(text: str) -> Folded:
    """Return the text in its search form, with the offsets into the original; see ``fold_text``."""
    folded = fold_text(text)
    if not _uneven.search(text):
        return Folded(folded, tuple(range(len(text) + 1)))
    offsets: list[int] = []
    at = 0
    for change in _uneven.finditer(text):
        offsets.extend(range(at, change.start()))
        offsets.extend([change.start()] * len(fold_text(change.group())))
        at = change.end()
    offsets.extend(range(at, len(text) + 1))
    return Folded(folded, tuple(offsets))


def fold_text(text: str) -> str:
    """Return the text in its search form; folding it again changes nothing.

    Vowel signs, Quranic marks, tatweel and invisible marks are removed; أإآٱ become ا, ى and ئ become ي, ة
    becomes ه, ؤ becomes و, Persian, Kurdish and loan letters become the Arabic letter they are read as (ک ك,
    ی ي, گ ك, پ ب, چ ج, ڤ ف, ژ ز); digits of any script become 0-9, ٫ and ٬ become . and , ; drawn letter forms
    (ﻻ, ﷲ, ﬁ, full-width) are written out; Latin is lower-cased and keeps its accents, composed; spaces of any
    width become " ".
    """
    folded = text.translate(_FOLDINGS)
    return _accented.sub(_compose, folded)


def _compose(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", match.group())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its folded form, its stem, and its position in the original."""

    text: str
    stem: str
    start: int
    end: int


_PREFIXES = "وفبلك" + "".join(letter for letter, folded in _LETTERS.items() if folded in "وفبك")
# A letter or digit, then letters, digits and marks. Numbers keep their decimal point and their thousands;
# a chain of more numbers (9.2.2026, 192.168.1.1) is several words, and so is 10:30 or 9/2/2026.
_WORD = re.compile(
    rf"(?<!\d[.,٫٬،])(?:\d{{1,3}}(?:[,٬،]\d{{3}})+(?:[.٫]\d+)?|\d+[.٫]\d+)(?![.,٫٬،]?\d)"
    rf"|[{_PREFIXES}][{_DROPPED}]*(?=\d)"
    rf"|[^\W_{_DROPPED}][^\W_{_DROPPED}{_ACCENTS}]*(?:[{_DROPPED}{_ACCENTS}]+[^\W_{_DROPPED}{_ACCENTS}]+)*"
    rf"[{_SIGNS}{_ACCENTS}]*"
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


_ARTICLES = ("ال", "وال", "بال", "كال", "فال", "لل")
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


@lru_cache(maxsize=1 << 18)
def stem(folded_word: str) -> str:
    """Return the light10 stem of a folded word: one prefix removed, then each suffix in turn.

    Larkey, Ballesteros and Connell, "Light Stemming for Arabic Information Retrieval" (2007), in the form of
    Lucene's ArabicStemmer: an article («ال وال بال كال فال لل») is removed when it leaves two letters, or else
    «و» when it leaves three; then «ها ان ات ون ين يه ية ه ة ي» in this order, each when it leaves two.
    Folding has already made ة into ه. Words that are not Arabic are their own stem.
    """
    stemmed = folded_word
    for prefix in _ARTICLES:
        if stemmed.startswith(prefix) and len(stemmed) >= len(prefix) + 2:
            stemmed = stemmed[len(prefix) :]
            break
    else:
        if stemmed.startswith("و") and len(stemmed) >= 4:
            stemmed = stemmed[1:]
    for suffix in _SUFFIXES:
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


def _stopwords() -> Iterator[str]:
    for word in ARABIC.split():
        yield fold_text(word)
        if word not in NOT_AFTER_WAW:
            yield fold_text("و" + word)
    yield from ENGLISH.split()


STOPWORDS = frozenset(_stopwords())
"""Function words, folded: Arabic (bare and after «و», question words and dialect among them) and English."""
