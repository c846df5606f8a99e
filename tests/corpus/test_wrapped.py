"""Text wrapped at a column is read as the paragraphs it was: the same sentences, the same blocks."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import corpus.samples
from corpus.arabic import sentences_of
from corpus.article import Article
from corpus.parse import parse
from corpus.parse.plain.lines import split

SAMPLES = {
    path.name: path.read_text(encoding="utf-8")
    for path in sorted(Path(next(iter(corpus.samples.__path__))).glob("*.txt"))
}
MARKED = "وُضِعَ حَجَرُ الأَسَاسِ لِلمَبنَى الجَدِيدِ صَبَاحَ اليَومِ، وقَالَ المُدِيرُ إنَّ العَمَلَ يَنتَهِي فِي الرَّبِيعِ المُقبِلِ. " * 6
POEM = """\
قصيدة في وصف المدينة

يا ريح هبي على تلك الروابي وانثري
عطر الصباح على الدروب وفي الشجر
واستنهضي النهر القديم ليستفيق
على خطى العشاق في ضوء القمر
هذي المدينة نامت العينان فيها
واستيقظ الحلم البعيد مع السحر
وعلى الشبابيك العتيقة ياسمين
يروي الحكاية للغريب إذا عبر
"""
NAMES = "المشاركون في المعرض\n\n" + "\n".join(
    f"{kind} {place}"
    for kind in ("مكتبة", "دار نشر", "مطبعة")
    for place in ("الشمال", "الجنوب", "الشرق", "الوسط")
)
TABLE = "أسعار الخضار\n\n" + "\n".join(
    f"صنف {n:03}   {n * 7 % 90 + 10:5}   {n * 3 % 80 + 10:5}" for n in range(20)
)
PRICES = "الأسعار في السوق اليوم\n\n" + "\n".join(
    f"- بلغ سعر الصنف رقم {n} اليوم في السوق المركزية {n * 13 % 90 + 10} ليرة" for n in range(20)
)
SHORT_PARAGRAPHS = "خبر قصير\n" + "\n".join(
    f"وقال المسؤول رقم {n} في بيانه إن العمل في المشروع يسير كما خُطّط له منذ البداية." for n in range(20)
)


def columns(text: str) -> int:
    return sum(unicodedata.category(character) not in {"Mn", "Me", "Cf"} for character in text)


def octets(text: str) -> int:
    return len(text.encode())


def wrap(text: str, most: Callable[[], int], size: Callable[[str], int] = len, newline: str = "\n") -> str:
    """Wrap every paragraph: each line takes the words that fit, the paragraphs stand apart by a blank line."""
    found = []
    for paragraph in re.split(r"\n+", text.strip()):
        lines = [""]
        room = most()
        for word in paragraph.split():
            longer = f"{lines[-1]} {word}".lstrip()
            if lines[-1] and size(longer) > room:
                lines.append(word)
                room = most()
            else:
                lines[-1] = longer
        found.append(newline.join(lines))
    return (newline * 2).join(found)


def seen(text: str) -> list[tuple[str, list[tuple[str, str]], list[str]]]:
    """What is read of a text, with blanks of one kind: headline, blocks and sentences of each article."""

    def plain(article: Article, start: int, end: int) -> str:
        return " ".join(article.body[start:end].split())

    articles = parse(text, "wrapped.txt")
    for article in articles:
        assert article.body == "".join(text[span.start : span.end] for span in article.kept)
    return [
        (
            article.title,
            [(block.kind, plain(article, block.start, block.end)) for block in article.blocks],
            [plain(article, span.start, span.end) for span in sentences_of(article)],
        )
        for article in articles
    ]


def unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n+", text.strip()))


@given(
    name=st.sampled_from(sorted(SAMPLES)),
    width=st.integers(40, 110),
    size=st.sampled_from([len, columns]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_wrapping_changes_neither_sentences_nor_blocks(
    name: str, width: int, size: Callable[[str], int], newline: str
) -> None:
    text = SAMPLES[name]
    assert seen(wrap(text, lambda: width, size, newline)) == seen(unwrapped(text))


@pytest.mark.parametrize("size", [len, columns, octets])
def test_programs_count_letters_columns_or_bytes(size: Callable[[str], int]) -> None:
    text = f"حجر الأساس\n{MARKED}\n{MARKED}"
    assert seen(wrap(text, lambda: 90, size)) == seen(unwrapped(text))


@given(st.integers(0, 10_000), st.integers(55, 100))
@example(0, 72)
def test_lines_of_a_page_set_in_type_end_near_one_width(seed: int, width: int) -> None:
    chance = random.Random(seed)
    text = "\n".join(line for text in SAMPLES.values() for line in text.split("\n") if line.endswith("."))
    page = wrap(text, lambda: width - chance.randrange(width // 10))
    (wrapped,), (plain,) = seen(page), seen(unwrapped(text))
    assert sum(sentence in plain[2] for sentence in wrapped[2]) >= 0.9 * len(plain[2])


@pytest.mark.parametrize("text", [POEM, NAMES, TABLE, PRICES, SHORT_PARAGRAPHS, *SAMPLES.values()])
def test_verses_lists_tables_and_paragraphs_are_not_joined(text: str) -> None:
    assert [line for line in split(text) if "\n" in text[line.start : line.end]] == []


def test_a_dash_at_the_begin_of_a_wrapped_line_is_no_item() -> None:
    sentence = (
        "وتقع المدينة على ضفة النهر - وهو أطول أنهار البلاد كلها - وفيها جسر قديم من الحجر، وسوق كبيرة. "
    )
    text = "مدينة على النهر\n" + sentence * 12
    for width in range(40, 90):
        assert [kind for kind, _ in seen(wrap(text, lambda: width))[0][1]] == ["paragraph"], width  # noqa: B023


def test_single_line_breaks_part_paragraphs_of_wrapped_lines() -> None:
    paragraph = (
        "قال المدير في بيانه إن العمل في الميناء بدأ صباح اليوم، وإن مئة عامل يشاركون فيه منذ البداية. " * 4
    )
    wrapped = wrap(f"{paragraph}\n{paragraph}وهذه تتمة.\n{paragraph}", lambda: 60).replace("\n\n", "\n")
    (found,) = seen(f"خبر من الميناء\n\n{wrapped}")
    assert len(found[1]) == 3
    assert len(found[2]) == 13


def test_a_quote_over_a_line_break_is_a_slice() -> None:
    text = wrap(f"حجر الأساس\n{SHORT_PARAGRAPHS.replace(chr(10), ' ')}", lambda: 50)
    (article,) = parse(text, "a.txt")
    spans = sentences_of(article)
    assert any("\n" in article.body[span.start : span.end] for span in spans)
    assert all(article.body[span.start : span.end].endswith((".", "قصير")) for span in spans)
