"""Which of several copies is the one that the others were made of, as far as they say so themselves.

An outlet that a copy credits («المصدر: …», a dateline) is the source of it. Where none credits another, the one that
was published first has it, if it was alone on its day; who was first on one day is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.article import Article
from corpus.parse.plain.dateline import read_dateline
from corpus.parse.plain.lines import Line
from corpus.parse.plain.marks import credit_of
from corpus.parse.plain.outlets import known_agency, known_outlet, outlet_of

_HEAD, _FOOT = 3, 2  # paragraphs in which an agency is credited
_LONGEST = 80  # characters of a line that credits


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a group of copies, with what tells whether it is the original."""

    id: str
    publisher: str | None
    credit: str | None
    """The outlet that its text credits."""
    published: str | None
    ingested: str
    is_day: bool = True
    """Whether ``published`` is a day, not the first of a month or a year."""


def credited(article: Article, text: str) -> str | None:
    """Return the known outlet that an article's text credits, as a dateline or in a line of its own; None for none.

    ``text`` is that of its file, which has the lines that were left out of the body.
    """
    return next((name for name in _credits(article, text) if name), None)


def _credits(article: Article, text: str) -> Iterator[str | None]:
    blocks = article.blocks
    for block in blocks[:_HEAD]:
        dateline = read_dateline(article.body[block.start : block.end])
        yield known_outlet(dateline.agency) if dateline and dateline.agency else None
    lines = [article.body[block.start : block.end] for block in blocks[-_FOOT:]]
    lines += [text[span.start : span.end] for span in article.dropped]
    for line in lines:
        if len(line) <= _LONGEST:
            credit = credit_of(Line(0, len(line), len(line), line))
            yield known_outlet(credit) if credit else known_agency(line)


def carrier(publisher: str | None, attribution: str | None, origin: str | None) -> str | None:
    """Return the outlet in which an article stands: that of its host, where the one it names is only a claim.

    A page that credits an agency for its text names that as its outlet.
    """
    if attribution == "claimed" and origin:
        return outlet_of(origin)
    return publisher


def original(members: Sequence[Member]) -> str | None:
    """Return the id of the original among copies, None where it cannot be told."""
    credits = {each.credit for each in members if each.credit and each.credit != each.publisher}
    if len(credits) > 1:
        return None
    if credits:
        own = [each for each in members if each.publisher in credits and each.credit in {None, *credits}]
        return _first(own)
    return _first(members)


def _first(members: Sequence[Member]) -> str | None:
    if len(members) == 1:
        return members[0].id
    days = sorted((each.published or "", each.id) for each in members)
    if not days or not all(each.published and each.is_day for each in members):
        return None
    return days[0][1] if days[0][0] < days[1][0] else None


def order(members: Sequence[Member]) -> list[Member]:
    """Return the members with the likeliest original first: it is shown where several say the same."""
    found = original(members)
    credits = {each.credit for each in members if each.credit}
    return sorted(
        members,
        key=lambda each: (
            each.id != found,
            each.publisher not in credits,
            each.published or "9",
            each.ingested,
            each.id,
        ),
    )
