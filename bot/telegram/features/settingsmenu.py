"""``/settings``: the settings of a chat, or of a forum's topic, as a message whose buttons change them in place.

A button's callback data is ``set:PAGE``, or ``set:NAME:VALUE`` for a change. It acts on the chat or topic it is in,
so that the buttons of old messages keep working. A time zone may also be typed: behind the command, or in reply to
the page with the zones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, ExtBot, MessageHandler, filters

from bot.render.telegram import render_line
from bot.telegram.access.admins import Admins
from bot.telegram.chats.context import ChatContext, ChatContexts
from bot.telegram.chats.settings import MOST_QUOTES, QUIET_HOURS, Chats, ChatSettings
from bot.telegram.chats.zones import COMMON, find_zone, zone_name
from bot.telegram.outgoing.delivery import Delivery, Part
from bot.telegram.runtime.update import UpdateContext, message_of, query_of
from prompts import Language, say

Row = list[InlineKeyboardButton]


class SettingsMenu:
    """Handlers for ``/settings`` and its buttons."""

    kinds = ("message", "callback_query")

    def __init__(self, *, admins: Admins, chats: Chats, delivery: Delivery, contexts: ChatContexts) -> None:
        self._admins = admins
        self._chats = chats
        self._delivery = delivery
        self._contexts = contexts

    def handlers(self) -> Sequence[BaseHandler[Any, Any, Any]]:
        return (
            CommandHandler("settings", self.settings, filters.UpdateType.MESSAGE),
            MessageHandler(
                filters.UpdateType.MESSAGE & filters.TEXT & ~filters.COMMAND & _to_zones, self.zone
            ),
            CallbackQueryHandler(self.pressed, pattern=r"^set:"),
        )

    async def settings(self, update: Update, context: UpdateContext) -> None:
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if not await self._admins.wrote(message):
            await self._delivery.line(here, "telegram_settings_admins_only", reply_to=message.message_id)
            return
        _, *typed = (message.text or "").split(maxsplit=1)
        if typed:
            await self._set_zone(message, here, typed[0])
            return
        await self._delivery.send(
            here, [self._page(here, "menu", context.bot)], "settings", reply_to=message.message_id
        )

    async def zone(self, update: Update, context: UpdateContext) -> None:
        """Set the time zone that an administrator types in reply to the page with the zones."""
        message = message_of(update)
        here = self._contexts.of(message, update.update_id)
        if await self._admins.wrote(message):
            await self._set_zone(message, here, message.text or "")
        else:
            await self._delivery.line(here, "telegram_settings_admins_only", reply_to=message.message_id)

    async def _set_zone(self, message: Message, here: ChatContext, typed: str) -> None:
        found = await asyncio.to_thread(find_zone, typed)
        if found is None:
            await self._delivery.line(here, "telegram_settings_zone_unknown", reply_to=message.message_id)
            return
        await asyncio.to_thread(lambda: self._chats.change(here.chat, here.topic, zone=found))
        await self._delivery.line(
            here,
            "telegram_settings_zone_set",
            reply_to=message.message_id,
            zone=zone_name(found, here.language),
            time=self._chats.clock(here.chat, here.topic),
        )

    async def pressed(self, update: Update, context: UpdateContext) -> None:
        query = query_of(update)
        here = self._contexts.of_query(query, update.update_id)
        if query.message is None or not await self._admins.pressed(query):
            await self._delivery.toast(query, say("telegram_settings_admins_only", here.language))
            return
        _, name, *rest = (query.data or "").split(":")
        topic = here.topic
        change = _change(name, rest[0]) if rest else None
        resets = name == "inherit" and topic is not None
        if change is not None:
            await asyncio.to_thread(lambda: self._chats.change(here.chat, topic, **change))
            name = "quiet" if name == "zone" else name
        elif resets and topic is not None:
            await asyncio.to_thread(self._chats.reset, here.chat, topic)
        if change or resets:
            here = self._contexts.of_query(query, update.update_id)
        saved = say("telegram_settings_saved", here.language) if change or resets else ""
        await self._delivery.toast(query, saved)
        await self._delivery.edit(here.chat, query.message.message_id, self._page(here, name, context.bot))

    def _page(self, here: ChatContext, name: str, bot: ExtBot[Any]) -> Part:
        values = self._chats.of(here.chat, here.topic)
        sees_all = bool(bot.can_read_all_group_messages)
        own = here.topic is not None and self._chats.has_own(here.chat, here.topic)
        text = _summary(values, here, self._chats.clock(here.chat, here.topic))
        if here.topic is not None:
            about = "telegram_settings_topic_own" if own else "telegram_settings_topic_about"
            text += "\n\n" + say(about, here.language)
        if name in ("quiet", "zone"):
            text += "\n\n" + say("telegram_settings_quiet_about", here.language)
        if name == "zone":
            text += "\n\n" + say("telegram_settings_zone_about", here.language)
        if not here.private and not values.replies and not sees_all:
            text += "\n\n" + say("telegram_settings_replies_privacy", here.language)
        rows = _rows(name, values, here)
        if own and name not in ("done", "language", "quotes", "replies", "quiet", "zone", "corrections"):
            inherit = say("telegram_settings_inherit", here.language)
            rows.insert(-1, [InlineKeyboardButton(inherit, callback_data="set:inherit:all")])
        return Part(render_line(text, here.language), InlineKeyboardMarkup(rows) if rows else None)


class _ToZones(filters.MessageFilter):
    """Replies to the page with the zones: a message of the bot with their buttons."""

    def filter(self, message: Message) -> bool:
        above = message.reply_to_message
        if above is None or above.from_user is None or above.from_user.id != message.get_bot().id:
            return False
        rows = above.reply_markup.inline_keyboard if above.reply_markup else ()
        return any(str(button.callback_data or "").startswith("set:zone:") for row in rows for button in row)


_to_zones = _ToZones()


def _change(name: str, value: str) -> dict[str, Any] | None:
    """Return the setting that a button changes; None for data that no button has."""
    match name:
        case "language" if value in ("ar", "en", "own"):
            return {"language": None if value == "own" else value}
        case "quotes" if value == "any":
            return {"quotes": None}
        case "quotes" if value in map(str, range(1, MOST_QUOTES + 1)):
            return {"quotes": int(value)}
        case "replies" if value in ("on", "off"):
            return {"replies": value == "on"}
        case "corrections" if value in ("on", "off"):
            return {"corrections": value == "on"}
        case "quiet":
            known = {_hours(hours): hours for hours in QUIET_HOURS} | {"none": None}
            return {"quiet": known[value]} if value in known else None
        case "zone" if value in COMMON:
            return {"zone": COMMON[value]}
    return None


def _summary(values: ChatSettings, here: ChatContext, clock: str) -> str:
    speech = here.language
    shown = {
        "language": _named_language(values, here, values.language or "own"),
        "quotes": _named_quotes(values.quotes, speech),
        "quiet": _named_quiet(values, clock, speech),
        "corrections": _named_corrections(values.corrections, speech),
    }
    if here.private:
        return say("telegram_settings_private", speech, **shown)
    name = "telegram_settings" if here.topic is None else "telegram_settings_topic"
    return say(name, speech, **shown, replies=_named_replies(values.replies, speech))


def _named_language(values: ChatSettings, here: ChatContext, choice: str) -> str:
    own = "_private" if choice == "own" and here.private else ""
    return say(f"telegram_settings_language_{choice}{own}", here.language)


def _named_quotes(count: int | None, speech: Language) -> str:
    if count is None:
        return say("telegram_settings_quotes_any", speech)
    if count == 1:
        return say("telegram_settings_quotes_one", speech)
    return say("telegram_settings_quotes_most", speech, count=count)


def _named_replies(replies: bool, speech: Language) -> str:
    return say(f"telegram_settings_replies_{'on' if replies else 'off'}", speech)


def _named_corrections(corrections: bool, speech: Language) -> str:
    return say(f"telegram_settings_corrections_{'on' if corrections else 'off'}", speech)


def _named_quiet(values: ChatSettings, clock: str, speech: Language) -> str:
    if values.quiet is None:
        return say("telegram_settings_quiet_none", speech)
    return say(
        "telegram_settings_quiet_set",
        speech,
        hours=_named_hours(values.quiet, speech),
        zone=zone_name(values.zone, speech),
        time=clock,
    )


def _named_hours(hours: tuple[int, int] | None, speech: Language) -> str:
    if hours is None:
        return say("telegram_settings_quiet_none", speech)
    return say("telegram_settings_quiet_hours", speech, start=hours[0], end=hours[1])


def _hours(hours: tuple[int, int] | None) -> str:
    return f"{hours[0]}-{hours[1]}" if hours else "none"


# The buttons


def _rows(page: str, values: ChatSettings, here: ChatContext) -> list[Row]:
    speech = here.language

    def choices(options: dict[str, str], present: str) -> Row:
        return [
            InlineKeyboardButton(
                say("telegram_settings_chosen", speech, label=label) if choice == present else label,
                callback_data=f"set:{page}:{choice}",
            )
            for choice, label in options.items()
        ]

    match page:
        case "done":
            return []
        case "language":
            options = {choice: _named_language(values, here, choice) for choice in ("own", "ar", "en")}
            return [*_by(1, choices(options, values.language or "own")), _back("menu", speech)]
        case "quotes":
            options = {"any": _named_quotes(None, speech)}
            options |= {str(count): str(count) for count in range(1, MOST_QUOTES + 1)}
            first, *others = choices(options, str(values.quotes or "any"))
            return [[first], others, _back("menu", speech)]
        case "replies" if not here.private:
            options = {"on": _named_replies(True, speech), "off": _named_replies(False, speech)}
            return [*_by(1, choices(options, "on" if values.replies else "off")), _back("menu", speech)]
        case "corrections":
            options = {"on": _named_corrections(True, speech), "off": _named_corrections(False, speech)}
            return [
                *_by(1, choices(options, "on" if values.corrections else "off")),
                _back("menu", speech),
            ]
        case "quiet":
            options = {_hours(hours): _named_hours(hours, speech) for hours in (None, *QUIET_HOURS)}
            zone = say("telegram_settings_menu_zone", speech, zone=zone_name(values.zone, speech))
            return [
                *_by(2, choices(options, _hours(values.quiet))),
                [InlineKeyboardButton(zone, callback_data="set:zone")],
                _back("menu", speech),
            ]
        case "zone":
            options = {key: zone_name(zone, speech) for key, zone in COMMON.items()}
            present = next((key for key, zone in COMMON.items() if zone == values.zone), "")
            return [*_by(3, choices(options, present)), _back("quiet", speech)]
    names = ["language", "quotes", *([] if here.private else ["replies"]), "quiet", "corrections"]
    pages = [
        InlineKeyboardButton(say(f"telegram_settings_menu_{name}", speech), callback_data=f"set:{name}")
        for name in names
    ]
    done = InlineKeyboardButton(say("telegram_settings_done", speech), callback_data="set:done")
    return [*_by(2, pages), [done]]


def _back(page: str, speech: Language) -> Row:
    return [InlineKeyboardButton(say("telegram_settings_back", speech), callback_data=f"set:{page}")]


def _by(width: int, buttons: Row) -> list[Row]:
    return [buttons[at : at + width] for at in range(0, len(buttons), width)]
