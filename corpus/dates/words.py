"""Words used in dates as parts of patterns: months, weekdays, ordinals, and what stands around them.

Everything here is in folded form (see ``fold``), ready for use in a pattern.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from corpus.arabic import folding
from corpus.arabic.calendar import directions, hijri_months, jalali_months, months, numbered_months, weekdays
from corpus.arabic.folding import fold_text
from corpus.arabic.numbers import ordinals
from corpus.arabic.wordlists import fold_pattern, pattern, word_list, word_set

# A letter, after folding. A word is never entered in its middle, except by the digits of a glued line.
LETTER = "a-z\u0621-\u063a\u0641-\u064a\u066e-\u06d3\u00c0-\u024f"
START, STOP = f"(?<![{LETTER}])", f"(?![{LETTER}])"
# Bounded, so that a page of blanks costs no time.
SPACE = r"[^\S\n]{1,6}"
MAYBE = r"[^\S\n]{0,6}"


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Return ``(folded, at)``: the text in the form of the patterns; ``folded[i]`` stands at ``text[at[i]]``.

    Beyond ``corpus.arabic.fold`` every dash is a hyphen, also a tatweel between digits, and a blank parts digits of
    different scripts («2026١٠»), which are two numbers. ``len(at) == len(folded) + 1``.
    """
    folded = folding.fold(_TATWEEL.sub(lambda found: "-" * len(found[0]), text))
    words, at = _DASHES.sub("-", folded.text), folded.offsets
    seams = [seam.start() for seam in _SEAM.finditer(text)]
    if not seams:
        return words, at
    parts: list[str] = []
    offsets: list[int] = []
    begin = 0
    for seam in seams:
        place = bisect_left(at, seam, begin)
        parts += words[begin:place], " "
        offsets += [*at[begin:place], seam]
        begin = place
    return "".join((*parts, words[begin:])), [*offsets, *at[begin:]]


_DASHES = re.compile("[‐‑‒–—―−]")
_TATWEEL = re.compile(r"(?<=\d)\u0640+(?=\d)")
_SCRIPTS = ("0-9", "٠-٩", "۰-۹")
# Where digits of one script stand beside those of another.
_SEAM = re.compile("|".join(f"(?<=[{script}])(?=\\d)(?![{script}])" for script in _SCRIPTS))


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first, with any blanks where a word has one."""
    longest_first = sorted({fold_text(word) for word in words}, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", SPACE) for word in longest_first) + ")"


def listed(kind: str) -> str:
    """Return a pattern for any word of a list of dates.toml."""
    return any_of(word_list("dates", kind))


def listed_set(kind: str) -> frozenset[str]:
    """Return the folded words of a list of dates.toml."""
    return word_set("dates", kind)


def written_as(kind: str) -> str:
    """Return a pattern of dates.toml, folded, with any blanks where it has one."""
    return f"(?:{fold_pattern(pattern('dates', kind)).replace(' ', SPACE)})"


# «شباط», "Nov.", «كانون 2».
MONTH = rf"(?:{any_of(months())}{STOP}(?:(?<=[a-z])\.)?|{any_of(numbered_months())}(?![0-9]))"
HIJRI_MONTH = rf"(?:{any_of(hijri_months())}{STOP}(?<![0-9](?=[0-9])))"
JALALI_MONTH = f"{any_of(jalali_months())}{STOP}"
WEEKDAY_ARABIC = any_of(name for name in weekdays() if not name.isascii())
WEEKDAY_ENGLISH = any_of(name for name in weekdays() if name.isascii())
ORDINAL = any_of(ordinals())
DIRECTION = f"ال{any_of(directions())}ه?{STOP}"
COUNTED = listed("counted")
# Two days of the year that became names of themselves.
NAMED_DAYS = frozenset({(9, 11), (10, 7)})

SENTENCE_END = re.compile(r"[.!؟?\n]")
# Words after which a date is still to come, or may be. Rather one too many: a date taken for a coming one is
# only left out.
FUTURE = re.compile(
    rf"{START}(?:[وفبل]?(?:ال|لل)?{listed('coming')}(?:ه|ين|ون)?"
    rf"|[وفل]?(?:{listed('to_come')}|[يت]{listed('aiming_stems')}"
    rf"|س[يت](?!{written_as('not_future')}|{written_as('not_future_words')}{STOP})[{LETTER}]{{3,}})){STOP}"
)
PAST = re.compile(rf"{START}[وفل]?{listed('past')}{STOP}")
UNSURE = re.compile(rf"{START}[وفبل]?{listed('unsure')}{STOP}")
CITED = re.compile(
    rf"^{MAYBE}(?:\[?[0-9]+[].)-]|[•*-])"
    rf"|{START}(?:ال)?{listed('cited')}{STOP}"
)
