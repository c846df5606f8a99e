"""Conversations in SQLite: questions and answers per chat, thread and user, kept across restarts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlite_utils.db import NotFoundError

from bot.answer import Answer, Freshness, Intake, Quote, UnverifiedQuoteError
from bot.quotes import Articles, cut
from bot.state import State, stamp
from corpus.article import Article, Span

_KEPT = 50  # turns of one conversation kept for /sources and for looking back; memory uses far fewer


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a conversation and its outcome."""

    question: str
    standalone: str
    status: str
    quoted: tuple[str, ...]
    """Texts of the quotes that were sent."""
    direct: str = ""
    """Direct line of the answer; empty when it had none."""


class Conversations:
    """Memory of the last ``turns`` turns of each conversation. Safe to use from any thread."""

    def __init__(self, state: State, turns: int = 6) -> None:
        self._state = state
        self._turns = turns

    def turns(self, conversation: str, before: str | None = None) -> list[Turn]:
        """Return the remembered turns, oldest first, at most the length limit.

        With ``before``, those before the turn of that name, if there is one.
        """
        with self._state.reading() as db:
            rows = list(
                db.query(
                    "select question, standalone, status, answer from turns where conversation = ?"
                    " and id < coalesce((select min(id) from turns where conversation = ? and name = ?), id + 1)"
                    " order by id desc limit ?",
                    [conversation, conversation, before, self._turns],
                )
            )
        return [_turn(row) for row in reversed(rows)]

    def add(self, conversation: str, answer: Answer, name: str | None = None) -> None:
        """Store an answer, in place of the turn of the same name if there is one.

        Deletes the oldest turns beyond the number kept.
        """
        turn = {
            "conversation": conversation,
            "asked_at": stamp(),
            "question": answer.question,
            "standalone": answer.standalone_question,
            "status": answer.status,
            "answer": json.dumps(pack(answer), ensure_ascii=False),
            "name": name,
        }
        with self._state.writing() as db:
            known = list(
                db.query("select id from turns where conversation = ? and name = ?", [conversation, name])
            )
            if known:
                db.table("turns").update(known[0]["id"], turn)
            else:
                db.table("turns").insert(turn)
            db.execute(
                "delete from turns where conversation = ? and id not in"
                " (select id from turns where conversation = ? order by id desc limit ?)",
                [conversation, conversation, _KEPT],
            )

    def forget(self, conversation: str) -> None:
        with self._state.writing() as db:
            db.table("turns").delete_where("conversation = ?", [conversation])

    def last(self, conversation: str, archive: Articles) -> Answer | None:
        """Return the last answer, its quotes cut anew from the archive; None when there is none."""
        with self._state.reading() as db:
            found = db.query(
                "select * from turns where conversation = ? order by id desc limit 1", [conversation]
            )
            row = next(iter(list(found)), None)
        if row is None:
            return None
        return unpack(row, archive)


def turn_of(answer: Answer) -> Turn:
    """Convert an answer to a turn of its conversation."""
    quoted = tuple(quote.text for quote in answer.quotes)
    direct = answer.text if answer.status == "answered" else ""
    return Turn(answer.question, answer.standalone_question, answer.status, quoted, direct)


def _turn(row: dict[str, Any]) -> Turn:
    answer = json.loads(row["answer"])
    answered = row["status"] == "answered"
    quoted = tuple(quote["text"] for quote in answer["quotes"])
    return Turn(row["question"], row["standalone"], row["status"], quoted, answer["text"] if answered else "")


def pack(answer: Answer) -> dict[str, Any]:
    """Convert an answer to JSON values, its quotes as positions in their articles."""

    def refs(quotes: tuple[Quote, ...]) -> list[dict[str, Any]]:
        return [
            {
                "article": quote.article.id,
                "start": quote.start,
                "end": quote.end,
                "score": quote.score,
                "text": quote.text,
                "words": [quote.words.start, quote.words.end] if quote.words is not None else None,
                "also": [article.id for article in quote.also],
            }
            for quote in quotes
        ]

    return {
        "text": answer.text,
        "quotes": refs(answer.quotes),
        "related": refs(answer.related),
        "open": answer.open,
        "reason": answer.reason,
        "mode": answer.mode,
        "notice": answer.notice,
        "understood": answer.understood,
        "unanswered": answer.unanswered,
        "freshness": asdict(answer.freshness) if answer.freshness is not None else None,
        "independent": answer.independent,
        "parts": [
            {
                "question": part.question,
                "standalone": part.standalone_question,
                "status": part.status,
                "answer": pack(part),
            }
            for part in answer.parts
        ],
    }


def unpack(row: Mapping[str, Any], archive: Articles) -> Answer:
    """Restore the answer of a row of ``turns`` or ``answers``, its quotes cut anew from the archive.

    A quote whose article is gone is left out: showing nothing is better than showing something unproven.
    """
    return _answer(row, json.loads(row["answer"]), archive)


def _answer(row: Mapping[str, Any], data: Mapping[str, Any], archive: Articles) -> Answer:
    return Answer(
        question=row["question"],
        standalone_question=row["standalone"],
        status=row["status"],
        text=data["text"],
        quotes=_unpacked(data["quotes"], archive),
        related=_unpacked(data["related"], archive),
        open=tuple(data.get("open", ())),
        reason=data["reason"],
        mode=data["mode"],
        notice=data["notice"],
        understood=data.get("understood", ""),
        parts=tuple(_answer(part, part["answer"], archive) for part in data.get("parts", ())),
        unanswered=tuple(data.get("unanswered", ())),
        freshness=_freshness(data.get("freshness")),
        independent=data.get("independent", 0),
    )


def _freshness(data: Mapping[str, Any] | None) -> Freshness | None:
    if data is None:
        return None
    return Freshness(data["asked"], tuple(Intake(**intake) for intake in data["intakes"]))


def _unpacked(refs: list[dict[str, Any]], archive: Articles) -> tuple[Quote, ...]:
    quotes = []
    for ref in refs:
        words = Span(*ref["words"]) if ref.get("words") else None
        try:
            quote = cut(archive.article(ref["article"]), ref["start"], ref["end"], ref["score"], words)
        except (LookupError, UnverifiedQuoteError, NotFoundError):
            continue
        quotes.append(replace(quote, also=_held(ref.get("also", ()), archive)))
    return tuple(quotes)


def _held(ids: Iterable[str], archive: Articles) -> tuple[Article, ...]:
    """Return those of the articles that the archive holds."""
    held = []
    for id in ids:
        with suppress(LookupError):
            held.append(archive.article(id))
    return tuple(held)
