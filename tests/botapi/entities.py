"""Message text as Telegram reads it: HTML parsed into plain text and entities, and entities found by itself.

After td/telegram/MessageEntity.cpp (`parse_html`, `fix_formatted_text`) and misc.cpp (`clean_input_string`).
Offsets and lengths are UTF-16 code units, as in the Bot API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

Entity = dict[str, Any]

MOST_UNITS = 4096
MOST_ENTITIES = 100
_MOST_BYTES = 35_000

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_GIVEN = {
    "expandable_blockquote", "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
    "text_mention",
}  # fmt: skip
_TAG = re.compile(r"<(/?)([^\s>]*)([^>]*)>")
_ATTRIBUTE = re.compile(r"""\s+([A-Za-z-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[A-Za-z0-9.-]+))?""")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")


class EntityError(ValueError):
    """Raised for text that Telegram refuses; the message is Telegram's, after ``Bad Request: ``."""


@dataclass(frozen=True)
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """Return the part of a text that an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def accept(text: str, parse_mode: str | None, given: object = None) -> tuple[str, list[Entity]]:
    """Return the text of a message as it appears in the chat, with its entities. Raises EntityError when refused.

    ``given`` are entities sent beside the text; they count only without a parse mode.
    """
    plain, entities = text, list[Entity]()
    if parse_mode:
        if parse_mode.upper() != "HTML":
            raise EntityError("unsupported parse_mode")
        plain, entities = parse_html(text)
    elif isinstance(given, list):
        entities = [_checked(entity, units(text)) for entity in given]
    if not text:
        raise EntityError("message text is empty")
    plain, entities = _trim(*_clean(plain, entities))
    if not plain:
        raise EntityError("text must be non-empty")
    if units(plain) > MOST_UNITS or len(plain.encode()) > _MOST_BYTES:
        raise EntityError("message is too long")
    found = [entity for entity in find(plain) if not _in_code(entity, entities)]
    return plain, [*entities, *found][:MOST_ENTITIES]


def _in_code(entity: Entity, marked: list[Entity]) -> bool:
    """Return whether an entity lies in code, where Telegram makes no links and no mentions."""
    return any(
        code["type"] in ("code", "pre")
        and entity["offset"] < code["offset"] + code["length"]
        and code["offset"] < entity["offset"] + entity["length"]
        for code in marked
    )


def _checked(entity: Entity, size: int) -> Entity:
    if entity.get("type") not in {*_KINDS.values(), *_GIVEN}:
        raise EntityError("can't parse MessageEntity: Unsupported type specified")
    start, length = int(entity["offset"]), int(entity["length"])
    if start < 0:
        raise EntityError(f"receive an entity with incorrect offset {start}")
    if length < 0:
        raise EntityError(f"receive an entity with incorrect length {length}")
    if start > size:
        raise EntityError(f"entity begins after the end of the text at UTF-16 offset {start}")
    if start + length > size:
        raise EntityError(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text"
            f" at UTF-16 offset {start + length}"
        )
    return entity


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Parse HTML as Telegram does. Raises EntityError for a tag unknown, unclosed or closed out of order."""
    plain: list[str] = []
    length = 0
    opened: list[_Open] = []
    entities: list[Entity] = []
    at = 0
    while at < len(source):
        if source[at] == "<":
            at, found = _tag(source, at, opened, length)
            if found:
                entities.append(found)
            continue
        reference = _REFERENCE.match(source, at)
        piece = unescape(reference[0]) if reference else source[at]
        at = reference.end() if reference else at + 1
        plain.append(piece)
        length += units(piece)
    if opened:
        raise _cannot(f'Can\'t find end tag corresponding to start tag "{opened[-1].tag}"')
    return "".join(plain), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _tag(source: str, at: int, opened: list[_Open], length: int) -> tuple[int, Entity | None]:
    byte = len(source[:at].encode())
    match = _TAG.match(source, at)
    if match is None:
        raise _cannot(
            f"Unclosed {'end' if source[at : at + 2] == '</' else 'start'} tag at byte offset {byte}"
        )
    closing, name, rest = match[1], match[2].lower(), match[3]
    if closing:
        if not opened:
            raise _cannot(f"Unexpected end tag at byte offset {byte}")
        start = opened.pop()
        if name and name != start.tag:
            raise _cannot(
                f'Unmatched end tag at byte offset {byte}, expected "</{start.tag}>", found "</{name}>"'
            )
        return match.end(), _entity(start, length)
    if name not in _KINDS:
        raise _cannot(f'Unsupported start tag "{name}" at byte offset {byte}')
    attributes = _attributes(rest, name, byte)
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    if name == "blockquote" and any(outer.tag == "blockquote" for outer in opened):
        raise _cannot(f'Nested "blockquote" tag at byte offset {byte}')
    opened.append(_Open(name, attributes, length))
    return match.end(), None


