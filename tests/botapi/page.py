"""A chat as a web page that looks like one, so that what the bot sends can be seen as a reader sees it."""

from __future__ import annotations

from html import escape

from tests.botapi.entities import Entity
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
    "mention": "em",
    "bot_command": "em",
    "url": "em",
}

# Paragraphs take their direction from their first strong letter, as in Telegram: unicode-bidi: plaintext.
_STYLE = """
body { margin: 0; background: #cfd9c5; font: 16px/1.5 'Noto Sans', 'Noto Sans Arabic', sans-serif; }
header { background: #517da2; color: white; padding: 10px 16px; font-weight: bold; unicode-bidi: plaintext; }
main { max-width: 560px; margin: 0 auto; padding: 12px; display: flex; flex-direction: column; gap: 8px; }
.message { max-width: 88%; padding: 8px 12px; border-radius: 12px; background: white; }
.message { align-self: flex-start; }
.message.mine { background: #effdde; align-self: flex-end; }
.name { color: #517da2; font-size: 13px; font-weight: bold; }
.reply { border-inline-start: 3px solid #65a9e0; padding-inline-start: 8px; color: #555; font-size: 13px;
  unicode-bidi: plaintext; text-align: start; max-height: 1.6em; overflow: hidden; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; text-align: start; }
blockquote { margin: 4px 0; padding: 6px 10px; background: #e9f3fb; border-radius: 6px; display: block;
  border: solid #65a9e0; border-width: 0 3px; unicode-bidi: plaintext; text-align: start; }
blockquote.folded { max-height: 4.6em; overflow: hidden; }
em { font-style: normal; color: #168acd; } a { color: #168acd; text-decoration: none; }
"""


def chat_page(world: World, chat: Chat) -> str:
    """The chat as an HTML page: the bot's messages at the left, people's at the right."""
    messages = "\n".join(_message(world, message) for message in chat.messages.values() if "text" in message)
    return (
        f'<!doctype html><html lang="ar"><meta charset="utf-8"><title>{escape(chat.title)}</title>'
        f"<style>{_STYLE}</style><header>{escape(chat.title)}</header><main>{messages}</main></html>"
    )


def _message(world: World, message: Json) -> str:
    sender = message["from"]
    mine = "" if sender["id"] == world.bot["id"] else " mine"
    replied = message.get("reply_to_message", {}).get("text")
    reply = f'<div class="reply">{escape(replied.splitlines()[0])}</div>' if replied else ""
    text = marked_up(message["text"], message.get("entities", []))
    return (
        f'<div class="message{mine}"><div class="name">{escape(sender["first_name"])}</div>'
        f'{reply}<div class="text">{text}</div></div>'
    )


def marked_up(text: str, entities: list[Entity]) -> str:
    """The text with its entities as tags; they nest, as Telegram sends them."""
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for entity in sorted(entities, key=lambda entity: (entity["offset"], -entity["length"])):
        tag = "a" if entity["type"] == "text_link" else _TAGS[entity["type"]]
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
