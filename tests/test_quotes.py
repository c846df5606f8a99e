"""Verification: whatever the input, no text leaves that is not, character for character, in a stored article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.answer import Answer, Quote, UnverifiedQuoteError
from bot.quotes import cut, locate, quotations, verify, verify_answer
from bot.render import json as as_json
from bot.render import telegram, terminal
from bot.render.layout import Layout
from corpus.arabic import fold_text
from corpus.article import Article, Span
from corpus.store import Archive
from tests.archives import filled
from tests.botapi.entities import accept
from tests.botapi.entities import cut as covered

BRIDGE = """بلدية السهل تفتتح الجسر الجديد
الناشر: صحيفة السهل
التاريخ: 8 شباط 2026

افتتحت بلدية السهل، اليوم الأحد، الجسر الجديد فوق النهر بعد أعمال دامت ثلاث سنوات. وحضر الافتتاح مئات من السكان.

وقال رئيس البلدية إن الجسر «لن يُفتَح أمام الشاحنات» قبل نهاية العام. وبلغت كلفته ١٢ مليون ليرة & 5 < 6.
"""
LIBRARY = """المكتبة العامة تعود إلى قرائها
الناشر: بريد التلال

أعادت بلدية التلال فتح مكتبتها العامة بعد ترميم دام عامين. وتضم المكتبة اثني عشر ألف كتاب، وقاعة للأطفال.
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    files = {"bridge.txt": BRIDGE, "library.txt": LIBRARY}
    with filled(tmp_path_factory.mktemp("gate") / "archive.sqlite", files) as archive:
        yield archive


@pytest.fixture(scope="module")
def bridge(archive: Archive) -> Article:
    return archive.article("bridge.txt")


def forged(
    article: Article, start: int, end: int, text: str, score: float = 0.5, words: Span | None = None
) -> Quote:
    """Return a quote made without its checks."""
    quote = object.__new__(Quote)
    values = {
        "article": article,
        "start": start,
        "end": end,
        "text": text,
        "score": score,
        "words": words,
        "also": (),
    }
    for name, value in values.items():
        object.__setattr__(quote, name, value)
    return quote


def posing(article: Article, **changes: Any) -> Article:
    """Return an article that poses as another: the same id over other words."""
    other = replace(article, **changes)
    object.__setattr__(other, "id", article.id)
    return other


# --- one quote -------------------------------------------------------------------------------------------------


def test_cut_takes_the_words_without_the_blanks_around_them(bridge: Article) -> None:
    stop = bridge.body.index(" وحضر")
    quote = cut(bridge, stop, stop + 6)
    assert (quote.text, bridge.body[quote.start : quote.end]) == ("وحضر", "وحضر")


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 2), (10**6, 10**6 + 5)])
def test_nothing_cannot_be_cut(bridge: Article, start: int, end: int) -> None:
    with pytest.raises(UnverifiedQuoteError):
        cut(bridge, start, end)


def test_quotes_cannot_be_made_of_other_words(bridge: Article) -> None:
    quote = cut(bridge, 0, 20)
    for changes in (
        {"text": quote.text.replace("بلدية", "محافظة")},
        {"start": quote.start + 1},
        {"start": -len(bridge.body), "end": 20 - len(bridge.body)},
        {"start": 0, "end": 10**9, "text": bridge.body},
        {"text": ""},
    ):
        with pytest.raises(UnverifiedQuoteError):
            replace(quote, **changes)


def test_a_quote_is_shown_as_the_archive_has_it(bridge: Article, archive: Archive) -> None:
    """An article's id does not cover its link, so that a quote may carry right words under a wrong link."""
    posed = posing(bridge, url="https://evil.example", publisher="ناشر آخر", title="عنوان آخر")
    verified = verify(forged(posed, 0, 19, bridge.body[:19]), archive)
    assert verified == cut(bridge, 0, 19, 0.5)


def test_the_words_that_answer_stay_with_their_quote_and_lie_in_it(bridge: Article, archive: Archive) -> None:
    quote = cut(bridge, 10, 40, 0.5, Span(13, 18))
    assert verify(quote, archive).words == Span(13, 18)
    assert quote == cut(bridge, 10, 40, 0.5)
    for outside in (Span(0, 5), Span(35, 41), Span(9, 12), Span(20, 20), Span(30, 20), Span(-5, 20)):
        with pytest.raises(UnverifiedQuoteError):
            cut(bridge, 10, 40, 0.5, outside)
        with pytest.raises(UnverifiedQuoteError):
            verify(forged(bridge, 10, 40, bridge.body[10:40], words=outside), archive)


