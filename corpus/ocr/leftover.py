"""The bounded process that shows which parts of a page Tesseract passed over: it drops whole lines, and says nothing.

What it found is painted over with white; what ink is left is a picture for a second look.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.ocr.bounded import OVER_MEMORY, bound

if TYPE_CHECKING:
    from PIL.Image import Image

_DARK = 128
_MARGIN = 0.2  # of a line's height: strokes and dots beyond its box


def main() -> None:
    """Paint what was found over; print the share of the ink that is left as JSON.

    The arguments after the search path are bounds (see `bounded`), then as JSON: the page, its table and the file to
    write.
    """
    memory, seconds, written = map(int, sys.argv[2].split(","))
    bound(memory, seconds, written)
    drawn, table, target = map(Path, json.loads(sys.argv[3]))
    try:
        left = _left(drawn, table, target)
    except MemoryError:
        os._exit(OVER_MEMORY)
    print(json.dumps({"left": left}))
    sys.stdout.flush()
    os._exit(0)


def _left(drawn: Path, table: Path, target: Path) -> float:
    from PIL import Image, ImageDraw

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(drawn, formats=("PPM",)) as page:
        ink = _ink(page)
        draw = ImageDraw.Draw(page)
        for box in _boxes(table.read_text("utf-8", "replace")):
            draw.rectangle(box, fill=255)
        page.save(target, format="PPM")
        return _ink(page) / max(ink, 1)


def _ink(page: Image) -> int:
    return sum(page.histogram()[:_DARK])


def _boxes(table: str) -> Iterator[tuple[float, float, float, float]]:
    """Yield the boxes of the words of a table, as high as their lines."""
    top = bottom = 0.0
    for row in table.split("\n"):
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] not in ("4", "5"):
            continue
        left, upper, width, height = map(int, cells[6:10])
        margin = _MARGIN * height
        if cells[0] == "4":
            top, bottom = upper - margin, upper + height + margin
        elif cells[11].strip():
            yield left - margin, min(top, upper), left + width + margin, max(bottom, upper + height)
