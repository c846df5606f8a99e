"""What the bot says of itself: ``/start``, ``/help`` and ``/privacy``, and that it does not know a command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from telegram import Update
from telegram.ext import BaseHandler, CommandHandler, ExtBot, MessageHandler, filters

from bot.telegram.chats.context import ChatContexts
from bot.telegram.features.profile import commands, listed
from bot.telegram.outgoing.delivery import Delivery
from bot.telegram.runtime.update import UpdateContext, message_of
from prompts import counted, say

if TYPE_CHECKING:
    from bot.settings import Settings


class Help:
    """Handlers for the commands that explain the bot, and for those that it does not know."""

    kinds = ("message",)

    def __init__(self, *, settings: Settings, delivery: Delivery, contexts: ChatContexts) -> None:
        self._settings = settings
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        message = filters.UpdateType.MESSAGE
        private = message & filters.ChatType.PRIVATE
        return (
            CommandHandler("start", self.start, message),
            CommandHandler("help", self.help, message),
            CommandHandler("privacy", self.privacy, message),
            MessageHandler(private & filters.COMMAND, self.unknown_command),
        )

    async def start(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if here.private:
            await self._say(update, "telegram_start")
            return
        bot = context.bot
        reach = "" if _sees_all(bot) else say("telegram_privacy_on", here.language, bot=bot.username) + "\n\n"
        await self._say(update, "telegram_start_group", reach=reach)

    async def help(self, update: Update, context: UpdateContext) -> None:
        """Send the help for the kind of chat and, in private, for the user's role."""
        message, bot = message_of(update), context.bot
        here = self._contexts.of(message, update.update_id)
        if not here.private:
            replies = self._contexts.settings(here).replies
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
        owner = here.user in self._settings.owners
        await self._say(
            update,
            "telegram_help",
            commands=listed(commands("private"), here.language),
            owner=say("telegram_help_owner", here.language, commands=own) + "\n\n" if owner else "",
        )

    async def privacy(self, update: Update, context: UpdateContext) -> None:
        """Send the privacy notice: the data that is kept about the user."""
        message, settings = message_of(update), self._settings
        speech = self._contexts.of(message, update.update_id).language
        days = settings.retention_days
        await self._say(
            update,
            "telegram_privacy",
            kept=say("telegram_privacy_days", speech, days=counted("count_days", days, speech))
            if days
            else say("telegram_privacy_kept", speech),
            model=say("telegram_privacy_model", speech) + "\n" if settings.llm else "",
        )

    async def unknown_command(self, update: Update, context: UpdateContext) -> None:
        await self._say(update, "telegram_unknown_command")

    async def _say(self, update: Update, name: str, **variables: object) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        await self._delivery.line(here, name, reply_to=message.message_id, **variables)


def _sees_all(bot: ExtBot[Any]) -> bool:
    """Return whether mentions reach the bot in groups: in privacy mode, only commands and replies do."""
    return bool(bot.can_read_all_group_messages)
