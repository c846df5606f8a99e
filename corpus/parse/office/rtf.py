"""Articles in RTF files.

Our own reading rather than a library's, because those give hidden, deleted and struck-out text as if it were said, and
no headings. After the Rich Text Format specification 1.9.1.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Literal, NamedTuple

from corpus.article import BlockKind
from corpus.decode import NoTextError, Reason
from corpus.parse.office.lines import Line, page_of, row_of
from corpus.parse.page import Page

_MOST_GROUPS = 1_000  # within each other
_MOST_CELLS = 1_000  # of one row
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^A-Za-z])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)",
    re.DOTALL,
)
_SKIPPED = frozenset(
    b"colortbl info pict header headerl headerr headerf footer footerl footerr footerf footnote annotation atnid "
    b"atnauthor fldinst pntext listtext nonshppict filetbl revtbl xe tc rxe comment template objdata shprslt "
    b"themedata datastore listtable listoverridetable generator".split()
)
"""Groups that hold nothing of the text."""
_STARRED = frozenset({b"shpinst", b"ud", b"moMath", b"shppict"})
"""Groups that a reader may skip and that are read."""
_SIGNS = {
    b"line": "\n",
    b"tab": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
    b"zwj": "\u200d",
    b"zwnj": "\u200c",
    b"ltrmark": "\u200e",
    b"rtlmark": "\u200f",
    b"emspace": "\u2003",
    b"enspace": "\u2002",
    b"qmspace": "\u2005",
}
_SYMBOLS = {b"~": "\u00a0", b"_": "\u2011", b"-": "", b"{": "{", b"}": "}", b"\\": "\\", b"\t": "\t"}
_CHARSETS = {
    77: "mac-roman",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    254: "cp437",
    255: "cp850",
}
"""Codecs of the character sets of fonts; others are in that of the document."""
_CODE_PAGES = {
    708: "iso8859-6",
    720: "cp720",
    864: "cp864",
    10000: "mac-roman",
    10004: "mac-arabic",
    65001: "utf-8",
}
_WESTERN, _ARABIC = "cp1252", "cp1256"
_HEADING = re.compile(r"(?:Subtitle|heading (?P<level>\d))", re.IGNORECASE)
_TITLE = re.compile(r"Title", re.IGNORECASE)
_UNSEEN = frozenset({b"v", b"strike", b"striked", b"deleted", b"htmlrtf"})
_NORMAL = 9  # the level of text that is no heading


def read_rtf(data: bytes) -> Page:
    """Return the article of an RTF file. Raises NoTextError."""
    return page_of(lines_of_rtf(data))


def lines_of_rtf(data: bytes) -> Iterator[Line]:
    """Yield the lines of an RTF file. Raises NoTextError for one of too many groups within each other."""
    return iter(_Reader(data).lines())


@dataclass(slots=True)
class _Style:
    level: int = _NORMAL
    title: bool = False


class _State(NamedTuple):
    """What holds at one place of the file, and to the end of its group."""

    skipped: bool = False
    around: bool = False
    """Whether that around a group read instead of the one that it stands in is skipped: text of a box, in Unicode."""
    table: Literal["", "fonts", "styles"] = ""
    font: int = -1
    other_font: int = -1
    """The font of the letters of right-to-left scripts."""
    leftward: bool = False
    fallbacks: int = 1
    """Characters after one in Unicode that stand there for programs that do not know it."""
    unseen: frozenset[bytes] = frozenset()
    style: int = 0
    level: int = _NORMAL
    in_table: int = 0
    listed: bool = False


@dataclass(slots=True)
class _Story:
    """A text of its own: the document's, or that of a text box."""

    lines: list[Line] = field(default_factory=list)
    text: StringIO = field(default_factory=StringIO)
    cell: list[Line] = field(default_factory=list)
    cells: list[list[Line]] = field(default_factory=list)
    inner_cell: list[Line] = field(default_factory=list)
    inner_cells: list[list[Line]] = field(default_factory=list)
    boxes: list[Line] = field(default_factory=list)


