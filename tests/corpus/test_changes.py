"""What changed in the archive is recorded with the change, and what was only read otherwise is told apart."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from corpus.document import Document
from corpus.ingest import ingest, ingest_documents
from corpus.store import Archive
from tests.corpus.test_ingest import BRIDGE, cut
from tests.corpus.test_store import HARVEST, MARKET, add, article


def kinds(archive: Archive) -> list[str]:
    return [change.kind for change in reversed(archive.changes.since())]


def test_another_text_a_removal_and_a_return_are_recorded(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.sqlite") as archive:
        first, second = article(HARVEST), article(MARKET)
        add(archive, first)
        assert archive.changes.last() == 0, "a new article is no change"
        add(archive, second)
        add(archive, second)
        archive.remove_file("a.txt")
        add(archive, first)
        assert kinds(archive) == ["changed", "removed", "returned"]
        changed, removed, returned = archive.changes.after(0, 10)
        assert (changed.before, changed.after) == ((first.id,), (second.id,))
        assert (removed.before, removed.after) == ((second.id,), ())
        assert (returned.before, returned.after) == ((), (first.id,))
        assert archive.changes.after(removed.number, 10) == [returned]
        assert archive.changes.since("2999-01-01") == []
        assert archive.changes.since(sources=["b.txt"]) == []


def test_the_same_text_with_other_passages_or_facts_is_no_change_of_the_outlet(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.sqlite") as archive:
        add(archive, article(HARVEST))
        add(archive, article(HARVEST), recipe="another")
        assert archive.changes.last() == 0
        add(archive, article(HARVEST, publisher="جهة أخرى"))
        assert kinds(archive) == ["reread"]


def test_a_text_read_otherwise_from_the_same_bytes_is_no_change_of_the_outlet(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.sqlite") as archive:
        add(archive, article(HARVEST), raw="bytes")
        add(archive, article(MARKET), raw="bytes")
        add(archive, article(HARVEST), raw="other bytes")
        add(archive, article(BRIDGE, source="b.pdf"), path=tmp_path / "b.pdf", stamp=(7, 9))
        add(archive, article(MARKET, source="b.pdf"), path=tmp_path / "b.pdf", stamp=(7, 9))
        add(archive, article(BRIDGE, source="b.pdf"), path=tmp_path / "b.pdf", stamp=(8, 10))
        assert kinds(archive) == ["reread", "changed", "reread", "changed"]


def test_what_a_newer_parser_makes_of_the_older_text_is_told_apart_from_a_correction(tmp_path: Path) -> None:
    file = tmp_path / "news" / "bridge.txt"
    file.parent.mkdir()
    file.write_text(BRIDGE, encoding="utf-8")
    with Archive(tmp_path / "archive.sqlite") as archive:
        ingest([file], archive, cut)
        [right] = archive.articles()
        # An older parser had left a sentence out.
        shorter = replace(right, body=right.body[: right.body.index("وقال مهندس")], kept=(), blocks=())
        origin = archive.origin("bridge.txt")
        assert origin is not None
        archive.add_file("bridge.txt", origin.digest, BRIDGE, [shorter], cut, parser="0", path=file)
        before = archive.changes.last()
        file.write_text(BRIDGE.replace("14 شهرا", "15 شهرا"), encoding="utf-8")
        ingest([file], archive, cut)
        read, corrected = archive.changes.after(before, 10)
        assert (read.kind, corrected.kind) == ("reread", "changed")
        assert corrected.before == (right.id,)
        assert "15 شهرا" in archive.articles()[0].body


def test_a_page_that_another_parser_read_before_proves_no_correction(tmp_path: Path) -> None:
    def page(text: str) -> Document:
        data = f"<html><title>جسر</title><body><article><p>{text}</p></article></body></html>".encode()
        return Document("https://sahl.example/1", data, ".html", url="https://sahl.example/1")

    with Archive(tmp_path / "archive.sqlite") as archive:
        ingest_documents([page(HARVEST * 3)], archive, cut)
        with sqlite3.connect(tmp_path / "archive.sqlite") as db:
            db.execute("update sources set parser = '0'")
        ingest_documents([page(MARKET * 3)], archive, cut)
        ingest_documents([page(HARVEST * 3)], archive, cut)
        assert kinds(archive) == ["reread", "changed"]


def test_an_archive_of_before_tells_what_its_versions_tell(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    with Archive(path) as archive:
        for body in (HARVEST, MARKET):
            add(archive, article(body))
        held = archive.changes.since()
    with sqlite3.connect(path) as db:
        db.execute("drop table changes")
        db.execute("delete from _sqlite_migrations where name = 'changes'")
    with Archive(path) as archive:
        at = archive.articles()[0].ingested or ""
        assert archive.changes.since() == [replace(each, at=at) for each in held]
