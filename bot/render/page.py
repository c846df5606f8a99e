"""What text is written on: a terminal of some width, or a pipe that takes plain lines.

On a terminal Arabic lines stand at the right edge, wrapped between words. Letters stay in their logical order,
so that what is copied is the real text; terminals that know about direction put them in order. For those, a line
is one isolate (U+2067 … U+2069) after blanks: whatever the terminal takes a line's own direction to be, it
finds no letter outside the isolate, begins at the left, and the blanks bring the isolate to the right edge.
One blank at least goes before it, because VTE drops a mark in the first column. Pipes get none of this.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from typing import TextIO

from prompts import Language

WIDEST = 100
"""Columns a line takes at most, however wide the terminal: longer ones are hard to read."""
_NARROWEST = 20

_RTL, _FIRST_STRONG, _POP = "\u2067", "\u2068", "\u2069"
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")

STYLES = {"bold": "1", "dim": "2", "mark": "7", "good": "32", "bad": "31", "head": "1;36"}
"""Names of styles and their codes (ECMA-48, SGR)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where lines go. ``width``: the terminal's columns; None when there is no terminal."""

    language: Language = "ar"
    width: int | None = None
    colour: bool = False

    def lines(self, text: str, *, style: str = "", marker: str = "", rtl: bool | None = None) -> str:
        """The text as lines of this page, each after the marker; without a newline at the end.

        ``rtl`` None: each line of the text goes by its first letter, one without letters by the language.
        """
        return "\n".join(
            self._line(part, style, marker, self._is_rtl(line) if rtl is None else rtl)
            for line in text.split("\n")
            for part in self._wrap(line, len(marker))
        )

    def isolate(self, text: str) -> str:
        """A name or file name inside a line of ours, so that foreign letters do not disturb what is around it."""
        return f"{_FIRST_STRONG}{text}{_POP}" if self.width is not None and _LATIN.search(text) else text

    def paint(self, text: str, style: str) -> str:
        """Text in a style, where there are colours."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.colour and style else text

    def _line(self, text: str, style: str, marker: str, rtl: bool) -> str:
        painted = marker + self.paint(text, style)
        if self.width is None or not rtl:
            return painted.rstrip() if not text else painted
        # The last column stays free: some terminals break the line after writing there.
        blanks = max(self.width - 1 - columns(marker + text), 1)
        return " " * blanks + _RTL + painted + _POP

    def _wrap(self, line: str, taken: int) -> list[str]:
        """The line in pieces that fit, cut at blanks; a word that is too long stays whole."""
        if self.width is None:
            return [line]
        room = max(min(self.width - 2, WIDEST) - taken, _NARROWEST)
        pieces: list[str] = []
        used = 0
        for word in line.split(" "):
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


def page_of(stream: TextIO, language: Language) -> Page:
    """The page that a stream is."""
    if not stream.isatty():
        return Page(language)
    from rich.console import Console

    console = Console(file=stream)
    return Page(language, console.width, console.color_system is not None and not console.no_color)


def columns(text: str) -> int:
    """Columns that a terminal needs for a text: none for marks over letters and for direction marks."""
    from rich.cells import cell_len

    return cell_len(text)


def make_writable(stream: TextIO) -> None:
    """Let a standard stream take any text, whatever the locale: UTF-8, and a replacement for what has no form in it."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="replace")
