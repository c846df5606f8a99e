"""Months, weekdays and periods of the calendar, from ``calendar.toml``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Literal

from corpus.arabic.folding import fold_text
from corpus.arabic.wordlists import entries, folded, read

Direction = Literal["past", "now", "next"]


@cache
def months() -> dict[str, int]:
    """Return every name of a month, folded, mapped to its number."""
    return {fold_text(name): number for number, name in _month_names()}


def _month_names() -> Iterator[tuple[int, str]]:
    for calendar in ("levantine", "egyptian", "tunisian", "moroccan", "english", "english_short"):
        yield from enumerate(month_names(calendar), 1)
    for number, names in read("calendar")["months"]["spellings"].items():
        yield from ((int(number), name) for name in names)


def month_names(calendar: str) -> list[str]:
    """Return the twelve names of ``levantine``, ``egyptian``, ``english`` …, as they are written."""
    names: list[str] = read("calendar")["months"][calendar]
    return names


@cache
def numbered_months() -> dict[str, int]:
    """Return the names with a figure, folded, mapped to their months: «كانون 2», «ت1»."""
    return _numbers(read("calendar")["months"]["numbered"])


@cache
def hijri_months() -> dict[str, int]:
    """Return every name of a month of the Hijri calendar, folded, mapped to its number."""
    return _numbers(read("calendar")["hijri"]["months"])


@cache
def jalali_months() -> dict[str, int]:
    """Return the months of the solar Hijri calendar, folded, mapped to their numbers."""
    return {fold_text(name): number for number, name in enumerate(read("calendar")["jalali"]["months"], 1)}


@cache
def jalali_weekdays() -> frozenset[str]:
    """Return the Persian names of the days, folded; that of Friday is the Arabic one."""
    return folded(read("calendar")["jalali"]["weekdays"])


def _numbers(names: dict[str, list[str]]) -> dict[str, int]:
    return {fold_text(name): int(number) for number, spelt in names.items() for name in spelt}


@cache
def weekdays() -> dict[str, int]:
    """Return the names of the days, folded and without the article, mapped to Python's number: Monday is 0."""
    names = read("calendar")["weekdays"]
    arabic = {fold_text(name): number for number, spelt in enumerate(names["arabic"]) for name in spelt}
    return arabic | {fold_text(name): number for number, name in enumerate(names["english"])}


def weekday_names() -> list[str]:
    """Return the usual Arabic names of the days from Monday, as they are written, without the article."""
    return [spelt[0] for spelt in read("calendar")["weekdays"]["arabic"]]


@cache
def directions() -> dict[str, Direction]:
    """Return the words for which of several, folded, without article and feminine ending: «ماضي» is past."""
    return {
        word: direction
        for direction, words in read("calendar")["directions"].items()
        for word in folded(words)
    }


@cache
def english_directions() -> dict[str, Direction]:
    """Return the English words for which of several: "last" is past."""
    return {word: direction for direction, word in read("calendar")["english_directions"].items()}


@cache
def days() -> dict[str, int]:
    """Return the words for a day, folded, mapped to its distance in days from the day of writing: «أمس» is -1."""
    return {
        fold_text(word): int(distance)
        for distance, words in read("calendar")["days"].items()
        for word in words
    }


@cache
def periods(unit: Literal["month", "year"]) -> tuple[str, ...]:
    """Return the words for a month or year, folded and with the article."""
    return tuple(map(fold_text, read("calendar")["periods"][unit]))


@cache
def units() -> tuple[frozenset[str], ...]:
    """Return the units of time: the folded forms of each."""
    return tuple(folded(forms) for forms in read("calendar")["units"].values())


def parts_of_day(which: Literal["all", "before_today"]) -> tuple[str, ...]:
    """Return the nouns before a day that say a part of it: «مساء السبت»."""
    return entries(read("calendar")["parts_of_day"][which])
