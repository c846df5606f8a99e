"""Lines with the names that people give themselves, treated as data whatever they look like."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape

from bot.render.telegram import render_line
from prompts import Language, say

_MOST = 40
_JOINERS = "\u200c\u200d"
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Letters and marks that show nothing, though they are no spaces by their category."""
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_SLOTS = 0xE000


def shown(name: str, most: int = _MOST) -> str:
    """Return a name on one line, at most ``most`` characters long, without invisible characters.

    Returns "" when nothing is visible. Of the marks stacked upon a letter, two are kept.
    """
    kept: list[str] = []
    marks = 0
    for letter in " ".join(name.split()):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if (
            marks <= 2
            and letter not in _BLANK
            and (category[0] not in "CZ" or letter == " " or letter in _JOINERS)
        ):
            kept.append(letter)
    clean = "".join(kept).strip(f" {_JOINERS}")
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in clean):
        return ""
    return clean if len(clean) <= most else clean[:most].rstrip() + "…"


def isolated(name: str, most: int = _MOST) -> str:
    """Return a name in plain text, as for a button, isolated so that it turns nothing around it."""
    return f"{_FIRST_STRONG}{shown(name, most)}{_POP}"


def render_about(
    message: str, language: Language, own: Mapping[str, str] | None = None, /, **values: str
) -> str:
    """Render a message of ``prompts/messages`` as HTML around values from outside.

    Each value stands in ``<code>``: otherwise Telegram would make links, mentions and commands of text shaped like
    one. ``own``: values of the bot's own, which need none of this.
    """
    slots = {variable: chr(_SLOTS + n) for n, variable in enumerate(values)}
    html = render_line(say(message, language, **slots, **(own or {})), language)
    for variable, slot in slots.items():
        value = shown(values[variable], 2 * _MOST) or say("telegram_access_nameless", language)
        html = html.replace(slot, f"{_FIRST_STRONG}<code>{escape(value, quote=False)}</code>{_POP}")
    return html
