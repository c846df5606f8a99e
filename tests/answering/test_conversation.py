"""Conversations outlive the process, keep to their length and to themselves."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answer import Answer
from bot.conversation import Conversations
from bot.quotes import cut
from bot.state import State
from corpus.article import Article, Span
from corpus.store import ArticleNotFoundError

ARTICLE = Article(source="a.txt", title="عنوان", body="عُقد الاجتماع في الرياض أمس. وشكر الوزير المشاركين.")


class Shelf:
    """An archive of one article, or of none."""

    def __init__(self, *articles: Article) -> None:
        self.articles = {article.id: article for article in articles}

    def article(self, ref: str) -> Article:
        try:
            return self.articles[ref]
        except KeyError:
            raise ArticleNotFoundError(ref) from None

    def articles_of(self, source: str) -> list[Article]:
        return [article for article in self.articles.values() if article.source == source]


def answer(question: str, text: str = "") -> Answer:
    quote = cut(ARTICLE, 0, ARTICLE.body.index(".") + 1, 0.5)
    return Answer(question, question, "answered", text, quotes=(quote,))


@pytest.fixture
def conversations(tmp_path: Path) -> Iterator[Conversations]:
    state = State(tmp_path / "bot.sqlite")
    yield Conversations(state, turns=3)
    state.close()


def test_the_last_turns_are_remembered_oldest_first(conversations: Conversations) -> None:
    for number in range(5):
        conversations.add("a", answer(f"سؤال {number}"))
    assert [turn.question for turn in conversations.turns("a")] == ["سؤال 2", "سؤال 3", "سؤال 4"]


def test_conversations_do_not_hear_each_other(conversations: Conversations) -> None:
    conversations.add("a", answer("سؤال"))
    assert conversations.turns("b") == []
    assert conversations.last("b", Shelf(ARTICLE)) is None


def test_forgetting_forgets_one_conversation(conversations: Conversations) -> None:
    conversations.add("a", answer("سؤال"))
    conversations.add("b", answer("سؤال"))
    conversations.forget("a")
    assert conversations.turns("a") == []
    assert len(conversations.turns("b")) == 1


def test_a_restart_loses_nothing(tmp_path: Path) -> None:
    state = State(tmp_path / "bot.sqlite")
    first = Conversations(state)
    given = answer("أين عُقد الاجتماع؟", "الرياض")
    first.add("a", given)
    state.close()
    state = State(tmp_path / "bot.sqlite")
    second = Conversations(state)
    found = second.last("a", Shelf(ARTICLE))
    assert found is not None
    assert (found.text, found.quotes, found.question) == (given.text, given.quotes, given.question)
    state.close()


def test_what_was_nearest_and_the_words_that_answer_are_kept(conversations: Conversations) -> None:
    quote = cut(ARTICLE, 0, ARTICLE.body.index(".") + 1, 0.5, Span(17, 23))
    given = Answer("متى؟", "متى؟", "refused", "", related=(quote,), reason="nearest", open=("متى",))
    conversations.add("a", given)
    found = conversations.last("a", Shelf(ARTICLE))
    assert found == given
    assert found.related[0].words == Span(17, 23)


def test_a_turn_kept_before_there_was_any_such_thing_is_read(tmp_path: Path) -> None:
    state = State(tmp_path / "bot.sqlite")
    conversations = Conversations(state)
    conversations.add("a", answer("أين؟", "الرياض"))
    with state.writing() as db:
        kept = json.loads(next(iter(db.query("select answer from turns")))["answer"])
        del kept["open"], kept["quotes"][0]["words"]
        db.execute("update turns set answer = ?", [json.dumps(kept)])
    assert conversations.last("a", Shelf(ARTICLE)) == answer("أين؟", "الرياض")
    state.close()


def test_a_quote_whose_article_is_gone_is_not_shown(conversations: Conversations) -> None:
    conversations.add("a", answer("سؤال"))
    found = conversations.last("a", Shelf())
    assert found is not None
    assert found.quotes == ()


def test_what_is_kept_of_a_conversation_is_bounded(conversations: Conversations, tmp_path: Path) -> None:
    for number in range(120):
        conversations.add("a", answer(f"سؤال {number}"))
    with sqlite3.connect(tmp_path / "bot.sqlite") as db:
        assert db.execute("select count(*) from turns").fetchone() == (50,)
    db.close()


def test_many_threads_write_and_read(conversations: Conversations) -> None:
    failed: list[BaseException] = []

    def talk(number: int) -> None:
        try:
            for turn in range(10):
                conversations.add(f"c{number}", answer(f"سؤال {turn}"))
                assert conversations.turns(f"c{number}")[-1].question == f"سؤال {turn}"
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
