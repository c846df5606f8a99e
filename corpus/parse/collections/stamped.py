"""Dates in the fields of exports: the stamps of programs, turned to the day of the entry's outlet, or written out."""

from __future__ import annotations

from corpus.article import Published
from corpus.dates import parse_published, parse_stamp, zone_of_host
from corpus.dates.stamps import Order
from corpus.parse.plain.facts import site_of


def published_of(value: str, url: str | None = None, order: Order = "dmy") -> Published | None:
    """Return the day that a field gives on the clock of the outlet at ``url``; None for none or an impossible one.

    ``order`` says how «5/6/2024» is meant in this collection.
    """
    stamp = parse_stamp(value, zone_of_host(site_of(url) or "") if url else None, order=order)
    said = stamp or parse_published(value)
    return said if said and said.date else None
