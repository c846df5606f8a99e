"""The work on an update: its handlers and its error handler get it, and no other update's."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Update
from telegram.ext import TypeHandler

from bot.telegram.app import assemble
from bot.telegram.runtime.update import UpdateContext, Work, Works
from tests.botapi import BotApi
from tests.botapi.running import scripted, settings


async def test_of_updates_at_work_at_once_each_has_its_own_work_in_its_handlers_and_in_errors(
    api: BotApi,
) -> None:
    bot = assemble(scripted({}), settings(api, public=True))
    begun: list[Work] = []
    all_begun = asyncio.Event()

    async def fail(update: Update, context: UpdateContext) -> None:
        begun.append(context.work)
        if len(begun) == len(works):
            all_begun.set()
        await all_begun.wait()
        # What a handler starts has its update's work as well.
        assert await asyncio.create_task(number(context)) == update.update_id
        raise RuntimeError(update.update_id)

    async def number(context: UpdateContext) -> int:
        return context.work.update_id

    async def process(work: Work) -> None:
        with bot.app.bot_data.processing(work):
            await bot.app.process_update(Update(work.update_id))

    bot.app.add_handler(TypeHandler(Update, fail), group=-2)
    works = [Work(number) for number in range(1, 21)]
    async with bot.app:
        await asyncio.gather(*(process(work) for work in works))
    assert begun == works
    assert [work.failure.args for work in works if work.failure] == [(work.update_id,) for work in works]


def test_the_work_on_an_update_is_held_while_it_is_processed_and_no_longer() -> None:
    works, work = Works(), Work(7)
    with works.processing(work):
        assert works.of(7) is work
        with pytest.raises(KeyError):
            works.of(8)
    with pytest.raises(KeyError):
        works.of(7)
