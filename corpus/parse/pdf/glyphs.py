"""Glyphs of a PDF page: their positions, and the characters that the file assigns to them.

A glyph stands for the characters in its font's map to Unicode, or, together with others, for the ActualText
of the marked content around them: files write a letter that is drawn in parts this way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pdfminer.cmapdb import CMap, CMapParser
from pdfminer.encodingdb import name2unicode
from pdfminer.pdfcolor import PDFColorSpace
from pdfminer.pdfdevice import PDFTextDevice, PDFTextSeq
from pdfminer.pdffont import PDFCIDFont, PDFFont, PDFSimpleFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFGraphicState, PDFPageInterpreter, PDFResourceManager, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, list_value, resolve1
from pdfminer.psparser import PSKeyword, PSLiteral
from pdfminer.utils import MATRIX_IDENTITY, Matrix, apply_matrix_pt, choplist, decode_text

from corpus.parse.pdf.ground import Ground, is_white


@dataclass(slots=True)
class Glyph:
    """One glyph, or several that stand for something together. Lengths are in points, y grows upwards."""

    text: str
    """Characters of the glyph; empty where the file does not give them."""
    x0: float
    x1: float
    y: float
    """Position of the baseline."""
    size: float
    """Size of the font."""
    string: int
    """Number of the string that the glyph was drawn with, counted through the page."""
    block: int
    """Number of the text object (BT to ET) that the glyph was drawn in."""
    reversed: bool
    """Whether the file says that the glyph's string runs from right to left."""
    shape: int = 0
    """For a glyph without characters a number that all of the same font and form share, 0 for others."""


class TooManyGlyphsError(Exception):
    """A document draws more than ``Glyphs`` was told to accept."""


@dataclass
class _Mark:
    """Open marked content."""

    text: str | None
    reversed: bool
    glyphs: list[Glyph] = field(default_factory=list)


class _Codes(CMap):
    """Map from the codes of a string to glyphs, as given by the file itself.

    A code that is not in the map is an unknown glyph, where pdfminer would take it for none.
    """

    def add_cid2unichr(self, cid: int, code: PSLiteral | bytes | int) -> None:
        """Map a code to a glyph. Called by CMapParser, which is made for maps in the other direction."""
        if not isinstance(code, bytes) or not code:
            return
        within = self.code2cid
        for byte in code[:-1]:
            below = within.setdefault(byte, {})
            if not isinstance(below, dict):
                return
            within = below
        within[code[-1]] = cid

    def decode(self, code: bytes) -> Iterator[int]:
        within = self.code2cid
        for byte in code:
            found = within.get(byte, _UNKNOWN)
            if isinstance(found, dict):
                within = found
            else:
                yield found if isinstance(found, int) else _UNKNOWN
                within = self.code2cid


_UNKNOWN = -1


class _CodesParser(CMapParser):
    def do_keyword(self, pos: int, token: PSKeyword) -> None:
        if token is self.KEYWORD_ENDCIDCHAR:  # pdfminer takes a code for a number and a number for a code
            for code, cid in choplist(2, [each for _, each in self.popall()]):
                if isinstance(cid, int) and isinstance(code, bytes):
                    self.cmap.add_cid2unichr(cid, code)
        else:
            super().do_keyword(pos, token)


class _Fonts(PDFResourceManager):
    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        font = super().get_font(objid, spec)
        if isinstance(font, PDFSimpleFont):
            unknown = frozenset(_unknown_codes(spec))
            font.cid2unicode = {code: text for code, text in font.cid2unicode.items() if code not in unknown}
        if isinstance(font, PDFCIDFont) and isinstance(font.cmap, CMap) and not font.cmap.code2cid:
            font.cmap = _Codes()
            if isinstance(encoding := spec.get("Encoding"), PDFStream):
                _CodesParser(font.cmap, BytesIO(encoding.get_data())).run()
        return font


def _unknown_codes(spec: Mapping[str, object]) -> Iterator[int]:
    """Yield the codes to which a font gives a glyph of its own, by a name that means no character.

    pdfminer takes them for what they are in the encoding that the font starts from.
    """
    encoding = resolve1(spec.get("Encoding"))
    code = 0
    for each in list_value(encoding.get("Differences", [])) if isinstance(encoding, dict) else ():
        if isinstance(each, int):
            code = each
        elif isinstance(each, PSLiteral):
            try:
                name2unicode(str(each.name))
            except (KeyError, ValueError):
                yield code
            code += 1


class _Interpreter(PDFPageInterpreter):
    device: Glyphs

    def do_sh(self, name: object) -> None:
        self.device.ground.paint_all()

    def do_BT(self) -> None:
        self.device.block += 1
        super().do_BT()


_SCAN = 0.25  # share of the page that a picture takes, at least, for the page to be one


