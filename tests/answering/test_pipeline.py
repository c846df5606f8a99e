"""From a question to an answer, with judges that say what they are told."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.answer import Answer
from bot.answering.asker import Asker
from bot.answering.pipeline import PASSAGES, Pipeline, Question
from bot.answering.select import Policy
from bot.build import Musnad, build
from bot.llm import ChatModel
from bot.settings import Settings
from corpus.store import Filter
from prompts import say
from tests.answering.cases import Scripted
from tests.openai_server import ChatServer, Raw, Script, answers, pointing
from tests.vectorstore.test_index import WordEmbedder
from vectorstore.retriever import PassageRetriever

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {
    "bridge.txt": """بلدية السهل تفتتح الجسر الجديد
الناشر: صحيفة السهل
التاريخ: 8 شباط 2026

افتتحت بلدية السهل، اليوم الأحد، الجسر الجديد فوق النهر. وحضر الافتتاح 300 شخص.

وقال رئيس البلدية إن كلفة الجسر بلغت مليوني ليرة. متى افتتحت البلدية الجسر الجديد؟
""",
    "factory.txt": """مصنع الإسمنت في التلال
الناشر: بريد التلال
التاريخ: 9 شباط 2026

افتُتح مصنع الإسمنت في التلال عام 2019. ويعمل في المصنع ثمانون عاملًا من القرى المجاورة.
""",
    "statement.txt": """بيان مجلس التلال
الناشر: بريد التلال
التاريخ: 10 شباط 2026

قال مجلس التلال إن المياه ستُقطع ليلة الخميس. وأعلن المجلس تأييده لبناء مدرسة.
""",
}
OPENED = "افتتحت بلدية السهل، اليوم الأحد، الجسر الجديد فوق النهر."
CROWD = "وحضر الافتتاح 300 شخص."
BUILT = "افتُتح مصنع الإسمنت في التلال عام 2019."
WORKERS = "ويعمل في المصنع ثمانون عاملًا من القرى المجاورة."
ASKED = "متى افتتحت بلدية السهل الجسر الجديد؟"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def musnad(tmp_path_factory: pytest.TempPathFactory, place: str | None) -> Iterator[Musnad]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(data=tmp_path_factory.mktemp("data"), chroma_url=place and SecretStr(place))
    with build(settings, llm=False, embedder=WordEmbedder()) as musnad:
        musnad.ingest([folder])
        yield musnad


@dataclass
class Desk:
    """The product with judges of the test's own."""

    musnad: Musnad
    judge: Scripted
    quick: Scripted = field(default_factory=Scripted)
    model: ChatModel | None = None

    @property
    def pipeline(self) -> Pipeline:
        retriever = PassageRetriever(index=self.musnad.index, k=PASSAGES)
        return Pipeline(
            self.musnad.archive,
            retriever,
            self.judge,
            quick=self.quick,
            policy=Policy(),
            chat_model=self.model,
        )

    @property
    def asker(self) -> Asker:
        return Asker(self.musnad.archive, self.pipeline, self.musnad.conversations, self.model)

    def ask(self, *texts: str, key: str | None = None) -> Answer:
        key = key or f"test:{next(_numbers)}"
        asker = self.asker
        return [asker.ask(Question(text, key)) for text in texts][-1]


@pytest.fixture
def desk(musnad: Musnad) -> Callable[..., Desk]:
    def made(script: Mapping[str, float] | None = None, quick: Mapping[str, float] | None = None) -> Desk:
        judge = Scripted(script or {}, open=("أُغلق",))
        return Desk(musnad, judge, Scripted(quick or script or {}, open=("أُغلق",), recipe="quick"))

    return made


# --- one question --------------------------------------------------------------------------------------------------


def test_answered(desk: Callable[..., Desk]) -> None:
    answer = desk({OPENED: 0.95}).ask(ASKED)
    assert (answer.status, answer.mode, answer.notice) == ("answered", "extractive", None)
    assert answer.text == "8 شباط/فبراير 2026"
    assert [quote.text for quote in answer.quotes] == [OPENED]
    assert answer.question == answer.standalone_question == ASKED


