"""Errors of text recognition on rendered pages: python -m tests.evals.recognition FONT.ttf …

Each page is drawn with a font at some size, blurred, turned or with noise as a scan has it, and read as
`musnad ingest --ocr` reads it. Shown are the character error rate (edits by the length
of the text), the confidence and the seconds.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from corpus.decode import NoTextError
from corpus.files import read_bytes
from corpus.ocr import Ocr
from corpus.worker import Worker

TEXT = """افتتاح جسر جديد فوق النهر بعد عامين من العمل

أعلنت بلدية المدينة يوم الثلاثاء 14 نيسان 2026 افتتاح الجسر الجديد أمام السيارات والمشاة، بعد عامين من العمل تخللتهما
فترات توقف طويلة بسبب ارتفاع منسوب المياه. وقال رئيس البلدية في كلمة أمام الحاضرين إن كلفة المشروع بلغت 37 مليون دولار،
منها 12 مليونًا قدّمها صندوق التنمية قرضًا ميسّرًا.

ويبلغ طول الجسر 640 مترًا، وفيه مساران للسيارات في كل اتجاه وممر للدراجات. وأضاف المهندس المشرف أن الفحوص التي أجريت
الأسبوع الماضي أثبتت متانة الأعمدة، وأن الصيانة الدورية ستتم كل ستة أشهر.

وكان الأهالي قد طالبوا منذ سنوات بإنشاء الجسر، لأن العبور إلى الضفة الأخرى كان يستغرق أكثر من ساعة في أوقات الازدحام.
وقالت معلمة تسكن قرب النهر: «كنا ننتظر العبّارة كل صباح، واليوم نصل إلى المدرسة خلال عشر دقائق»."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What a scan does to a page: ``blur`` in points, ``turn`` in degrees, ``noise`` in grey levels."""

    blur: float = 0
    turn: float = 0
    noise: float = 0

    def __str__(self) -> str:
        return f"blur {self.blur:g}, turned {self.turn:g}°, noise {self.noise:g}"


SIZES = (12, 16, 20, 28, 40, 56)
DAMAGES = (
    *(Damage(blur=blur) for blur in (1, 2, 3, 4, 5)),
    *(Damage(turn=turn) for turn in (1, 2, 3, -3, 4, 5, 7)),
    *(Damage(noise=noise) for noise in (15, 30, 45, 60)),
    Damage(1, 1, 15),
    Damage(2, 2, 30),
)


def main() -> None:
    with Ocr() as ocr, Worker(ocr=ocr) as worker:
        for font in sys.argv[1:]:
            for size, damage in conditions():
                file = io.BytesIO()
                damaged(drawn(font, size), damage).save(file, "PNG")
                started = perf_counter()
                try:
                    page = read_bytes(file.getvalue(), ".png", worker)
                    said = page.said.confidence if page.said else None
                    result = f"{error_rate(page.text):6.1%}  {said}%"
                except NoTextError as refused:
                    result = str(refused)
                took = perf_counter() - started
                print(f"{Path(font).stem:28} {size:3}  {damage!s:36} {result}  {took:.1f} s", flush=True)


def conditions() -> Iterator[tuple[int, Damage]]:
    """Yield sizes of letters without damage, and damages at one size."""
    yield from ((size, Damage()) for size in SIZES)
    yield from ((40, damage) for damage in DAMAGES)


def drawn(font: str, size: int) -> Image.Image:
    """Draw the text from right to left, its headline larger, in lines of some ten words."""
    margin, width = 2 * size, 27 * size
    lines: list[tuple[str, ImageFont.FreeTypeFont]] = []
    for number, paragraph in enumerate(TEXT.split("\n\n")):
        letters = ImageFont.truetype(font, size if number else size * 3 // 2)
        line = ""
        for word in paragraph.split():
            if line and letters.getlength(f"{line} {word}", direction="rtl", language="ar") > width:
                lines.append((line, letters))
                line = ""
            line = f"{line} {word}".strip()
        lines += [(line, letters), ("", letters)]
    height = sum(int(1.9 * letters.size) for _, letters in lines)
    image = Image.new("L", (width + 2 * margin, height + 2 * margin), 255)
    draw, top = ImageDraw.Draw(image), margin
    for line, letters in lines:
        draw.text((width + margin, top), line, 0, letters, anchor="ra", direction="rtl", language="ar")
        top += int(1.9 * letters.size)
    return image


def damaged(image: Image.Image, damage: Damage) -> Image.Image:
    if damage.turn:
        image = image.rotate(damage.turn, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if damage.blur:
        image = image.filter(ImageFilter.GaussianBlur(damage.blur))
    if damage.noise:
        image = ImageChops.add(image, Image.effect_noise(image.size, damage.noise), offset=-128)
    return image


def error_rate(text: str) -> float:
    wanted = " ".join(TEXT.split())
    return Levenshtein.distance(" ".join(text.split()), wanted) / len(wanted)


if __name__ == "__main__":
    main()
