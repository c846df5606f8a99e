"""The JSON output that scripts rely on: exact keys and correct spans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer
from bot.quotes import cut
from bot.render.json import render_answer, render_article, render_error
from corpus.article import Article, Span
from corpus.parse import parse
from corpus.store import Archive

TEXT = """\
افتتاح مكتبة في البلدة
الناشر: صحيفة الساحل
التاريخ: 7 أيار 2023

افتتحت البلدة مكتبة تضم عشرة آلاف كتاب. وقال أمينها إن الدخول "مجاني".
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite") as archive:
        archive.add_file("library.txt", "1", TEXT, parse(TEXT, "library.txt"), lambda article: [])
        yield archive


@pytest.fixture
def article(archive: Archive) -> Article:
    return archive.article("library.txt")


def answer(article: Article, text: str = "") -> Answer:
    end = article.body.index(".") + 1
    return Answer(
        question="كم كتابًا؟",
        standalone_question="كم كتابًا في المكتبة؟",
        status="answered",
        text=text,
        quotes=(cut(article, 0, end, 0.75),),
        timings_ms={"encode": 12.3456789, "total": 20.0},
    )


def load(line: str) -> dict[str, Any]:
    assert "\n" not in line
    value = json.loads(line)
    assert isinstance(value, dict)
    return value


def test_an_answer_has_the_keys_of_the_contract(archive: Archive, article: Article) -> None:
    shown = load(render_answer(answer(article, "«عشرة آلاف كتاب»"), archive))
    assert list(shown) == [
        "question", "standalone_question", "status", "reason", "answer", "mode", "quotes", "related", "open",
        "freshness", "independent", "timings_ms",
    ]  # fmt: skip
    assert shown["status"] == "answered"
    assert shown["reason"] is None
    assert shown["answer"] == "«عشرة آلاف كتاب»"
    assert shown["mode"] == "extractive"
    assert shown["related"] == shown["open"] == []
    assert shown["freshness"] is None
    assert shown["timings_ms"] == {"encode": 12.35, "total": 20.0}
    (quote,) = shown["quotes"]
    assert list(quote) == ["id", "text", "start", "end", "score", "words", "article", "also"]
    assert quote["words"] is None
    assert quote["article"] == {
        "id": article.id,
        "title": "افتتاح مكتبة في البلدة",
        "publisher": "صحيفة الساحل",
        "published": "2023-05-07",
        "url": None,
        "source": "library.txt",
        "origin": None,
        "attribution": "claimed",
        "machine_read": False,
    }


def test_a_quote_is_the_slice_of_the_body_that_show_gives(archive: Archive, article: Article) -> None:
    quote = load(render_answer(answer(article), archive))["quotes"][0]
    body = load(render_article(article))["body"]
    assert body[quote["start"] : quote["end"]] == quote["text"]
    assert quote["text"].startswith("افتتحت البلدة")


def test_without_a_direct_line_the_best_quote_is_the_answer(archive: Archive, article: Article) -> None:
    shown = load(render_answer(answer(article), archive))
    assert shown["answer"] == shown["quotes"][0]["text"]


def test_a_refusal_says_why_and_keeps_related_passages_apart(archive: Archive, article: Article) -> None:
    given = answer(article)
    refusal = replace(
        given, status="refused", text="لا جواب.", reason="no_evidence", quotes=(), related=given.quotes
    )
    shown = load(render_answer(refusal, archive))
    assert (shown["status"], shown["reason"], shown["answer"]) == ("refused", "no_evidence", "لا جواب.")
    assert shown["quotes"] == []
    assert [quote["text"] for quote in shown["related"]] == [given.quotes[0].text]


def test_what_is_nearest_says_what_it_leaves_open(archive: Archive, article: Article) -> None:
    given = answer(article)
    nearest = replace(
        given, status="refused", reason="nearest", quotes=(), related=given.quotes, open=("تكلفة", "مدرسة")
    )
    shown = load(render_answer(nearest, archive))
    assert (shown["status"], shown["reason"], shown["open"]) == ("refused", "nearest", ["تكلفة", "مدرسة"])
    assert shown["answer"] == "لا أجد جوابًا صريحًا. أقرب ما في الأرشيف، ولا يذكر: «تكلفة» و«مدرسة»"
    assert (shown["quotes"], len(shown["related"])) == ([], 1)
    assert load(render_answer(replace(nearest, text="كما قيل."), archive))["answer"] == "كما قيل."


def test_the_words_that_answer_are_a_slice_of_the_body(archive: Archive, article: Article) -> None:
    start = article.body.index("عشرة آلاف")
    quote = replace(answer(article).quotes[0], words=Span(start, start + 9))
    shown = load(render_answer(replace(answer(article), quotes=(quote,)), archive))["quotes"][0]["words"]
    assert shown == {"start": start, "end": start + 9, "text": "عشرة آلاف"}


def test_a_quote_the_archive_does_not_hold_is_never_printed(archive: Archive, article: Article) -> None:
    invented = replace(article, body=article.body.replace("عشرة", "تسعة"))
    shown = load(render_answer(answer(invented, "تسعة آلاف"), archive))
    assert shown["status"] == "refused"
    assert shown["quotes"] == []
    assert "تسعة" not in json.dumps(shown, ensure_ascii=False)
    assert shown["answer"].strip()


def test_an_article_says_how_its_date_is_known(article: Article) -> None:
    month = replace(article.published, date="2023-05-01", precision="month")
    shown = load(render_article(replace(article, published=month)))
    assert list(shown)[:6] == ["id", "title", "publisher", "published", "url", "source"]
    assert shown["body"] == article.body
    assert (shown["published"], shown["precision"]) == ("2023-05-01", "month")
    assert [shown["body"][block["start"] : block["end"]] for block in shown["blocks"]] == [
        article.body[block.start : block.end] for block in article.blocks
    ]


def test_an_article_without_a_date_has_null(article: Article) -> None:
    undated = replace(article, published=replace(article.published, date=None, precision=None))
    assert load(render_article(undated))["published"] is None


def test_a_bad_line_has_its_number() -> None:
    assert load(render_error(3, "ليس سؤالًا")) == {"error": "ليس سؤالًا", "line": 3}