def test_nearest(desk: Callable[..., Desk]) -> None:
    answer = desk({OPENED: 0.3}).ask("متى أُغلق الجسر الجديد؟")
    assert (answer.status, answer.reason, answer.quotes) == ("refused", "nearest", ())
    assert answer.related[0].text == OPENED
    assert answer.open == ("أُغلق",)
    assert answer.text == say("nearest_open", "ar", words="«أُغلق»")


def test_refused(desk: Callable[..., Desk]) -> None:
    answer = desk().ask("من فاز بكأس العالم؟")
    assert (answer.status, answer.reason, answer.quotes, answer.related) == ("refused", "no_evidence", (), ())
    assert "«فاز»" in answer.text


@pytest.mark.parametrize("text", ["", "؟", "متى؟", "😀", "?!", "   ", "من هو؟", "هل؟", "\x00"])
def test_what_asks_nothing_is_told_so_and_no_judge_is_asked(desk: Callable[..., Desk], text: str) -> None:
    made = desk()
    answer = made.ask(text)
    assert (answer.status, answer.reason) == ("refused", "not_a_question")
    assert made.judge.asked == made.quick.asked == []


def test_a_day_alone_is_a_question(desk: Callable[..., Desk]) -> None:
    assert desk().ask("ماذا حدث في 8 شباط 2026؟").reason != "not_a_question"


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    with build(Settings(data=tmp_path), llm=False, embedder=WordEmbedder()) as empty:
        answer = Desk(empty, Scripted()).ask(ASKED)
    assert (answer.status, answer.reason) == ("refused", "empty_archive")


def test_a_question_in_an_article_is_no_answer(desk: Callable[..., Desk]) -> None:
    answer = desk({"متى افتتحت البلدية": 0.99, OPENED: 0.95}).ask(ASKED)
    assert [quote.text for quote in answer.quotes] == [OPENED]


def test_as_many_quotes_as_are_wanted(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, CROWD: 0.85, WORKERS: 0.8, "المياه": 0.8})
    assert len(made.asker.ask(Question(ASKED, most=1)).quotes) == 1
    assert len(made.asker.ask(Question(ASKED)).quotes) == 3
    assert len(made.asker.ask(Question(ASKED, most=9)).quotes) == 4


def test_the_labels_are_in_the_users_language(desk: Callable[..., Desk]) -> None:
    answer = desk().asker.ask(Question("Who won the cup?", language="en"))
    assert answer.text.startswith(say("refused_no_evidence", "en"))


def test_an_outlet_that_is_asked_for_is_a_filter(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, WORKERS: 0.8, "المياه": 0.7})
    answer = made.ask("ماذا ذكر بريد التلال عن الجسر؟")
    assert {quote.article.publisher for quote in answer.shown} == {"بريد التلال"}


def test_only_in_these_articles(desk: Callable[..., Desk], musnad: Musnad) -> None:
    (bridge,) = [each for each in musnad.archive.articles() if each.source == "bridge.txt"]
    where = Filter(articles=frozenset({bridge.id}))
    answer = desk({BUILT: 0.99, CROWD: 0.8}).pipeline.answer(Question(ASKED), ASKED, where)
    assert [quote.text for quote in answer.quotes if quote.article.id != bridge.id] == []
    assert answer.quotes


def test_timings_are_told_by_stage(desk: Callable[..., Desk]) -> None:
    timings = desk({OPENED: 0.95}).ask(ASKED).timings_ms
    assert {"understand", "encode", "dense", "lexical", "retrieve", "judge", "total"} <= timings.keys()
    assert all(isinstance(value, float) and value >= 0 for value in timings.values())
    assert timings["total"] >= timings["judge"]


