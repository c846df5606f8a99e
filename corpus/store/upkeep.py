"""Go through the articles of the whole archive, some in each transaction: cut all again, or settle what recurs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlite_utils import Database

from corpus.article import Article
from corpus.store import copies, recurrence
from corpus.store.changes import raise_generation
from corpus.store.connections import Connections
from corpus.store.passages import Chunker, TermCounts, derivation, replace_passages
from corpus.store.postings import seal
from corpus.store.recurrence import RecurringLine
from corpus.store.rows import as_json, from_row
from corpus.store.sources import digests

Progress = Callable[[int, int], None]
"""A callback that receives the number of files done and the total; of articles for ``clean``."""

_BATCH = 50  # articles of one transaction of ``clean``


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The outcome of ``clean``: what recurs in the archive's articles, and how many of them were cut anew for it."""

    lines: tuple[RecurringLine, ...]
    changed: int


def rechunk(connections: Connections, chunk: Chunker, recipe: str, progress: Progress | None) -> None:
    """Make the chunks of all current articles again, each file in one transaction."""
    with connections.lock():
        with connections.reading() as db:
            sources = sorted(digests(db))
        for done, source in enumerate(sources, 1):
            with connections.writing() as db:
                terms = TermCounts()
                for row in list(db.query("select * from articles where source = ? and current", [source])):
                    article = from_row(row)
                    replace_passages(db, article, chunk(article), terms)
                db.table("sources").update(source, {"recipe": derivation(recipe)})
                terms.write(db)
                seal(db)
                raise_generation(db)
            if progress:
                progress(done, len(sources))


def clean(connections: Connections, chunk: Chunker, *, every: bool, progress: Progress | None) -> Cleaned:
    """Settle what recurs, cut anew what it concerns, and compare articles; see ``Archive.clean``.

    An article's marks and its passages change in one transaction.
    """
    with connections.lock():
        with connections.writing() as db:
            new = recurrence.uncollected(db)
            before = recurrence.all_groups(db) if every else ()
        for start in range(0, len(new), _BATCH):
            with connections.writing() as db:
                for article in _read(db, new[start : start + _BATCH]):
                    recurrence.collect(db, article)
        with connections.writing() as db:
            # Also those of which nothing is left since articles were counted otherwise.
            settled = {*before, *recurrence.all_groups(db)} if every else recurrence.due_groups(db)
            for group in sorted(settled):
                recurrence.settle(db, group)
            found = recurrence.affected(db, settled)
        changed = 0
        for start in range(0, len(found), _BATCH):
            changed += _mark(connections, found[start : start + _BATCH], chunk)
            if progress:
                progress(min(start + _BATCH, len(found)), len(found))
        with connections.writing() as db:
            recurrence.note_settled(db, settled)
        _compare_old(connections, progress)
        with connections.reading() as db:
            return Cleaned(tuple(recurrence.lines(db)), changed)


def _mark(connections: Connections, ids: Sequence[str], chunk: Chunker) -> int:
    """Mark articles anew, in one transaction, and return how many were cut again."""
    changed = 0
    with connections.writing() as db:
        terms = TermCounts()
        for article in _read(db, ids):
            marked = replace(article, recurring=recurrence.marks(db, article))
            if marked.recurring == article.recurring:
                continue
            recurrence.put_marks(db, marked)
            if recurrence.spans_of(marked) != recurrence.spans_of(article):
                replace_passages(db, marked, chunk(marked), terms)
                copies.collect(db, marked, copies.text_of(db, marked.id))
                changed += 1
        terms.write(db)
        if changed:
            seal(db)
            raise_generation(db)
    return changed


def _compare_old(connections: Connections, progress: Progress | None) -> None:
    """Find the copies among articles that older versions stored, a batch a transaction."""
    with connections.writing() as db:
        old = copies.uncollected(db)
    for start in range(0, len(old), _BATCH):
        with connections.writing() as db:
            for article in _read(db, old[start : start + _BATCH]):
                copies.collect(db, article, copies.text_of(db, article.id))
            raise_generation(db)
        if progress:
            progress(min(start + _BATCH, len(old)), len(old))


def _read(db: Database, ids: Sequence[str]) -> list[Article]:
    return [
        from_row(row)
        for row in db.query(
            "select * from articles where id in (select value from json_each(?)) order by id", [as_json(ids)]
        )
    ]
