"""What is followed, in a file of its own: what polling remembers never waits for an ingest's lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from corpus.decode import Reason
from corpus.document import safe_name
from corpus.errors import ArchiveBusyError, ArchiveNewerError
from corpus.following.followed import POLLED, TIMES, Failure, Followed, Kind, Known
from corpus.following.habit import KEPT, TOGETHER, learn
from corpus.following.migrations import STEPS, migrations
from corpus.store.connections import Connections

_COUNTED = (
    "select followed.*, (select count(*) from items where address = followed.address) as items from followed"
)


class Following:
    """The sources that are followed, in the SQLite file at ``path``, which is created if it does not exist.

    Safe to use from any thread and several processes; every write is one transaction. Raises ArchiveBusyError,
    ArchiveDamagedError, ArchiveUnusableError or ArchiveNewerError for a file that cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)
        with self._connections.reading() as db:
            if {migration.name for migration in migrations.applied(db)} - STEPS:
                raise ArchiveNewerError(f"{path} was made by a newer musnad: update this one to read it")
            ready = db.journal_mode == "wal" and not migrations.pending(db)
        if not ready:
            with self._connections.lock(), self._connections.reading() as db:
                db.enable_wal()
                migrations.apply(db)

    # What is followed

    def add(
        self,
        address: str,
        kind: Kind,
        now: datetime,
        *,
        outlet: str | None = None,
        title: str | None = None,
        private: bool = False,
    ) -> Followed:
        """Follow a source from now on, due at once, and return it.

        Of one that is followed already, what is given is changed; ``outlet`` as "" forgets the one given before. One
        that had stopped is tried again.
        """
        with self._connections.writing() as db:
            self._add(db, address, kind, now, outlet=outlet, title=title, private=private)
            return _one(db, address)

    def remove(self, address: str) -> bool:
        """Follow a source no more, and forget its items; return whether it was followed. Its articles stay."""
        with self._connections.writing() as db:
            for table in ("items", "arrivals"):
                db.execute(f"delete from {table} where address = ?", [address])
            return db.execute("delete from followed where address = ?", [address]).rowcount > 0

    def get(self, address: str) -> Followed | None:
        with self._connections.reading() as db:
            return next(map(_followed, db.query(f"{_COUNTED} where address = ?", [address])), None)

    def all(self) -> list[Followed]:
        """Return all sources, in the order in which they were added."""
        with self._connections.reading() as db:
            return [_followed(row) for row in db.query(f"{_COUNTED} order by added, address")]

    def due(self, now: datetime) -> list[Followed]:
        """Return the sources to look at by now, the one longest due first."""
        with self._connections.reading() as db:
            return [
                _followed(row) for row in db.query(f"{_COUNTED} where due <= ? order by due", [_text(now)])
            ]

    def next_due(self) -> datetime | None:
        """Return when the next source is due; None where none is."""
        with self._connections.reading() as db:
            return _time(next(db.query("select min(due) as due from followed"))["due"])

    # What came of looking

    def record_success(
        self,
        address: str,
        now: datetime,
        due: datetime,
        *,
        title: str | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        location: str | None = None,
        problem: Failure | None = None,
    ) -> None:
        """Record that a source could be read, and when it is due next; without ``title`` or ``location`` they stay.

        ``problem`` is what was wrong with it all the same.
        """
        with self._connections.writing() as db:
            db.execute(
                "update followed set checked = :now, succeeded = :now, due = :due, failures = 0, failing_since = null,"
                " reason = :reason, detail = :detail, stopped = 0, etag = :etag, last_modified = :modified,"
                " title = coalesce(:title, title), location = coalesce(:location, location) where address = :address",
                {"now": _text(now), "due": _text(due), "etag": etag, "modified": last_modified}
                | {"title": safe_name(title or "") or None, "location": location, "address": address}
                | _error(problem),
            )

    def record_failure(
        self, address: str, now: datetime, failure: Failure, due: datetime | None, *, stopped: bool = False
    ) -> None:
        """Record that a source could not be read, and when it is tried again; never when it ``stopped``."""
        with self._connections.writing() as db:
            db.execute(
                "update followed set checked = :now, due = :due, failures = failures + 1, reason = :reason,"
                " failing_since = coalesce(failing_since, :now), detail = :detail, stopped = :stopped"
                " where address = :address",
                {"now": _text(now), "due": None if stopped else _text(due)}
                | {"stopped": stopped, "address": address}
                | _error(failure),
            )

    def record_items(self, address: str, items: Sequence[Known], now: datetime) -> None:
        """Record what is known of items now, after they are in the archive; of a source removed meanwhile, nothing.

        When an item was first ``seen`` stays.
        """
        with self._connections.writing() as db:
            if not _is_followed(db, address):
                return
            for item in items:
                row = asdict(item) | {
                    "address": address,
                    **{name: _text(getattr(item, name)) for name in _MOMENTS},
                    "seen": _text(item.seen or now),
                }
                changed = ", ".join(
                    f'"{name}" = excluded."{name}"' for name in row if name not in _KEPT_OF_ITEMS
                )
                names, values = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
                db.execute(
                    f"insert into items ({names}) values ({values})"
                    f" on conflict (address, key) do update set {changed}",
                    row,
                )

    def record_arrivals(
        self,
        address: str,
        moments: Iterable[datetime],
        now: datetime,
        *,
        title: str | None = None,
        published: datetime | None = None,
    ) -> None:
        """Record that new items of a source came in, or were published before it was followed, at these moments.

        ``title`` and ``published`` are the newest item's. What lies in the future counts as now.
        """
        with self._connections.writing() as db:
            if _is_followed(db, address):
                self._record_arrivals(db, address, moments, now, title, published)

    def record_arrival(
        self,
        address: str,
        title: str | None,
        now: datetime,
        *,
        item: str | None = None,
        published: datetime | None = None,
    ) -> None:
        """Record that a channel had a post, which the bot took in; a channel that is not followed is from now on.

        ``title`` is the channel's, ``item`` the post's first words, for those who are told of it.
        """
        with self._connections.writing() as db:
            if not _is_followed(db, address):
                self._add(db, address, "channel", now)
            db.execute(
                "update followed set title = coalesce(?, title), checked = ?, succeeded = ?, failures = 0,"
                " failing_since = null, reason = null, detail = null where address = ?",
                [safe_name(title or "") or None, _text(now), _text(now), address],
            )
            self._record_arrivals(db, address, [now], now, item, published or now)

    # Items

    def items(self, address: str) -> dict[str, Known]:
        """Return what is known of a source's items, by their keys."""
        with self._connections.reading() as db:
            rows = db.query("select * from items where address = ?", [address])
            return {row["key"]: _known(row) for row in rows}

    def gone(self, since: datetime | None = None) -> list[tuple[str, Known]]:
        """Return the items whose pages were found gone, since a moment, each with its source's address."""
        with self._connections.reading() as db:
            rows = db.query("select * from items where gone >= ? order by gone, key", [_text(since) or ""])
            return [(row["address"], _known(row)) for row in rows]

    def followed_of(self, source: str) -> list[Followed]:
        """Return the sources that brought what the archive has under this name."""
        with self._connections.reading() as db:
            where = "where address in (select address from items where source = ?) order by added, address"
            return [_followed(row) for row in db.query(f"{_COUNTED} {where}", [source])]

    @contextmanager
    def polling(self) -> Iterator[bool]:
        """Be the one who looks at the sources; yield whether that is so, or another process or thread is."""
        with ExitStack() as stack:
            try:
                stack.enter_context(Connections(self.path.with_suffix(".polling")).lock(0))
            except ArchiveBusyError:
                yield False
            else:
                yield True

    def close(self) -> None:
        self._connections.close()

    def _add(
        self,
        db: Database,
        address: str,
        kind: Kind,
        now: datetime,
        *,
        outlet: str | None = None,
        title: str | None = None,
        private: bool = False,
    ) -> None:
        db.execute(
            "insert into followed (address, kind, added, outlet, title, private, due)"
            " values (:address, :kind, :now, nullif(:outlet, ''), :title, :private, :due)"
            " on conflict (address) do update set kind = :kind, private = max(private, :private), due = :due,"
            " stopped = 0, title = coalesce(:title, title),"
            " outlet = case when :outlet is null then outlet else nullif(:outlet, '') end",
            {"address": address, "kind": kind, "now": _text(now), "private": private}
            | {
                "outlet": None if outlet is None else safe_name(outlet),
                "title": safe_name(title or "") or None,
            }
            | {"due": _text(now) if kind in POLLED else None},
        )

    def _record_arrivals(
        self,
        db: Database,
        address: str,
        moments: Iterable[datetime],
        now: datetime,
        title: str | None,
        published: datetime | None,
    ) -> None:
        moments = list(moments)
        oldest = _text(now - KEPT)
        db.conn.executemany(
            "insert or ignore into arrivals (address, at) values (?, ?)",
            [(address, _text(_slot(min(at, now)))) for at in moments if now - at <= KEPT],
        )
        db.execute("delete from arrivals where address = ? and at < ?", [address, oldest])
        times = [_time(row["at"]) for row in db.query("select at from arrivals where address = ?", [address])]
        newest = max(filter(None, times), default=None)
        before = _one(db, address)
        latest = max(filter(None, (before.newest, *(min(at, now) for at in moments))), default=newest)
        habit = learn(filter(None, times))
        db.execute(
            "update followed set newest = :newest, newest_title = case"
            " when :published < newest_published then newest_title else coalesce(:title, newest_title) end,"
            " newest_published = max(coalesce(:published, newest_published), coalesce(newest_published, :published)),"
            " pace = :pace, silent_from = :silent where address = :address",
            {"newest": _text(latest), "title": safe_name(title or "") or None, "published": _text(published)}
            | {"pace": habit.pace.total_seconds() if habit else None, "address": address}
            | {"silent": _text(habit.silent_from(latest)) if habit and latest else None},
        )