ODD = [
    '"; DROP TABLE',
    "don't (C++) * ^ NEAR",
    "سوريا " * 2000,
    "متى\x00 افتتح؟",
    "{x} %s {0}",
    "«»" * 50,
    "؟ " * 300,
    "\ud800متى",
]


@pytest.mark.parametrize("text", ODD)
def test_odd_input_gets_an_answer_or_a_refusal(desk: Callable[..., Desk], text: str) -> None:
    assert desk({OPENED: 0.95}).ask(text).status in {"answered", "refused"}


PIECES = [
    "متى",
    "؟",
    "و",
    "الجسر",
    "ذلك",
    "\n",
    ".",
    "عن",
    "2019",
    "أمس",
    "كم",
    "،",
    "من",
    "\u200f",
    "«",
    "x",
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join))
def test_whatever_is_asked_every_quote_is_a_slice(desk: Callable[..., Desk], text: str) -> None:
    answer = desk({OPENED: 0.95, WORKERS: 0.4}).ask(ASKED, text)
    assert answer.question == text
    for quote in answer.shown:
        assert quote.article.body[quote.start : quote.end] == quote.text


# --- which judge ---------------------------------------------------------------------------------------------------


def test_the_quick_judge_alone_answers_while_somebody_types(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95}, {WORKERS: 0.95})
    answer = made.asker.ask(Question(ASKED, quick=True))
    assert [quote.article.source for quote in answer.quotes] == ["factory.txt"]
    assert made.judge.asked == []
    assert made.quick.asked == [ASKED]


def test_the_full_judge_answers_what_is_asked(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95}, {WORKERS: 0.95})
    assert [quote.text for quote in made.ask(ASKED).quotes] == [OPENED]
    assert made.judge.asked == [ASKED]
    assert made.quick.asked == []


def test_a_calibrated_policy_is_not_the_quick_judges(musnad: Musnad) -> None:
    retriever = PassageRetriever(index=musnad.index, k=PASSAGES)
    judge = Scripted({OPENED: 0.7})
    pipeline = Pipeline(musnad.archive, retriever, judge, policy=Policy(answered=0.8))
    assert pipeline.answer(Question(ASKED), ASKED).reason == "nearest"
    assert pipeline.answer(Question(ASKED, quick=True), ASKED).status == "answered"


# --- conversations -------------------------------------------------------------------------------------------------


def test_a_question_with_its_own_subject_is_put_as_it_is(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, WORKERS: 0.95})
    asked = [ASKED, "كم عاملًا في مصنع الإسمنت؟", "ماذا قال مجلس التلال عن المياه؟", "من فاز بكأس العالم؟"]
    alone = [made.asker.ask(Question(text)) for text in asked]
    key = f"test:{next(_numbers)}"
    together = [made.asker.ask(Question(text, key)) for text in asked]
    for one, other, text in zip(alone, together, asked, strict=True):
        assert other.standalone_question == text
        assert (one.status, one.text, one.quotes, one.related) == (
            other.status,
            other.text,
            other.quotes,
            other.related,
        )


def test_a_leaning_question_takes_its_subject_from_before(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, CROWD: 0.8})
    answer = made.ask(ASKED, "وكم شخصًا حضره؟")
    assert "الجسر الجديد" in answer.standalone_question
    assert answer.status == "answered"


def test_of_several_wordings_the_surest_wins(desk: Callable[..., Desk]) -> None:
    made = desk({WORKERS: 0.95})
    answer = made.ask("ماذا قال مجلس التلال عن المياه؟", "وعن المدرسة؟")
    assert answer.standalone_question == "ماذا قال مجلس التلال عن المدرسة؟"


def test_without_a_conversation_nothing_is_remembered(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95})
    made.asker.ask(Question(ASKED))
    assert made.asker.ask(Question("وكم شخصًا حضره؟")).standalone_question == "وكم شخصًا حضره؟"


