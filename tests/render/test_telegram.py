"""Answers as Telegram messages: escaped, right to left, whole, and verbatim inside the blockquotes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Literal
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.answer import Answer, Quote
from bot.permalink import Permalink
from bot.quotes import cut
from bot.render.cards import cite, fits_clipboard, render_citation, render_page, render_permalink
from bot.render.direction import filled
from bot.render.fragment import at_quote
from bot.render.telegram import MOST_UNITS, render, render_line, render_sources, visible_units
from corpus.article import Article, Published, Span
from tests.botapi.entities import Entity, accept, units
from tests.botapi.entities import cut as covered
from tests.botapi.running import BRIDGE, LIBRARY, answered, bold, nearest, quote, refusal

FIRST = "أعادت بلدية السهل افتتاح مكتبتها العامة صباح الأحد بعد ترميم دام عامين."
LENGTH = "ويبلغ طوله أربعمئة متر، وتنفذه شركة Delta Works المحلية."
MARKS = "[\u200e\u200f\u061c\u2066-\u2069]"


def read(messages: list[str]) -> list[tuple[str, list[Entity]]]:
    """Parse the messages into text and entities as Telegram does. Fails where Telegram would refuse one."""
    return [accept(message, "HTML") for message in messages]


def quotes_in(messages: list[str]) -> list[str]:
    return [
        covered(text, entity["offset"], entity["length"])
        for text, entities in read(messages)
        for entity in entities
        if "blockquote" in entity["type"]
    ]


def direction(paragraph: str) -> Literal["rtl", "ltr"]:
    """Return the direction of the first strong letter outside isolates, as clients do (UAX #9, P2 and P3)."""
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


def test_what_is_nearest_is_said_once_and_shown_like_an_answer(snapshot: SnapshotAssertion) -> None:
    answer = nearest("من أغلق المكتبة؟", quote(LIBRARY, FIRST), quote(BRIDGE, LENGTH), open=["أغلق"])
    assert render(answer) == snapshot
    assert render(answer, "en") == snapshot
    assert render(replace(answer, open=()))[0].startswith("<b>لا أجد جوابًا صريحًا. أقرب ما في الأرشيف:</b>")
    assert render(replace(answer, text="لا أجد ذلك."))[0].startswith("<b>لا أجد ذلك.</b>\n\n<blockquote>")
    [(shown, _)] = read(render(replace(answer, understood="فُهم على أنه متابعة لسؤالك: من افتتح المكتبة؟")))
    assert shown.index("فُهم") < shown.index("لا أجد جوابًا") < shown.index(FIRST)


def test_every_message_with_what_is_nearest_says_that_it_is_no_answer() -> None:
    article = replace(LIBRARY, body="وقال البيان إن الأعمال مستمرة في القرية. " * 220)
    answer = nearest("من؟", cut(article, 0, 4000), cut(article, 4000, 8000), open=["استقال"])
    first, *others = [text for text, _ in read(render(answer))]
    assert first.startswith("لا أجد جوابًا صريحًا.")
    assert "ذات صلة" not in first
    assert others
    assert all(text.startswith("مقاطع ذات صلة، وليست جوابًا عن السؤال:") for text in others)


@pytest.mark.parametrize("language", ["ar", "en"])
def test_words_left_open_stand_in_their_order_whatever_their_script(language: Literal["ar", "en"]) -> None:
    """The bidirectional algorithm orders them right to left in an Arabic line, left to right in an English one."""
    from bidi.algorithm import get_display

    for words in (["استقال", "الراتب"], ["Trump", "NATO"], ["استقال", "NATO", "Trump"]):
        [(text, _)] = read(render(nearest("من؟", quote(LIBRARY, FIRST), open=words), language))
        shown = re.sub(
            MARKS, "", text.split("\n")[0]
        )  # isolates around single words, which the library does not know
        display = str(get_display(shown, base_dir="R" if language == "ar" else "L"))
        contexts = [display.index(word if word.isascii() else word[::-1]) for word in words]
        assert contexts == sorted(contexts, reverse=language == "ar"), display


def bolds_in(messages: list[str]) -> list[str]:
    return [
        covered(text, entity["offset"], entity["length"])
        for text, entities in read(messages)
        for entity in entities
        if entity["type"] == "bold"
    ]


def test_the_words_that_answer_are_bold_in_their_quote(snapshot: SnapshotAssertion) -> None:
    answer = answered("", bold(quote(LIBRARY, FIRST), "صباح الأحد"), quote(BRIDGE, LENGTH))
    messages = render(answer)
    assert messages == snapshot
    assert quotes_in(messages) == [FIRST, LENGTH]
    assert bolds_in(messages) == ["ما جاء في الأرشيف:", "صباح الأحد"]
    page = render_page(answer.quotes[0], 1, 2, "a_bot")
    assert "صباح الأحد" in bolds_in([page])
    assert quotes_in([page]) == [FIRST]


@pytest.mark.parametrize(
    ("words", "shown"),
    [("باريس", "بباريس،"), ("بارِيس", "بارِيس"), ("١٢", "١٢"), ("90", "90"), ("قال", "قال")],
)
def test_bold_parts_no_letter_from_those_it_joins(words: str, shown: str) -> None:
    article = replace(LIBRARY, body="قال في بباريس، إن بارِيس 90 و ١٢.")
    made = bold(quote(article, article.body), words)
    assert bolds_in(render(answered("", made)))[1:] == [shown.removesuffix("،")]


def test_bold_words_may_stand_in_two_parts_of_a_long_quote() -> None:
    article = replace(LIBRARY, body="كلمة " * 1500)
    whole = cut(article, 0, 7500)
    made = replace(whole, words=Span(100, 7000))
    messages = render(answered("", made))
    assert " ".join(bolds_in(messages)[1:]).split() == ["كلمة"] * 1380
    assert " ".join(quotes_in(messages)) == whole.text


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
    answer = replace(answer, understood="فُهم على أنه متابعة لسؤالك: أين <المكتبة> في Delta؟")
    [(text, _)] = read(render(answer))
    assert text.splitlines()[2] == "فُهم على أنه متابعة لسؤالك: أين <المكتبة> في \u2068Delta\u2069؟"
    # What was searched is joined words, which need make no sentence: they are not shown.
    [(text, _)] = read(render(replace(answer, understood="", standalone_question="أين قال البيان؟")))
    assert "قال البيان" not in text


def test_what_announces_quotes_stands_right_above_them() -> None:
    answer = replace(
        answered("", quote(LIBRARY, FIRST)), understood="فُهم على أنه متابعة لسؤالك: متى افتتحت المكتبة؟"
    )
    [(text, _)] = read(render(answer))
    lines = [line for line in text.splitlines() if line]
    assert lines[:3] == ["فُهم على أنه متابعة لسؤالك: متى افتتحت المكتبة؟", "ما جاء في الأرشيف:", FIRST]


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


@settings(deadline=None)
@given(
    body=st.one_of(bodies, st.text(letters, min_size=1, max_size=300)),
    text=st.text(letters, max_size=300),
    title=st.text(letters, max_size=600),
    spans=st.lists(st.tuples(st.integers(0, 9000), st.integers(1, 9000)), max_size=3),
    language=st.sampled_from(["ar", "en"]),
    refused=st.sampled_from([None, "no_evidence", "nearest"]),
    marked=st.tuples(st.integers(0, 9000), st.integers(1, 9000)),
)
def test_whatever_the_answer_telegram_takes_it_and_quotes_stay_verbatim(
    body: str,
    text: str,
    title: str,
    spans: list[tuple[int, int]],
    language: Literal["ar", "en"],
    refused: Literal["no_evidence", "nearest"] | None,
    marked: tuple[int, int],
) -> None:
    article = Article("a.txt", title, body, publisher=title[:40], url="https://sahl.example/?<>\"'&")
    quotes: list[Quote] = []
    for start, length in spans:
        if body[start : start + length].strip():
            made = cut(article, start, start + length)
            first = made.start + marked[0] % len(made.text)
            quotes.append(replace(made, words=Span(first, min(first + marked[1], made.end))))
    if refused:
        answer = Answer("س", "س", "refused", text, related=tuple(quotes), reason=refused)
    else:
        answer = Answer("س", "س", "answered", text, tuple(quotes))
    messages = render(answer, language)
    for message, (shown, _) in zip(messages, read(messages), strict=True):
        assert units(shown) <= visible_units(message) <= MOST_UNITS
    # What is bold is nothing but an entity: without tags the message is letter for letter what it is without words.
    plain = tuple(replace(quote, words=None) for quote in quotes)
    bare = replace(answer, related=plain) if refused else replace(answer, quotes=plain)
    assert [shown for shown, _ in read(messages)] == [shown for shown, _ in read(render(bare, language))]
    # Each blockquote is a slice, in order, and together they are the quotes but for blanks between slices.
    found = quotes_in(messages)
    assert "".join("".join(found).split()) == "".join("".join(q.text for q in quotes).split())
    rest = iter(found)
    for wanted in quotes:
        at = 0
        while wanted.text[at:].strip():
            part = next(rest)
            at = wanted.text.index(part, at) + len(part)


# How many quotes a chat wants to see


def test_only_as_many_quotes_as_asked_for_and_where_the_others_are() -> None:
    answer = answered("نعم", quote(LIBRARY, FIRST), quote(BRIDGE, LENGTH), quote(LIBRARY, "وتضم المكتبة"))
    messages = render(answer, most=1)
    assert quotes_in(messages) == [FIRST]
    assert messages[-1].endswith("وتحت زر «المصادر» اقتباسات أخرى: 2")
    assert quotes_in(render(answer, most=3)) == quotes_in(render(answer))
    assert "اقتباسات أخرى" not in render(answer, most=3)[-1]
    near = nearest("س", quote(LIBRARY, FIRST), quote(BRIDGE, LENGTH))
    assert quotes_in(render(near, most=1)) == [FIRST]
    assert render(near, most=1)[-1].endswith("وتحت زر «مقاطع ذات صلة» مقاطع أخرى: 1")


# Links that open an article at the quote


def fragment(url: str, text: str, body: str) -> str:
    article = replace(LIBRARY, body=body, url=url)
    return at_quote(url, quote(article, text))


def test_a_short_quote_is_in_its_link_whole() -> None:
    assert fragment("https://a.example/1", "افتُتحت المكتبة.", "ثم افتُتحت المكتبة. وبعد") == (
        "https://a.example/1#:~:text=%D8%A7%D9%81%D8%AA%D9%8F%D8%AA%D8%AD%D8%AA%20"
        "%D8%A7%D9%84%D9%85%D9%83%D8%AA%D8%A8%D8%A9"
    )


def test_a_long_quote_is_in_its_link_by_its_first_and_last_words() -> None:
    link = fragment("https://a.example/1", FIRST, f"قبل. {FIRST} بعد.")
    assert unquote(link.split(":~:text=")[1]) == "أعادت بلدية السهل افتتاح,بعد ترميم دام عامين"
    # Words that stand before it in the article too are told from it by one more.
    link = fragment("https://a.example/1", FIRST, f"أعادت بلدية السهل افتتاح سوقها. {FIRST}")
    assert unquote(link.split(":~:text=")[1]).startswith("أعادت بلدية السهل افتتاح مكتبتها,")


def test_signs_that_mean_something_in_a_fragment_are_encoded() -> None:
    words = "state-of-the-art, A&B, 5-6"
    directive = fragment("https://a.example/1", words, words).split(":~:text=")[1]
    assert directive == "state%2Dof%2Dthe%2Dart%2C%20A%26B%2C%205%2D6"


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("https://a.example/1#part-2", "https://a.example/1#part-2:~:text="),
        ("https://a.example/1#:~:text=old", "https://a.example/1#:~:text=%D9%83"),
        ("https://a.example/?q=1#!/x", "https://a.example/?q=1#!/x:~:text="),
    ],
)
def test_the_fragment_an_address_has_is_kept(url: str, start: str) -> None:
    assert fragment(url, "كلمة هنا", "كلمة هنا").startswith(start)


