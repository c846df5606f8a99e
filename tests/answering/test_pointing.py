"""Questions about words that somebody quoted: from right there first, then from all; else the place itself is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import Answer, Quote
from bot.answering.pipeline import Question
from bot.answering.pointing import about, around, spot_of
from bot.answering.question import understand
from bot.build import Musnad, build
from bot.quotes import cut
from bot.settings import Settings
from corpus.article import Article
from corpus.store import Archive
from prompts import say
from tests.answering.cases import Scripted, article
from tests.answering.test_pipeline import BUILT, CROWD, FILES, OPENED, WORKERS, Desk
from tests.archives import filled
from tests.vectorstore.test_index import WordEmbedder

# --- the question --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "quoted", "alone"),
    [
        ("متى كان ذلك؟", "أوقفت قوى الأمن خمسة أشخاص", "متى كان ذلك: «أوقفت قوى الأمن خمسة أشخاص»؟"),
        ("متى؟", "«ألقت» الشرطة القبض على الرجل.", "متى: «ألقت الشرطة القبض على الرجل»؟"),
        ("When was that?", "أوقفت قوى الأمن خمسة أشخاص", "When was that: «أوقفت قوى الأمن خمسة أشخاص»?"),
        ("متى كان ذلك", "أوقفت قوى الأمن", "متى كان ذلك: «أوقفت قوى الأمن»؟"),
        ("متى؟", "", "متى؟"),
        ("متى؟", "«»", "متى؟"),
    ],
)
def test_a_question_about_quoted_words_stands_alone(question: str, quoted: str, alone: str) -> None:
    assert about(question, quoted) == alone


def test_a_long_quotation_is_cut_short() -> None:
    made = about("متى كان ذلك؟", "كلمة " * 400)
    assert len(made.split()) < 20
    assert understand(made).kind == "when"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_make_a_question(question: str, quoted: str) -> None:
    made = about(question, quoted)
    assert made.count("«") <= 1 + question.count("«")
    assert understand(made).text == " ".join(made.split())


# --- the place -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with filled(tmp_path_factory.mktemp("pointing") / "archive.sqlite", FILES) as archive:
        yield archive


def stored(archive: Archive, source: str) -> Article:
    (only,) = archive.articles_of(source)
    return only


def shown(archive: Archive) -> Answer:
    """An answer with two quotes."""
    quotes = []
    for source, text in (("bridge.txt", OPENED), ("factory.txt", BUILT)):
        of = stored(archive, source)
        start = of.body.index(text)
        quotes.append(cut(of, start, start + len(text)))
    return Answer("س", "س", "answered", "", tuple(quotes))


def spot(quoted: str, answer: Answer | None, archive: Archive) -> Quote:
    found = spot_of(quoted, answer, archive)
    assert found is not None
    assert found.article.body[found.start : found.end] == found.text
    return found


@pytest.mark.parametrize(
    "quoted",
    ["مصنع الإسمنت في التلال", "مصنع الاسمنت في التلال", "«مصنع الإسمنت في التلال»", " …مصنع الإسمنت\u200f "],
)
def test_words_are_looked_for_in_the_answer_they_were_quoted_from(archive: Archive, quoted: str) -> None:
    found = spot(quoted, shown(archive), archive)
    assert found.article.source == "factory.txt"
    assert found.text.startswith("مصنع الإسمنت")
    assert found.score == 1.0


def test_what_stands_around_quotes_in_a_message_points_at_them_too(archive: Archive) -> None:
    answer = shown(archive)
    quote = answer.quotes[1]
    marked = f"{quote.text[-30:]}\nالمصدر: \u2068{quote.article.publisher}\u2069 · 9 شباط"
    found = spot(marked, answer, archive)
    assert (found.article.id, found.end) == (quote.article.id, quote.end)
    assert spot_of(f"العنوان: {quote.article.title}", answer, archive) == quote


def test_what_is_no_part_of_the_answer_is_looked_for_in_the_archive(archive: Archive) -> None:
    assert spot(CROWD, shown(archive), archive).article.source == "bridge.txt"
    assert spot(CROWD, None, archive).text == CROWD.rstrip(".") or CROWD in spot(CROWD, None, archive).text


@pytest.mark.parametrize(
    "quoted", ["انضمام تركيا إلى التحالف قبل سنوات", "", "…", "؟؟", "\n\n", "8 شباط/فبراير 2026"]
)
def test_words_that_nobody_published_are_nobodys(archive: Archive, quoted: str) -> None:
    assert spot_of(quoted, None, archive) is None


@given(st.text(max_size=60))
def test_any_words_are_looked_for_without_an_error(quoted: str) -> None:
    of = article(f"{OPENED} {CROWD}")
    start = of.body.index(CROWD)
    answer = Answer("س", "س", "answered", "", (cut(of, start, start + len(CROWD)),))

    class Nothing:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"the archive was asked for {name}")

    found = spot_of(quoted, answer, Nothing()) if quoted.strip(" .") in CROWD and quoted.strip(" .") else None  # type: ignore[arg-type]
    assert found is None or found.start >= start


def test_around_is_the_sentences_before_and_behind_of_the_paragraph(archive: Archive) -> None:
    of = stored(archive, "bridge.txt")
    whole = f"{OPENED} {CROWD}"
    for part in ("الجسر الجديد فوق", "300 شخص", "النهر. وحضر"):
        start = of.body.index(part)
        place = around(cut(of, start, start + len(part)))
        assert place.text == whole
        assert of.body[place.start : place.end] == place.text


# --- asked ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def musnad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Musnad]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in FILES.items():
        Path(folder / name).write_text(text, encoding="utf-8")
    with build(Settings(data=tmp_path_factory.mktemp("data")), llm=False, embedder=WordEmbedder()) as musnad:
        musnad.ingest([folder])
        yield musnad


def ask(
    musnad: Musnad,
    quoted: str,
    question: str,
    script: dict[str, float] | None = None,
    follows: Answer | None = None,
) -> tuple[Answer, Scripted]:
    desk = Desk(musnad, Scripted(script or {}), Scripted(script or {}))
    answer = desk.asker.ask(Question(question, about=quoted, follows=follows))
    for quote in answer.shown:
        assert quote.article.body[quote.start : quote.end] == quote.text
    return answer, desk.judge


def test_what_points_is_answered_from_its_own_article(musnad: Musnad) -> None:
    answer, judge = ask(musnad, "الجسر الجديد فوق النهر", "متى كان ذلك؟", {OPENED: 0.95, BUILT: 0.99})
    assert {quote.article.source for quote in answer.quotes} == {"bridge.txt"}
    assert answer.text == "8 شباط/فبراير 2026"
    assert "الجسر الجديد" in judge.asked[0]


def test_what_has_a_subject_of_its_own_is_put_as_it_is_to_the_article_first(musnad: Musnad) -> None:
    question = "كم عاملًا في مصنع الإسمنت؟"
    answer, judge = ask(musnad, BUILT, question, {WORKERS: 0.95})
    assert judge.asked == [question]
    assert answer.quotes[0].article.source == "factory.txt"


def test_what_the_article_does_not_say_is_asked_of_all(musnad: Musnad) -> None:
    question = "كم عاملًا في مصنع الإسمنت؟"
    answer, judge = ask(musnad, CROWD, question, {WORKERS: 0.95})
    assert judge.asked == [question, question]
    assert answer.quotes[0].article.source == "factory.txt"


def test_where_nothing_answers_the_place_itself_is_shown(musnad: Musnad) -> None:
    answer, _ = ask(musnad, CROWD, "ولماذا؟")
    assert (answer.status, answer.reason, answer.quotes) == ("refused", "nearest", ())
    assert answer.related[0].text == f"{OPENED} {CROWD}"
    assert answer.text == say("refused_near", "ar")


def test_words_of_no_article_are_part_of_the_question(musnad: Musnad) -> None:
    answer, judge = ask(musnad, "انضمام تركيا إلى التحالف", "متى كان ذلك؟")
    assert answer.status == "refused"
    assert "تركيا" in judge.asked[0]
    assert answer.reason != "nearest" or "تركيا" not in answer.text


def test_quoting_words_of_an_answer_that_no_article_says_asks_about_the_answer(musnad: Musnad) -> None:
    first = Desk(musnad, Scripted({OPENED: 0.95})).asker.ask(Question("متى افتتحت بلدية السهل الجسر الجديد؟"))
    answer, _ = ask(musnad, "8 شباط/فبراير 2026", "ومن حضره؟", {CROWD: 0.95}, first)
    assert "الجسر" in answer.standalone_question


@pytest.mark.parametrize("quoted", ["…", "«»", "\u200f", "؟" * 50, "س" * 5000, "\n" * 20])
@pytest.mark.parametrize("question", ["متى كان ذلك؟", "", "كم كلفة الجسر؟"])
def test_odd_quotations_get_an_answer_or_a_refusal(musnad: Musnad, quoted: str, question: str) -> None:
    answer, _ = ask(musnad, quoted, question, {OPENED: 0.95})
    assert answer.status in {"answered", "refused"}