def test_conversations_are_apart_and_can_be_forgotten(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95})
    asker, key = made.asker, f"test:{next(_numbers)}"
    answer = asker.ask(Question(ASKED, key))
    last = asker.last_answer(key)
    assert last is not None
    assert (last.text, last.status, last.quotes) == (answer.text, answer.status, answer.quotes)
    assert asker.ask(Question("ومتى كان ذلك؟", f"{key}:other")).standalone_question == "ومتى كان ذلك؟"
    asker.new_conversation(key)
    assert asker.last_answer(key) is None
    assert asker.ask(Question("ومتى كان ذلك؟", key)).standalone_question == "ومتى كان ذلك؟"


def test_a_reply_follows_the_answer_it_is_to(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, WORKERS: 0.95})
    asker, key = made.asker, f"test:{next(_numbers)}"
    first = asker.ask(Question(ASKED, key))
    asker.ask(Question("كم عاملًا في مصنع الإسمنت؟", key))
    follow = asker.ask(Question("ومن حضره؟", key, follows=first))
    assert "الجسر" in follow.standalone_question
    assert "الإسمنت" not in follow.standalone_question
    elsewhere = asker.ask(Question("ومن حضره؟", f"{key}:other", follows=first))
    assert elsewhere.standalone_question == follow.standalone_question


def test_a_question_asked_again_takes_its_own_place(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95, WORKERS: 0.95})
    asker, key = made.asker, f"test:{next(_numbers)}"
    asker.ask(Question("كم عاملًا في مصنع الإسمنت؟", key, name="1"))
    asker.ask(Question("ماذا قال مجلس التلال عن المياه؟", key, name="2"))
    asker.ask(Question(ASKED, key, name="1"))
    again = asker.ask(Question("ومن حضره؟", key, name="2"))
    assert "الجسر" in again.standalone_question
    last = asker.last_answer(key)
    assert last is not None
    assert last.question == "ومن حضره؟"


# --- a message of several sentences --------------------------------------------------------------------------------


def test_two_question_words_are_two_answers(desk: Callable[..., Desk]) -> None:
    answer = desk({OPENED: 0.95}).ask("متى وأين افتتحت بلدية السهل الجسر الجديد؟")
    lines = answer.text.splitlines()
    assert lines[0] == ASKED
    assert lines[1] == "8 شباط/فبراير 2026"
    assert lines[2] == "أين افتتحت بلدية السهل الجسر الجديد؟"
    assert [quote.text for quote in answer.quotes] == [OPENED]


def test_each_question_of_a_message_is_answered_under_its_heading(desk: Callable[..., Desk]) -> None:
    answer = desk({OPENED: 0.95, WORKERS: 0.85}).ask(f"{ASKED} كم عاملًا في مصنع الإسمنت؟ من فاز بكأس العالم؟")
    lines = answer.text.splitlines()
    assert [line for line in lines if line.endswith("؟")] == [
        ASKED,
        "كم عاملًا في مصنع الإسمنت؟",
        "من فاز بكأس العالم؟",
    ]
    assert {OPENED, WORKERS} & {quote.text for quote in answer.quotes}
    assert answer.status == "answered"


def test_no_more_than_three_questions_of_a_message(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95})
    made.ask("متى افتتح الجسر؟ كم كلفة الجسر؟ من بنى الجسر؟ أين الجسر؟ لماذا الجسر؟")
    assert len(made.judge.asked) == 3


@pytest.mark.parametrize(
    "question", ["أريد أن أعرف متى افتُتح.", "متى افتُتح؟", "ما تاريخ افتتاحه؟", "كم عدد عماله؟"]
)
def test_what_a_message_is_about_is_what_its_question_is_about(
    desk: Callable[..., Desk], question: str
) -> None:
    made = desk({BUILT: 0.95})
    made.ask(f"أعمل على تقرير عن مصنع الإسمنت. {question}")
    assert "مصنع الإسمنت" in made.judge.asked[-1]


def test_words_around_a_question_are_not_searched(desk: Callable[..., Desk]) -> None:
    made = desk({OPENED: 0.95})
    made.ask(f"مرحبا، أكتب تحقيقًا صحفيًّا. {ASKED}")
    assert made.judge.asked == [ASKED]


