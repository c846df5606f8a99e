"""A chat as a web page that looks like Telegram, to see the bot's messages as a reader sees them."""

from __future__ import annotations

import time
from html import escape

from tests.botapi.entities import Entity
from tests.botapi.people import MEDIA
from tests.botapi.style import STYLE
from tests.botapi.world import Chat, Json, World

_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "spoiler": "span",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}
CORNERS = {
    "url": "↗",
    "copy_text": "⧉",
    "switch_inline_query": "↪",
    "switch_inline_query_chosen_chat": "↪",
    "switch_inline_query_current_chat": "↪",
}


def chat_page(world: World, chat: Chat, query_id: str | None = None) -> str:
    """Return the chat as an HTML page: the bot's messages at the left, people's at the right.

    ``query_id`` is an inline query whose results are shown above the input line.
    """
    rows = (
        [_topics(world, chat)] if chat.is_forum else [_message(world, one) for one in chat.messages.values()]
    )
    if draft := _draft(world, chat):
        rows.append(draft)
    if query_id is not None:
        rows.append(inline_results(world, query_id))
    return (
        '<!doctype html><html lang="ar" dir="rtl"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(chat.title)}</title><style>{STYLE}</style>"
        f"<header>{escape(chat.title)}<small>{_kind(chat)}</small></header><main>{''.join(rows)}</main></html>"
    )


def inline_results(world: World, query_id: str) -> str:
    """Return the results shown above the input line when a user types ``@bot …``."""
    query, answer = world.queries[query_id], world.inline_answers.get(query_id, {})
    rows = [
        f"<li><b>{escape(str(result.get('title', result['id'])))}</b>"
        f"<span>{escape(str(result.get('description', '')))}</span></li>"
        for result in answer.get("results", ())
    ]
    top = answer.get("button")
    button = f'<div class="top">{escape(top["text"])}</div>' if top else ""
    more = '<li class="more">…</li>' if answer.get("next_offset") else ""
    none = "" if rows or top else '<div class="top none">لا نتائج</div>'
    return (
        f'<section class="inline">{button}{none}<ul>{"".join(rows)}{more}</ul>'
        f'<div class="typed"><bdi>@{world.bot["username"]}</bdi> {escape(query.text)}</div></section>'
    )


def _topics(world: World, chat: Chat) -> str:
    """Return a forum's messages, topic by topic; those without a topic are in the general one."""
    rooms: dict[int, list[Json]] = {0: [], **{thread: [] for thread in chat.topics}}
    for message in chat.messages.values():
        thread = message["message_thread_id"] if message.get("is_topic_message") else 0
        rooms.setdefault(thread, []).append(message)
    return "".join(
        f"<h2>{escape(chat.topics.get(thread, 'General' if not thread else '…'))}</h2>"
        + "".join(_message(world, message) for message in messages)
        for thread, messages in rooms.items()
        if messages
    )


def _message(world: World, message: Json) -> str:
    if told := service(message):
        return f'<div class="service">{escape(told)}</div>'
    sender = message.get("sender_chat") or message.get("from", {})
    mine = "" if message.get("from", {}).get("id") == world.bot["id"] else " mine"
    name = sender.get("title") or sender.get("first_name", "")
    via = f" <i>عبر @{world.bot['username']}</i>" if "via_bot" in message else ""
    return (
        f'<div class="message{mine}"><div class="bubble"><div class="name">{escape(name)}{via}</div>'
        f"{_origin(message)}{_replied(message)}{_document(message)}{_text(message)}"
        f"{_foot(world, message)}</div>{_keyboard(message)}{_toast(world, message)}</div>\n"
    )


def service(message: Json) -> str | None:
    """Return the text of a service message; None for a message that somebody wrote."""
    who = message.get("from", {}).get("first_name", "")
    if topic := message.get("forum_topic_created"):
        return f"أُنشئ الموضوع «{topic['name']}»"
    if joined := message.get("new_chat_members"):
        return f"أضاف {who} {'، '.join(one['first_name'] for one in joined)}"
    if "migrate_to_chat_id" in message:
        return "رُقّيت المجموعة إلى مجموعة كبيرة"
    if "migrate_from_chat_id" in message:
        return "هنا تتمّة المجموعة بعد ترقيتها"
    return None


def _origin(message: Json) -> str:
    origin = message.get("forward_origin")
    if not origin:
        return ""
    chat, user = origin.get("chat", {}), origin.get("sender_user", {})
    name = chat.get("title") or user.get("first_name") or origin.get("sender_user_name", "")
    return f'<div class="origin">حُوّلت من {escape(name)}</div>'