class _Reader:
    """One pass through a file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._state = _State()
        self._groups: list[tuple[_State, bool]] = []
        """The states around the group at hand, each with whether a text box ends with the group inside."""
        self._stories = [_Story()]
        self._fonts: dict[int, str] = {}
        self._styles: dict[int, _Style] = {}
        self._codec = _WESTERN
        self._default_font = -1
        self._bytes = bytearray()
        self._to_skip = 0
        self._star = False
        self._named = 0
        """The font or style that its table describes at this place."""
        self._name: list[str] = []

    def lines(self) -> list[Line]:
        """Return all lines."""
        at = 0
        while found := _TOKEN.match(self._data, at):
            at = found.end()
            word, number, code, symbol, brace, text = found.groups()
            if text is not None:
                self._take(text)
            elif code is not None:
                self._take(bytes([int(code, 16)]), 1)
            elif word is not None:
                if word == b"bin":  # so many bytes of a picture follow
                    at += max(0, int(number or 0))
                else:
                    self._word(word, int(number) if number else None)
            elif brace == b"{":
                self._open()
            elif brace == b"}":
                self._close()
            elif symbol is not None:
                self._symbol(symbol)
        while self._groups:
            self._close()
        self._end_paragraph()
        self._end_row()
        return self._stories[0].lines

    # Groups

    def _open(self) -> None:
        if len(self._groups) >= _MOST_GROUPS:
            raise NoTextError(Reason.DAMAGED)
        self._flush()
        self._to_skip = 0
        self._groups.append((self._state, False))

    def _close(self) -> None:
        self._flush()
        self._to_skip, self._star = 0, False
        if not self._groups:
            return
        if self._state.table == "styles" and self._name:
            self._end_style()
        state, box = self._groups.pop()
        if box:
            self._end_paragraph()
            self._end_row()
            lines = self._stories.pop().lines
            self._story.boxes.extend(lines)
        self._state = state

    def _set(self, **changes: Any) -> None:
        self._state = self._state._replace(**changes)

    @property
    def _story(self) -> _Story:
        return self._stories[-1]

    # Characters

    def _take(self, data: bytes, count: int = 0) -> None:
        """Take bytes of text; those that stand for a character in Unicode before them are left out."""
        if self._to_skip:
            skipped = min(self._to_skip, count or len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        self._star = False
        if data and not self._state.skipped and not self._state.unseen:
            self._bytes += data

    def _put(self, text: str) -> None:
        self._flush()
        self._star = False
        if not self._state.skipped and not self._state.unseen:
            self._add(text)

    def _add(self, text: str) -> None:
        if self._state.table == "styles":
            self._name.append(text)
        elif not self._state.table:
            self._story.text.write(text)

    def _flush(self) -> None:
        """Decode the bytes taken since the encoding last changed."""
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            self._add(data.decode(self._encoding(), "replace"))

    def _encoding(self) -> str:
        state = self._state
        font = state.other_font if state.leftward and state.other_font >= 0 else state.font
        codec = self._fonts.get(font if font >= 0 else self._default_font) or self._codec
        # Nothing that runs from right to left is in the Western code page.
        return _ARABIC if codec == _WESTERN and state.leftward else codec

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol in b"\r\n":
            self._word(b"par", None)
        elif self._to_skip:
            self._to_skip -= 1
        else:
            self._put(_SYMBOLS.get(symbol, ""))

    def _unicode(self, number: int) -> None:
        self._put(chr(number % 0x10000))
        self._to_skip = self._state.fallbacks

    # Control words

    def _word(self, word: bytes, number: int | None) -> None:
        state, star = self._state, self._star
        self._star = False
        if word == b"u":
            return self._unicode(number or 0)
        if self._to_skip and word not in (b"uc", b"par", b"cell", b"row"):
            self._to_skip -= 1  # a word stands for one character, too
            return None
        self._flush()
        if word in (b"upr", b"shpinst"):
            self._set(skipped=True, around=state.skipped)
        elif word in _SKIPPED or (star and word not in _STARRED):
            self._set(skipped=True)
        elif word in (b"fonttbl", b"stylesheet"):
            self._set(table="fonts" if word == b"fonttbl" else "styles")
            self._name.clear()
        elif word == b"ud":
            self._set(skipped=state.around)
        elif word == b"shptxt" and self._groups:
            self._set(skipped=state.around)
            self._groups[-1] = self._groups[-1][0], True
            self._stories.append(_Story())
            self._set(in_table=0)
        elif state.table == "fonts":
            self._describe_font(word, number)
        elif state.table == "styles":
            self._describe_style(word, number)
        elif not state.skipped:
            self._format(word, number)
        return None

    def _format(self, word: bytes, number: int | None) -> None:
        state, on = self._state, number != 0
        if word in _SIGNS:
            return self._put(_SIGNS[word])
        if word in _UNSEEN:
            self._set(unseen=state.unseen | {word} if on else state.unseen - {word})
            return None
        match word:
            case b"par" | b"sect" | b"page":
                self._end_paragraph()
            case b"cell":
                self._end_cell()
            case b"row":
                self._end_row()
            case b"nestcell":
                self._end_paragraph(inner=True)
                self._story.inner_cells.append(self._story.inner_cell)
                self._story.inner_cell = []
            case b"nestrow":
                self._story.cell.extend(row_of(self._story.inner_cells))
                self._story.inner_cells = []
            case b"pard":
                self._set(style=0, level=_NORMAL, in_table=0, listed=False)
            case b"plain":
                self._set(unseen=frozenset(), font=-1, other_font=-1, leftward=False)
            case b"s":
                self._set(style=number or 0)
            case b"outlinelevel":
                self._set(level=number or 0)
            case b"intbl":
                self._set(in_table=max(1, state.in_table))
            case b"itap":
                self._set(in_table=number or 0)
            case b"ls":
                self._set(listed=bool(number))
            case b"uc":
                self._set(fallbacks=min(max(0, 1 if number is None else number), 100))
            case b"f":
                self._set(font=-1 if number is None else number)
            case b"af":
                self._set(other_font=-1 if number is None else number)
            case b"rtlch":
                self._set(leftward=True)
            case b"ltrch":
                self._set(leftward=False)
            case b"deff":
                self._default_font = number or 0
            case b"ansicpg":
                self._codec = _codec(number or 0)
            case b"mac":
                self._codec = "mac-roman"
        return None

    def _describe_font(self, word: bytes, number: int | None) -> None:
        if word == b"f":
            self._named = number or 0
        elif word == b"fcharset" and number in _CHARSETS:
            self._fonts[self._named] = _CHARSETS[number]
        elif word == b"cpg":
            self._fonts[self._named] = _codec(number or 0)

    def _describe_style(self, word: bytes, number: int | None) -> None:
        if word in (b"s", b"cs", b"ds", b"ts"):
            self._named = (number or 0) if word == b"s" else -1
            self._name.clear()
        elif word == b"outlinelevel":
            self._styles.setdefault(self._named, _Style()).level = number or 0

    def _end_style(self) -> None:
        named = "".join(self._name).partition(";")[0].strip()
        self._name.clear()
        style = self._styles.setdefault(self._named, _Style())
        style.title = bool(_TITLE.fullmatch(named))
        if heading := _HEADING.fullmatch(named):
            style.level = int(heading["level"] or 2) - 1

    # Paragraphs and tables

    def _end_paragraph(self, inner: bool = False) -> None:
        self._flush()
        story, state = self._story, self._state
        text = story.text.getvalue().encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        story.text = StringIO()
        style = self._styles.get(state.style, _Style())
        level = state.level if state.level < _NORMAL else style.level
        kind: BlockKind = (
            "heading" if style.title or level < _NORMAL else "item" if state.listed else "paragraph"
        )
        heads: Literal["", "title", "heading"] = "title" if style.title else "heading" if level == 0 else ""
        into = (
            story.inner_cell
            if inner or state.in_table > 1
            else story.cell
            if state.in_table or story.cells
            else story.lines
        )
        into.append(Line(text, kind, heads, joins=bool(state.unseen & {b"v", b"deleted"})))
        into.extend(story.boxes)
        story.boxes = []

    def _end_cell(self) -> None:
        story = self._story
        story.cells.append(story.cell)  # which the paragraph goes into
        story.cell = []
        held = self._state.in_table
        self._set(in_table=1)
        self._end_paragraph()
        self._set(in_table=held)
        story.cells[-1].extend(story.cell)
        story.cell = []
        if len(story.cells) > _MOST_CELLS:
            self._end_row()

    def _end_row(self) -> None:
        story = self._story
        cells = [*story.cells, story.cell] if story.cell else story.cells
        story.lines.extend(row_of(cells))
        story.cells, story.cell = [], []


def _codec(page: int) -> str:
    """Return the codec of a code page, the Western one for those that are not known."""
    try:
        return codecs.lookup(_CODE_PAGES.get(page, f"cp{page}")).name
    except LookupError:
        return _WESTERN
