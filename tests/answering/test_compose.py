"""An answer out of what was selected: every quote a slice of its article, and the rest as one says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.answer import Answer, Quote
from bot.answering.compose import compose, refusal, together
from bot.answering.question import Query, understand, weigh
from bot.answering.select import Selection
from prompts import Language, say
from tests.answering.cases import article, judged, sentence

ASKED = "متى افتُتح الجسر؟"
NEWS = article(
    "افتُتح الجسر في 3 آذار 2024. وأضاف الوزير أن الجسر سيخدم عشرين قرية.\n\n"
    "وزير النقل حضر الافتتاح. وزار الوزير المسرح.\n\n"
    "ومن شروط العبور:\n\n- ألا تزيد الحمولة على طن.\n\n- ألا تتوقف الشاحنات.\n\nوانتهى الحفل عند المغرب."
)
OPENED = "افتُتح الجسر في 3 آذار 2024."


def answer(
    part: str = OPENED, probability: float = 0.95, *, words: str = "", question: str = ASKED
) -> Answer:
    chosen = judged(sentence(NEWS, part), probability, words=words)
    return compose(question, understand(question), Selection("answered", (chosen,)), "ar")


def nearest(*open: str, language: Language = "ar") -> Answer:
    chosen = judged(sentence(NEWS, OPENED), 0.3, open=open)
    return compose(ASKED, understand(ASKED), Selection("nearest", (chosen,), open), language)


# --- answered ------------------------------------------------------------------------------------------------------


def test_an_answer_is_its_line_and_its_quotes() -> None:
    made = answer(words="3 آذار 2024")
    assert (made.status, made.reason, made.open, made.related) == ("answered", None, (), ())
    assert made.text == "3 آذار/مارس 2024"
    (quote,) = made.quotes
    assert quote.text == OPENED
    assert quote.score == 0.95
    assert quote.words is not None
    assert NEWS.body[quote.words.start : quote.words.end] == "3 آذار 2024"


def test_the_sentence_speaks_for_itself_where_no_line_is_sure() -> None:
    made = answer(probability=0.6)
    assert (made.status, made.text) == ("answered", "")
    assert made.quotes[0].words is None


def test_answering_words_are_bold_only_where_the_sentence_is_likely() -> None:
    assert answer("وزار", 0.6, words="المسرح", question="أين ذهب الوزير؟").quotes[0].words is not None
    assert answer("وزار", 0.4, words="المسرح", question="أين ذهب الوزير؟").quotes[0].words is None


def test_a_sentence_that_leaves_its_subject_to_the_one_before_is_quoted_with_it() -> None:
    made = answer("وأضاف")
    assert made.quotes[0].text == f"{OPENED} وأضاف الوزير أن الجسر سيخدم عشرين قرية."
    assert made.quotes[0].start == sentence(NEWS, OPENED).span.start


@pytest.mark.parametrize("part", ["وزير النقل", OPENED, "وانتهى"])
def test_a_sentence_with_a_subject_of_its_own_stands_alone(part: str) -> None:
    assert answer(part).quotes[0].text == sentence(NEWS, part).text


def test_the_one_before_is_left_out_where_both_are_long() -> None:
    long = article(f"قال الوزير {'كلامًا كثيرًا ' * 35}عن الجسر. وأضاف {'تفاصيل أخرى ' * 5}عن الطريق.")
    chosen = judged(sentence(long, "وأضاف"))
    made = compose(ASKED, understand(ASKED), Selection("answered", (chosen,)), "ar")
    assert made.quotes[0].text == chosen.candidate.text


def test_a_line_that_opens_a_list_is_quoted_with_the_list() -> None:
    made = answer("شروط العبور", question="ما شروط العبور؟")
    text = made.quotes[0].text
    assert text.startswith("ومن شروط العبور:") or text.startswith("وزار")
    assert "ألا تزيد الحمولة" in text
    assert text.endswith("ألا تتوقف الشاحنات.")
    assert "وانتهى" not in text


def test_an_overlong_list_is_cut_at_an_item() -> None:
    items = "\n\n".join(f"- البند رقم {n} من شروط العبور على الجسر الجديد." for n in range(60))
    made_of = article(f"ومن شروط العبور:\n\n{items}\n\nوانتهى الحفل.")
    chosen = judged(sentence(made_of, "شروط العبور:"))
    quote = compose(ASKED, understand(ASKED), Selection("answered", (chosen,)), "ar").quotes[0]
    assert quote.text.endswith("الجديد.")
    assert len(quote.text) <= 1000


# --- nearest and refused -------------------------------------------------------------------------------------------


def test_the_nearest_is_a_refusal_that_shows_and_says_what_is_open() -> None:
    made = nearest("استقال", "الوزير")
    assert (made.status, made.reason) == ("refused", "nearest")
    assert made.open == ("استقال", "الوزير")
    assert made.quotes == ()
    assert [quote.text for quote in made.related] == [OPENED]
    assert made.text == say("nearest_open", "ar", words="«استقال» و«الوزير»")
    assert nearest().text == say("nearest", "ar")
    assert "archive" in nearest("resigned", language="en").text


def weighed(question: str, *known: str) -> Query:
    return weigh(understand(question), lambda forms: {form: 3 for form in forms if form in known}, 9)


def test_a_refusal_names_what_the_archive_nowhere_has() -> None:
    query = weighed("متى استقال وزير الملاحة؟", "وزير")
    made = refusal("متى استقال وزير الملاحة؟", query, "no_evidence", "ar")
    assert (made.status, made.reason, made.quotes, made.related) == ("refused", "no_evidence", (), ())
    assert "«استقال» و«الملاحة»" in made.text
    assert "«وزير»" not in made.text


@pytest.mark.parametrize("reason", ["empty_archive", "not_a_question"])
def test_other_refusals_name_no_words(reason: str) -> None:
    made = refusal("متى استقال؟", weighed("متى استقال؟"), reason, "ar")  # type: ignore[arg-type]
    assert made.text == say(f"refused_{reason}", "ar")


def test_a_refusal_names_three_words_at_most_and_no_filler() -> None:
    query = weighed("كم عدد أبراج الاتصالات الفضائية المائلة العتيقة في عام 2019؟")
    text = refusal("", query, "no_evidence", "ar").text
    assert text.count("«") == 3
    assert "«عدد»" not in text
    assert "2019" not in text


def test_an_english_word_is_not_said_to_be_nowhere_in_an_arabic_archive() -> None:
    """«Syria» is there as «سوريا»."""
    query = weighed("When did Syria join the coalition?", "سوريا", "التحالف")
    assert "Syria" not in refusal("", query, "no_evidence", "en").text
    assert "Syria" not in refusal("", query, "no_evidence", "ar").text


def test_two_quotes_of_an_answer_do_not_hold_the_same_sentence() -> None:
    """«وأضاف …» is quoted with the sentence before it, which may be chosen itself."""
    both = tuple(judged(sentence(NEWS, part), 0.9) for part in (OPENED, "وأضاف"))
    for grade in ("answered", "nearest"):
        for chosen in (both, both[::-1]):
            shown = compose(ASKED, understand(ASKED), Selection(grade, chosen), "ar").shown
            assert "".join(quote.text for quote in shown).count(OPENED) == 1


def test_nothing_selected_is_a_refusal() -> None:
    made = compose(ASKED, understand(ASKED), Selection("refused"), "en")
    assert (made.status, made.reason) == ("refused", "no_evidence")


# --- several questions ---------------------------------------------------------------------------------------------


def quoted(question: str, text: str, part: str) -> Answer:
    made = answer(part)
    return replace(made, question=question, standalone_question=question, text=text)


FIRST = quoted("متى افتُتح الجسر؟", "3 آذار/مارس 2024", OPENED)
SECOND = quoted("من حضر؟", "", "وزير النقل")
NONE = nearest("الكلفة")


def all_of(*answers: Answer, most: int = 3) -> Answer:
    return together("؟", [each.standalone_question for each in answers], answers, "ar", most)


def test_each_question_has_its_heading() -> None:
    made = all_of(FIRST, SECOND)
    lines = made.text.splitlines()
    assert lines == ["متى افتُتح الجسر؟", "3 آذار/مارس 2024", "من حضر؟", say("in_quote", "ar", number=2)]
    assert made.status == "answered"
    assert [quote.text for quote in made.quotes] == [OPENED, SECOND.quotes[0].text]


def test_each_gets_its_best_quote_before_any_gets_a_second() -> None:
    rich = replace(FIRST, quotes=(*FIRST.quotes, answer("وانتهى").quotes[0], answer("شروط").quotes[0]))
    made = all_of(rich, SECOND)
    assert [[quote.text for quote in part.quotes] for part in made.parts] == [
        [OPENED, rich.quotes[1].text],
        [SECOND.quotes[0].text],
    ]
    assert [quote for part in made.parts for quote in part.quotes] == list(made.quotes), "in the order shown"


def test_a_quote_that_answers_two_stands_once() -> None:
    made = all_of(FIRST, replace(FIRST, standalone_question="في أي عام؟"))
    assert len(made.quotes) == 1


def test_one_that_is_answered_makes_an_answer_and_the_other_says_what_is_open() -> None:
    made = all_of(FIRST, NONE)
    assert made.status == "answered"
    assert made.related == ()
    assert "الكلفة" in made.text
    assert "«الكلفة»" not in made.text, "what stands in quotation marks would be looked for in a quote"


def test_none_answered_is_a_refusal_with_what_is_near() -> None:
    made = all_of(NONE, NONE)
    assert (made.status, made.reason, made.open) == ("refused", "nearest", ("الكلفة",))
    assert [quote.text for quote in made.related] == [OPENED]


def test_no_answers_number_points_at_anothers_quote() -> None:
    made = all_of(replace(NONE, standalone_question="كم بلغت؟"), SECOND)
    assert say("in_quote", "ar", number=1) in made.text


def test_every_quote_is_a_slice() -> None:
    for each in (answer(), answer("وأضاف"), answer("شروط"), nearest(), all_of(FIRST, SECOND)):
        shown: tuple[Quote, ...] = each.shown
        assert shown
        for quote in shown:
            assert quote.article.body[quote.start : quote.end] == quote.text


def test_each_part_keeps_its_own_quotes_and_says_nothing_of_passages_that_are_not_shown() -> None:
    made = all_of(FIRST, NONE)
    first, second = made.parts
    assert (first.question, [quote.text for quote in first.quotes]) == (FIRST.standalone_question, [OPENED])
    assert (second.status, second.reason, second.shown) == ("refused", "no_evidence", ())
    assert second.text == say("nearest_apart", "ar", words="«الكلفة»")


def test_questions_beyond_the_limit_are_named() -> None:
    made = together("؟", ["متى؟"], [FIRST], "ar", 3, ["أين؟", "ومن حضر"])
    assert made.text.splitlines()[-1] == "ولم أُجب بعد عن: أين؟ ومن حضر. أرسل ذلك في رسالة أخرى."
    assert made.unanswered == ("أين؟", "ومن حضر")