def _replied(message: Json) -> str:
    """Return the message replied to, or the quoted part; the message that opened a topic is not shown."""
    replied = message.get("reply_to_message")
    if not replied or "forum_topic_created" in replied:
        return ""
    said = message.get("quote", {}).get("text") or replied.get("text") or replied.get("caption") or "📎"
    name = replied.get("from", {}).get("first_name", "")
    kind = " quoted" if "quote" in message else ""
    return f'<div class="reply{kind}"><b>{escape(name)}</b>{escape(said.splitlines()[0])}</div>'


def _document(message: Json) -> str:
    document = message.get("document")
    if not document:
        kind = media_kind(message)
        return f'<div class="file"><span>📎</span><div><bdi>{kind}</bdi></div></div>' if kind else ""
    size = f"{document['file_size'] / 1024:.1f} KB"
    name = f"<bdi>{escape(document['file_name'])}</bdi>"
    return f'<div class="file"><span>🗎</span><div>{name}<small dir="ltr">{size}</small></div></div>'


def media_kind(message: Json) -> str | None:
    """Return which kind of media a message holds besides documents; None when it holds none."""
    return next((kind for kind in MEDIA if kind in message), None)


def _text(message: Json) -> str:
    if "text" in message:
        shown = marked_up(message["text"], message.get("entities", []))
    elif "caption" in message:
        shown = marked_up(message["caption"], message.get("caption_entities", []))
    else:
        return ""
    return f'<div class="text">{shown}</div>'


def _foot(world: World, message: Json) -> str:
    reactions = "".join(f'<span class="reaction">{emoji}</span>' for emoji in world.reaction(message))
    edited = "<i>عُدّلت</i> " if "edit_date" in message else ""
    when = time.strftime("%H:%M", time.gmtime(message["date"]))
    return f'<div class="foot">{reactions}<span class="when">{edited}{when}</span></div>'


def _keyboard(message: Json) -> str:
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return "".join(f'<div class="row">{"".join(map(_button, row))}</div>' for row in rows)


def _button(button: Json) -> str:
    corner = next((mark for key, mark in CORNERS.items() if key in button), "")
    return f'<span class="button"><bdi>{escape(button["text"])}</bdi><sup>{corner}</sup></span>'


def _toast(world: World, message: Json) -> str:
    """Return the bot's last answer to a button pressed under this message."""
    at = message["chat"]["id"], message["message_id"]
    for number in reversed(world.callback_answers):
        pressed = world.queries[number].message
        if pressed and (pressed["chat"]["id"], pressed["message_id"]) == at:
            said = str(world.callback_answers[number].get("text") or "")
            return f'<div class="toast">{escape(said)}</div>' if said else ""
    return ""


def _draft(world: World, chat: Chat) -> str:
    """Return the draft that the bot is still writing, empty without one."""
    draft = next((one for one in reversed(world.drafts) if one["chat"] == chat.id), None)
    if draft is None or any(number > draft["after"] for number in chat.sent):
        return ""
    shown = marked_up(draft["text"], draft["entities"]) or "…"
    return f'<div class="message draft"><div class="bubble"><div class="text">{shown}</div></div></div>'


def _kind(chat: Chat) -> str:
    words = {"private": "محادثة خاصة", "group": "مجموعة", "supergroup": "مجموعة", "channel": "قناة"}
    return "منتدى" if chat.is_forum else words[chat.type]


def marked_up(text: str, entities: list[Entity]) -> str:
    """Return the text with its entities as tags, which nest as Telegram sends them."""
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])):
        tag = "a" if entity["type"] == "text_link" else _TAGS.get(entity["type"], "em")
        extra = f' href="{escape(entity["url"])}"' if tag == "a" else ""
        if entity["type"] == "expandable_blockquote":
            extra = ' class="folded"'
        starts.setdefault(entity["offset"], []).append(f"<{tag}{extra}>")
        ends.setdefault(entity["offset"] + entity["length"], []).insert(0, f"</{tag}>")
    parts: list[str] = []
    at = 0
    for character in text:
        parts += ends.get(at, [])
        parts += starts.get(at, [])
        parts.append(escape(character))
        at += len(character.encode("utf-16-le")) // 2
    parts += ends.get(at, [])
    # A blockquote is a block of its own: the newline after it in the text would show as an empty line.
    return "".join(parts).replace("</blockquote>\n", "</blockquote>")