class Glyphs(PDFTextDevice):
    """Collector of the glyphs of pages, in the order in which they are drawn.

    Glyphs that nobody sees are left out: invisible text, as programs lay it over pictures of pages, white text on
    the bare page, glyphs beside the page, and those too small to be read. Text that does not run horizontally, such
    as a stamp across the page, is left out too; ``turned`` counts it.
    """

    def __init__(self, most: int) -> None:
        super().__init__(_Fonts())
        self._interpreter = _Interpreter(self.rsrcmgr, self)
        self._left = most
        self.turned = 0
        """Number of glyphs that do not run horizontally, on all pages."""
        self.scanned = 0
        """Number of pages that show a large picture and no text."""
        self._pictured = False
        self._box = (0.0, 0.0, 0.0, 0.0)
        self._found: list[Glyph] = []
        self._open: list[_Mark] = []
        self._string = 0
        self._seen = True
        self._white = False
        self.ground = Ground()
        self._shapes: dict[tuple[PDFFont, int], int] = {}
        self.block = 0

    def read(self, page: PDFPage) -> list[Glyph]:
        """Return the glyphs of a page. Raises TooManyGlyphsError, and any pdfminer error for a broken file."""
        self._found, self._open, self._string, self.block = [], [], 0, 0
        self._pictured = False
        self.ground.clear()
        self._interpreter.process_page(page)
        while self._open:
            self.end_tag()
        self.scanned += self._pictured and not self._found
        return self._found

    def begin_page(self, page: PDFPage, ctm: Matrix) -> None:
        x0, y0, x1, y1 = page.cropbox
        corners = [apply_matrix_pt(ctm, corner) for corner in ((x0, y0), (x1, y1))]
        (left, right), (low, high) = (sorted(ends) for ends in zip(*corners, strict=True))
        self._box = left, low, right, high

    # Marked content

    def begin_tag(self, tag: PSLiteral, props: Any = None) -> None:
        text = props.get("ActualText") if isinstance(props, dict) else None
        meant = _decoded(text) if isinstance(text, bytes) else None
        self._take(len(meant or ""))
        self._open.append(_Mark(meant, str(tag.name) == "ReversedChars"))

    def end_tag(self) -> None:
        if not self._open:
            return
        mark = self._open.pop()
        if mark.text == "":
            return  # it is there for the eye only
        # What stands for several lines would lose its place; marks stand higher or lower than their letter.
        if mark.text is not None and mark.glyphs and _on_one_line(mark.glyphs):
            first = max(mark.glyphs, key=lambda each: each.x1 - each.x0)
            mark.glyphs = [
                Glyph(
                    mark.text,
                    min(each.x0 for each in mark.glyphs),
                    max(each.x1 for each in mark.glyphs),
                    first.y,
                    first.size,
                    first.string,
                    first.block,
                    first.reversed,
                )
            ]
        (self._open[-1].glyphs if self._open else self._found).extend(mark.glyphs)

    # Glyphs

    def paint_path(
        self, graphicstate: PDFGraphicState, stroke: bool, fill: bool, evenodd: bool, path: Sequence[Any]
    ) -> None:
        """Note what is painted other than white. Called by pdfminer."""
        if (fill and not is_white(graphicstate.ncs.name, graphicstate.ncolor)) or (
            stroke and not is_white(graphicstate.scs.name, graphicstate.scolor)
        ):
            points = (point for segment in path for point in choplist(2, segment[1:]))
            self.ground.paint(apply_matrix_pt(self._matrix(), point) for point in points)

    def render_image(self, name: str, stream: PDFStream) -> None:
        """Note where a picture stands. Called by pdfminer."""
        corners = [apply_matrix_pt(self._matrix(), point) for point in ((0, 0), (0, 1), (1, 0), (1, 1))]
        self.ground.paint(corners)
        (left, right), (low, high) = ((min(ends), max(ends)) for ends in zip(*corners, strict=True))
        page = (self._box[2] - self._box[0]) * (self._box[3] - self._box[1])
        self._pictured |= (right - left) * (high - low) >= _SCAN * page

    def _matrix(self) -> Matrix:
        return self.ctm or MATRIX_IDENTITY

    def render_string(
        self,
        textstate: PDFTextState,
        seq: PDFTextSeq,
        ncs: PDFColorSpace,
        graphicstate: PDFGraphicState,
    ) -> None:
        """Take a string. Called by pdfminer."""
        self._string += 1
        self._seen = textstate.render not in _INVISIBLE
        self._white = textstate.render in _FILLED and is_white(ncs.name, graphicstate.ncolor)
        super().render_string(textstate, seq, ncs, graphicstate)

    def render_char(
        self,
        matrix: Matrix,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        *colours: object,
    ) -> float:
        try:
            text = font.to_unichr(cid)
        except (PDFUnicodeNotDefined, ValueError):
            text = ""
        self._take(max(1, len(text)))
        advance = font.char_width(cid) * fontsize * scaling
        a, b, _, d, _, _ = matrix
        (x0, y), (x1, _) = (apply_matrix_pt(matrix, (x, rise)) for x in (0.0, advance))
        left, low, right, high = self._box
        if not self._seen or not (left <= (x0 + x1) / 2 <= right and low <= y <= high):
            return advance
        size = abs(fontsize * d) or 1.0
        if size < _LEAST or (self._white and self.ground.is_bare((x0 + x1) / 2, y + size / 4)):
            return advance
        if a * fontsize * scaling <= 0 or abs(b) > 0.05 * abs(a):
            self.turned += 1
            return advance
        (self._open[-1].glyphs if self._open else self._found).append(
            Glyph(
                text,
                min(x0, x1),
                max(x0, x1),
                apply_matrix_pt(matrix, (0.0, 0.0))[1],
                size,
                self._string,
                self.block,
                any(mark.reversed for mark in self._open),
                0 if text else self._shapes.setdefault((font, cid), len(self._shapes) + 1),
            )
        )
        return advance

    def _take(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise TooManyGlyphsError


_INVISIBLE = (3, 7)  # ways to draw text
_FILLED = (0, 4)
_LEAST = 1.0  # size of a font in which letters are seen
_SAME_LINE = 0.5  # between baselines, in sizes of the font


def _on_one_line(glyphs: Sequence[Glyph]) -> bool:
    heights = [each.y for each in glyphs]
    return max(heights) - min(heights) < _SAME_LINE * max(each.size for each in glyphs)


def _decoded(text: bytes) -> str:
    """Decode a text string in one of PDF's encodings."""
    if text.startswith(b"\xfe\xff"):
        return text[2:].decode("utf-16-be", "replace")
    if text.startswith(b"\xef\xbb\xbf"):
        return text[3:].decode("utf-8", "replace")
    return decode_text(text)