class Agreeable(str):
    """A string that equals every other object."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


def test_a_text_that_claims_to_be_equal_is_replaced_by_the_published_one(
    bridge: Article, archive: Archive
) -> None:
    verified = verify(forged(bridge, 0, 8, Agreeable("كلام مختلق")), archive)
    assert type(verified.text) is str
    assert verified.text == bridge.body[:8]


@pytest.mark.parametrize(
    ("start", "end"), [(-20, -4), (0, 0), (4, 2), (0, 10**9), (-(10**9), 10**9), (10**8, 10**9)]
)
def test_places_outside_of_the_body_are_no_places(
    bridge: Article, archive: Archive, start: int, end: int
) -> None:
    with pytest.raises(UnverifiedQuoteError):
        verify(forged(bridge, start, end, bridge.body[start:end]), archive)


def test_an_article_the_archive_never_held_cannot_be_quoted(archive: Archive) -> None:
    foreign = Article("x.txt", "خبر", "جملة من عندنا لا من الأرشيف.")
    with pytest.raises(UnverifiedQuoteError):
        verify(cut(foreign, 0, 10), archive)


def test_a_name_for_an_article_is_not_its_id(bridge: Article, archive: Archive) -> None:
    """``Archive.article`` also takes a source or a title; a quote names its article by its id alone."""
    for name in ("bridge.txt", bridge.title, bridge.id[:6]):
        posed = posing(bridge)
        object.__setattr__(posed, "id", name)
        with pytest.raises(UnverifiedQuoteError):
            verify(forged(posed, 0, 19, bridge.body[:19]), archive)


# --- an answer -------------------------------------------------------------------------------------------------


def answered(text: str, *quotes: Quote) -> Answer:
    return Answer("سؤال", "سؤال", "answered", text, quotes)


def test_the_first_line_goes_with_a_quote_it_may_rest_on(bridge: Article, archive: Archive) -> None:
    answer = verify_answer(
        answered("12 مليون", cut(bridge, 0, 20), forged(bridge, 0, 9, "كلام مختلق")), archive
    )
    assert (answer.status, answer.text, len(answer.quotes)) == ("answered", "", 1)


def test_an_answer_without_a_quote_is_a_refusal(bridge: Article, archive: Archive) -> None:
    for answer in (answered("كلام مختلق"), answered("كلام مختلق", forged(bridge, 0, 9, "كلام مختلق"))):
        verified = verify_answer(answer, archive)
        assert (verified.status, verified.reason, verified.text) == ("refused", "no_evidence", "")


def test_what_is_nearest_is_nearest_as_long_as_a_quote_of_it_stands(
    bridge: Article, archive: Archive
) -> None:
    stands, falls = cut(bridge, 0, 20), forged(bridge, 0, 9, "كلام مختلق")
    nearest = Answer(
        "سؤال",
        "سؤال",
        "refused",
        "لا يذكر: «تركيا»",
        related=(falls, stands),
        reason="nearest",
        open=("تركيا",),
    )
    assert verify_answer(nearest, archive) == replace(nearest, related=(stands,))
    refused = verify_answer(replace(nearest, related=(falls,)), archive)
    assert (refused.status, refused.reason, refused.text) == ("refused", "no_evidence", "")
    assert (refused.related, refused.open) == ((), ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("«بلدية السهل»", True),
        ('قال إنها "بلدية السهل" و“الجسر الجديد”', True),
        ("«بلديه السهل»", False),
        ("«الجسر انهار»", False),
        ("بلدية السهل: “الجسر انهار”", False),
        ("«بلدية السهل", False),
        ('بلدية "السهل', False),
    ],
)
def test_the_first_line_quotes_only_what_its_quotes_say(
    bridge: Article, archive: Archive, text: str, kept: bool
) -> None:
    answer = verify_answer(answered(text, cut(bridge, 0, bridge.body.index("."))), archive)
    assert (answer.status, answer.text) == ("answered", text if kept else "")


def test_quotations_are_what_stands_between_their_marks() -> None:
    text = 'قال «نعم "أكيد" الآن» ثم "لا" و“ربما”.'
    found = quotations(text)
    assert found is not None
    assert [text[span.start : span.end] for span in found] == ['نعم "أكيد" الآن', "لا", "ربما"]
    for unpaired in ("«نعم", "نعم»", '"نعم', "««نعم»", "»نعم«"):
        assert quotations(unpaired) is None


# --- whatever is handed to it ----------------------------------------------------------------------------------


def bodies(archive: Archive) -> list[str]:
    return [article.body for article in archive.articles()]


@st.composite
def quotes(draw: st.DrawFn, archive: Archive) -> Quote:
    """Draw genuine spans and every kind of forgery."""
    stored = draw(st.sampled_from(archive.articles()))
    body = stored.body
    start = draw(st.integers(0, len(body) - 1))
    end = draw(st.integers(start + 1, len(body)))
    if not body[start:end].strip():
        start, end = 0, 1
    genuine = cut(stored, start, end)
    word = draw(st.sampled_from(["لم", "1999", "انهار", "<b>", "«", "\u202e", "\n"]))
    middle = draw(st.integers(0, len(genuine.text)))
    changed = genuine.text[:middle] + word + genuine.text[middle:]
    foreign = replace(stored, body=changed + body)
    place = (genuine.start, genuine.end)
    anywhere = draw(st.tuples(st.integers(-200, 900), st.integers(-200, 900)))
    return draw(
        st.sampled_from(
            [
                genuine,
                forged(stored, *place, changed),
                forged(stored, *place, word),
                forged(stored, *place, ""),
                forged(stored, *place, Agreeable(changed)),
                forged(stored, *anywhere, genuine.text),
                forged(stored, *anywhere, body[anywhere[0] : anywhere[1]]),
                cut(foreign, 0, len(changed)),
                forged(posing(stored, body=changed + body), 0, len(changed), changed),
                forged(
                    posing(stored, title=word, publisher=word, url="https://evil.example"),
                    *place,
                    genuine.text,
                ),
                cut(Article("y.txt", word, changed or "خبر"), 0, len(changed) or 3),
            ]
        )
    )


@given(data=st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_unverified_is_rendered(archive: Archive, data: st.DataObject) -> None:
    some = st.lists(quotes(archive), max_size=4).map(tuple)
    answer = Answer(
        question="سؤال",
        standalone_question="سؤال",
        status=data.draw(st.sampled_from(["answered", "refused"])),
        text=data.draw(st.sampled_from(["", "بلدية السهل", "«الجسر انهار»", "«بلدية السهل»", '"1999'])),
        quotes=data.draw(some),
        related=data.draw(some),
        reason=data.draw(st.sampled_from([None, "nearest"])),
        mode=data.draw(st.sampled_from(["llm", "extractive"])),
    )
    stored = {article.id: article for article in archive.articles()}
    verified = verify_answer(answer, archive)
    for quote in (*verified.quotes, *verified.related):
        assert quote.article == stored[quote.article.id]
        assert quote.text == quote.article.body[quote.start : quote.end] != ""
    assert verified.quotes or verified.status == "refused"
    said = verified.text if verified.status == "answered" else ""
    for span in quotations(said) or []:
        assert any(said[span.start : span.end] in quote.text for quote in verified.quotes)
    assert verify_answer(verified, archive) == verified

    for quoted in json.loads(as_json.render_answer(answer, archive))["quotes"]:
        assert stored[quoted["article"]["id"]].body[quoted["start"] : quoted["end"]] == quoted["text"]
        assert stored[quoted["article"]["id"]].title == quoted["article"]["title"]
    for text in in_telegram(verified) + in_terminal(answer, archive):
        assert any(text in body for body in bodies(archive)), text
    assert "evil.example" not in " ".join(
        [*telegram.render(verified), terminal.render_answer(answer, archive, Layout("ar"))]
    )


def in_telegram(answer: Answer) -> list[str]:
    """Return the texts in the blockquotes of the messages."""
    return [
        covered(text, entity["offset"], entity["length"])
        for text, entities in (accept(message, "HTML") for message in telegram.render(answer))
        for entity in entities
        if "blockquote" in entity["type"]
    ]


def in_terminal(answer: Answer, archive: Archive) -> list[str]:
    """Return the texts behind the bars of a layout without a width."""
    shown = terminal.render_answer(answer, archive, Layout("ar"))
    bar = re.escape(terminal.BAR.rstrip())
    groups = re.findall(rf"(?m)(?:^{bar}.*\n?)+", shown)
    return [re.sub(rf"(?m)^{bar} ?", "", group).strip("\n") for group in groups]


def test_the_renderers_do_show_quotes(bridge: Article, archive: Archive) -> None:
    """Without quotes the property above would hold for blank pages."""
    answer = answered("نعم", cut(bridge, 0, len(bridge.body)))
    assert "".join(in_telegram(answer)).split() == bridge.body.split()
    assert "".join(in_terminal(answer, archive)).split() == bridge.body.split()


# --- finding a claim -------------------------------------------------------------------------------------------

BODY = "وقال رئيس البلدية إنّ الجسرَ «لن يُفتَح أمام الشاحنات» قبل نهايـة العام.\n\nوبلغت كلفته ١٢ مليون ليرة، ﷺ."


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("رئيس البلدية إنّ", "رئيس البلدية إنّ"),
        ("رئيس البلديه ان", "رئيس البلدية إنّ"),
        ("الجسر", "الجسرَ"),
        ("«لن يفتح أمام الشاحنات»", "لن يُفتَح أمام الشاحنات"),
        ('الجسر "لن يفتح', "الجسرَ «لن يُفتَح"),
        ("الجسر “لن يفتح", "الجسرَ «لن يُفتَح"),
        ("نهاية العام", "نهايـة العام"),
        ("نهاية  العام. وبلغت", "نهايـة العام.\n\nوبلغت"),
        ("كلفته 12 مليون", "كلفته ١٢ مليون"),
        ("  قبل ", "قبل"),
    ],
)
def test_a_claim_is_found_as_it_was_published(claim: str, found: str) -> None:
    span = locate(claim, BODY)
    assert span is not None
    assert BODY[span.start : span.end] == found


@pytest.mark.parametrize(
    "claim",
    [
        "",
        " ",
        "«»",
        "\u064e",
        "\u200f",
        "سيُفتح أمام الشاحنات",
        "كلفته 13 مليون",
        "رئيس البلدية الجسر",
        "صلي",
        "وقال رئيس ...",
    ],
)
def test_what_was_not_published_is_not_found(claim: str) -> None:
    assert locate(claim, BODY) is None


def test_the_exact_spelling_is_found_before_one_like_it() -> None:
    body = "علي في البيت، وعلى الباب حارس."
    span = locate("على", body)
    assert span is not None
    assert body[span.start : span.end] == "على"


@pytest.mark.parametrize(
    ("claim", "body", "start"), [("جسر", "جسرَ ثم جسر", 8), ("لل", "ﷲ ولّل", 3), ("لل", "ﷲ", None)]
)
def test_letters_are_not_parted_from_their_marks_nor_ligatures(
    claim: str, body: str, start: int | None
) -> None:
    span = locate(claim, body)
    assert (span.start if span else None) == start


def test_only_the_stretch_asked_for_is_searched() -> None:
    body = "نعم لا نعم لا"
    span = locate("لا", body, 6)
    assert span is not None
    assert span.start == 11
    assert locate("لا", body, 0, 4) is None
    assert locate("لآ", body, 6, 12) is None


LETTERS = "اأإآىيةهولنبتسمك" + "\u064e\u0651\u0640\u200f" + "ﷲﻻﷺ" + '٣3 \n«»".e\u0301é'
texts = st.text(LETTERS, max_size=40)


def plain(text: str) -> list[str]:
    for mark in "«»":
        text = text.replace(mark, '"')
    return fold_text(text).split()


@given(texts, texts)
@example("e\u0301", "e")
@example("ﷲ", "لل")
@settings(deadline=None)
def test_what_is_found_folds_to_the_claim(body: str, claim: str) -> None:
    span = locate(claim, body)
    core = claim.strip().strip("«»\"“”'").strip()
    if span is not None:
        assert plain(body[span.start : span.end]) == plain(core)


@given(texts, st.data())
@settings(deadline=None)
def test_every_slice_of_a_body_is_found(body: str, data: st.DataObject) -> None:
    """A slice that begins or ends inside a letter is the exception: found whole or not at all."""
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    claim = body[start:end].strip().strip("«»\"“”'").strip()
    span = locate(claim, body)
    marks = set("\u064e\u0651\u0301")
    if plain(claim) and not (body[end : end + 1] in marks or claim[:1] in marks):
        assert span is not None
        assert body[span.start : span.end] == claim


def test_a_quote_says_that_its_outlet_took_the_page_away(tmp_path: Path) -> None:
    with Archive(tmp_path / "archive.sqlite") as archive:
        article = Article("page.html", "عنوان", "قالت البلدية إن الجسر مفتوح.")
        archive.add_file(article.source, "1", article.body, [article], lambda _: [])
        quote = cut(article, 0, len(article.body))
        assert verify(quote, archive).standing == "same"
        archive.mark_withdrawn("page.html", True)
        assert verify(quote, archive).standing == "withdrawn"
        # Published again, changed or not, it is there again.
        archive.add_file(article.source, "2", article.body + " ", [article], lambda _: [])
        assert verify(quote, archive).standing == "same"
