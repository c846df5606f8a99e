"""Datelines: «دمشق – سانا»، «القاهرة – (د ب أ)»، «دبي، الإمارات العربية المتحدة (CNN)--»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from corpus.arabic import fold_text, stopwords, words
from corpus.arabic.outlets import not_in_places
from corpus.arabic.speech import folded_speech_verbs
from corpus.arabic.wordlists import word_list
from corpus.dates import dated_spans
from corpus.parse.plain.outlets import agency_names, known_agency

_DASH = r"[-–—−ـ]+"
_PLACE = r"(?P<place>[^\W\d_][^\d:.؟?!«»\"“”()/\[\]\n–—\x00]{1,50}?)"
_IN = "|".join(word_list("dates", "in"))
# A date with its year, which is blanked out with zeros before the patterns see it, or a day and a month.
_DATE = rf"(?:[\s،,:/–—-]*(?P<date>(?:(?:{_IN})\s+)?(?:\x00+|\d[\w\s/.\-]{{3,30}}?)))?"
_MARK = r"[\s\u200e\u200f\u061c\ufeff]*"
_HEAD = 160  # characters in which a dateline ends
_LONGEST_PLACE = 5  # words, of a place that is not known


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place where a report was written, its agency if named, its date, and the end offset of the dateline."""

    place: str
    agency: str | None
    date: str
    end: int


def read_dateline(text: str) -> Dateline | None:
    """Return the dateline at the start of a paragraph, or None.

    The place must be a known one, or an agency known by name must follow it: «وقال – وهو يغادر –» is no
    dateline.
    """
    head = text[:_HEAD]
    blanked = _without_dates(head)
    for pattern in _patterns():
        found = pattern.match(blanked)
        if not found:
            continue
        place = " ".join(found["place"].split()).strip(" ،,-–—ـ")
        groups = found.groupdict()
        agency = _outlet(groups["agency"]) if groups.get("agency") else None
        if is_place(place) or (agency and _could_be_place(place)):
            date = head[slice(*found.span("date"))] if groups.get("date") else ""
            return Dateline(place, agency, date.strip(), found.end())
    return None


def _outlet(name: str) -> str | None:
    """Return the outlet behind the place: a known agency, or a name that a noun such as «وكالة» opens."""
    known = known_agency(name)
    return known or (name.strip() if _noun_phrase().fullmatch(name.strip()) else None)


def _without_dates(head: str) -> str:
    """Return a text with a zero in place of each character of its dates with years, in one calendar or in two."""
    if not _DIGIT.search(head):
        return head
    for start, end in dated_spans(head):
        head = f"{head[:start]}{_ZERO * (end - start)}{head[end:]}"
    return head


_ZERO = "\x00"
_DIGIT = re.compile(r"\d")


def is_place(name: str) -> bool:
    """Return whether a name is a known city or country, or several of them separated by commas."""
    parts = [part for part in re.split(r"[،,/]|\sو(?=\S)|\s[-–—]\s", name) if part.strip()]
    return bool(parts) and all(_fold_place(part) in _places() for part in parts)


def _could_be_place(name: str) -> bool:
    found = words(name)
    stems = {form for word in found for form in (word.text, word.stem)}
    return 0 < len(name.split()) <= _LONGEST_PLACE and not stems & (
        not_in_places() | stopwords() | folded_speech_verbs("opening")
    )


def _fold_place(name: str) -> str:
    return " ".join(fold_text(name).split())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    agency = "(?P<agency>" + "|".join(re.escape(name) for name in agency_names()) + ")"
    return (
        # دبي، الإمارات العربية المتحدة (CNN)-- ، القاهرة – (د ب أ) ، باريس 3 آذار 2024 (أ ف ب) -
        re.compile(
            rf"{_MARK}{_PLACE}{_DATE}\s*(?:{_DASH}|[:/،])?\s*\((?P<agency>[^()\n]{{1,40}})\)", re.IGNORECASE
        ),
        # دمشق-سانا ، إسطنبول/ الأناضول ، لندن: «الشرق الأوسط» ، رام الله 10-2-2026 وفا-
        re.compile(
            rf"{_MARK}{_PLACE}{_DATE}\s*(?:{_DASH}|[:/،]|"
            rf"(?<=[\d\x00])\s|(?<=\x00))\s*[«\"“]?{agency}[»\"”]?(?!\w)\s*(?:{_DASH}|[:/،])?",
            re.IGNORECASE,
        ),
        # بيروت – وكالة أخبار اليوم: ، عدن - (شبكة …) -
        re.compile(
            rf"{_MARK}{_PLACE}{_DATE}\s*(?:{_DASH}|[:/،])\s*[«\"“(]?(?P<agency>{_noun_phrase().pattern})[»\"”)]?"
            rf"(?:\s*[:،]|\s+{_DASH}|{_DASH}\s)",
        ),
        # واشنطن – قال ، دمشق- كشف
        re.compile(rf"{_MARK}{_PLACE}{_DATE}(?:\s+{_DASH}\s*|{_DASH}\s+)", re.IGNORECASE),
    )


@cache
def _noun_phrase() -> re.Pattern[str]:
    nouns = "|".join(word_list("outlets", "outlet_nouns"))
    return re.compile(rf"(?:{nouns})(?:\s[^\s:،.\-–—()«»\"]{{1,20}}){{1,4}}")


@cache
def _places() -> frozenset[str]:
    return frozenset(map(_fold_place, word_list("places", "places")))
