"""Migrations of the tables of what is followed. A released step is never changed: a new one follows it.

followed   one row a source, as `Followed` has it
items      what is known of each source's items, as `Known` has it
arrivals   when each source had something new, of the last weeks: its habit is learnt from them
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("musnad.following")


@migrations()
def first(db: Database) -> None:
    texts = ("kind", "added", "outlet", "title", "checked", "succeeded", "newest", "newest_published")
    more = ("newest_title", "failing_since", "reason", "detail", "due", "location", "etag", "last_modified")
    columns: dict[str, type] = {"address": str, **dict.fromkeys(texts, str), **dict.fromkeys(more, str)}
    numbers = {"private": int, "failures": int, "stopped": int, "pace": float, "silent_from": str}
    db.table("followed").create(
        {**columns, **numbers},
        pk="address",
        not_null={"address", "kind", "added", "private", "failures", "stopped"},
        defaults={"private": 0, "failures": 0, "stopped": 0},
    )
    fields = ("key", "digest", "url", "source", "etag", "last_modified", "lastmod")
    moments = ("published", "seen", "looked", "gone")
    db.table("items").create(
        {"address": str, **dict.fromkeys(fields, str), **dict.fromkeys(moments, str), "missed": int},
        pk=("address", "key"),
        not_null={"address", "key", "digest"},
        foreign_keys=[("address", "followed", "address")],
    )
    db.table("items").create_index(["source"])
    db.execute(
        "create table arrivals (address text not null references followed (address), at text not null,"
        " primary key (address, at)) without rowid"
    )


STEPS = frozenset({"first"})
"""The names of all steps: a file with any other step was made by newer code."""