def test_a_quote_of_several_paragraphs_and_one_without_words() -> None:
    body = "أول السطر الأول من النص.\nثم سطر أخير فيه كلمات كثيرة جدًّا هنا."
    link = unquote(fragment("https://a.example", body, body))
    assert link.endswith(":~:text=أول السطر الأول من,كلمات كثيرة جدًّا هنا")
    assert fragment("https://a.example", "…", "…") == "https://a.example"
    assert fragment("https://a.example/" + "a" * 1800, "كلمة", "كلمة") == "https://a.example/" + "a" * 1800


# One source by itself


PARAGRAPHS = replace(
    LIBRARY,
    body=(
        "فقرة أولى بعيدة. لا تظهر.\nقبلها فقرة قصيرة.\n"
        "BBC نقلت الخبر عن البلدية في السهل. هذا هو الاقتباس نفسه. وهذا ما بعده.\n"
        "فقرة تالية كاملة.\nفقرة أخيرة بعيدة."
    ),
)


def test_a_page_shows_the_sentences_around_the_quote(snapshot: SnapshotAssertion) -> None:
    page = render_page(quote(PARAGRAPHS, "هذا هو الاقتباس نفسه."), 2, 3, "a_bot")
    [(text, _)] = read([page])
    assert page == snapshot
    assert quotes_in([page]) == ["هذا هو الاقتباس نفسه."]
    assert "… قبلها فقرة قصيرة.\n\u200fBBC نقلت الخبر عن البلدية في السهل." in text
    assert "وهذا ما بعده.\nفقرة تالية كاملة. …" in text
    assert "بعيدة" not in text
    for paragraph in text.split("\n"):
        assert not paragraph or direction(paragraph) == "rtl", paragraph


