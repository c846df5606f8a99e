"""Answers as Telegram messages: escaped, right to left, whole, and verbatim inside the blockquotes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.answer import Answer, Quote
from bot.quotes import cut
from bot.render.telegram import MOST_UNITS, render, render_line, render_sources, visible_units
from corpus.article import Article, Published
from tests.botapi.entities import Entity, accept, units
from tests.botapi.entities import cut as covered
from tests.botapi.running import BRIDGE, LIBRARY, answered, quote, refusal

FIRST = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
LENGTH = "ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية."
MARKS = "[\u200e\u200f\u061c\u2066-\u2069]"


def read(messages: list[str]) -> list[tuple[str, list[Entity]]]:
    """The messages as Telegram takes them: text and entities. Fails where Telegram would refuse one."""
    return [accept(message, "HTML") for message in messages]


def quotes_in(messages: list[str]) -> list[str]:
    return [
        covered(text, entity["offset"], entity["length"])
        for text, entities in read(messages)
        for entity in entities
        if "blockquote" in entity["type"]
    ]


def direction(paragraph: str) -> Literal["rtl", "ltr"]:
    """By the first strong letter outside isolates, as clients decide it (UAX #9, P2 and P3)."""
    outside = re.sub("[\u2066-\u2068][^\u2069]*\u2069", "", paragraph)
    for character in outside:
        if unicodedata.bidirectional(character) in {"R", "AL"}:
            return "rtl"
        if unicodedata.bidirectional(character) == "L":
            return "ltr"
    return "ltr"


def test_answer_with_two_outlets(snapshot: SnapshotAssertion) -> None:
    answer = answered(
        "الأحد 8 شباط/فبراير 2026",
        quote(LIBRARY, FIRST),
        quote(BRIDGE, LENGTH),
        notice="تعذّر الوصول إلى النموذج.",
    )
    assert render(answer) == snapshot
    assert render(answer, "en") == snapshot


def test_refusal_with_related_passages(snapshot: SnapshotAssertion) -> None:
    answer = refusal("متى أُحرقت المكتبة؟", quote(LIBRARY, FIRST), quote(BRIDGE, LENGTH))
    assert render(answer) == snapshot


def test_sources(snapshot: SnapshotAssertion) -> None:
    answer = answered("نعم", quote(LIBRARY, FIRST), quote(BRIDGE, LENGTH), quote(LIBRARY, "وتضم المكتبة"))
    assert render_sources(answer) == snapshot
    assert render_sources(None, "en") == ["No sources yet: I have not quoted anything in this conversation."]


@pytest.mark.parametrize(
    ("url", "site", "expected"),
    [
        (
            "https://sahl.example/a?b=1&c=%D8%A7",
            "sahl.example",
            "https://sahl.example/a?b=1&c=%D8%A7#:~:text=",
        ),
        ("ftp://sahl.example/a", "sahl.example", "https://sahl.example"),
        (None, "sahl.example", "https://sahl.example"),
        ("javascript:alert(1)", None, None),
        ("https://", None, None),
        (None, 'x"><b>.example', None),
        (None, None, None),
    ],
)
def test_link_is_the_articles_else_the_sites_else_none(
    url: str | None, site: str | None, expected: str | None
) -> None:
    article = replace(LIBRARY, url=url, site=site)
    [(_, entities)] = read(render(answered("نعم", quote(article, FIRST))))
    links = [entity["url"] for entity in entities if entity["type"] == "text_link"]
    assert [re.sub("(:~:text=).+", r"\1", link) for link in links] == ([expected] if expected else [])


def test_outlet_and_date_that_are_not_known_are_said_to_be() -> None:
    article = replace(LIBRARY, publisher=None, site=None, url=None, published=Published())
    [(text, _)] = read(render(answered("نعم", quote(article, FIRST))))
    assert "المصدر: جهة غير مذكورة · بلا تاريخ نشر\n" in text


def test_headline_is_said_once_under_quotes_in_a_row_from_one_article() -> None:
    second = "وتضم المكتبة اثني عشر ألف كتاب وقاعة للأطفال."
    answer = answered("نعم", quote(LIBRARY, FIRST), quote(LIBRARY, second), quote(BRIDGE, LENGTH))
    [(text, _)] = read(render(answer))
    assert text.count("المصدر: صحيفة السهل · 9 شباط/فبراير 2026 · الرابط") == 2
    assert text.count(f"العنوان: {LIBRARY.title}") == 1
    assert text.index(second) < text.index(LIBRARY.title) < text.index(LENGTH) < text.index(BRIDGE.title)


@pytest.mark.parametrize("refused", [True, False])
def test_follow_up_is_shown_as_it_was_understood(refused: bool) -> None:
    answer = refusal("وأين؟") if refused else answered("في السهل", quote(LIBRARY, FIRST))
    answer = replace(answer, question="وأين؟", standalone_question="أين <المكتبة> في Delta؟")
    [(text, _)] = read(render(answer))
    assert text.splitlines()[2] == "فُهم السؤال هكذا: أين <المكتبة> في \u2068Delta\u2069؟"
    # A question that only gained or lost marks over its letters was understood as it was asked.
    [(text, _)] = read(render(replace(answer, question="متى افتُتحت؟", standalone_question="متى افتتحت؟")))
    assert "فُهم" not in text


def test_only_long_quotes_are_folded() -> None:
    short, long = replace(LIBRARY, body="كلمة قصيرة."), replace(LIBRARY, body="كلمة طويلة جدًّا. " * 30)
    messages = render(answered("نعم", cut(short, 0, 99), cut(long, 0, 9999)))
    kinds = [
        entity["type"] for _, entities in read(messages) for entity in entities if "quote" in entity["type"]
    ]
    assert kinds == ["blockquote", "expandable_blockquote"]


@pytest.mark.parametrize(
    "text",
    ["CNN وسانا", "NATO", "2026", "https://sahl.example/1", "90", "«CNN»", "", "Delta Works: نعم\nBBC: لا"],
)
def test_every_paragraph_opens_in_arabic(text: str) -> None:
    article = replace(LIBRARY, publisher="BBC News", title="Delta Works 2026", site="bbc.example")
    [(shown, _)] = read(render(answered(text, quote(article, FIRST), notice="LLM down")))
    for paragraph in shown.split("\n"):
        assert not paragraph or direction(paragraph) == "rtl", paragraph


def test_latin_runs_are_isolated_outside_quotes_and_nothing_inside() -> None:
    answer = answered("قالت Delta Works: «أنجزت Delta Works العمل».", quote(BRIDGE, LENGTH))
    [(text, _)] = read(render(answer))
    assert "قالت \u2068Delta Works\u2069: «أنجزت Delta Works العمل»." in text
    assert "المصدر: \u2068Delta News\u2069 · " in text
    assert LENGTH in text


def test_marks_in_titles_cannot_turn_what_follows() -> None:
    article = replace(LIBRARY, title="عنوان \u202eمقلوب\u2068 بلا نهاية", publisher="جهة\u2067")
    [(text, _)] = read(render(answered("نعم", quote(article, FIRST))))
    assert "\u202e" not in text
    assert text.count("\u2068") == text.count("\u2069")


def test_sentence_longer_than_a_message_is_cut_between_words() -> None:
    article = replace(LIBRARY, body="كلمة " * 3000)
    parts = quotes_in(render(answered("نعم", cut(article, 0, 20000))))
    assert " ".join(parts) == article.body.strip()


def test_message_of_the_bots_own_isolates_commands() -> None:
    assert render_line("للمزيد: /help <b>") == "للمزيد: \u2068/help\u2069 &lt;\u2068b\u2069&gt;"
    assert render_line("More: /help", "en") == "More: /help"


letters = st.sampled_from(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ءآأإؤئىة،؛؟.!\n\u064b\u0651٠١٢٣abcXYZ019<>&\"'«»/:_-😀👩\u200d🚀"
)
bodies = st.text(letters, min_size=1, max_size=400).map(lambda text: (text * (9000 // len(text)))[:9000])


@given(
    body=st.one_of(bodies, st.text(letters, min_size=1, max_size=300)),
    text=st.text(letters, max_size=300),
    title=st.text(letters, max_size=600),
    spans=st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 9000)), max_size=3),
    language=st.sampled_from(["ar", "en"]),
    refused=st.booleans(),
)
def test_whatever_the_answer_telegram_takes_it_and_quotes_stay_verbatim(
    body: str,
    text: str,
    title: str,
    spans: list[tuple[int, int]],
    language: Literal["ar", "en"],
    refused: bool,
) -> None:
    article = Article("a.txt", title, body, publisher=title[:40], url="https://sahl.example/?<>\"'&")
    quotes: list[Quote] = []
    for start, length in spans:
        if body[start : start + length].strip():
            quotes.append(cut(article, start, start + length))
    if refused:
        answer = Answer("س", "س", "refused", text, related=tuple(quotes))
    else:
        answer = Answer("س", "س", "answered", text, tuple(quotes))
    messages = render(answer, language)
    for message, (shown, _) in zip(messages, read(messages), strict=True):
        assert units(shown) <= visible_units(message) <= MOST_UNITS
    # Each blockquote is a slice, in order, and together they are the quotes but for blanks between slices.
    found = quotes_in(messages)
    assert "".join("".join(found).split()) == "".join("".join(q.text for q in quotes).split())
    rest = iter(found)
    for wanted in quotes:
        at = 0
        while wanted.text[at:].strip():
            part = next(rest)
            at = wanted.text.index(part, at) + len(part)
