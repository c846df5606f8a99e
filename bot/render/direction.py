"""Text direction: lines that read correctly whatever words of the other script stand in them.

A paragraph opens with a strong letter of its own direction, and runs of the other one are isolated
(U+2068…U+2069). All output is escaped HTML. What stands in quotation marks may be a quote: of it nothing is
changed, and no mark is put into it. Elsewhere blanks become single spaces, and direction marks are dropped.
"""

from __future__ import annotations

import re
from html import escape

from bot.render.fitting import slices, units
from prompts import Language, say

_VALUE_TO = 300
"""Most units shown of a headline or a name."""
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_SLOT = "\ue000"
_CONTROL = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_OPENING, _CLOSING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068", "\u202c\u2069"
_ARABIC_LETTER = (
    "\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdff\ufe70-\ufefc"
)
_LATIN_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_MARK = '"“”„‟'
QUOTATION = rf"«[^«»]*»|[{_MARK}](?:«[^«»]*»|[^{_MARK}«»])*[{_MARK}]"
"""A stretch of text in quotation marks, with the marks, as ``bot.quotes.quotations`` finds them."""
_OUTSIDE = re.compile(rf"({QUOTATION})|[\s{_CONTROL}]+")
_BREAK = re.compile(rf"({QUOTATION})|\n+")
# Words and addresses in Latin letters, and what stands between them.
_LATIN_RUN = re.compile(
    rf"{QUOTATION}"
    rf"|(?P<run>[/@#]?[0-9]*[{_LATIN_LETTER}](?:[{_LATIN_LETTER}0-9 .,:;/&'’@#%+_?=-]*[{_LATIN_LETTER}0-9/])?)"
)
_ARABIC_QUOTATION = (
    rf"«(?=[^«»]*[{_ARABIC_LETTER}])[^«»]*»"
    rf"|[{_MARK}](?=[^{_MARK}]*[{_ARABIC_LETTER}])(?:«[^«»]*»|[^{_MARK}«»])*[{_MARK}]"
)
_BETWEEN = rf"{QUOTATION}|[^{_LATIN_LETTER}\n«{_MARK}]|«(?![^«»]*»)|[{_MARK}](?![^{_MARK}]*[{_MARK}])"
_ARABIC_RUN = re.compile(
    rf"(?P<run>(?:{_ARABIC_QUOTATION}|«?[{_ARABIC_LETTER}])"
    rf"(?:(?:{_BETWEEN})*(?:{_ARABIC_QUOTATION}|[{_ARABIC_LETTER}\u064b-\u0652»؟0-9\u0660-\u0669]))?)"
    rf"|{QUOTATION}"
)


def paragraphs(text: str, language: Language, room: int) -> list[str]:
    """Return the paragraphs of a text, escaped, in pieces of at most ``room`` units.

    Each opens in the language's own direction, whatever word it begins with. A line break in a quotation begins no
    paragraph.
    """
    parts = _BREAK.sub(lambda found: found[1] or _SLOT, text.replace(_SLOT, "")).split(_SLOT)
    directed = [_directed(_begun(part, language), language) for part in parts if part.strip()]
    return [escape(piece, quote=False) for part in directed for piece in slices(part, room)]


def _begun(text: str, language: Language) -> str:
    """Return a paragraph whose first letter is of the language's own direction."""
    clean = _tidied(text)
    strong = re.search(rf"[{_ARABIC_LETTER}{_LATIN_LETTER}]", clean)
    if language == "ar" and (strong is None or re.match(rf"[{_LATIN_LETTER}]", strong[0])):
        return say("telegram_answer", language, text=clean)
    return clean


def line(text: str, language: Language) -> str:
    """Return one line, escaped, with the runs of the other direction isolated."""
    return escape(_directed(text, language), quote=False)


def _directed(text: str, language: Language) -> str:
    clean = _tidied(text)
    if language == "ar":
        return _LATIN_RUN.sub(_isolated_run, clean)
    return _ARABIC_RUN.sub(_isolated_run, clean) if re.search(f"[{_LATIN_LETTER}]", clean) else clean


def _isolated_run(match: re.Match[str]) -> str:
    """Return a run isolated; a quotation as it stands, or isolated as a whole when all its letters are Latin."""
    whole = match[0]
    foreign = (
        whole[0] in _MARK
        and re.search(f"[{_LATIN_LETTER}]", whole)
        and not re.search(f"[{_ARABIC_LETTER}]", whole)
    )
    return _FIRST_STRONG + whole + _POP if match["run"] or foreign else whole


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
    return f"{_FIRST_STRONG}{escape(_tidied(text), quote=False)}{_POP}"


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
    """Return the text on one line, without direction marks of its own, which could turn what follows.

    Not for what may hold a quote.
    """
    return " ".join(re.sub(f"[{_CONTROL}]", "", text).split())


def _tidied(text: str) -> str:
    """Return the text cleaned outside its quotations; what one of them leaves open is closed after it."""

    def tidy(found: re.Match[str]) -> str:
        if found[1]:
            return found[1] + _unclosed(found[1])
        return " " if any(map(str.isspace, found[0])) else ""

    return _OUTSIDE.sub(tidy, text).strip()


def _unclosed(text: str) -> str:
    """Return the marks that end the embeddings, overrides and isolates that a text opens and does not end."""
    due = ""
    for mark in text:
        if mark in _OPENING:
            due = _CLOSING[mark >= "\u2066"] + due
        elif mark in _CLOSING:
            due = due.removeprefix(mark)
    return due


def _short(text: str) -> str:
    clean = _tidied(text)
    return clean if units(clean) <= _VALUE_TO else clean[: _VALUE_TO // 2].rsplit(" ", 1)[0] + "…"