def test_a_permalink_says_all_there_is_to_say(snapshot: SnapshotAssertion) -> None:
    article = replace(PARAGRAPHS, ingested="2026-02-10T08:05:00+00:00")
    found = Permalink(quote(article, "هذا هو الاقتباس نفسه."), "ab" * 32, None)
    assert render_permalink(found, "a_bot") == snapshot
    assert render_permalink(found, "a_bot", "en") == snapshot


def test_a_citation_is_the_quote_its_outlet_date_and_address() -> None:
    assert cite(quote(LIBRARY, "وتضم المكتبة")) == (
        "«وتضم المكتبة» …\nصحيفة السهل · 9 شباط/فبراير 2026\nhttps://sahl.example/news/1?a=1&b=2"
    )
    assert cite(quote(replace(LIBRARY, url=None, site=None), "وتضم"), "en") == (
        "«وتضم» …\nصحيفة السهل · 9 February 2026"
    )
    assert fits_clipboard("س" * 256)
    assert not fits_clipboard("س" * 257)
    assert not fits_clipboard("😀" * 129)


@settings(deadline=None)
@given(
    body=st.one_of(bodies, st.text(letters, min_size=1, max_size=300)),
    start=st.integers(0, 9000),
    length=st.integers(1, 9000),
    language=st.sampled_from(["ar", "en"]),
    related=st.booleans(),
)
def test_whatever_is_quoted_its_page_is_one_message_and_verbatim(
    body: str, start: int, length: int, language: Literal["ar", "en"], related: bool
) -> None:
    article = Article("a.txt", "عنوان", body, publisher="جهة", url="https://sahl.example/?<>\"'&")
    if not body[start : start + length].strip():
        return
    made = cut(article, start, start + length)
    page = render_page(made, 1, 9, "a_bot", language, related=related)
    [(text, _)] = read([page])
    assert units(text) <= visible_units(page) <= MOST_UNITS
    [part] = quotes_in([page])
    assert made.text.startswith(part)
    assert part == made.text or units(part) > MOST_UNITS // 4
    for message in (
        *render_permalink(Permalink(made, "0" * 64, None), "a_bot", language),
        *render_citation(made),
    ):
        assert units(read([message])[0][0]) <= MOST_UNITS


