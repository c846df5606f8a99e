"""The bot's database ``bot.sqlite``: one connection per thread, tables created by migrations.

A migration that has been released is never changed: a new one follows it.

turns       conversations: questions and answers, as memory for follow-ups
quotes      every quote that was sent, by its permanent id
answers     answers in Telegram, for the buttons under them
inbox       Telegram updates: committed before they are acknowledged, kept until their work is done
deliveries  messages sent for an update, so that a repeated update sends nothing twice
feedback    👍 and 👎 under answers
access      users and chats that the owners allowed or denied
pairings    strangers and groups that wait for an owner, each with a code
chats       settings of one chat
moves       groups that recently got another number, since waiting updates still name the old one
published   digests of the profile texts and commands that Telegram shows of the bot
told        notices that a chat gets only once
spent       questions per day put to the chat model, for its budget
given       the quotes of each answer
scanned     the number of the archive's last change whose chats are noted in ``due``
due         chats that may have to be told that an article changed, or is gone
notices     what they are told: fixed before it is sent, under its own number as its update's, below zero
corrected   the wordings of which a chat was told, quote by quote: none is told twice
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from corpus.errors import ArchiveNewerError
from corpus.store.connections import Connections

migrations = Migrations("musnad.bot")


class State:
    """The bot's database. Safe to use from any thread and several processes; every write is one transaction.

    Raises ArchiveBusyError, ArchiveDamagedError or ArchiveUnusableError for a file that is busy, damaged or
    unusable, and ArchiveNewerError for one made by a newer musnad.
    """

    def __init__(self, path: Path) -> None:
        self._connections = Connections(path)
        with self._connections.reading() as db:
            applied = {migration.name for migration in migrations.applied(db)}
            if applied - STEPS:
                raise ArchiveNewerError(f"{path} was made by a newer musnad: update this one to read it")
            ready = db.journal_mode == "wal" and not migrations.pending(db)
        if not ready:
            with self._connections.lock(), self._connections.reading() as db:
                db.enable_wal()
                migrations.apply(db)

    @contextmanager
    def reading(self) -> Iterator[Database]:
        with self._connections.reading() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Yield a connection in a transaction, committed at the end and rolled back on any error."""
        with self._connections.writing() as db:
            yield db

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        with self.reading() as db:
            return list(db.query(sql, values))

    def row(self, sql: str, values: Sequence[object] = ()) -> dict[str, Any] | None:
        """Return the first row, or None."""
        return next(iter(self.rows(sql, values)), None)

    def check_writable(self, wait: float) -> None:
        """Write to the file; raise one of the errors above when that fails, or takes longer than ``wait`` seconds."""
        self._connections.check_writable(wait, write=True)

    def close(self) -> None:
        self._connections.close()


