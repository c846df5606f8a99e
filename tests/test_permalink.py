"""Permalinks: resolved from a quote's id to its passage, also after the article changed or was removed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.answer import Quote
from bot.permalink import Permalink, address, find_quote, open_permalink, paragraph_of, token_in
from bot.quotes import cut
from bot.state import State
from bot.telegram.answers.quotestore import QuoteStore
from corpus.article import Article, Chunk, Span
from corpus.store import Archive

BODY = """أعلنت هيئة المياه خطتها للصيف صباح الثلاثاء.
وقال مدير الهيئة إن الخزانات ممتلئة حتى ثلثيها. وأضاف أن الضخ سيزيد في الأحياء العالية.
وتعمل في المدينة أربع محطات، ثم تُضاف إليها محطة خامسة في الخريف."""
FILLED = "وقال مدير الهيئة إن الخزانات ممتلئة حتى ثلثيها."
ARTICLE = Article("water.txt", "خطة الصيف", BODY)


@dataclass
class Workers:
    """A writable archive and database of the bot."""

    archive: Archive
    state: State

    def publish(self, *articles: Article) -> None:
        """Replace the articles of the file by these."""
        text = "".join(article.body for article in articles)
        digest = hashlib.sha256(f"{text}{[article.title for article in articles]}".encode()).hexdigest()
        self.archive.add_file("water.txt", digest, text, articles, _chunk)

    def quote(self, words: str) -> Quote:
        """Send words of the current article as a quote and return it."""
        [article] = self.archive.articles_of("water.txt")
        start = article.body.index(words)
        quote = cut(article, start, start + len(words))
        QuoteStore(self.state, self.archive).issue([quote])
        return quote

    def open(self, quote: Quote) -> Permalink:
        found = open_permalink(quote.id, self.state, self.archive)
        assert found is not None
        return found


def _chunk(article: Article) -> list[Chunk]:
    return [Chunk(article.id, 0, len(article.body), (Span(0, len(article.body)),))]


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    with Archive(tmp_path / "archive.sqlite") as archive:
        state = State(tmp_path / "bot.sqlite")
        made = Workers(archive, state)
        made.publish(ARTICLE)
        yield made
        state.close()


def test_it_leads_to_the_passage_and_its_article(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    found = workers.open(quote)
    assert (found.quote, found.standing) == (quote, "same")
    assert found.quote.article.ingested
    assert found.digest == hashlib.sha256(BODY.encode()).hexdigest()
    assert paragraph_of(found.quote.article, found.quote.start) == (2, 3)


def test_it_says_where_a_changed_article_still_holds_the_quote(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.publish(replace(ARTICLE, body="تصحيح: عُدّل هذا الخبر.\n" + BODY))
    found = workers.open(quote)
    assert (found.standing, found.held) == ("changed", "exact")
    assert found.quote.article.body == BODY
    assert found.newer is not None
    assert found.newer.version == 2
    assert found.now is not None
    assert found.now.text == FILLED
    assert paragraph_of(found.newer, found.now.start) == (3, 4)


def test_of_words_said_twice_the_nearest_place_is_meant(workers: Workers) -> None:
    twice = f"{FILLED}\n{BODY}"
    workers.publish(replace(ARTICLE, body=twice))
    article = workers.archive.articles_of("water.txt")[0]
    second = twice.rindex(FILLED)
    quote = cut(article, second, second + len(FILLED))
    QuoteStore(workers.state, workers.archive).issue([quote])
    workers.publish(replace(ARTICLE, body=twice + " وانتهى البيان."))
    now = workers.open(quote).now
    assert now is not None
    assert now.start == second


def test_words_that_differ_in_marks_alone_are_found(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.publish(replace(ARTICLE, body=BODY.replace("ممتلئة حتى", "مُمتلئةٌ  حتّى")))
    found = workers.open(quote)
    assert (found.standing, found.held) == ("changed", "alike")
    assert found.now is not None
    assert "مُمتلئةٌ  حتّى" in found.now.text


def test_words_that_were_changed_are_said_to_be_gone_beside_the_nearest(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.publish(replace(ARTICLE, body=BODY.replace("ثلثيها", "نصفها")))
    found = workers.open(quote)
    assert (found.standing, found.held) == ("changed", "absent")
    assert found.now is not None
    assert found.now.text == FILLED.replace("ثلثيها", "نصفها")
    workers.publish(replace(ARTICLE, body="حُذف هذا الخبر بطلب من صاحبه."))
    assert workers.open(quote).now is None


def test_a_new_headline_alone_is_a_change_too(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.publish(replace(ARTICLE, title="خطة المياه لهذا الصيف"))
    found = workers.open(quote)
    assert (found.standing, found.held) == ("changed", "exact")
    assert found.newer is not None
    assert found.newer.title == "خطة المياه لهذا الصيف"


def test_an_article_that_came_back_is_current_again(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.publish(replace(ARTICLE, body="نص آخر تمامًا."))
    newer = workers.quote("نص آخر تمامًا.")
    workers.publish(ARTICLE)
    assert workers.open(quote).standing == "same"
    reverted = workers.open(newer).newer
    assert reverted is not None
    assert reverted.version == 1


def test_an_article_that_moved_in_its_file_is_followed(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    first = replace(ARTICLE, title="خبر آخر", body="هطل المطر في الجبال ليلًا.")
    workers.publish(first, replace(ARTICLE, part=1))
    found = workers.open(quote)
    assert found.held == "exact"
    assert found.newer is not None
    assert found.newer.part == 1


def test_a_removed_article_still_shows_what_was_quoted(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    workers.archive.remove_file("water.txt")
    found = workers.open(quote)
    assert (found.standing, found.newer, found.quote.text) == ("removed", None, FILLED)


def test_only_what_went_out_is_found(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    other = cut(quote.article, 0, 10)
    assert find_quote(other.id, workers.state, workers.archive) is None
    # A row that says another place than the id does is not believed.
    with workers.state.writing() as db:
        db.execute("update quotes set stop = stop + 5")
    assert find_quote(quote.id, workers.state, workers.archive) is None


@pytest.mark.parametrize(
    "text",
    [
        "q_0123456789ab",
        " 0123456789AB ",
        "https://t.me/a_bot?start=q_0123456789ab",
        "t.me/a_bot?start=q_0123456789ab",
        "https://telegram.me/a_bot?start=q_0123456789ab",
        "tg://resolve?domain=a_bot&start=q_0123456789ab",
    ],
)
def test_an_id_is_known_in_each_of_its_forms(text: str) -> None:
    assert token_in(text) == "0123456789ab"


@pytest.mark.parametrize(
    "text",
    ["", "q_", "q_0123456789a", "q_0123456789abc", "https://evil.example/?start=q_0123456789ab", "متى؟"],
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert token_in(text) is None


def test_the_address_is_a_deep_link_telegram_takes(workers: Workers) -> None:
    quote = workers.quote(FILLED)
    assert address("a_bot", quote) == f"https://t.me/a_bot?start=q_{quote.id}"
    assert token_in(address("a_bot", quote)) == quote.id