_MOMENTS = ("published", "seen", "looked", "gone")
_KEPT_OF_ITEMS = frozenset({"address", "key", "seen"})


def _slot(at: datetime) -> datetime:
    """Return the beginning of the quarter of an hour of a moment: one arrival is kept for each."""
    return at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % TOGETHER


def _error(failure: Failure | None) -> dict[str, str | None]:
    return {
        "reason": str(failure.reason) if failure else None,
        "detail": safe_name(failure.detail) if failure else None,
    }


def _is_followed(db: Database, address: str) -> bool:
    return next(db.query("select 1 from followed where address = ?", [address]), None) is not None


def _one(db: Database, address: str) -> Followed:
    return _followed(next(db.query(f"{_COUNTED} where address = ?", [address])))


def _followed(row: dict[str, Any]) -> Followed:
    reason, detail, pace = row.pop("reason"), row.pop("detail"), row.pop("pace")
    times = {name: _time(row[name]) for name in TIMES}
    said = {"private": bool(row["private"]), "stopped": bool(row["stopped"])}
    return Followed(
        **{**row, **times, **said},
        error=Failure(Reason(reason), detail or "") if reason else None,
        pace=timedelta(seconds=pace) if pace is not None else None,
    )


def _known(row: dict[str, Any]) -> Known:
    row = {name: value for name, value in row.items() if name != "address"}
    return Known(**row | {name: _time(row[name]) for name in _MOMENTS})


def _text(at: datetime | None) -> str | None:
    """Return a moment as it is kept: UTC, to the millisecond, so that texts are in the order of time."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
