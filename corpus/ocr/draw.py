"""The bounded process that draws one page of a picture or a PDF file as a plain grey picture (PGM).

What it draws is the only picture that Tesseract gets to see: none of the many formats that it can read itself, and no
more points than the limit, which is held before anything is unpacked.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.ocr.bounded import OVER_MEMORY, bound

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 300
"""Points per inch at which pages of a PDF file are drawn: what Tesseract is trained for."""

_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP")
_WHITE = 255


class _RefusedError(Exception):
    """The file cannot be drawn; the arguments are a `corpus.decode.Reason` by name and a detail."""


def main() -> None:
    """Draw a page; print the number of pages, or the reason why it cannot be drawn, as JSON.

    The arguments after the search path are bounds (see `bounded`), then as JSON: the file, its kind, the number of the
    page from 0, the file to write, and the most pages and points.
    """
    memory, seconds, written = map(int, sys.argv[2].split(","))
    bound(memory, seconds, written)
    source, kind, number, target, most_pages, most_points = json.loads(sys.argv[3])
    drawn = _draw_pdf if kind == ".pdf" else _draw_picture
    said: dict[str, object]
    try:
        said = {"pages": drawn(Path(source), number, Path(target), most_pages, most_points)}
    except _RefusedError as error:
        said = {"reason": error.args[0], "detail": error.args[1]}
    except MemoryError:
        os._exit(OVER_MEMORY)
    except Exception:  # noqa: BLE001  what is damaged shows anywhere in a reader of pictures
        said = {"reason": "DAMAGED", "detail": ""}
    print(json.dumps(said))
    sys.stdout.flush()
    os._exit(0)


def _draw_picture(source: Path, number: int, target: Path, most_pages: int, most_points: int) -> int:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limit is ours
    with Image.open(source, formats=_FORMATS) as image:
        # A photo in several sizes, or one that moves, is a picture all the same; only a fax has pages.
        pages = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        _check_pages(pages, most_pages)
        if number:
            image.seek(number)
        _check_points(image.width * image.height, most_points)
        _write(_on_white(ImageOps.exif_transpose(image)), target)
    return int(pages)


def _on_white(image: Image) -> Image:
    """Return a picture in grey, what is transparent in it white."""
    if image.mode in ("I;16", "I;16B", "I;16L"):  # Pillow cuts their values off instead of scaling them
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        from PIL import Image

        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (_WHITE, _WHITE, _WHITE, _WHITE))
        image = Image.alpha_composite(ground, image)
    return image.convert("L")


def _write(image: Image, target: Path) -> None:
    image.save(target, format="PPM")


def _draw_pdf(source: Path, number: int, target: Path, most_pages: int, most_points: int) -> int:
    import pypdfium2

    with contextlib.closing(pypdfium2.PdfDocument(source)) as document:
        _check_pages(len(document), most_pages)
        page = document[number]
        width, height = page.get_size()
        scale = DPI / 72
        if not width * height > 0:
            raise _RefusedError("DAMAGED", "")
        # A plan or a poster is drawn smaller.
        scale = min(scale, (most_points / (width * height)) ** 0.5)
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
        _write(bitmap.to_pil().convert("L"), target)
        return len(document)


def _check_pages(pages: int, most: int) -> None:
    if pages > most:
        raise _RefusedError("TOO_LARGE", f"more than {most} pages to be read by machine")


def _check_points(points: int, most: int) -> None:
    if points > most:
        raise _RefusedError(
            "TOO_LARGE", f"{points // 1_000_000} million points, the limit is {most // 1_000_000}"
        )
