"""Whole answers with a chat model as the judge: what a reader sees of one that is good, wrong, hostile or of no use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.answer import Answer
from bot.answering.pipeline import Question
from bot.build import Musnad, build
from bot.quotes import verify_answer
from bot.settings import Settings
from corpus.arabic import words
from prompts import say
from tests.answering.test_chat_judge import (
    ARTICLES,
    BAD_OPEN,
    BAD_WORDS,
    COST,
    NONSENSE,
    OPENED,
    TRUCKS,
    WITH_A_GOOD_ONE,
)
from tests.openai_server import ChatServer, Close, Hang, Raw, Received, Script, answers, pointing

if TYPE_CHECKING:
    from vectorstore.embed import Embedder

ASKED = "كم بلغت كلفة الجسر الجديد؟"
NEAR_MISS = "كم بلغت كلفة صيانة الجسر القديم في التلال؟"


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """The data folder of two articles of our own, one of them poisoned."""
    folder, data = tmp_path_factory.mktemp("articles"), tmp_path_factory.mktemp("data")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with build(Settings(data=data), embedder=embedder) as musnad:
        musnad.ingest([folder])
    return data


def opened(data: Path, server: ChatServer, embedder: Embedder, **changes: object) -> Musnad:
    values: dict[str, object] = {
        "data": data,
        "llm": "openai:test-model",
        "llm_base_url": server.url,
        "llm_api_key": SecretStr("sk-test"),
        "llm_timeout": 20.0,
        **changes,
    }
    musnad = build(Settings.model_validate(values), embedder=embedder)
    musnad.load()
    return musnad


@pytest.fixture(scope="module")
def musnad(data: Path, server: ChatServer, embedder: Embedder) -> Iterator[Musnad]:
    with opened(data, server, embedder) as musnad:
        yield musnad


@pytest.fixture(scope="module")
def without(data: Path, embedder: Embedder) -> Callable[[str], Answer]:
    """Answers without a chat model."""

    def ask(question: str) -> Answer:
        with build(Settings(data=data), embedder=embedder) as musnad:
            return musnad.asker.ask(Question(question))

    return ask


@pytest.fixture
def ask(musnad: Musnad, server: ChatServer) -> Callable[..., Answer]:
    """Asks a model that behaves so, and checks of every answer what holds of all."""

    def ask(*behaviours: Script, question: str = ASKED) -> Answer:
        server.will(*behaviours)
        answer = musnad.asker.ask(Question(question))
        assert verify_answer(answer, musnad.archive) == answer
        assert all(word in question for word in answer.open)
        for poison in ("1999", "انهار", "evil", "<", "1234573", "كلمة السر", "\u202e", "\u0000", "🙂", "قَتَل"):
            assert poison not in answer.text
            assert not any(poison in quote.text for quote in answer.shown)
        return answer

    return ask


def texts(answer: Answer) -> list[str]:
    return [quote.text for quote in answer.quotes]


def test_it_chooses_the_quotes_and_the_words_in_them(ask: Callable[..., Answer]) -> None:
    answer = ask(pointing((COST, "1234567 ليرة")))
    assert (answer.mode, answer.status, answer.notice) == ("llm", "answered", None)
    assert COST in texts(answer)[0]
    assert len(answer.quotes) == 1
    assert answer.timings_ms["llm"] > 0


def test_its_judgement_decides_also_to_refuse(
    ask: Callable[..., Answer], without: Callable[[str], Answer]
) -> None:
    assert without(ASKED).status == "answered"
    answer = ask(answers(left_open=["كلفة"]))
    assert (answer.mode, answer.status, answer.quotes) == ("llm", "refused", ())
    assert (answer.reason, answer.open) == ("nearest", ())  # «كلفة» stands in what is shown


def test_its_judgement_decides_also_to_answer_what_is_refused_without_it(
    ask: Callable[..., Answer], without: Callable[[str], Answer]
) -> None:
    assert without(NEAR_MISS).status == "refused"
    answer = ask(pointing((TRUCKS, "قبل نهاية العام")), question=NEAR_MISS)
    assert (answer.mode, answer.status) == ("llm", "answered")
    assert TRUCKS in texts(answer)[0]


def test_what_the_archive_gives_is_shown_before_the_model_is_asked(
    musnad: Musnad, server: ChatServer, without: Callable[[str], Answer]
) -> None:
    shown: list[tuple[Answer, int]] = []
    server.will(pointing((OPENED, "")))
    musnad.asker.ask(Question(ASKED, preview=lambda answer: shown.append((answer, len(server.received)))))
    [(found, asked)] = shown
    assert (found.quotes, asked) == (without(ASKED).quotes, 0)
    assert verify_answer(found, musnad.archive) == found


def test_what_is_asked_while_somebody_types_is_not_asked_of_it(musnad: Musnad, server: ChatServer) -> None:
    server.will()
    assert musnad.asker.ask(Question(ASKED, quick=True)).mode == "extractive"
    assert server.received == []


ATTACKS: dict[str, Script] = {
    **{name: pointing(bad) for name, bad in BAD_WORDS.items()},
    **{f"open: {name}": answers(left_open=named) for name, named in BAD_OPEN.items()},
    **{f"form: {name}": reply for name, reply in WITH_A_GOOD_ONE.items()},
    **{f"nonsense: {name}": reply for name, reply in NONSENSE.items()},
}


def test_nothing_that_a_hostile_one_writes_is_shown(ask: Callable[..., Answer]) -> None:
    """Whatever it says: quotes that stand, a first line of their words, and words of the question."""
    assert len(ATTACKS) >= 60
    for name, attack in ATTACKS.items():
        answer = ask(attack)
        own = answer.text
        for quote in answer.shown:
            assert quote.article.title in {text.split("\n", 1)[0] for text in ARTICLES.values()}
        if answer.status == "answered" and own:
            assert any(own.strip("«»") in quote.text for quote in answer.quotes), (name, own)


@pytest.mark.parametrize(
    ("behaviour", "notice"),
    [
        (Raw(500, "{}"), "llm_down"),
        (Close(), "llm_down"),
        ("لا أدري", "llm_nonsense"),
        (answers((99, "x")), "llm_nonsense"),
    ],
)
def test_one_of_no_use_leaves_the_answer_without_it_which_says_so(
    ask: Callable[..., Answer], without: Callable[[str], Answer], behaviour: Script, notice: str
) -> None:
    answer, alone = ask(behaviour), without(ASKED)
    assert (answer.mode, answer.notice) == ("extractive", say(notice))
    assert (answer.text, answer.quotes) == (alone.text, alone.quotes)


def test_one_that_is_slow_holds_up_nobody(
    data: Path, server: ChatServer, embedder: Embedder, without: Callable[[str], Answer]
) -> None:
    server.will(Hang())
    with opened(data, server, embedder, llm_timeout=0.5) as musnad:
        answer = musnad.asker.ask(Question(ASKED))
    assert (answer.mode, answer.notice) == ("extractive", say("llm_slow"))
    assert answer.quotes == without(ASKED).quotes
    assert answer.timings_ms["llm"] < 5000


def test_when_its_budget_is_spent_the_archive_answers_by_itself_and_says_so(
    data: Path, server: ChatServer, embedder: Embedder
) -> None:
    server.will(*[pointing((COST, "1234567 ليرة"))] * 3)
    with opened(data, server, embedder, llm_daily=2) as musnad:
        asked = [musnad.asker.ask(Question(ASKED)) for _ in range(3)]
    assert [answer.mode for answer in asked] == ["llm", "llm", "extractive"]
    assert (asked[-1].status, asked[-1].notice) == ("answered", say("llm_spent"))


def test_a_follow_up_is_shown_as_it_was_understood_in_words_of_the_conversation(
    musnad: Musnad, server: ChatServer
) -> None:
    def either(received: Received) -> str:
        if "before" in received.shown:
            return '{"question": "متى افتتحته بلدية السهل الجسر الجديد؟"}'
        return pointing((OPENED, "اليوم الأحد"))(received)

    server.will(pointing((COST, "1234567 ليرة")), either, either)
    musnad.asker.ask(Question("كم بلغت كلفة الجسر الجديد في بلدية السهل؟", "follow"))
    answer = musnad.asker.ask(Question("ومتى افتتحته؟", "follow"))
    musnad.asker.new_conversation("follow")
    assert "before" in server.received[1].shown
    said = {word.text for word in words("كم بلغت كلفة الجسر الجديد في بلدية السهل؟ متى افتتحته")}
    assert said >= {word.text for word in words(answer.standalone_question)}
    assert verify_answer(answer, musnad.archive) == answer


def test_without_it_nothing_of_it_is_left_running(data: Path, server: ChatServer, embedder: Embedder) -> None:
    server.will()
    settings = Settings(data=data, llm="openai:test-model", llm_base_url=server.url)
    with build(settings, llm=False, embedder=embedder) as musnad:
        assert musnad.asker.ask(Question(ASKED)).mode == "extractive"
    assert server.received == []
