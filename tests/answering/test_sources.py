"""One report in many outlets is one source: three outlets, two of them with the same text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answer import Answer
from bot.answering.candidates import Candidate
from bot.answering.judges import Judged
from bot.answering.pipeline import PASSAGES, Pipeline, Question
from bot.answering.question import Query
from bot.answering.sources import Sources, sources_of
from bot.build import Musnad, build
from bot.render import json as as_json
from bot.render import telegram, terminal
from bot.render.layout import Layout
from bot.settings import Settings
from corpus.article import Span
from tests.answering.cases import Scripted
from tests.vectorstore.test_index import WordEmbedder
from vectorstore.retriever import PassageRetriever

REPORT = """افتتحت بلدية السهل اليوم الأحد الجسر الجديد فوق النهر بعد عامين من الأعمال. ووقف على الضفة وقت قص الشريط \
300 شخص جاؤوا سيرًا من القرى.

وقالت البلدية إن كلفة الجسر بلغت مليوني ليرة دفعتها صناديق القرى المجاورة كلها."""
AGENCY = f"""بلدية السهل تفتتح الجسر الجديد
الناشر: وكالة الشاطئ
التاريخ: 8 شباط 2026

{REPORT}
"""
COPY = f"""جسر جديد في السهل
الناشر: بريد التلال
التاريخ: 9 شباط 2026

{REPORT}
"""
OWN = """أول سيارة تعبر الجسر
الناشر: صحيفة المرفأ
التاريخ: 9 شباط 2026

عبرت أول سيارة صباحا من فوق النهر. وأحصت الصحيفة في حفل افتتاح الجسر الجديد 300 شخص من أهالي السهل.
"""
ASKED = "كم شخصًا حضر افتتاح الجسر الجديد؟"
CROWD = "ووقف على الضفة وقت قص الشريط 300 شخص جاؤوا سيرًا من القرى."
COUNTED = "وأحصت الصحيفة في حفل افتتاح الجسر الجديد 300 شخص من أهالي السهل."


class Counting(Scripted):
    """A judge that is sure of the words that answer."""

    def judge(self, query: Query, candidates: Sequence[Candidate]) -> list[Judged]:
        made = super().judge(query, candidates)
        return [replace(each, words=where(each.candidate), certain=0.95) for each in made]


def where(candidate: Candidate) -> Span | None:
    at = candidate.article.body.find("300 شخص", candidate.span.start, candidate.span.end)
    return Span(at, at + len("300 شخص")) if at >= 0 else None


@pytest.fixture
def musnad(tmp_path: Path) -> Iterator[Musnad]:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("copy.txt", COPY), ("agency.txt", AGENCY), ("own.txt", OWN)):
        (folder / name).write_text(text, encoding="utf-8")
    with build(Settings(data=tmp_path / "data"), llm=False, embedder=WordEmbedder()) as musnad:
        musnad.ingest([folder])
        yield musnad


def ask(musnad: Musnad) -> Answer:
    judge = Counting({CROWD: 0.9, COUNTED: 0.85})
    retriever = PassageRetriever(index=musnad.index, k=PASSAGES)
    return Pipeline(musnad.archive, retriever, judge).answer(Question(ASKED), ASKED)


def test_a_copy_is_no_second_source(musnad: Musnad) -> None:
    answer = ask(musnad)
    assert [quote.article.source for quote in answer.quotes] == ["agency.txt", "own.txt"]  # not the copy's
    assert [[each.source for each in quote.also] for quote in answer.quotes] == [["copy.txt"], []]
    assert answer.independent == 2


def test_shown_in_the_terminal(musnad: Musnad) -> None:
    shown = terminal.render_answer(ask(musnad), musnad.archive, Layout("ar"))
    assert shown.count("نُشر أيضًا في: بريد التلال") == 1
    assert "يذكر «300 شخص» مصدران مستقلان." in shown
    english = terminal.render_answer(ask(musnad), musnad.archive, Layout("en"))
    assert "2 independent sources give “300 شخص”." in english


def test_shown_in_telegram(musnad: Musnad) -> None:
    (shown,) = telegram.render(ask(musnad), "ar")
    assert shown.count("نُشر أيضًا في: بريد التلال") == 1
    assert "يذكر «300 شخص» مصدران مستقلان." in shown
    assert f"{CROWD.split('300')[0]}<b>300 شخص</b>" in shown


def test_told_to_scripts(musnad: Musnad) -> None:
    told = json.loads(as_json.render_answer(ask(musnad), musnad.archive))
    copy = musnad.archive.article("copy.txt")
    assert told["independent"] == 2
    assert [quote["also"] for quote in told["quotes"]] == [
        [
            {
                "id": copy.id,
                "publisher": "بريد التلال",
                "published": "2026-02-09",
                "title": "جسر جديد في السهل",
            }
        ],
        [],
    ]


def test_what_was_removed_is_named_no_more(musnad: Musnad) -> None:
    before = ask(musnad)
    musnad.archive.remove_file("copy.txt")
    assert "بريد التلال" not in terminal.render_answer(before, musnad.archive, Layout("ar"))
    assert ask(musnad).quotes[0].also == ()


def test_nobody_is_counted_who_credits_another(musnad: Musnad, tmp_path: Path) -> None:
    """Two outlets that took it from one agency are one source, whose words they changed."""
    for name, text in (("agency.txt", AGENCY), ("own.txt", OWN)):
        (tmp_path / "articles" / name).write_text(f"{text}\nالمصدر: رويترز\n", encoding="utf-8")
    (tmp_path / "articles" / "copy.txt").unlink()
    musnad.ingest([tmp_path / "articles"], prune=True)
    assert ask(musnad).independent == 0


def test_kept_with_the_conversation(musnad: Musnad) -> None:
    answer = replace(ask(musnad), timings_ms={})
    musnad.conversations.add("chat", answer)
    kept = musnad.conversations.last("chat", musnad.archive)
    assert kept is not None
    assert [quote.also for quote in kept.quotes] == [quote.also for quote in answer.quotes]
    assert kept.independent == 2


def test_copies_are_of_one_outlet(musnad: Musnad) -> None:
    agency, copy, own = (musnad.archive.article(f"{name}.txt") for name in ("agency", "copy", "own"))
    sources = sources_of(musnad.archive, [copy, own])
    assert sources.outlet(agency) == sources.outlet(copy) != sources.outlet(own)
    assert sources.original(copy) == agency.id
    assert sources.original(agency) is None
    assert Sources().outlet(own) == "صحيفة المرفأ"
