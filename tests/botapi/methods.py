"""Methods of the Bot API, which apply a call's parameters to the world."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.botapi.chats import Chat, Json, bad
from tests.botapi.world import World

MOST_DOWNLOAD = 20 * 1024 * 1024
_ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat",
    "chat_administrators", "chat_member",
}  # fmt: skip

Method = Callable[[World, Json], object]


def get_me(world: World, given: Json) -> Json:
    return world.bot


def send_message(world: World, given: Json) -> Json:
    return world.send(
        given.get("chat_id"),
        _text(given, "text"),
        given.get("parse_mode"),
        thread=given.get("message_thread_id"),
        reply=_reply(given),
        markup=given.get("reply_markup"),
        entities=given.get("entities"),
    )


def send_message_draft(world: World, given: Json) -> bool:
    world.draft(
        given.get("chat_id"),
        given.get("draft_id"),
        _text(given, "text"),
        given.get("parse_mode"),
        given.get("entities"),
        given.get("message_thread_id"),
    )
    return True


def send_document(world: World, given: Json) -> Json:
    return world.send_document(
        given.get("chat_id"),
        given.get("document"),
        _text(given, "caption"),
        given.get("parse_mode"),
        thread=given.get("message_thread_id"),
        reply=_reply(given),
        markup=given.get("reply_markup"),
    )


def send_chat_action(world: World, given: Json) -> bool:
    if given.get("action") not in _ACTIONS:
        raise bad("wrong parameter action in request")
    world.act(given.get("chat_id"), given["action"], given.get("message_thread_id"))
    return True


def edit_message_text(world: World, given: Json) -> Json | bool:
    target, inline = _target(world, given)
    changed = world.change(
        target,
        _text(given, "text"),
        given.get("parse_mode"),
        given.get("reply_markup"),
        given.get("entities"),
    )
    return True if inline else changed


def edit_message_reply_markup(world: World, given: Json) -> Json | bool:
    target, inline = _target(world, given)
    changed = world.change_keyboard(target, given.get("reply_markup"))
    return True if inline else changed


def delete_message(world: World, given: Json) -> bool:
    world.withdraw(given.get("chat_id"), given.get("message_id"))
    return True


def set_message_reaction(world: World, given: Json) -> bool:
    world.react(given.get("chat_id"), given.get("message_id"), given.get("reaction"))
    return True


def answer_callback_query(world: World, given: Json) -> bool:
    kept = ("text", "show_alert", "url", "cache_time")
    world.answer_callback(
        str(given.get("callback_query_id", "")), {key: given[key] for key in kept if key in given}
    )
    return True


def answer_inline_query(world: World, given: Json) -> bool:
    kept = ("results", "cache_time", "is_personal", "next_offset", "button")
    world.answer_inline(
        str(given.get("inline_query_id", "")), {key: given[key] for key in kept if key in given}
    )
    return True


def answer_guest_query(world: World, given: Json) -> Json:
    number = world.answer_guest(str(given.get("guest_query_id", "")), given.get("result") or {})
    return {"inline_message_id": number}


def get_file(world: World, given: Json) -> Json:
    file = world.files.get(str(given.get("file_id", "")))
    if file is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if file.size > MOST_DOWNLOAD:
        raise bad("file is too big")
    document = file.document()
    return {
        "file_id": file.id,
        "file_unique_id": document["file_unique_id"],
        "file_size": file.size,
        "file_path": file.path,
    }


def get_chat(world: World, given: Json) -> Json:
    chat = world.find_chat(given.get("chat_id"))
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    found = chat.json() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.linked is not None:
        found["linked_chat_id"] = chat.linked.id
    return found


def get_chat_member(world: World, given: Json) -> Json:
    chat, user = world.find_chat(given.get("chat_id")), given.get("user_id")
    if not isinstance(user, int):
        raise bad("invalid user_id specified")
    return world.member(chat, user)


def get_chat_administrators(world: World, given: Json) -> list[Json]:
    return world.administrators(world.find_chat(given.get("chat_id")))


def get_chat_member_count(world: World, given: Json) -> int:
    return world.count_members(world.find_chat(given.get("chat_id")))


def leave_chat(world: World, given: Json) -> bool:
    chat = world.find_chat(given.get("chat_id"))
    if chat.type == "private":
        raise bad("chat member status can't be changed in private chats")
    world.leave(chat)
    return True


def set_my_commands(world: World, given: Json) -> bool:
    commands = given.get("commands")
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad("can't parse commands: an array of at most 100 is expected")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", "")).strip()) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_command_place(world, given)] = commands
    return True


def get_my_commands(world: World, given: Json) -> list[Json]:
    return world.commands.get(_command_place(world, given), [])


def delete_my_commands(world: World, given: Json) -> bool:
    world.commands.pop(_command_place(world, given), None)
    return True


def set_my_description(world: World, given: Json) -> bool:
    return _describe(world.descriptions, given, "description", 512)


def set_my_short_description(world: World, given: Json) -> bool:
    return _describe(world.short_descriptions, given, "short_description", 120)


def get_my_description(world: World, given: Json) -> Json:
    return {"description": _described(world.descriptions, given)}


def get_my_short_description(world: World, given: Json) -> Json:
    return {"short_description": _described(world.short_descriptions, given)}


def _text(given: Json, name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value)


def _reply(given: Json) -> Json | None:
    reply = given.get("reply_parameters")
    if reply is None and given.get("reply_to_message_id"):
        reply = {"message_id": given["reply_to_message_id"]}
    return reply if isinstance(reply, dict) else None


def _target(world: World, given: Json) -> tuple[Json, bool]:
    """Return the message to edit, and whether it is an inline one."""
    if given.get("inline_message_id"):
        return world.inline_message(given["inline_message_id"]), True
    return world.own(given.get("chat_id"), given.get("message_id")), False


def _command_place(world: World, given: Json) -> tuple[str, str]:
    scope = given.get("scope") or {"type": "default"}
    kind, language = scope.get("type"), given.get("language_code") or ""
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type")
    if kind in ("chat", "chat_administrators", "chat_member"):
        if "chat_id" not in scope:
            raise bad("can't parse BotCommandScope: chat_id is empty")
        kind = f"{kind}:{_scope_chat(world, scope).id}"
        if scope["type"] == "chat_member":
            if not isinstance(scope.get("user_id"), int):
                raise bad("can't parse BotCommandScope: invalid user_id specified")
            kind += f":{scope['user_id']}"
    _check_language(language)
    return kind, language


def _scope_chat(world: World, scope: Json) -> Chat:
    chat = world.find_chat(scope["chat_id"])
    if chat.type == "channel" or (scope["type"] != "chat" and chat.type == "private"):
        raise bad("can't change commands in this chat")
    return chat


def _check_language(language: str) -> None:
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")


def _describe(kept: dict[str, str], given: Json, name: str, most: int) -> bool:
    language, text = given.get("language_code") or "", _text(given, name)
    _check_language(language)
    if len(text) > most:
        raise bad(f"{name.replace('_', ' ')} is too long")
    kept[language] = text
    if not text:
        del kept[language]
    return True


def _described(kept: dict[str, str], given: Json) -> str:
    return kept.get(given.get("language_code") or "", kept.get("", ""))


METHODS: dict[str, Method] = {
    method.__name__.replace("_", ""): method
    for method in (
        get_me, send_message, send_message_draft, send_document, send_chat_action, edit_message_text,
        edit_message_reply_markup, delete_message, set_message_reaction, answer_callback_query,
        answer_inline_query, answer_guest_query, get_file, get_chat, get_chat_member, get_chat_administrators,
        get_chat_member_count, leave_chat, set_my_commands, get_my_commands, delete_my_commands,
        set_my_description, set_my_short_description, get_my_description, get_my_short_description,
    )
}  # fmt: skip
"""Methods by name in small letters."""
