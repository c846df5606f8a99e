"""Keyboards under messages, checked as Telegram checks them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tests.botapi.chats import Json, bad

MOST_BUTTONS = 100
_ACTIONS = {
    "url", "callback_data", "copy_text", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "web_app", "login_url", "callback_game", "pay",
}  # fmt: skip
_PARSE = "can't parse inline keyboard button"
# An empty query to switch to is a query; an empty address or datum is none at all.
_MAY_BE_EMPTY = {"switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"}


def check_keyboard(markup: object) -> Json | None:
    """Check the reply markup of a message and return it as stored, None when it is empty."""
    if markup is None or markup == "":
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        # Keyboards in place of the letters, and their removal, are the clients' affair.
        return None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("can't parse reply keyboard markup JSON object")
    for row in rows:
        for button in row:
            check_button(button)
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    kept = [row for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def check_button(button: object) -> None:
    """Check that a button has a text and exactly one action."""
    if not isinstance(button, dict):
        raise bad("an inline keyboard button must be an Object")
    text = button.get("text")
    if text is None:
        raise bad(f'{_PARSE}: Can\'t find field "text"')
    if not isinstance(text, str):
        raise bad(f'{_PARSE}: Field "text" must be of type String')
    if not text.strip():
        raise bad("inline keyboard button text is empty")
    present = {key for key in _ACTIONS & button.keys() if button[key] or key in _MAY_BE_EMPTY}
    if not present:
        raise bad(f"{_PARSE}: Text buttons are unallowed in the inline keyboard")
    if len(present) > 1:
        raise bad(f"{_PARSE}: exactly one of the optional fields must be used")
    _check_action(present.pop(), button)


def _check_action(action: str, button: Json) -> None:
    value = button[action]
    match action:
        case "callback_data":
            if not isinstance(value, str) or not 1 <= len(value.encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
        case "copy_text":
            copied = value.get("text") if isinstance(value, dict) else None
            if not isinstance(copied, str) or not 1 <= len(copied) <= 256:
                raise bad("BUTTON_COPY_TEXT_INVALID")
        case "url":
            check_url(value)
        case "switch_inline_query" | "switch_inline_query_current_chat":
            if not isinstance(value, str) or len(value) > 256:
                raise bad("BUTTON_DATA_INVALID")
        case "switch_inline_query_chosen_chat":
            kinds = ("allow_user_chats", "allow_bot_chats", "allow_group_chats", "allow_channel_chats")
            if not isinstance(value, dict) or not any(value.get(kind) for kind in kinds):
                raise bad("at least one chat type must be allowed")


def check_url(url: object) -> None:
    where = f"inline keyboard button URL '{url}' is invalid"
    parts = urlsplit(str(url))
    if parts.scheme and parts.scheme not in ("http", "https", "tg", "ton", "tonsite"):
        raise bad(f"{where}: Unsupported URL protocol")
    host = parts.netloc or (parts.path.partition("/")[0] if not parts.scheme else "")
    if parts.scheme != "tg" and not re.fullmatch(r"(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?", host):
        raise bad(f"{where}: Wrong HTTP URL")
    if re.search(r"\s", str(url)):
        raise bad(f"{where}: Wrong HTTP URL")


def buttons(message: Json) -> list[Json]:
    """Return the buttons under a message, row by row."""
    return [button for row in message.get("reply_markup", {}).get("inline_keyboard", ()) for button in row]


def button(message: Json, label: str) -> Json:
    """Return the button with this text or data, or the only one whose text holds it.

    Raises LookupError when there is none, or when several texts hold it.
    """
    shown = buttons(message)
    for found in shown:
        if label in (found["text"], found.get("callback_data")):
            return found
    close = [found for found in shown if label in found["text"]]
    if len(close) != 1:
        raise LookupError(f"no button {label!r} among {[found['text'] for found in shown]}")
    return close[0]
