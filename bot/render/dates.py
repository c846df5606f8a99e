"""The date of publication as a card shows it."""

from __future__ import annotations

from corpus.article import Published
from corpus.dates import converted, format_date
from prompts import Language, say


def shown_date(published: Published, language: Language) -> str:
    """Return a date to its precision, with its own words where another calendar's were converted; "" for none."""
    if not (published.date and published.precision):
        return ""
    date = format_date(published.date, published.precision, language)
    words = converted(published)
    return say("date_converted", language, date=date, words=" ".join(words.split())) if words else date
