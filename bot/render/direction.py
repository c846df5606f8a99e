"""Text direction: lines that read correctly whatever words of the other script stand in them.

A paragraph opens with a strong letter of its own direction, and runs of the other one are isolated
(U+2068…U+2069). All output is escaped HTML. The text of a quote never goes through here.
"""

from __future__ import annotations

import re
from html import escape

from bot.render.fitting import units
from prompts import Language, say

_VALUE_TO = 300
"""Most units shown of a headline or a name."""
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_SLOT = "\ue000"
_CONTROLS = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_ARABIC_LETTER = (
    "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc"
)
_LATIN_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
# Words and addresses in Latin letters, and what stands between them. In Arabic lines what is inside «…» stays
# as it is: it may be a quote.
_LATIN_RUN = re.compile(
    rf"«[^»]*»"
    rf"|([/@#]?[0-9]*[{_LATIN_LETTER}](?:[{_LATIN_LETTER}0-9 .,:;/&'’@#%+_?=-]*[{_LATIN_LETTER}0-9/])?)"
)
_ARABIC_RUN = re.compile(
    rf"(«?[{_ARABIC_LETTER}](?:[^{_LATIN_LETTER}\n]*[{_ARABIC_LETTER}\u064b-\u0652»؟0-9\u0660-\u0669])?)"
)


def paragraph(text: str, language: Language) -> str:
    """Return a paragraph that opens in the language's own direction, whatever word it begins with."""
    clean = cleaned(text)
    strong = re.search(rf"[{_ARABIC_LETTER}{_LATIN_LETTER}]", clean)
    if language == "ar" and (strong is None or re.match(rf"[{_LATIN_LETTER}]", strong[0])):
        clean = say("telegram_answer", language, text=clean)
    return line(clean, language)


def line(text: str, language: Language) -> str:
    """Return one line, escaped, with the runs of the other direction isolated."""
    clean = cleaned(text)
    if language == "ar":
        clean = _LATIN_RUN.sub(lambda match: _FIRST_STRONG + match[1] + _POP if match[1] else match[0], clean)
    elif re.search(f"[{_LATIN_LETTER}]", clean):
        clean = _ARABIC_RUN.sub(rf"{_FIRST_STRONG}\1{_POP}", clean)
    return escape(clean, quote=False)


def filled(name: str, language: Language, variable: str, value: str) -> str:
    """Return one of the bot's own lines around a value from outside.

    The value is isolated as a whole where it reads the other way, as every address does: its first digits and its
    last full stop belong to it.
    """
    around = line(say(name, language, **{variable: _SLOT}), language)
    value = _short(value)
    arabic = re.search(f"[{_ARABIC_LETTER}]", value)
    latin = re.search(f"[{_LATIN_LETTER}]", value)
    foreign = arabic if language == "en" else latin and (" " not in value or not arabic)
    return around.replace(_SLOT, isolated(value) if foreign else line(value, language))


def isolated(text: str) -> str:
    """Return a value on one line, escaped and isolated as a whole in its own direction."""
    return f"{_FIRST_STRONG}{escape(cleaned(text), quote=False)}{_POP}"


def opened(text: str) -> str:
    """Return an article's lines escaped, with U+200F before an Arabic line that begins with Latin words."""
    return "\n".join(
        ("\u200f" if _is_turned(part) else "") + escape(part, quote=False) for part in text.split("\n")
    )


def _is_turned(text: str) -> bool:
    strong = re.search(rf"[{_ARABIC_LETTER}{_LATIN_LETTER}]", text)
    if strong is None or not re.match(rf"[{_LATIN_LETTER}]", strong[0]):
        return False
    return len(re.findall(f"[{_ARABIC_LETTER}]", text)) > len(re.findall(f"[{_LATIN_LETTER}]", text))


def cleaned(text: str) -> str:
    """Return the text on one line, without direction marks of its own, which could turn what follows."""
    return " ".join(_CONTROLS.sub("", text).split())


def _short(text: str) -> str:
    clean = cleaned(text)
    return clean if units(clean) <= _VALUE_TO else clean[: _VALUE_TO // 2].rsplit(" ", 1)[0] + "…"
