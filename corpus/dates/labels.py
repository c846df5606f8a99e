"""Distinguish lines that give an article's publication date from reporting that contains a date."""

from __future__ import annotations

import re
from typing import Literal

from corpus.arabic.calendar import hijri_months, jalali_weekdays, weekdays
from corpus.arabic.folding import fold_text
from corpus.arabic.outlets import agencies
from corpus.arabic.wordlists import word_set
from corpus.article import Precision
from corpus.dates.words import LETTER, MAYBE, START, STOP, listed, listed_set, written_as

Role = Literal["published", "updated"]

_LABEL = re.compile(rf"{START}{written_as('publication_label')}{STOP}")
_VERB = re.compile(
    rf"{START}(?:{written_as('publication_verb')}|{written_as('date_label')}(?={MAYBE}:)){STOP}"
)
_UPDATE = re.compile(rf"{START}{written_as('update')}{STOP}")
_NOTICE = re.compile(
    rf"^{MAYBE}(?:{written_as('noticed')}{STOP}.*?)?"
    rf"(?P<label>{START}{written_as('notice')}{STOP}|{START}{written_as('english_notice')}{STOP})",
    re.DOTALL,
)
_OPENS_NOTICE = re.compile(
    rf"^{MAYBE}{written_as('noticed_opening')}{STOP}|{START}{written_as('first_published')}{STOP}"
)
# What stands beside a date in a line of its own.
_BESIDE = (
    listed_set("beside")
    | {word for month in hijri_months() for word in month.split()}
    | {
        word
        for kind in ("hijri", "jalali", "christian")
        for mark in listed_set(kind)
        for word in mark.split()
    }
    | jalali_weekdays()
    | {word for place in word_set("places", "places") for word in place.split()}
    | {fold_text(name) for names in agencies().values() for name in names}
)
_AUTHOR = re.compile(rf"^{listed('author')}{STOP}")
_HARD = re.compile(r"[|•·\t]|(?<=\s)-+(?=\s)|^-|-$|[^\S\n]{2,}|\n")
_WORD = re.compile(f"[{LETTER}]+")
_MOST_WORDS = 8


def role(lead: str, tail: str, precision: Precision) -> tuple[Role | None, int]:
    """Return the role of a date for its article, and the offset in ``lead`` where the date's label begins.

    ``lead`` is the folded text before the date, from the preceding date on; ``tail`` is the folded text after
    it. The offset is ``len(lead)`` if there is no label.
    """
    update, label, verb = (_last(pattern, lead) for pattern in (_UPDATE, _LABEL, _VERB))
    label_stands = label and _near(lead[label.end() :], 3) and _begins_piece(lead, label.start())
    if label and label_stands and not (update and update.start() > label.start()):
        return "published", label.start()
    if update and _near(lead[update.end() :], 3):
        return (
            ("updated", update.start())
            if _is_beside(lead[: update.start()], adjacent_first=False)
            else (None, 0)
        )
    ends = _is_beside(tail, adjacent_first=True)
    if not ends:
        return None, len(lead)
    if _OPENS_NOTICE.search(lead) and (notice := _NOTICE.search(lead)):
        return "published", notice.start("label")
    if verb and _near(lead[verb.end() :], 6) and _is_beside(lead[: verb.start()], adjacent_first=False):
        return "published", verb.start()
    if precision == "day" and _is_beside(lead, adjacent_first=False):
        return "published", len(lead)
    return None, len(lead)


def labelled_year(line: str) -> int | None:
    """Return the year of a folded line that is only a label of publication with it: «تاريخ النشر: 2025»."""
    found = _LABELLED_YEAR.fullmatch(line.strip())
    return int(found["year"]) if found else None


def is_beside(between: str) -> bool:
    """Return whether a folded text may stand between two dates of one day: «الموافق لـ», «هـ -»."""
    return _is_known(between) and not re.search(r"[0-9]", between)


_LABELLED_YEAR = re.compile(
    rf"(?:{_LABEL.pattern}){MAYBE}:{MAYBE}(?P<year>1[89][0-9]{{2}}|20[0-9]{{2}}){MAYBE}\.?"
)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _near(between: str, words: int) -> bool:
    """Return whether only a few words, and no end of a sentence, stand between a label and its date."""
    return len(_WORD.findall(between)) <= words and not re.search(r"[.!؟?](?:\s|$)|\n", between)


def _begins_piece(lead: str, start: int) -> bool:
    """Return whether only a few words stand before a label: the rest of a line of such labels, or a byline."""
    return len(_WORD.findall(lead, 0, start)) <= 5


def _is_beside(text: str, *, adjacent_first: bool) -> bool:
    """Return whether a text may stand beside a date: known words, or separate pieces of at most three words."""
    words = _WORD.findall(text)
    if len(words) > _MOST_WORDS:
        return False
    pieces = _HARD.split(text)
    near, far = (pieces[0], pieces[1:]) if adjacent_first else (pieces[-1], pieces[:-1])
    return _is_known(near) and all(_is_known(piece) or len(_WORD.findall(piece)) <= 3 for piece in far)


def _is_known(piece: str) -> bool:
    words = _WORD.findall(piece)
    if _AUTHOR.match(piece.strip()) and len(words) <= 6:
        return True
    return all(word in _BESIDE or word.removeprefix("ال") in weekdays() for word in words)
