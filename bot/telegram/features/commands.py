"""Handlers for messages: commands and questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from telegram import Message, MessageEntity, Update, User
from telegram.ext import BaseHandler, CommandHandler, ExtBot, MessageHandler, filters

from bot.render.telegram import render_sources
from bot.telegram.chats.context import question_in, text_above
from bot.telegram.features.answers import Answers
from bot.telegram.features.profile import commands, listed
from bot.telegram.front import Front
from bot.telegram.runtime.recent import Recent
from bot.telegram.runtime.update import UpdateContext, Work, message_of
from prompts import counted, say


class Handlers:
    """Commands and questions in messages."""

    kinds = ("message",)

    def __init__(self, front: Front, answers: Answers) -> None:
        self.front = front
        self.answers = answers
        self._albums = Recent(600.0)

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        message = filters.UpdateType.MESSAGE
        text = message & filters.TEXT & ~filters.COMMAND
        private = message & filters.ChatType.PRIVATE
        return (
            CommandHandler("start", self.start, message),
            CommandHandler("help", self.help, message),
            CommandHandler("privacy", self.privacy, message),
            CommandHandler("ask", self.ask, message),
            CommandHandler("new", self.new, message),
            CommandHandler("sources", self.sources, message),
            MessageHandler(text, self.text),
            MessageHandler(private & filters.COMMAND, self.unknown_command),
            MessageHandler(private & ~filters.StatusUpdate.ALL & ~filters.TEXT, self.no_text),
        )

    async def start(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        if here.private:
            await self._say(update, "telegram_start")
            return
        bot = context.bot
        reach = "" if _sees_all(bot) else say("telegram_privacy_on", here.language, bot=bot.username) + "\n\n"
        await self._say(update, "telegram_start_group", reach=reach)

    async def help(self, update: Update, context: UpdateContext) -> None:
        """Send the help for the kind of chat and, in private, for the user's role."""
        message, bot = message_of(update), context.bot
        here = self.front.contexts.of(message, update.update_id)
        if not here.private:
            replies = self.front.contexts.chats.of(here.chat).replies
            reply = say("telegram_help_reply", here.language) if replies else ""
            mention = say("telegram_help_mention", here.language, bot=bot.username) if _sees_all(bot) else ""
            await self._say(
                update,
                "telegram_help_group",
                ways=reply + mention,
                commands=listed(commands("group", "admin"), here.language),
            )
            return
        own = listed(commands("owner"), here.language)
        owner = here.user in self.front.settings.owners
        await self._say(
            update,
            "telegram_help",
            commands=listed(commands("private"), here.language),
            owner=say("telegram_help_owner", here.language, commands=own) + "\n\n" if owner else "",
        )

    async def privacy(self, update: Update, context: UpdateContext) -> None:
        """Send the privacy notice: the data that is kept about the user."""
        message, settings = message_of(update), self.front.settings
        speech = self.front.contexts.of(message, update.update_id).language
        days = settings.retention_days
        await self._say(
            update,
            "telegram_privacy",
            kept=say("telegram_privacy_days", speech, days=counted("count_days", days, speech))
            if days
            else say("telegram_privacy_kept", speech),
            model=say("telegram_privacy_model", speech) + "\n" if settings.llm else "",
        )

    async def ask(self, update: Update, context: UpdateContext) -> None:
        """Answer ``/ask`` followed by a question, or ``/ask`` alone as a reply to a message that is one."""
        await self._answer(update, context.work)

    async def text(self, update: Update, context: UpdateContext) -> None:
        await self._answer(update, context.work)

    def question_in(self, message: Message) -> str | None:
        """Return the question in a text message.

        None when the message does not speak to the bot; "" when it does but asks nothing.
        """
        bot = self.front.bot.bot
        command, rest = _command(message, bot)
        if command is None:
            replies = self.front.contexts.chats.of(message.chat.id).replies
            return question_in(message, bot, replies=replies)
        return rest or text_above(message, bot) if command == "ask" else None

    async def _answer(self, update: Update, work: Work) -> None:
        message = message_of(update)
        question = self.question_in(message)
        if question is None:
            return
        if question:
            await self.answers.answer(message, question, work)
        else:
            await self._say(update, "telegram_ask_usage")

    async def new(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        async with self.front.workers.turn(here.conversation, patient=True):
            # The first look at core.asker may open the index and load the model: never on the event loop.
            await self.front.workers.run(lambda: self.front.core.asker.new_conversation(here.conversation))
        await self._say(update, "telegram_new")

    async def sources(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        async with self.front.workers.turn(here.conversation, patient=True):
            answer = await self.front.workers.run(
                lambda: self.front.core.asker.last_answer(here.conversation)
            )
        parts = render_sources(answer, here.language)
        await self.front.delivery.send(here, parts, "sources", reply_to=message.message_id)

    async def unknown_command(self, update: Update, context: UpdateContext) -> None:
        await self._say(update, "telegram_unknown_command")

    async def no_text(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        # The pictures of an album come as a message each.
        if message.media_group_id is None or self._albums.first((message.chat.id, message.media_group_id)):
            await self._say(update, "telegram_text_only")

    async def _say(self, update: Update, name: str, **variables: object) -> None:
        message = message_of(update)
        here = self.front.contexts.of(message, update.update_id)
        await self.front.delivery.line(here, name, reply_to=message.message_id, **variables)


def _sees_all(bot: ExtBot[Any]) -> bool:
    """Return whether mentions reach the bot in groups: in privacy mode, only commands and replies do."""
    return bool(bot.can_read_all_group_messages)


def _command(message: Message, bot: User) -> tuple[str | None, str]:
    """Return a message's leading command (None without one, "" for another bot's) and the text after it."""
    text = message.text or ""
    entity = next(
        (e for e in message.entities if e.offset == 0 and e.type == MessageEntity.BOT_COMMAND), None
    )
    if entity is None:
        return None, text
    name, _, whose = text[1 : entity.length].partition("@")
    mine = not whose or whose.casefold() == (bot.username or "").casefold()
    return name.lower() if mine else "", text[entity.length :].strip()
