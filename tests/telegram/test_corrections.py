"""Chats that were given a quote are told when its article changed: once, with both wordings."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer, Quote
from bot.answering.pipeline import Question
from bot.quotes import cut
from bot.state import State
from corpus import arabic
from corpus.article import Article, Chunk
from corpus.store import Archive
from tests.botapi import BotApi, Chat, User
from tests.botapi.chats import Json
from tests.botapi.running import LIBRARY, ScriptedAsker, ScriptedCore, answered, running

ASKED = "متى افتتحت المكتبة؟"
BOOKS = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."
NOW = "وتضم المكتبة عشرة آلاف كتاب وقاعة للأطفال."


def put(archive: Archive, article: Article, **more: Any) -> str:
    """Store an article whose file holds its body and no more."""
    digest = hashlib.sha256(article.body.encode()).hexdigest()

    def chunks(said: Article) -> list[Chunk]:
        return [Chunk(said.id, span.start, span.end, (span,)) for span in arabic.sentences(said.body)]

    return archive.add_file(article.source, digest, article.body, [article], chunks, **more).status


def corrected(article: Article = LIBRARY) -> Article:
    return replace(article, body=article.body.replace("اثني عشر ألف كتاب", "عشرة آلاف كتاب"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as opened:
        put(opened, LIBRARY)
        yield opened


@pytest.fixture
def core(archive: Archive, state: State) -> ScriptedCore:
    def reply(words: str) -> Any:
        def answer(question: Question) -> Answer:
            return replace(answered("اثنا عشر ألفًا", quoted(archive, words)), question=question.text)

        return answer

    replies = {ASKED: reply(BOOKS), "الإعارة؟": reply("الإعارة ستكون مجانية طوال الشهر الأول")}
    return ScriptedCore(ScriptedAsker(replies), archive, state)  # type: ignore[arg-type]


def quoted(archive: Archive, words: str) -> Quote:
    (article,) = [each for each in archive.versions_of(LIBRARY.source) if words in each.body][:1]
    start = article.body.index(words)
    return cut(article, start, start + len(words))


async def ask(api: BotApi, user: User, chat: Chat | User | None = None, text: str = ASKED) -> Json:
    there = chat or user
    seen = len(api.world.in_chat(there))
    api.world.say(user, text if chat is None else f"/ask {text}", *([chat] if chat is not None else []))
    return (await api.replies(there, seen + 1))[-1]


async def told(api: BotApi, chat: Chat | User, count: int = 1, seen: int = 1) -> list[Json]:
    """Return the notices that a chat gets after the answers it has ``seen``."""
    return (await api.replies(chat, seen + count))[seen:]


async def looked(core: ScriptedCore) -> None:
    """Return once all that changed was looked through, and told or not."""
    async with asyncio.timeout(10):
        while (
            core.state.row("select number from scanned") != {"number": core.archive.changes.last()}  # type: ignore[attr-defined]
            or core.state.row("select 1 from due")
            or core.state.row("select 1 from notices where state = 'waiting'")
        ):
            await asyncio.sleep(0.02)


async def test_a_correction_reaches_both_chats_once_with_both_wordings(
    api: BotApi, layla: User, core: ScriptedCore, archive: Archive
) -> None:
    room = api.world.group("غرفة التحرير")
    salim = api.world.user(502, "سليم")
    async with running(api, core, allowed_users={501, 502}, allowed_chats={room.id}):
        mine, theirs = await ask(api, layla), await ask(api, salim, room)
        put(archive, corrected())
        [private], [group] = await told(api, layla), await told(api, room)
        await looked(core)
        assert len(api.world.in_chat(layla)) == 2
        assert len(api.world.in_chat(room)) == 2
    for notice, answer in ((private, mine), (group, theirs)):
        assert BOOKS in notice["text"]
        assert NOW in notice["text"]
        assert notice["reply_to_message"]["message_id"] == answer["message_id"]
        assert "تغيّر نصٌّ اقتبستُه" in notice["text"]
