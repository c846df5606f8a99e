"""What the bot does with what people send: commands, questions, and what goes wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from telegram import BotCommand, Message, Update
from telegram.error import Forbidden, TelegramError
from telegram.ext import (
    Application,
    BaseHandler,
    CallbackContext,
    CommandHandler,
    ExtBot,
    MessageHandler,
    filters,
)

from bot.answer import Answer
from bot.render.telegram import render, render_line, render_sources
from bot.telegram.desk import BusyError, Desk, StoppingError
from bot.telegram.gate import Gate
from bot.telegram.place import Place, place, question_in, text_above
from bot.telegram.recent import Recent
from bot.telegram.send import send, typing
from prompts import Language, say

if TYPE_CHECKING:
    from bot.ask import Question
    from bot.quotes import Articles

log = logging.getLogger(__name__)

COMMANDS = ("ask", "sources", "new", "help", "start")
"""In the order of the menu."""
_BUSY_EVERY = 60.0
"""Seconds between two «busy» lines to one conversation: in a group they would use up its messages a minute."""

Context = CallbackContext[Any, Any, Any, Any]


class Asks(Protocol):
    """What answers: ``bot.ask.Asker``."""

    def ask(self, question: Question) -> Answer: ...
    def new_conversation(self, key: str) -> None: ...
    def last_answer(self, key: str) -> Answer | None: ...


class Core(Protocol):
    """What the front end needs of the rest: ``bot.build.Musnad``."""

    @property
    def asker(self) -> Asks: ...
    @property
    def archive(self) -> Articles: ...


def menu(language: Language) -> list[BotCommand]:
    """The commands as Telegram shows them."""
    return [BotCommand(name, say(f"telegram_command_{name}", language)) for name in COMMANDS]


@dataclass(frozen=True)
class Handlers:
    """The handlers of one application."""

    core: Core
    desk: Desk
    gate: Gate
    told_busy: Recent = field(default_factory=lambda: Recent(_BUSY_EVERY))

    def add_to(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        message = filters.UpdateType.MESSAGE
        text = message & filters.TEXT & ~filters.COMMAND
        private = message & filters.ChatType.PRIVATE
        handlers: Sequence[BaseHandler[Any, Any, Any]] = (
            CommandHandler("start", self.start, message),
            CommandHandler("help", self.help, message),
            CommandHandler("ask", self.ask, message),
            CommandHandler("new", self.new, message),
            CommandHandler("sources", self.sources, message),
            MessageHandler(text, self.text),
            MessageHandler(private & filters.COMMAND, self.unknown_command),
            MessageHandler(private & ~filters.StatusUpdate.ALL & ~filters.TEXT, self.no_text),
        )
        application.add_handlers(handlers)
        application.add_error_handler(self.failed)

    async def start(self, update: Update, context: Context) -> None:
        message = _message(update)
        here = place(message)
        if here.private:
            await self._say(message, "telegram_start")
            return
        bot = context.bot
        reach = "" if _sees_all(bot) else say("telegram_privacy_on", here.language, bot=bot.username) + "\n\n"
        await self._say(message, "telegram_start_group", reach=reach)

    async def help(self, update: Update, context: Context) -> None:
        message, bot = _message(update), context.bot
        speech = place(message).language
        mention = say("telegram_help_mention", speech, bot=bot.username) if _sees_all(bot) else ""
        await self._say(message, "telegram_help", mention=mention)

    async def ask(self, update: Update, context: Context) -> None:
        """``/ask`` and a question, or ``/ask`` alone under a message that is one."""
        message = _message(update)
        _, *rest = (message.text or "").split(maxsplit=1)
        question = "".join(rest).strip() or text_above(message, context.bot.bot)
        if question:
            await self._answer(message, question)
        else:
            await self._say(message, "telegram_ask_usage")

    async def text(self, update: Update, context: Context) -> None:
        message = _message(update)
        question = question_in(message, context.bot.bot)
        if question is None:
            return
        if question:
            await self._answer(message, question)
        else:
            await self._say(message, "telegram_ask_usage")

    async def new(self, update: Update, context: Context) -> None:
        async def work(message: Message, here: Place) -> list[str]:
            # The first look at core.asker may open the index and load the model: never on the event loop.
            await self.desk.run(lambda: self.core.asker.new_conversation(here.conversation))
            return [render_line(say("telegram_new", here.language), here.language)]

        await self._in_turn(_message(update), work)

    async def sources(self, update: Update, context: Context) -> None:
        async def work(message: Message, here: Place) -> list[str]:
            answer = await self.desk.run(lambda: self.core.asker.last_answer(here.conversation))
            return render_sources(answer, here.language)

        await self._in_turn(_message(update), work)

    async def unknown_command(self, update: Update, context: Context) -> None:
        await self._say(_message(update), "telegram_unknown_command")

    async def no_text(self, update: Update, context: Context) -> None:
        await self._say(_message(update), "telegram_text_only")

    async def failed(self, update: object, context: Context) -> None:
        """The one error handler: the log gets the error, the user one line."""
        error = context.error
        if isinstance(error, Forbidden):
            log.info("a message could not be delivered: %s", error)
            return
        log.error("an update could not be handled", exc_info=error)
        if not isinstance(update, Update) or update.message is None or not self.gate.admits(update):
            return
        try:
            await self._say(update.message, "telegram_failed")
        except TelegramError as further:
            log.warning("the user could not be told: %s", further)

    async def _answer(self, message: Message, question: str) -> None:
        from bot.ask import Question

        async def work(message: Message, here: Place) -> list[str]:
            asked = Question(question, conversation=here.conversation, language=here.language)
            began = time.perf_counter()
            answer = await self.desk.run(lambda: self.core.asker.ask(asked))
            # Neither the question nor who asked it is logged.
            log.info(
                "%s with %d quotes in %.1f s", answer.status, len(answer.quotes), time.perf_counter() - began
            )
            return await asyncio.to_thread(_verified, answer, self.core.archive, here.language)

        await self._in_turn(message, work)

    async def _in_turn(self, message: Message, work: Callable[[Message, Place], Any]) -> None:
        """Do the work when the conversation's turn comes, typing meanwhile, and send what it returns."""
        here = place(message)
        try:
            async with self.desk.turn(here.conversation):
                async with typing(message, here):
                    parts = await work(message, here)
                await send(message, here, parts)
        except BusyError as error:
            if self.told_busy.first(here.conversation):
                await self._say(message, "telegram_busy", count=error.count)
        except StoppingError:
            await self._say(message, "telegram_stopping")

    async def _say(self, message: Message, name: str, **variables: object) -> None:
        here = place(message)
        await send(message, here, [render_line(say(name, here.language, **variables), here.language)])


def _verified(answer: Answer, archive: Articles, language: Language) -> list[str]:
    from bot.quotes import verify_answer

    return render(verify_answer(answer, archive), language)


def _sees_all(bot: ExtBot[Any]) -> bool:
    """Whether mentions reach the bot in groups: with privacy mode on, only commands and replies to it do."""
    return bool(bot.can_read_all_group_messages)


def _message(update: Update) -> Message:
    message = update.message
    assert message is not None, "the handlers take messages only"
    return message
