"""What is shown, and as what."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.judges import Judged
from bot.answering.question import understand
from bot.answering.select import MOST_QUOTES, Policy, Selection, select
from tests.answering.cases import article, found, judged

ASKED = understand("كم عاملًا في مصنع الريحان؟")
POLICY = Policy(answered=0.5, near=0.1, touched=0.3, behind=2.0, alike=0.6)
TEXTS = (
    "يعمل في مصنع الريحان 80 عاملًا.",
    "ووصلت الشاحنات إلى الميناء مساء الخميس محملة بالقمح.",
    "وقال المحافظ إن الطريق الساحلي سيُعبّد قريبًا.",
    "هطلت أمطار غزيرة على الجبال.",
)
NEWS = article(" ".join(TEXTS))


def ranked(*probabilities: float, open: Sequence[str] = ()) -> list[Judged]:
    """The sentences of one article, best first."""
    pairs = zip(found(NEWS), probabilities, strict=False)
    return [judged(c, p, rank=5 - n / 2, open=open) for n, (c, p) in enumerate(pairs)]


def texts(selection: Selection) -> list[str]:
    return [each.candidate.text for each in selection.chosen]


# --- grades --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "grade"), [(1.0, "answered"), (0.5, "answered"), (0.49, "nearest"), (0.1, "nearest")]
)
def test_the_grade_is_that_of_the_best(probability: float, grade: str) -> None:
    assert select(ASKED, ranked(probability), POLICY).grade == grade


def test_what_several_articles_say_needs_less_of_each() -> None:
    other = article("وظّف مصنع الريحان 80 عاملًا هذا العام.", title="وظائف", source="b.txt")
    one, two = found(NEWS)[0], found(other)[0]
    assert select(ASKED, [judged(one, 0.45), judged(two, 0.4)], POLICY).grade == "answered"
    assert select(ASKED, [judged(one, 0.45), judged(two, 0.1)], POLICY).grade == "nearest"
    assert select(ASKED, [judged(one, 0.3), judged(two, 0.3)], POLICY).grade == "nearest"
    assert select(ASKED, [judged(one, 0.45), judged(two, 0.4, rank=0.5)], POLICY).grade == "nearest"
    assert select(ASKED, ranked(0.45, 0.4, 0.4), POLICY).grade == "nearest"  # one article


def test_nothing_near_is_nothing() -> None:
    far = article("هطلت أمطار غزيرة على الجبال.")
    selection = select(ASKED, [judged(found(far)[0], 0.01)], POLICY)
    assert selection == Selection("refused")
    assert select(ASKED, [], POLICY) == Selection("refused")


def test_what_speaks_of_the_matter_is_near_however_unlikely() -> None:
    query = understand("كم عاملًا استقال من مصنع الريحان؟")
    selection = select(query, ranked(0.01, open=["استقال"]), POLICY)
    assert selection.grade == "nearest"
    assert selection.open == ("استقال",)


def test_an_answer_leaves_nothing_open() -> None:
    assert select(ASKED, ranked(0.9, open=["عاملًا"]), POLICY).open == ()


def test_the_words_left_open_are_those_of_the_first_shown() -> None:
    query = understand("كم عاملًا استقال من مصنع الريحان بعد الحريق؟")
    one, other = found(NEWS)[:2]
    both = [judged(one, 0.3, open=["استقال"]), judged(other, 0.2, open=["الحريق"], rank=1)]
    assert select(query, both, POLICY).open == ("استقال",)


def test_a_word_that_is_shown_is_not_said_to_be_unmentioned() -> None:
    one, other = found(NEWS)[:2]
    query = understand("كم عاملًا يعمل في ميناء الريحان؟")
    both = [judged(one, 0.3, open=["ميناء", "عاملًا"]), judged(other, 0.2, rank=1)]
    assert select(query, both[:1], POLICY).open == ("ميناء",)
    assert select(query, both, POLICY).open == ()  # «الميناء» stands in the second


def test_a_sure_sentence_that_is_not_ranked_first_does_not_answer_alone() -> None:
    one, other = found(NEWS)[:2]
    assert select(ASKED, [judged(one, 0.2, rank=5), judged(other, 0.6, rank=1)], POLICY).grade == "nearest"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=4), st.floats(0, 1), st.floats(0, 1))
def test_a_stricter_policy_never_answers_more(probabilities: list[float], one: float, other: float) -> None:
    made = ranked(*probabilities)
    strict = select(ASKED, made, Policy(answered=max(one, other)))
    lax = select(ASKED, made, Policy(answered=min(one, other)))
    assert strict.grade != "answered" or lax.grade == "answered"
    for selection in (strict, lax):
        assert (selection.grade == "refused") == (selection.chosen == ())
        assert len(selection.chosen) <= MOST_QUOTES


# --- questions in articles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["؟", "?", "؟»", "؟ ", "؟”"])
def test_a_question_in_an_article_answers_nothing(end: str) -> None:
    asks = article(f"«كم عاملًا في مصنع الريحان{end}\n\nيعمل في مصنع الريحان 80 عاملًا.")
    question, answer = found(asks)[0], found(asks)[-1]
    selection = select(ASKED, [judged(question, 0.99, rank=9), judged(answer, 0.8)], POLICY)
    assert texts(selection) == [answer.text]
    assert select(ASKED, [judged(question, 0.99)], POLICY).grade == "refused"


# --- how many, and which -------------------------------------------------------------------------------------------


def test_at_most_three_and_what_answers_as_well() -> None:
    made = ranked(0.9, 0.8, 0.7, 0.6)
    assert texts(select(ASKED, made, POLICY)) == list(TEXTS[:3])
    assert texts(select(ASKED, made, POLICY, 1)) == list(TEXTS[:1])
    assert texts(select(ASKED, made, POLICY, 9)) == list(TEXTS)


def test_what_ranks_far_behind_is_not_shown_beside_an_answer() -> None:
    one, other = found(NEWS)[:2]
    both = [judged(one, 0.9, rank=5), judged(other, 0.6, rank=1)]
    assert texts(select(ASKED, both, POLICY)) == [one.text]


def test_what_is_not_sure_is_not_shown_beside_an_answer() -> None:
    assert texts(select(ASKED, ranked(0.9, 0.4), POLICY)) == [TEXTS[0]]


def test_no_two_say_the_same() -> None:
    first = article("يعمل في مصنع الريحان 80 عاملًا.", source="a.txt", publisher="أ")
    again = article("يعمل في مصنع الريحان اليوم 80 عاملًا.", source="b.txt", publisher="ب")
    other = article("ووظّف المصنع عشرين امرأة من القرى المجاورة هذا العام.", source="c.txt", publisher="أ")
    made = [judged(c, 0.9, rank=5 - n / 2) for n, c in enumerate(found(first, again, other))]
    assert texts(select(understand("ما أخبار مصنع الريحان؟"), made, POLICY)) == [
        made[0].candidate.text,
        made[2].candidate.text,
    ]


def test_of_the_further_ones_another_outlets_comes_first() -> None:
    first = article(f"{TEXTS[0]} {TEXTS[1]}", source="a.txt", publisher="أ")
    other = article(TEXTS[2], source="b.txt", publisher="ب")
    candidates = found(first, other)
    made = [judged(c, 0.9, rank=5 - n / 2) for n, c in enumerate(candidates)]
    assert texts(select(ASKED, made, POLICY)) == [TEXTS[0], TEXTS[2], TEXTS[1]]


@given(st.permutations(range(4)), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_whatever_is_judged_no_sentence_is_shown_twice(order: list[int], probabilities: list[float]) -> None:
    candidates = found(NEWS)
    made = [
        judged(candidates[n], p, rank=4.0 - i)
        for i, (n, p) in enumerate(zip(order, probabilities, strict=True))
    ]
    shown = select(ASKED, [*made, *made], POLICY, 9).chosen
    spans = [each.candidate.span for each in shown]
    assert len(spans) == len(set(spans))
    for one, another in itertools.pairwise(texts(select(ASKED, made, POLICY, 9))):
        assert one != another


# --- newer beats older ---------------------------------------------------------------------------------------------


def rivals(
    *news: tuple[str, str], question: str = "كم عاملًا في مصنع الريحان؟", rank: float = 0.5
) -> list[str]:
    """The order shown of sentences with the day they were published, the first judged best."""
    articles = [
        article(text, published=day, source=f"{n}.txt", publisher=f"صحيفة {n}")
        for n, (text, day) in enumerate(news)
    ]
    made = [judged(c, 0.9, rank=5 - n * rank) for n, c in enumerate(found(*articles))]
    return texts(select(understand(question), made, POLICY))


OLD = "كان عدد العاملين في مصنع الريحان يبلغ 80 عاملًا."
NEW = "ارتفع عدد من يعملون لدى مصنع الريحان ليصبح 120 عاملًا."


def test_a_newer_figure_comes_before_an_older_one_and_both_are_shown() -> None:
    assert rivals((OLD, "2024-02-09"), (NEW, "2026-02-09")) == [NEW, OLD]
    assert rivals((NEW, "2026-02-09"), (OLD, "2024-02-09")) == [NEW, OLD]


def test_of_several_newer_figures_the_newest_comes_first() -> None:
    middle = "صار لدى المصنع في بلدة الريحان مئة عامل."
    shown = rivals((OLD, "2024-02-09"), (middle, "2025-02-09"), (NEW, "2026-02-09"))
    assert shown[0] == NEW
    assert set(shown) == {OLD, middle, NEW}


def test_the_same_figure_is_no_rival() -> None:
    same = "المصنع في الريحان ما زال يشغّل ثمانين رجلًا وامرأة."
    assert rivals((OLD, "2024-02-09"), (same, "2026-02-09"))[0] == OLD


def test_what_ranks_far_behind_is_no_rival() -> None:
    assert rivals((OLD, "2024-02-09"), (NEW, "2026-02-09"), rank=3.0) == [OLD]


def test_a_newer_holder_of_an_office_comes_first() -> None:
    old, new = "وزير النقل سامر الديب.", "عُيّن هاني الخوري وزيرًا جديدًا للنقل في الحكومة."
    assert rivals((old, "2024-01-01"), (new, "2026-01-01"), question="من وزير النقل؟") == [new, old]


@pytest.mark.parametrize("answering", ["سامر الحلو", "وزير النقل سامر الحلو", "النقل سامر الحلو"])
def test_who_is_written_of_beside_the_former_holder_comes_first(answering: str) -> None:
    """However far behind; the words that answer may begin with the office."""
    old = "قال وزير النقل سامر الحلو إن المدرج سيكون جاهزًا."
    new = "خلفت ليلى حداد سامر الحلو وزيرة للنقل."
    query = understand("من وزير النقل؟")
    (first,), (second,) = (
        found(article(text, published=day, source=f"{day}.txt"))
        for text, day in ((old, "2024-01-01"), (new, "2026-01-01"))
    )
    made = [judged(first, 0.9, rank=9, words=answering), judged(second, 0.1, rank=0)]
    assert texts(select(query, made, POLICY)) == [new, old]
    made[0] = judged(first, 0.9, rank=9)
    assert texts(select(query, made, POLICY)) == [old], "nobody is known to hold it"


@pytest.mark.parametrize(
    "question", ["متى افتُتح مصنع الريحان؟", "ماذا قال مدير المصنع؟", "أين مصنع الريحان؟"]
)
def test_what_does_not_change_is_not_put_in_order_of_time(question: str) -> None:
    assert rivals((OLD, "2024-02-09"), (NEW, "2026-02-09"), question=question)[0] == OLD


def test_a_day_of_publication_that_is_not_known_is_older() -> None:
    from dataclasses import replace

    from corpus.article import Published

    undated = replace(article(NEW, source="b.txt"), published=Published())
    made = [judged(c, 0.9, rank=5 - n / 2) for n, c in enumerate(found(article(OLD), undated))]
    assert texts(select(ASKED, made, POLICY))[0] == OLD