def stamp() -> str:
    """Return the current time as the tables hold it: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@migrations()
def first(db: Database) -> None:
    # The files of before had this table and no migrations.
    db.execute(
        """create table if not exists turns (
            id integer primary key, conversation text not null, asked_at text, question text not null,
            standalone text not null, status text not null, answer text not null)"""
    )
    db.execute("create index if not exists idx_turns_conversation_id on turns (conversation, id)")


@migrations()
def telegram(db: Database) -> None:
    for statement in (
        # name: which question it is, so that asked again it takes the place of what it was
        "alter table turns add column name text",
        # start and stop: code points of the article's body
        """create table quotes (
            id text primary key, article text not null, start integer not null, stop integer not null,
            issued text not null) without rowid""",
        # update_id: the update that asked; question_message: the message it stood in; answer and recipe: JSON
        """create table answers (
            id integer primary key autoincrement, update_id integer unique, conversation text not null,
            chat integer not null, thread integer, user integer not null, language text not null,
            question_message integer, question text not null, standalone text not null, status text not null,
            answer text not null, recipe text not null, asked text not null)""",
        "create index answers_question on answers (chat, question_message)",
        "create index answers_user on answers (user)",
        # state: waiting | running | done | aside; a done update keeps its number only, so that it is known again;
        # told: of one that was set aside, 1 when its sender was told, 2 when the owners were too
        """create table inbox (
            update_id integer primary key, chat integer, user integer, payload text not null, state text not null,
            received text not null, last integer not null default 0, failures integer not null default 0,
            deaths integer not null default 0, postponed integer not null default 0,
            due real not null default 0, problem text, told integer not null default 0)""",
        "create index inbox_order on inbox (state, last, postponed, update_id, chat, due)",
        "create index inbox_suspect on inbox (deaths, update_id) where state = 'waiting' and deaths > 0",
        "create index inbox_due on inbox (due) where state = 'waiting' and due > 0",
        # state: sending | sent | unsure
        """create table deliveries (
            update_id integer not null, label text not null, part integer not null, chat integer not null,
            message integer, state text not null, at text not null,
            primary key (update_id, chat, label, part)) without rowid""",
        "create index deliveries_message on deliveries (chat, message)",
        """create table feedback (
            answer integer not null references answers (id) on delete cascade, user integer not null,
            verdict integer not null, why text, at text not null, primary key (answer, user)) without rowid""",
        # kind: user | chat; verdict: allowed | denied; by: the owner
        """create table access (
            kind text not null, id integer not null, verdict text not null, name text, username text, by integer,
            at text not null, primary key (kind, id)) without rowid""",
        # kind and id as in access; asked_in: the update that asked, under which the owners were told;
        # verdict, by, by_name, decided_in: null until an owner decides, in that update
        """create table pairings (
            code text primary key, kind text not null, id integer not null, name text, username text,
            language text not null, at text not null, asked_in integer not null, verdict text, by integer,
            by_name text, decided_in integer, unique (kind, id)) without rowid""",
        'create table chats (chat integer primary key, "values" text not null)',
        "create table moves (old integer primary key, new integer not null, at text not null)",
        "create table told (key text primary key, at text not null) without rowid",
        # key: the bot's number and what Telegram was told; digest: SHA-256 of it
        "create table published (key text primary key, digest text not null) without rowid",
        "create table spent (day text primary key, count integer not null) without rowid",
    ):
        db.execute(statement)


@migrations()
def lines(db: Database) -> None:
    # slow: 1 for work that takes long, of which a chat has one at a time, beside its other updates
    db.execute("alter table inbox add column slow integer not null default 0")
    # Holds all that the next updates are chosen by, so that a long queue is passed over without its payloads.
    db.execute("drop index inbox_order")
    db.execute("create index inbox_order on inbox (state, last, postponed, update_id, chat, due, slow)")


@migrations()
def requests(db: Database) -> None:
    # asker: who added the bot to a group or channel; withdrawn: the bot has left it since
    db.execute("alter table pairings add column asker integer")
    db.execute("alter table pairings add column withdrawn integer not null default 0")


@migrations()
def names(db: Database) -> None:
    # state: waiting | running | dead, which is given up; notified: of a dead letter, 1 when its sender has been, 2 when
    # the owners have been too
    db.execute("update inbox set state = 'dead' where state = 'aside'")
    db.execute("alter table inbox rename column told to notified")
    db.execute("alter table told rename to notified")


@migrations()
def corrections(db: Database) -> None:
    for statement in (
        """create table given (
            answer integer not null, quote text not null, article text not null,
            primary key (answer, quote)) without rowid""",
        "create index given_article on given (article)",
        "create table scanned (id integer primary key check (id = 1), number integer not null)",
        # before: the versions before the first change that is not told yet, as JSON; since: seconds since 1970
        """create table due (
            chat integer not null, source text not null, "before" text not null, since real not null,
            primary key (chat, source)) without rowid""",
        # plan: what is told, as JSON; digest: 1 for many articles in one; state: waiting | done
        """create table notices (
            id integer primary key autoincrement, chat integer not null, plan text not null,
            digest integer not null, state text not null, at text not null)""",
        "create index notices_chat on notices (chat, at)",
        "create index notices_waiting on notices (chat) where state = 'waiting'",
        """create table corrected (
            chat integer not null, quote text not null, wording text not null, at text not null,
            primary key (chat, quote, wording)) without rowid""",
        # A question that was edited has several answers; that of an answer's quote is found by its position.
        """insert or ignore into given (answer, quote, article)
            select answers.id, quotes.id, quotes.article from answers, json_tree(answers.answer) as held
            join quotes on quotes.article = held.value
            where held.key = 'article' and quotes.start = json_extract(answers.answer, held.path || '.start')
            and quotes.stop = json_extract(answers.answer, held.path || '.end')""",
    ):
        db.execute(statement)


STEPS = frozenset({"first", "telegram", "lines", "requests", "names", "corrections"})
"""Names of all migrations: a file that went through any other was made by newer code."""