def _attributes(rest: str, name: str, byte: int) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(rest.rstrip()):
        match = _ATTRIBUTE.match(rest, at)
        if match is None:
            raise _cannot(f'Wrong attribute in the tag "{name}" at byte offset {byte}')
        found[match[1].lower()] = unescape((match[2] or "").strip("\"'"))
        at = match.end()
    return found


def _entity(start: _Open, end: int) -> Entity | None:
    if end == start.offset:
        return None
    kind = _KINDS[start.tag]
    if kind == "blockquote" and "expandable" in start.attributes:
        kind = "expandable_blockquote"
    entity: Entity = {"type": kind, "offset": start.offset, "length": end - start.offset}
    if kind == "text_link":
        url = start.attributes.get("href", "")
        # An address that is none makes no link, silently; a link to a user would need tg://user.
        if not re.fullmatch(r"(?:https?|tg|tonsite)://[^\s/?#]+\S*", url):
            return None
        entity["url"] = url
    return entity


def _cannot(why: str) -> EntityError:
    return EntityError(f"can't parse entities: {why}")


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Replace control characters by spaces; remove carriage returns and U+2028…U+202E."""
    kept: list[str] = []
    moved = [0]
    for character in text:
        if character == "\r" or "\u2028" <= character <= "\u202e":
            new = ""
        else:
            new = " " if character < " " and character != "\n" else character
        kept.append(new)
        moved += [moved[-1] + units(new)] + [moved[-1] + units(new)] * (units(character) - 1)
    fixed = [
        entity
        | {
            "offset": moved[entity["offset"]],
            "length": moved[entity["offset"] + entity["length"]] - moved[entity["offset"]],
        }
        for entity in entities
    ]
    return "".join(kept), [entity for entity in fixed if entity["length"]]


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    left = units(text) - units(text.lstrip(" \n"))
    text = text.strip(" \n")
    size = units(text)
    fixed = []
    for entity in entities:
        start = max(0, entity["offset"] - left)
        end = min(size, entity["offset"] - left + entity["length"])
        if start < end:
            fixed.append(entity | {"offset": start, "length": end - start})
    return text, fixed


_FOUND = (
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<!\w)@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("url", re.compile(r"(?<!\w)(?:https?://|t\.me/)[^\s\u2068\u2069]+")),
    ("email", re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("hashtag", re.compile(r"(?<![\w#/])#\w*[^\W\d]\w*")),
    ("phone_number", re.compile(r"(?<!\w)\+\d{7,15}(?!\w)")),
)


def find(text: str) -> list[Entity]:
    """Return the commands, mentions, hashtags and addresses that Telegram marks by itself."""
    found = sorted(
        (match.start(), -match.end(), kind, match[0])
        for kind, pattern in _FOUND
        for match in pattern.finditer(text)
    )
    entities: list[Entity] = []
    at = 0
    for start, end, kind, marked in found:
        if start >= at:  # nothing is marked inside of an address
            entities.append({"type": kind, "offset": units(text[:start]), "length": units(marked)})
            at = -end
    return entities
