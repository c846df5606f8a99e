"""Data folders for the tests of backups, and what is found in them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from bot.permalink import find_quote
from bot.quotes import cut
from bot.state import State
from bot.telegram.answers.quotestore import QuoteStore
from corpus.store import Archive
from tests.archives import filled
from vectorstore.vectors import Vectors

DAM = """\
سد الوادي يمتلئ للمرة الأولى منذ عقد
الناشر: صحيفة الجبل
التاريخ: 3 آذار 2024

أعلن مدير السد أن بحيرة سد الوادي امتلأت كلها يوم السبت 2 آذار 2024. وتتسع البحيرة لسبعين مليون متر مكعب.
"""
SCHOOL = """\
مدرسة القرية تفتح أبوابها بعد ترميم طويل
الناشر: مجلة السهل
التاريخ: 15 أيلول 2023

عاد مئتا تلميذ إلى مدرسة القرية صباح اليوم. ورمّم المتطوعون اثني عشر صفًّا خلال الصيف.
"""


def data_folder(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """Return a data folder with articles, a sent quote of each, an index and what is not backed up."""
    folder.mkdir(mode=0o700)
    with (
        filled(folder / "archive.sqlite", files or {"dam.txt": DAM, "school.txt": SCHOOL}) as archive,
        closing(State(folder / "bot.sqlite")) as state,
        closing(Vectors(folder / "index.sqlite")) as vectors,
    ):
        QuoteStore(state, archive).issue([cut(each, 0, len(each.body)) for each in archive.articles()])
        with vectors.lock(1):
            vectors.identity()
    (folder / "judge.json").write_text('{"format": 1}', encoding="utf-8")
    (folder / "webhook-secret").write_text("not-for-others", encoding="utf-8")
    (folder / "repl_history").write_text("+سؤال\n", encoding="utf-8")
    (folder / "models").mkdir()
    (folder / "chroma").mkdir()
    return folder


def rows(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of a database by table, in order."""
    with closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table'")]
        return {name: sorted(db.execute(f'select * from "{name}"').fetchall(), key=repr) for name in tables}


def quotes_of(folder: Path) -> tuple[int, int]:
    """Return how many quotes were sent, and how many of them are found again, letter by letter."""
    with closing(State(folder / "bot.sqlite")) as state, Archive(folder / "archive.sqlite") as archive:
        ids = [row["id"] for row in state.rows("select id from quotes")]
        return len(ids), sum(find_quote(id, state, archive) is not None for id in ids)


def check_integrity(folder: Path) -> None:
    """Raise AssertionError unless every database is whole and the archive's words belong to its passages."""
    for database in folder.glob("*.sqlite"):
        with closing(sqlite3.connect(database)) as db:
            assert db.execute("pragma integrity_check").fetchall() == [("ok",)], database.name
            assert db.execute("pragma foreign_key_check").fetchall() == [], database.name
    with closing(sqlite3.connect(folder / "archive.sqlite")) as db:
        assert db.execute("select count(*) from chunks").fetchone() == (
            db.execute("select count(*) from search").fetchone()
        )