@pytest.mark.parametrize("address", ["127.0.0.1:8765/bridge.html", "example.org/a/b.html", "2026/مقال.txt"])
def test_an_address_stays_in_one_piece(address: str) -> None:
    assert filled("feed_source", "ar", "source", address) == f"اسم المصدر: \u2068{address}\u2069"


def test_each_of_several_questions_has_its_heading_in_bold_and_its_quotes_below() -> None:
    when = replace(answered("", quote(LIBRARY, FIRST)), question="متى افتتحت المكتبة؟")
    length = replace(answered("٤٠٠ متر", quote(BRIDGE, LENGTH)), question="وكم طول الجسر؟")
    who = refusal("ومن أغلقها؟")
    whole = replace(
        answered("", *when.quotes, *length.quotes), parts=(when, length, who), unanswered=("أين الميناء؟",)
    )
    [(text, entities)] = read(render(whole))
    headings = [covered(text, each["offset"], each["length"]) for each in entities if each["type"] == "bold"]
    assert [headings[0], *headings[-2:]] == ["متى افتتحت المكتبة؟", "وكم طول الجسر؟", "ومن أغلقها؟"]
    order = [
        "متى افتتحت",
        FIRST,
        "وكم طول",
        "٤٠٠ متر",
        LENGTH,
        "ومن أغلقها؟",
        "ليس في الأرشيف ما يجيب",
        "أين الميناء؟",
    ]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    [(one, _)] = read(render(whole, most=1))
    assert FIRST in one
    assert LENGTH in one, "each question keeps its best quote"
