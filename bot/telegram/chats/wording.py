"""The words of a message that ask something: without its links, mentions, labels and emoji."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import Message, MessageEntity

from corpus.arabic import fold_text, stopwords

_NO_WORDS = frozenset(
    {
        MessageEntity.URL,
        MessageEntity.MENTION,
        MessageEntity.BOT_COMMAND,
        MessageEntity.EMAIL,
        MessageEntity.PHONE_NUMBER,
        MessageEntity.CUSTOM_EMOJI,
    }
)
"""Kinds of entity that are no words of a question; a ``text_link`` keeps its text, which is."""

# Pictographs, dingbats, flags and tags; and what joins, colours and encloses them.
_PICTOGRAPH = (
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff]"
)
_EMOJI = re.compile(rf"(?:[0-9#*]\ufe0f?\u20e3|{_PICTOGRAPH}[\ufe0f\u20e3\U000e0020-\U000e007f]*\u200d?)+")
_ENDS = "؟?.!…\n"
_EDGES = " \t\n،,:؛;-–—"
_BEFORE_MARK = re.compile(r" +(?=[؟?!.،؛,](?:\s|$))")
_CLOSED = 4
"""Fewest words of a sentence without a mark at its end behind which a hashtag may be a label and not its object."""


def entities_of(message: Message) -> Sequence[MessageEntity]:
    """Return the entities of a message's text, or of its caption."""
    return message.entities if message.text is not None else message.caption_entities


def text_of(message: Message) -> str:
    """Return the text of a message, or its caption; "" without one."""
    return message.text or message.caption or ""


def words_of(message: Message, besides: Sequence[MessageEntity] = ()) -> str:
    """Return the words of a message's text or caption, its lines kept; "" when it has none.

    Links, mentions, commands, addresses and emoji are dropped, and so are the entities ``besides``. A hashtag keeps
    its words inside a sentence, and is dropped as a label behind it or where there is nothing else.
    """
    text = text_of(message)
    encoded = text.encode("utf-16-le")  # the offsets of entities are UTF-16 units
    pieces: list[tuple[str, bool]] = []
    at = 0
    for entity in sorted(entities_of(message), key=lambda each: each.offset):
        tag = entity.type == MessageEntity.HASHTAG
        if not (tag or entity.type in _NO_WORDS or entity in besides) or entity.offset < at:
            continue
        end = entity.offset + entity.length
        pieces.append((encoded[2 * at : 2 * entity.offset].decode("utf-16-le"), False))
        if tag and entity not in besides:
            pieces.append((encoded[2 * entity.offset : 2 * end].decode("utf-16-le"), True))
        at = end
    pieces.append((encoded[2 * at :].decode("utf-16-le"), False))
    pieces = [(piece if tag else _EMOJI.sub(" ", piece), tag) for piece, tag in pieces]
    return _tidied("".join(_unmarked(piece) if tag else piece for piece, tag in _unlabelled(pieces)))


def plain_words(text: str) -> str:
    """Return the words of a text without entities."""
    return _tidied(_EMOJI.sub(" ", text))


def _unlabelled(pieces: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the pieces of a text, of which some are hashtags, without those that are labels."""
    if not any(char.isalnum() for piece, tag in pieces if not tag for char in piece):
        return []
    kept = list(pieces)
    while kept and (kept[-1][1] or not kept[-1][0].strip()):
        kept.pop()
    labels = sum(tag for _, tag in pieces[len(kept) :])
    sentence = "".join(piece for piece, _ in kept).rstrip(" \t")
    if not labels or labels > 1 or not sentence or sentence[-1] in _ENDS or _is_closed(sentence):
        return kept
    return pieces


def _is_closed(sentence: str) -> bool:
    """Return whether a sentence without a mark at its end needs no further word.

    In Arabic a noun without its article may be waiting for one: «من هو رئيس #سوريا».
    """
    found = sentence.split()
    last = fold_text(found[-1])
    if len(found) < _CLOSED or last in stopwords():
        return False
    return last.startswith("ال") or last.isascii()


def _unmarked(tag: str) -> str:
    return f" {tag.lstrip('#＃').replace('_', ' ')}"


def _tidied(text: str) -> str:
    lines = [_BEFORE_MARK.sub("", " ".join(line.split())) for line in text.split("\n")]
    tidy = "\n".join(line for line in lines if line).strip(_EDGES)
    return tidy if any(char.isalnum() for char in tidy) else ""
