"""What a question asks for is read from standard Arabic, dialect and English alike."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.matching import RELATED, SAME, view, words_of
from bot.answering.question.kinds import english_kind, kind_of
from bot.answering.question.query import Query
from bot.answering.question.reading import is_english, understand, weigh
from bot.answering.question.standard import replaced, standard_of
from corpus.arabic import fold_text

TODAY = datetime.date(2026, 2, 10)

KINDS = {
    "when": [
        "متى انضمت سوريا إلى التحالف؟",
        "مَتَى انْضَمَّتْ سُورِيَا؟",
        "في أي عام تأسس التحالف؟",
        "في أي يوم وصل الوفد؟",
        "ما تاريخ انعقاد الاجتماع؟",
        "منذ متى يعمل المصنع؟",
        "كم الساعة التي بدأ فيها الاجتماع؟",
        "ايمتى انعقد الاجتماع",
        "وقتاش تبدا الدورة؟",
        "When did Syria join?",
        "In which year was it founded?",
    ],
    "number": [
        "كم عدد المقاتلين؟",
        "كم بلغت كلفة الجسر؟",
        "في كم محافظة جرت الانتخابات؟",
        "بكم بيع المنزل؟",
        "ما رقم عضوية سوريا؟",
        "ما عدد ضحايا الزلزال؟",
        "ما طول الجسر الجديد؟",
        "قديش عددهم؟",
        "How many fighters remain?",
        "How much did the bridge cost?",
    ],
    "who": [
        "من مثّل سوريا؟",
        "من فاز بالبطولة؟",
        "ما اسم وزير الخارجية؟",
        "مين وقّع الاتفاق؟",
        "شكون ربح الانتخابات؟",
        "Who signed the agreement?",
        "What is the name of the minister?",
    ],
    "where": [
        "أين عُقد الاجتماع؟",
        "إلى أين توجه الوفد؟",
        "من أين جاء الوفد؟",
        "في أي مدينة عُقد الاجتماع؟",
        "وين صار الاجتماع؟",
        "فين اتعمل المؤتمر؟",
        "Where was the meeting held?",
        "In which city was it held?",
    ],
    "said": [
        "ماذا قال البيان عن العراق؟",
        "ماذا أعلن الوزير؟",
        "ما موقف الحكومة من الاتفاق؟",
        "شو قال الوزير؟",
        "اش قال الرئيس على الاتفاق؟",
        "What did the minister say about Iraq?",
    ],
    "whether": ["هل الاتفاق عسكري؟", "Is the deal military?", "Did the minister resign?"],
    "why": ["لماذا تأخر الاجتماع؟", "لم تأخر القطار؟", "ما أسباب الانسحاب؟", "ليش تأجل؟", "Why was it delayed?"],
    "how": ["كيف يعمل التحالف؟", "ازاي وقع الحادث؟", "كيفاش صار الحادث؟", "How does the coalition work?"],
    "what": ["ما هو التحالف الدولي؟", "حول ماذا اختلف الطرفان؟", "الجسر المعلق", "What is the coalition?"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "question"), [(k, q) for k, questions in KINDS.items() for q in questions])
def test_kind(kind: str, question: str) -> None:
    assert understand(question, TODAY).kind == kind


@pytest.mark.parametrize(("kind", "question"), [(k, q) for k, questions in KINDS.items() for q in questions])
def test_what_is_written_before_or_around_a_question_does_not_change_what_it_asks(
    kind: str, question: str
) -> None:
    bare = question.rstrip("؟?")
    for other in (bare, f"  {question}  ", f"{bare} ؟", f"«{question}»"):
        assert understand(other, TODAY).kind == kind, other
    if question[:2] != "لم" and not is_english(question):
        assert understand(f"و{question}", TODAY).kind == kind


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("ما اسم المدينة التي عُقد فيها الاجتماع؟", "where"),
        ("مع من التقى الوزير؟", "who"),
        ("لمن سُلّمت الجائزة؟", "who"),
        ("هو مين اللي كسب؟", "who"),
        ("بأي دولة عُقد المؤتمر؟", "where"),
        ("لأي سبب تأجل الاجتماع؟", "why"),
    ],
)
def test_kind_behind_another_word(question: str, kind: str) -> None:
    assert understand(question, TODAY).kind in {kind, "what"}, "no other kind is taken for it"


@pytest.mark.parametrize(
    ("dialect", "standard"),
    [
        ("ايمتى انضمت سوريا عالتحالف؟", "متى انضمت سوريا على التحالف؟"),
        ("شو قال البيان؟", "ماذا قال البيان؟"),
        ("شو اسم الوزير؟", "ما اسم الوزير؟"),
        ("وقتاش تبدا الدورة؟", "متى تبدا الدورة؟"),
        ("شكون راح لتونس؟", "من توجه لتونس؟"),
        ("مين شارك بهالاجتماع؟", "من شارك في الاجتماع؟"),
        ("وين انعقد هالاجتماع؟", "أين انعقد الاجتماع؟"),
        ("قديش عدد الأعضاء؟", "كم عدد الأعضاء؟"),
        ("علاش تأخر القطار؟", "لماذا تأخر القطار؟"),
    ],
)
def test_dialect_is_searched_in_standard_words_and_shown_as_it_is(dialect: str, standard: str) -> None:
    query = understand(dialect, TODAY)
    assert query.searched == standard
    assert query.text == dialect


@pytest.mark.parametrize(
    "question", [q for k in ("when", "who", "said") for q in KINDS[k] if not is_english(q)]
)
def test_standard_words_are_searched_as_they_are_but_for_their_marks(question: str) -> None:
    plain = "".join(c for c in question if not "\u064b" <= c <= "\u0652")
    searched = understand(question, TODAY).searched
    if question not in {q for q in KINDS["when"] + KINDS["who"] + KINDS["said"] if _dialect(q)}:
        assert searched == plain


def _dialect(question: str) -> bool:
    return question.split()[0] in {"ايمتى", "وقتاش", "مين", "شكون", "شو", "اش"}


# --- words ---------------------------------------------------------------------------------------------------------


def words(question: str) -> list[str]:
    return [word.text for word in understand(question, TODAY).words]


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("متى انضمت سوريا إلى التحالف؟", ["انضمت", "سوريا", "التحالف"]),
        ("أريد أن أعرف معلومات عن السد، من فضلك", ["السد"]),
        ("ما هو سبب انقطاع الكهرباء؟", ["انقطاع", "الكهرباء"]),
        ("كم شخصًا أُوقف؟", ["شخصًا", "أُوقف"]),
        ("وما رقم عضويتها؟", ["رقم", "عضويتها"]),
        ("What did the mayor of Homs say about water?", ["mayor", "Homs", "water"]),
        ("متى؟", []),
        ("من هو؟", []),
        ("هل هذا صحيح؟", ["صحيح"]),
    ],
)
def test_words_that_an_article_would_have_to_speak_of(question: str, named: list[str]) -> None:
    assert words(question) == named


@given(st.text(max_size=80))
def test_any_text_is_read_without_an_error(text: str) -> None:
    holds(understand(text, TODAY))


ARABIC = [
    *"ابتحسعفقكلمنهويةىأ ء2٣٠؟?.،«»-\n\u064f\u0651\u200f",
    " متى ",
    " كم ",
    " أمس ",
    " عن ",
    " قال ",
    " من ",
]


@given(st.lists(st.sampled_from(ARABIC), max_size=60).map("".join))
def test_any_arabic_is_read_without_an_error(text: str) -> None:
    holds(understand(text, TODAY))


@given(st.text(max_size=60))
def test_any_text_is_weighed_without_an_error(text: str) -> None:
    query = weigh(
        understand(text, TODAY), lambda forms: {form: len(form) for form in forms}, 20, lambda word: word
    )
    holds(query)
    assert all(word.weight >= 0.1 for word in query.words)


def holds(query: Query) -> None:
    """What is true of every question understood."""
    assert query.text == " ".join(query.text.split())
    for word in query.words:
        assert word.text
        assert query.text[word.span.start : word.span.end] == word.text
    assert [word.span for word in query.words] == sorted(word.span for word in query.words)
    assert all(0 <= n < len(query.words) for n in query.speaker)
    assert query.counted is None or query.kind == "number"
    assert not query.speaker or query.kind == "said"
    assert isinstance(query.expansions, tuple)


def test_a_whole_text_pasted_is_cut_short() -> None:
    text = " ".join(f"كلمة{chr(0x0628 + n % 20)}{chr(0x0631 + n // 20)}" for n in range(300))
    assert len(understand(text, TODAY).words) == 40


def test_the_same_word_counts_once() -> None:
    assert words("هل التحالف هو التحالف الدولي؟") == ["التحالف", "الدولي"]


# --- what is counted, who spoke ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        ("كم قتيلًا سقط في الانفجار؟", "قتيلًا"),
        ("كم عدد القتلى في الانفجار؟", "القتلى"),
        ("كم بلغ عدد المصابين؟", "المصابين"),
        ("ما عدد ضحايا الزلزال؟", "ضحايا"),
        ("ما طول الجسر؟", "طول"),
        ("كم يبلغ عرض الجسر؟", "عرض"),
        ("كم بلغت كلفة الجسر الجديد؟", "كلفة"),
        ("ما رقم عضوية سوريا؟", "رقم"),
        ("في كم محافظة جرت الانتخابات؟", "محافظة"),
        ("كم يومًا استمر الإضراب؟", "يومًا"),
        ("قديش سعر الخبز؟", "سعر"),
        ("How many students applied?", "students"),
    ],
)
def test_what_is_counted(question: str, counted: str) -> None:
    query = understand(question, TODAY)
    assert query.counted is not None
    assert fold_text(query.counted.text) == fold_text(counted)


def test_a_unit_of_time_is_counted_in_its_plural() -> None:
    days = understand("كم يومًا استمر الإضراب؟", TODAY).counted
    assert days is not None
    assert days.match(view("ثلاثة أيام")) == SAME
    assert days.match(view("ثلاثة أعوام")) == 0


def test_nothing_is_counted_where_no_number_is_asked_for() -> None:
    assert understand("متى سقط القتلى؟", TODAY).counted is None


def speaker_of(question: str) -> list[str]:
    query = understand(question, TODAY)
    return [query.words[n].text for n in query.speaker]


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("ماذا قال البيان عن العراق؟", ["البيان"]),
        ("ماذا قال بيان الرياض عن قسد؟", ["بيان", "الرياض"]),
        ("ماذا ذكرت الجزيرة عن الانتخابات؟", ["الجزيرة"]),
        ("شو قال وزير الدفاع بخصوص الحدود؟", ["وزير", "الدفاع"]),
        ("What did the minister say about Iraq?", ["minister"]),
        ("متى قال الوزير ذلك؟", []),
    ],
)
def test_the_speaker_is_told_from_what_is_spoken_of(question: str, speaker: list[str]) -> None:
    assert speaker_of(question) == speaker


@pytest.mark.parametrize(
    ("question", "never"),
    [
        ("ماذا أعلن الوزير؟", "أعلن"),
        ("ما موقف الحكومة من الاتفاق؟", "الاتفاق"),
        ("ما موقف الحكومة من الاتفاق؟", "موقف"),
    ],
)
def test_neither_the_act_nor_the_matter_is_who_spoke(question: str, never: str) -> None:
    assert never not in speaker_of(question)


# --- the time named ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "text", "date", "relative"),
    [
        ("ماذا حدث في 10 آذار 2025؟", "10 آذار 2025", "2025-03-10", False),
        ("ماذا حدث في ١٠ آذار/مارس ٢٠٢٥؟", "١٠ آذار/مارس ٢٠٢٥", "2025-03-10", False),
        ("كم شخصًا أُوقف أمس؟", "أمس", "2026-02-09", True),
        ("كم شخصًا أُوقف اليوم؟", "اليوم", "2026-02-10", True),
        ("ماذا جرى عام 2019 في المدينة؟", "عام 2019", "2019", False),
        ("من فاز بالبطولة في 2024؟", "2024", "2024", False),
        ("كم مدرسة أُغلقت في آذار 2025؟", "آذار 2025", "2025-03", False),
        ("Who won in 2024?", "2024", "2024", False),
    ],
)
def test_the_time_that_a_question_names(question: str, text: str, date: str, relative: bool) -> None:
    query = understand(question, TODAY)
    assert query.period is not None
    assert (query.period.text, query.period.date, query.period.relative) == (text, date, relative)
    assert not [word for word in query.words if word.value is not None], (
        "a date is no number that is asked for"
    )


@pytest.mark.parametrize("question", ["متى انضمت سوريا؟", "كم عدد الأعضاء الـ 90؟", "ماذا يعني القرار 2254؟"])
def test_where_no_time_is_named(question: str) -> None:
    assert understand(question, TODAY).period is None


def test_a_day_without_its_year_is_any_years() -> None:
    period = understand("ماذا حدث في 10 آذار؟", TODAY).period
    assert period is None or period.date != "2026-03-10"


def test_a_period_holds_the_days_in_it() -> None:
    year = understand("ماذا جرى عام 2019؟", TODAY).period
    month = understand("ماذا جرى في آذار 2025؟", TODAY).period
    assert year is not None
    assert month is not None
    assert year.holds("2019-05-01")
    assert year.holds("2019")
    assert not year.holds("2020-01-01")
    assert month.holds("2025-03-31")
    assert not month.holds("2025")


# --- matching and weighing -----------------------------------------------------------------------------------------


def test_a_number_of_the_question_is_met_by_its_value() -> None:
    (_, ninety) = understand("من العضو التسعون؟", TODAY).words
    assert ninety.value == 90
    assert ninety.match(view("العضو رقم 90")) == SAME
    assert ninety.match(view("العضو رقم ٩٠")) == SAME
    assert ninety.match(view("العضو التسعين")) == SAME
    assert ninety.match(view("العضو رقم 91")) == 0
    assert ninety.match(view("العضو رقم 900")) == 0


@pytest.mark.parametrize(
    "said", ["منحة لسوريا", "وصل إلى سوريا", "مصنع بسوريا", "وسوريا", "سورية", "الوفد السوري"]
)
def test_a_country_is_met_with_what_is_written_onto_it(said: str) -> None:
    (word,) = [w for w in understand("ماذا قال الوزير عن سوريا؟", TODAY).words if w.text == "سوريا"]
    assert word.match(view(said)) >= RELATED


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("تركيا", "وفق التركيبة الجديدة"),
        ("سوريا", "الوفد العراقي"),
        ("قسد", "قصد الرجل بيته"),
        ("باجة", "بهجة العيد"),
    ],
)
def test_a_name_is_not_taken_for_another(asked: str, said: str) -> None:
    (word,) = understand(f"هل {asked}؟", TODAY).words
    assert word.match(view(said)) == 0


def test_rare_words_weigh_more_and_unknown_ones_are_marked() -> None:
    counts = {"التحالف": 90, "انضمت": 3}
    query = weigh(
        understand("متى انضمت تركيا إلى التحالف؟", TODAY),
        lambda forms: {form: counts.get(form, 0) for form in forms},
        100,
    )
    by_text = {word.text: word for word in query.words}
    assert by_text["تركيا"].weight > by_text["انضمت"].weight > by_text["التحالف"].weight > 0
    assert not by_text["تركيا"].known
    assert by_text["التحالف"].known


def test_a_word_in_every_passage_still_weighs_something() -> None:
    query = weigh(understand("ما الجسر؟", TODAY), lambda forms: dict.fromkeys(forms, 50), 50)
    assert query.words[0].weight > 0


def test_a_misspelt_word_takes_the_archives_spelling() -> None:
    query = weigh(
        understand("ما هو التحالوف؟", TODAY),
        lambda forms: {form: 5 for form in forms if form == "التحالف"},
        100,
        lambda word: "التحالف" if word == "التحالوف" else None,
    )
    (word,) = query.words
    assert word.known
    assert word.text == "التحالوف", "shown as it was written"
    assert word.match(view("اجتمع التحالف")) == SAME
    assert "التحالف" in query.expansions


def test_a_number_is_not_corrected() -> None:
    query = weigh(understand("ما القرار 2254؟", TODAY), lambda forms: {}, 100, lambda word: "2245")
    (number,) = [word for word in query.words if word.value is not None]
    assert number.value == 2254
    assert number.match(view("القرار 2245")) == 0


# --- language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("When?", True),
        ("متى؟", False),
        ("ما معنى كلمة CENTCOM؟", False),
        ("", False),
        ("123", False),
        ("Who is الشيباني؟", False),
    ],
)
def test_english(text: str, english: bool) -> None:
    assert is_english(text) is english


@pytest.mark.parametrize(
    ("question", "part", "text", "named"),
    [
        ("ماذا حدث في الميناء يوم 2 آذار 2026؟", "2 آذار 2026", "ماذا حدث في الميناء؟", ["الميناء"]),
        (
            "كم بلغت الصادرات في عام 2024 من الزيت؟",
            "2024",
            "كم بلغت الصادرات من الزيت؟",
            ["الصادرات", "الزيت"],
        ),
        ("ماذا ذكرت الجزيرة عن الجسر؟", "الجزيرة", "ماذا ذكرت عن الجسر؟", ["الجسر"]),
        ("متى افتُتح الجسر؟", "الغد", "متى افتُتح الجسر؟", ["افتُتح", "الجسر"]),
    ],
)
def test_a_question_without_what_is_checked_otherwise(
    question: str, part: str, text: str, named: list[str]
) -> None:
    query = understand(question, TODAY).without(part)
    assert query.text == text
    assert [word.text for word in query.words] == named
    for word in query.words:
        assert query.text[word.span.start : word.span.end] == word.text


@pytest.mark.parametrize(
    ("asked", "standard"),
    [
        ("شو قال الوزير", "ماذا قال الوزير"),
        ("شو اسم الوزير", "ما اسم الوزير"),
        ("وين صار هالاجتماع", "أين حدث الاجتماع"),
        ("أَيْنَ الجِسْرُ", "أين الجسر"),
    ],
)
def test_dialect_is_replaced_word_by_word_and_marks_go(asked: str, standard: str) -> None:
    found = words_of(asked)
    assert replaced(asked, found, [standard_of(found, n) for n in range(len(found))]) == standard


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("متي افتتح الجسر", "when"),
        ("كم طول الجسر", "number"),
        ("كم الساعه", "when"),
        ("ما اسم المدينه", "where"),
        ("ما سبب التاخير", "why"),
        ("", "what"),
    ],
)
def test_the_kind_is_read_off_the_folded_words(words: str, kind: str) -> None:
    assert kind_of(words.split()) == kind


def test_the_kind_of_an_english_question_is_read_off_its_text() -> None:
    assert english_kind("when did the bridge open") == "when"
    assert english_kind("how many people came") == "number"
    assert english_kind("the bridge") == "what"
