"""What of a data folder is kept in a backup, and what is checked of each database.

Left out is what can be made again (``chroma``, ``models``), what holds only while a process runs (locks, ``incoming``),
a person's own (``repl_history``) and secrets (``webhook-secret``, of which the bot makes another).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.answering.calibrating.calibration import FILE as CALIBRATION
from bot.backup.errors import BackupError
from bot.state import STEPS as BOT_STEPS
from corpus.following.migrations import STEPS as FOLLOWING_STEPS
from corpus.store.migrations import STEPS as ARCHIVE_STEPS

BOT, FOLLOWING, ARCHIVE, INDEX = "bot.sqlite", "following.sqlite", "archive.sqlite", "index.sqlite"

DATABASES = (BOT, FOLLOWING, ARCHIVE, INDEX)
"""The databases in the order in which they are copied.

What points into the archive comes before it: quotes, and how far a source was followed. The archive forgets no version
of an article, so that it holds, copied later, all that they point to. The index comes last: what it has too many or too
few of is made good at the next start.
"""

FILES = (CALIBRATION,)
"""Other files that are kept."""

MOST_OF_A_FILE = 1 << 20
"""Bytes of the largest other file: a calibration has some thousand."""

STEPS: Mapping[str, frozenset[str]] = {
    "musnad.archive": ARCHIVE_STEPS,
    "musnad.bot": BOT_STEPS,
    "musnad.following": FOLLOWING_STEPS,
}
"""The steps of every set of migrations that this code knows. A database that went through others is of newer code."""

_STEPS_TABLE = "_sqlite_migrations"
_COUNTS = {
    "articles": ("articles", "select count(*) from articles where current"),
    "versions": ("articles", "select count(*) from articles"),
    "passages": ("chunks", "select count(*) from chunks"),
    "turns": ("turns", "select count(*) from turns"),
    "answers": ("answers", "select count(*) from answers"),
    "quotes": ("quotes", "select count(*) from quotes"),
    "vectors": ("vectors", "select count(*) from vectors"),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a database that is whole."""

    steps: Mapping[str, list[str]] = field(default_factory=dict)
    """Names of the steps that it went through, by the set of migrations."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows of the tables that it has of those that are counted."""
    generation: int | None = None
    """The archive's."""


def examine(file: Path, name: str) -> Examined:
    """Return what is in a database that nobody else uses, once it is found whole.

    ``file`` may be a stranger's: nothing that its schema says is run. Raises BackupError: it is damaged
    (``damaged_database``), holds what no database of musnad does (``strange``) or is of newer code (``newer``).
    """
    try:
        with closing(_opened(file)) as db:
            if db.execute("select 1 from sqlite_master where type in ('trigger', 'view')").fetchone():
                raise BackupError("strange", name=name)
            if list(db.execute("pragma quick_check")) != [("ok",)]:
                raise BackupError("damaged_database", name=name)
            tables = {row[0] for row in db.execute("select name from sqlite_master where type = 'table'")}
            steps = _steps(db) if _STEPS_TABLE in tables else {}
            # Of newer code's tables nothing is known, not even that they can be counted.
            if any(set(found) - STEPS.get(of, frozenset()) for of, found in steps.items()):
                raise BackupError("newer", name=name)
            counts = {
                each: int(db.execute(sql).fetchone()[0])
                for each, (table, sql) in _COUNTS.items()
                if table in tables
            }
            if name == ARCHIVE:
                row = db.execute("select value from state where key = 'generation'").fetchone()
                return Examined(steps, counts, int(row[0]))
    except (sqlite3.DatabaseError, TypeError, ValueError) as error:
        raise BackupError("damaged_database", name=name) from error
    return Examined(steps, counts)


def count_unresolved(bot: Path, archive: Path) -> int:
    """Return how many of the quotes that were sent name an article that this archive does not hold."""
    with closing(_opened(archive)) as db:
        db.execute("attach ? as bot", [_address(bot)])
        if not db.execute("select 1 from bot.sqlite_master where name = 'quotes'").fetchone():
            return 0
        sql = "select count(*) from bot.quotes where article not in (select id from main.articles)"
        return int(db.execute(sql).fetchone()[0])


def _opened(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(_address(file), uri=True, isolation_level=None)
    db.execute("pragma trusted_schema = off")
    db.execute("pragma cell_size_check = on")
    return db


def _address(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


def _steps(db: sqlite3.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for of, step in db.execute(f"select migration_set, name from {_STEPS_TABLE} order by rowid"):
        found.setdefault(str(of), []).append(str(step))
    return found
