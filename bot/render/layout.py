"""Layout of text for a terminal of some width, or for a pipe that takes plain lines.

On a terminal Arabic lines stand at the right edge, wrapped between words. Letters stay in their logical order, so
that copied text is the real text; terminals that support direction reorder them. For those, a line is one isolate
(U+2067 … U+2069) after blanks: whatever the terminal takes a line's own direction to be, it finds no letter
outside the isolate, begins at the left, and the blanks bring the isolate to the right edge. At least one blank
goes before it, because VTE drops a mark in the first column. Pipes get none of this.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import TextIO

from bot.render.controls import plain, settled
from bot.render.direction import QUOTATION
from bot.render.emphasis import within
from corpus.article import Span
from prompts import Language

WIDEST = 100
"""Most columns of a line, however wide the terminal: longer lines are hard to read."""
_NARROWEST = 20

_RTL, _FIRST_STRONG, _POP = "\u2067", "\u2068", "\u2069"
_ISOLATE = re.compile(f"{_FIRST_STRONG}[^{_POP}]*{_POP}")
_LATIN, _ARABIC = (
    "A-Za-z\u00c0-\u024f",
    "\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
)
_KEPT = rf"{_ISOLATE.pattern}|{QUOTATION}"  # isolated already, or perhaps a quote
_FOREIGN = {
    # Words, commands, options and addresses in Latin letters; runs of Arabic.
    "ar": re.compile(rf"{_KEPT}|([/@#-]*[{_LATIN}](?:[{_LATIN}0-9_ .:;/&'’@#%+?=-]*[{_LATIN}0-9])?)"),
    "en": re.compile(
        rf"{_KEPT}|([{_ARABIC}](?:(?:{QUOTATION}|[^{_LATIN}\n«\"“”„‟{_FIRST_STRONG}])*[{_ARABIC}\u064b-\u0652؟])?)"
    ),
}

STYLES = {"bold": "1", "dim": "2", "quote": "1;36"}
"""Names of styles and their codes (ECMA-48, SGR)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The output for lines: its language, width and colours.

    ``width``: the terminal's columns; None when there is no terminal.
    """

    language: Language = "ar"
    width: int | None = None
    colour: bool = False

    def lines(
        self,
        text: str,
        *,
        style: str = "",
        marker: str = "",
        rtl: bool | None = None,
        bold: Span | None = None,
    ) -> str:
        """Return the text as lines of this layout, each after the marker, without a newline at the end.

        ``rtl``: if None, each line of the text goes by its first letter, one without letters by the language. A
        pipe gets the text as it is, a terminal without the characters that steer it or the direction of what
        stands around. ``bold``: a part of the text to be bold.
        """
        if self.width is not None:
            if bold is not None:
                start = len(plain(text[: bold.start]))
                bold = Span(start, start + len(plain(text[bold.start : bold.end])))
            text = plain(text)
        return self._laid_out(text, style, marker, rtl, bold)

    def _laid_out(
        self, text: str, style: str = "", marker: str = "", rtl: bool | None = None, bold: Span | None = None
    ) -> str:
        shown, at = [], 0
        for line in text.split("\n"):
            turned = self._is_rtl(line) if rtl is None else rtl
            for part in self._wrap(line, len(marker)):
                shown.append(self._line(part, style, marker, turned, within(bold, at, at + len(part))))
                at += len(part) + 1  # the blank or line break between two parts is in neither
        return "\n".join(shown)

    def note(self, text: str, *, style: str = "") -> str:
        """Return the program's own lines in the direction of the user's language, with foreign runs isolated.

        Not for quotes: no mark is put into those.
        """
        if self.width is not None:
            foreign = _FOREIGN[self.language]
            text = settled(text)
            text = foreign.sub(lambda found: self.isolate(found[1]) if found[1] else found[0], text)
        return self._laid_out(text, style, rtl=self.language == "ar")

    def isolate(self, text: str) -> str:
        """Isolate a name or a file's name for a note: it stays in one piece whatever it begins and ends with."""
        if self.width is None or not text:
            return text
        return _FIRST_STRONG + plain(text).replace("\n", " ") + _POP

    def paint(self, text: str, style: str) -> str:
        """Return the text in a style where there are colours."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and style else text

    def _line(self, text: str, style: str, marker: str, rtl: bool, bold: Span | None) -> str:
        painted = marker + self.paint(text, style)
        if bold is not None:
            before, words, after = text[: bold.start], text[bold.start : bold.end], text[bold.end :]
            painted = (
                marker + self.paint(before, style) + self.paint(words, "bold") + self.paint(after, style)
            )
        if self.width is None or not rtl:
            return painted.rstrip() if not text else painted
        # The last column stays free: some terminals break the line after writing there.
        blanks = max(self.width - 1 - columns(marker + text), 1)
        return " " * blanks + _RTL + painted + _POP

    def _wrap(self, line: str, taken: int) -> list[str]:
        """Split a line at blanks into pieces that fit; a word that is too long stays whole."""
        if self.width is None:
            return [line]
        room = max(min(self.width - 2, WIDEST) - taken, _NARROWEST)
        # A line ends inside no isolate, or it would spill into the next.
        words = _ISOLATE.sub(lambda found: found[0].replace(" ", "\0"), line).split(" ")
        pieces: list[str] = []
        used = 0
        for word in (word.replace("\0", " ") for word in words):
            size = columns(word)
            if pieces and used + 1 + size <= room:
                pieces[-1] += f" {word}"
                used += 1 + size
            else:
                pieces.append(word)
                used = size
        return pieces

    def _is_rtl(self, text: str) -> bool:
        for character in text:
            direction = unicodedata.bidirectional(character)
            if direction in ("R", "AL"):
                return True
            if direction == "L":
                return False
        return self.language == "ar"


def layout_of(stream: TextIO, language: Language) -> Layout:
    """Return the layout for a stream."""
    if not stream.isatty():
        return Layout(language)
    from rich.console import Console

    console = Console(file=stream)
    return Layout(language, console.width, console.color_system is not None and not console.no_color)


def columns(text: str) -> int:
    """Return the columns that a text needs: none for marks over letters and for direction marks."""
    from rich.cells import cell_len

    return cell_len(text)


def make_writable(stream: TextIO) -> None:
    """Make a standard stream take any text in any locale: UTF-8, with replacements for what it cannot encode."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace")
