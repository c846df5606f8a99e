"""Checks of claimed quotes against a real archive."""

from __future__ import annotations

import pytest

from bot.build import Musnad
from bot.claim import ClaimPart, check, compare
from corpus.article import Article


@pytest.fixture
def article(samples: Musnad) -> Article:
    return max(samples.archive.articles(), key=lambda article: len(article.body))


def test_a_sentence_as_published_is_exact(samples: Musnad, article: Article) -> None:
    sentence = article.body[: article.body.index(".") + 1]
    checked = check(f"«{sentence}»", samples)
    assert checked.verdict == "exact"
    assert checked.quote is not None
    assert checked.quote.text == sentence


def test_a_claim_may_span_sentences_and_begin_in_the_middle(samples: Musnad, article: Article) -> None:
    claim = article.body[20:400].strip()
    checked = check(claim, samples)
    assert checked.verdict == "exact"
    assert checked.quote is not None
    assert checked.quote.text == claim


def test_what_differs_in_spelling_alone_is_shown_as_published(samples: Musnad) -> None:
    article = samples.archive.article("2025-11-11-declaration.txt")
    published = article.body[:60].rsplit(" ", 1)[0]
    claim = published.replace("أ", "ا").replace("\u0651", "").replace("ة", "ه")
    assert claim != published
    checked = check(claim, samples)
    assert checked.verdict == "alike"
    assert checked.quote is not None
    assert checked.quote.text == published


def test_one_changed_word_is_not_published_and_the_original_is_nearest(
    samples: Musnad, article: Article
) -> None:
    sentence = article.body[: article.body.index(".") + 1]
    words = sentence.split()
    words[len(words) // 2] = "البطيخ"
    checked = check(" ".join(words), samples)
    assert checked.verdict == "absent"
    assert checked.quote is not None
    assert checked.quote.text in article.body
    assert ClaimPart("claim", "البطيخ") in compare(" ".join(words), checked.quote.text)


def test_two_sentences_of_different_articles_are_not_a_quote(samples: Musnad) -> None:
    first, second = samples.archive.articles()[:2]
    joined = f"{first.body[:80].strip()} {second.body[:80].strip()}"
    assert check(joined, samples).verdict == "absent"


@pytest.mark.parametrize("claim", ["«»", "؟", '""'])
def test_a_claim_without_words_is_absent(samples: Musnad, claim: str) -> None:
    assert check(claim, samples).verdict == "absent"


def test_words_that_differ_in_marks_alone_are_the_same() -> None:
    assert compare("قال إنّ العدد ٩٠.", "قال «إن» العدد 90") == [ClaimPart("both", "قال «إن» العدد 90")]


def test_every_word_of_both_texts_stands_in_the_comparison() -> None:
    parts = compare("وصلت ثلاث سفن اليوم", "وصلت سفينتان أمس إلى الميناء")
    assert " ".join(p.text for p in parts if p.where != "published") == "وصلت ثلاث سفن اليوم"
    assert " ".join(p.text for p in parts if p.where != "claim") == "وصلت سفينتان أمس إلى الميناء"


@pytest.mark.parametrize("claim", ["في", "«من»", "على", "في سوريا"])
def test_words_that_stand_everywhere_are_no_quote(samples: Musnad, claim: str) -> None:
    checked = check(claim, samples)
    assert checked.verdict == "slight"
    assert checked.quote is not None


def test_a_few_words_of_one_place_are_a_quote(samples: Musnad, article: Article) -> None:
    words = article.body.split()
    for at in range(0, len(words) - 4, 7):
        assert check(" ".join(words[at : at + 4]), samples).verdict in {"exact", "alike"}, words[at : at + 4]