# --- a chat model --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def chatting(desk: Callable[..., Desk], server: ChatServer) -> Iterator[Callable[..., Desk]]:
    model = ChatModel(Settings(llm="test-model", llm_base_url=server.url, llm_timeout=20.0))
    model.load()

    def made(*behaviours: Script) -> Desk:
        server.will(*behaviours)
        made = desk({OPENED: 0.95})
        made.model = model
        return made

    yield made
    model.close()


def test_a_chat_model_decides_what_answers(chatting: Callable[..., Desk]) -> None:
    answer = chatting(pointing((CROWD, "300 شخص"))).ask(ASKED)
    assert (answer.mode, answer.status, answer.notice) == ("llm", "answered", None)
    assert CROWD in answer.quotes[0].text


def test_a_chat_model_may_refuse_what_the_judge_would_answer(chatting: Callable[..., Desk]) -> None:
    answer = chatting(answers(left_open=["افتتحت"])).ask(ASKED)
    assert (answer.mode, answer.status, answer.quotes) == ("llm", "refused", ())


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [(Raw(500, "{}"), "down"), (Raw(200, "not json"), "down"), (pointing(("nowhere", "x")), None)],
)
def test_where_the_chat_model_fails_the_judges_answer_goes_out_and_says_so(
    chatting: Callable[..., Desk], behaviour: Script, why: str | None
) -> None:
    answer = chatting(behaviour).ask(ASKED)
    if why is None and answer.mode == "llm":
        return
    assert (answer.mode, answer.status) == ("extractive", "answered")
    assert answer.text == "8 شباط/فبراير 2026"
    assert answer.notice in {say(f"llm_{reason}", "ar") for reason in ("down", "nonsense", "slow")}


def test_what_the_archive_found_is_told_before_the_chat_model_is_asked(
    chatting: Callable[..., Desk], server: ChatServer
) -> None:
    told: list[tuple[Answer, int]] = []
    made = chatting(pointing((CROWD, "300 شخص")))
    question = Question(ASKED, preview=lambda answer: told.append((answer, len(server.received))))
    answer = made.asker.ask(question)
    ((preview, asked),) = told
    assert asked == 0
    assert [quote.text for quote in preview.quotes] == [OPENED]
    assert answer.quotes != preview.quotes


def test_a_refusal_is_no_preview(chatting: Callable[..., Desk]) -> None:
    told: list[Answer] = []
    made = chatting(answers())
    made.judge.script = {}
    made.asker.ask(Question(ASKED, preview=told.append))
    assert told == []


def test_what_a_preview_raises_ends_the_work(chatting: Callable[..., Desk], server: ChatServer) -> None:
    class Stop(Exception):
        pass

    def stop(answer: Answer) -> None:
        raise Stop

    with pytest.raises(Stop):
        chatting(answers()).asker.ask(Question(ASKED, preview=stop))
    assert server.received == []


def test_no_chat_model_and_no_preview_while_somebody_types(
    chatting: Callable[..., Desk], server: ChatServer
) -> None:
    told: list[Answer] = []
    answer = chatting(answers()).asker.ask(Question(ASKED, quick=True, preview=told.append))
    assert (answer.mode, told, server.received) == ("extractive", [], [])


def test_the_preferred_article_is_asked_first_and_the_others_only_where_it_does_not_speak_of_it(
    desk: Callable[..., Desk],
) -> None:
    made = desk({OPENED: 0.95})
    opened = made.asker.ask(Question(ASKED)).quotes[0].article.id
    others = frozenset({article.id for article in made.musnad.archive.articles()} - {opened})
    assert others
    assert made.asker.ask(Question(ASKED, prefer=frozenset({opened}))).quotes[0].article.id == opened
    elsewhere = made.asker.ask(Question(ASKED, prefer=others))
    assert elsewhere.status == "answered"
    assert elsewhere.quotes[0].article.id == opened
