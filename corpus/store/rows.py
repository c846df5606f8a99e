"""Convert articles and their files to rows of the archive's tables ``articles`` and ``files``, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from corpus.article import Article, Block, Dropped, Published, Recurring, Span
from corpus.errors import InconsistentArticleError

Row = dict[str, Any]


def check_articles(source: str, text: str, articles: Sequence[Article]) -> None:
    """Raise InconsistentArticleError unless the articles match ``source`` and ``text``.

    Each article must be a separate part of ``source``, and its body, where its ``kept`` spans are given, must
    equal ``text`` at those spans.
    """
    if len({article.part for article in articles}) != len(articles):
        raise InconsistentArticleError(f"{source}: two articles with one part number")
    for article in articles:
        if article.source != source:
            raise InconsistentArticleError(f"{source}: an article said to come from {article.source}")
        if article.kept and article.body != "".join(text[span.start : span.end] for span in article.kept):
            raise InconsistentArticleError(
                f"{source}: the body of article {article.part} is not what the file holds"
            )


def to_row(article: Article) -> Row:
    """Return the parsed fields of an article as a row; the archive sets its version and whether it is current."""
    return {
        "id": article.id,
        "source": article.source,
        "part": article.part,
        "title": article.title,
        "body": article.body,
        "publisher": article.publisher,
        "site": article.site,
        "origin": article.origin,
        "attribution": article.attribution,
        "url": article.url,
        "place": article.place,
        "published": article.published.date,
        "machine_read": int(article.machine_read),
        "confidence": article.confidence,
        "dating": json.dumps(asdict(article.published), ensure_ascii=False),
        "blocks": json.dumps([[block.start, block.end, block.kind] for block in article.blocks]),
        "kept": json.dumps([[span.start, span.end] for span in article.kept]),
        "dropped": json.dumps(
            [[span.start, span.end, span.reason] for span in article.dropped], ensure_ascii=False
        ),
    }


def from_row(row: Row) -> Article:
    """Convert a complete row to an article."""
    return Article(
        source=row["source"],
        title=row["title"],
        body=row["body"],
        part=row["part"],
        publisher=row["publisher"],
        site=row["site"],
        origin=row["origin"],
        attribution=row["attribution"],
        url=row["url"],
        place=row["place"],
        published=Published(**json.loads(row["dating"])),
        blocks=tuple(Block(*block) for block in json.loads(row["blocks"])),
        kept=tuple(Span(*span) for span in json.loads(row["kept"])),
        dropped=tuple(Dropped(*span) for span in json.loads(row["dropped"])),
        recurring=tuple(Recurring(*span) for span in json.loads(row["recurring"])),
        machine_read=bool(row["machine_read"]),
        confidence=row["confidence"],
        version=row["version"],
        current=bool(row["current"]),
        withdrawn=bool(row["withdrawn"]),
        ingested=row["ingested"],
    )


def put_file(db: Database, source: str, digest: str, text: str) -> int:
    """Return the id of this text among the source's files, storing it if it is new."""
    found = one(db, "select id, text from files where source = ? and digest = ?", [source, digest])
    if found is None:
        new = db.table("files").insert({"source": source, "digest": digest, "text": text, "ingested": now()})
        return int(str(new.last_pk))
    if found["text"] != text:
        raise InconsistentArticleError(f"{source}: two texts under the digest {digest}")
    return int(found["id"])


def put_article(db: Database, article: Article, row: Row, known: Row | None) -> None:
    """Store an article as current; a version that is stored already keeps its number."""
    if known:
        db.table("articles").update(article.id, {**row, "current": 1, "withdrawn": 0})
        return
    latest = one(
        db,
        "select max(version) as version from articles where source = ? and part = ?",
        [article.source, article.part],
    )
    version = ((latest and latest["version"]) or 0) + 1
    db.table("articles").insert({**row, "version": version, "current": 1, "ingested": now()})


def one(db: Database, sql: str, values: Sequence[object]) -> Row | None:
    """Return the first row as a dict, or None if there is none."""
    return next(iter(list(db.query(sql, values))), None)


def as_json(values: Iterable[str]) -> str:
    """Return a list for SQLite's ``json_each``: any number of values in one parameter."""
    return json.dumps(list(values), ensure_ascii=False)


def now() -> str:
    """Return the current time as the tables hold it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
