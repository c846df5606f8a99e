"""The first line: only what the sentence states, of the kind asked for, and of what is asked about."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.lines import CERTAIN, LINE, OPEN, answering, first_line, states
from bot.answering.question import understand
from corpus.arabic.negation import Negation, negations
from corpus.article import Span
from prompts import Language
from tests.answering.cases import article, found, judged

# --- what a sentence states ----------------------------------------------------------------------------------------

DENIED = [
    "لم يُفتتح الجسر في 3 آذار 2024.",
    "ولم يفتتح الوزير الجسر في 3 آذار 2024.",
    "لن يُفتتح الجسر في 3 آذار 2024.",
    "ليس صحيحًا أن الجسر افتُتح في 3 آذار 2024.",
    "وليست هذه المرة الأولى، كما قيل عن افتتاح الجسر في 3 آذار 2024.",
    "نفت البلدية افتتاح الجسر في 3 آذار 2024.",
    "ونفى الوزير أن يكون الجسر قد افتُتح في 3 آذار 2024.",
    "كذّب الوزير خبر افتتاح الجسر في 3 آذار 2024.",
    "أنكرت الشركة افتتاح الجسر في 3 آذار 2024.",
    "لا صحة لافتتاح الجسر في 3 آذار 2024.",
    "استبعد الوزير افتتاح الجسر في 3 آذار 2024.",
    "فنّدت البلدية ما نُشر عن افتتاح الجسر في 3 آذار 2024.",
    "مرّ 3 آذار 2024 من دون افتتاح الجسر.",
    "رفضت البلدية افتتاح الجسر في 3 آذار 2024.",
    "الخبر عن افتتاح الجسر في 3 آذار 2024 عارٍ عن الصحة.",
    "لم يقل الوزير إن الجسر افتُتح في 3 آذار 2024.",
    "لم يُفتتح الجسر في 3 آذار 2024، إلا أن المارة يعبرونه.",
    "لم يُفتتح الجسر في 3 آذار 2024 سوى أن الشاحنات تعبره ليلًا.",
    "لم يزد الوزير على القول إن الجسر افتُتح في 3 آذار 2024.",
    "ما افتُتح الجسر في 3 آذار 2024.",
    "وما من أحد افتتح الجسر في 3 آذار 2024.",
]
DOUBTED = [
    "أُشيع أن الجسر افتُتح في 3 آذار 2024.",
    "زعمت صفحات أن الجسر افتُتح في 3 آذار 2024.",
    "تداول ناشطون أن الجسر افتُتح في 3 آذار 2024.",
    "تردد أن الجسر افتُتح في 3 آذار 2024.",
    "يقال إن الجسر افتُتح في 3 آذار 2024.",
    "ادّعى المقاول أنه افتتح الجسر في 3 آذار 2024.",
    "ربما افتُتح الجسر في 3 آذار 2024.",
    "يُعتقد أن الجسر افتُتح في 3 آذار 2024.",
    "وبحسب شائعات، افتُتح الجسر في 3 آذار 2024.",
    "الافتتاح المزعوم للجسر في 3 آذار 2024.",
    "يُحتمل أن الجسر افتُتح في 3 آذار 2024.",
    "من المحتمل أن الجسر افتُتح في 3 آذار 2024.",
]
CONDITIONAL = [
    "لو افتُتح الجسر في 3 آذار 2024 لتغيرت المدينة.",
    "ولو افتُتح الجسر في 3 آذار 2024 لكفى.",
    "إذا افتُتح الجسر في 3 آذار 2024 عبرته الشاحنات.",
    "في حال افتتاح الجسر في 3 آذار 2024 تُغلق العبّارة.",
    "لولا الأمطار لافتُتح الجسر في 3 آذار 2024.",
    "اشترطت الوزارة افتتاح الجسر في 3 آذار 2024.",
    "يتوقف افتتاح الجسر في 3 آذار 2024 على التمويل.",
    "افتتاح الجسر في 3 آذار 2024 رهن بوصول المعدات.",
    "كان الجسر ليُفتتح في 3 آذار 2024.",
    "كاد الجسر يُفتتح في 3 آذار 2024.",
]
PLANNED = [
    "من المقرر افتتاح الجسر في 3 آذار 2024.",
    "يُتوقع افتتاح الجسر في 3 آذار 2024.",
    "سيُفتتح الجسر في 3 آذار 2024.",
    "وستفتتح البلدية الجسر في 3 آذار 2024.",
    "سوف يُفتتح الجسر في 3 آذار 2024.",
    "تعتزم البلدية افتتاح الجسر في 3 آذار 2024.",
    "ومن المزمع افتتاح الجسر في 3 آذار 2024.",
    "اقترحت البلدية افتتاح الجسر في 3 آذار 2024.",
    "تخطط الوزارة لافتتاح الجسر في 3 آذار 2024.",
    "وعد الوزير بافتتاح الجسر في 3 آذار 2024.",
    "طالب الأهالي بافتتاح الجسر في 3 آذار 2024.",
    "ومن المرجح أن يُفتتح الجسر في 3 آذار 2024.",
    "كان مقررًا أن يُفتتح الجسر في 3 آذار 2024.",
    "تأمل البلدية أن يُفتتح الجسر في 3 آذار 2024.",
    "يُنتظر أن يُفتتح الجسر في 3 آذار 2024.",
]
CANCELLED = [
    "أُلغي افتتاح الجسر في 3 آذار 2024.",
    "أُلغيت مراسم افتتاح الجسر في 3 آذار 2024.",
    "أرجأت البلدية افتتاح الجسر من 3 آذار 2024.",
    "تأجل افتتاح الجسر من 3 آذار 2024.",
    "تراجعت الوزارة عن افتتاح الجسر في 3 آذار 2024.",
    "تعذّر افتتاح الجسر في 3 آذار 2024.",
    "فشلت البلدية في افتتاح الجسر في 3 آذار 2024.",
    "عُلّق افتتاح الجسر في 3 آذار 2024.",
    "أخفقت الشركة في افتتاح الجسر في 3 آذار 2024.",
    "افتُتح السوق بدلًا من الجسر في 3 آذار 2024.",
]
WITHHELD = {
    "denied": DENIED,
    "doubted": DOUBTED,
    "conditional": CONDITIONAL,
    "planned": PLANNED,
    "cancelled": CANCELLED,
}
STATED = [
    "افتتحت البلدية الجسر في 3 آذار 2024.",
    "وافتتح الوزير الجسر في 3 آذار 2024 بحضور الأهالي.",
    "افتُتح الجسر أمس الأحد.",
    "لم يحضر افتتاح الجسر سوى ثمانين شخصًا.",
    "لم يحضر الافتتاح إلا ثمانون شخصًا.",
    "حضر الافتتاح ما لا يقل عن ثمانين شخصًا.",
    "بلغ طول الجسر ما لا يقل عن 80 مترًا.",
    "لا يتجاوز طول الجسر 80 مترًا.",
    "أعلن الوزير أن الجسر افتُتح في 3 آذار 2024.",
    "أكدت البلدية افتتاح الجسر في 3 آذار 2024.",
]
RECALL = [
    "وقد افتُتح الجسر في 3 آذار 2024.",
    "افتتح وزير العدل الجسر في 3 آذار 2024.",
    "افتُتح الجسر في 3 آذار 2024 من أجل الأهالي.",
    "سجل اللاعب هدف الفوز في 3 آذار 2024.",
    "افتُتح الجسر في 3 آذار 2024 في حفل غير مسبوق.",
    "افتُتح الجسر في 3 آذار 2024، ولم تُعلن كلفته.",
    "وصلت حالة الطوارئ إلى نهايتها في 3 آذار 2024.",
    "بدأ تنفيذ الخطة في 3 آذار 2024.",
    "افتُتح الجسر مقابل المسرح في 3 آذار 2024.",
    "دعا الوزير الأهالي إلى حفل أقيم في 3 آذار 2024.",
]
"""Said outright as well, though with a word that elsewhere turns a sentence round."""
RECALLED = 1
"""Of RECALL, how many are taken as stated, at the least."""


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in WITHHELD.items() for text in texts]
)
def test_what_is_denied_doubted_conditioned_planned_or_cancelled_is_not_stated(kind: str, text: str) -> None:
    assert not states(text)
    assert first_line(understand("متى افتُتح الجسر؟"), judged(found(article(text))[0], 0.99), "ar") == (
        "",
        None,
    )


@pytest.mark.parametrize("kind", ["denied", "doubted", "conditional", "planned", "cancelled"])
def test_every_word_of_the_list_withholds_wherever_it_stands(kind: Negation) -> None:
    for cue in negations(kind):
        for text in (
            f"{cue} افتتاح الجسر في 3 آذار 2024.",
            f"قالت البلدية: {cue} افتتاح الجسر في 3 آذار 2024.",
        ):
            assert not states(text), text


@pytest.mark.parametrize("text", STATED)
def test_what_is_stated(text: str) -> None:
    assert states(text)


def test_most_of_what_is_stated_with_such_a_word_is_taken_as_stated() -> None:
    question = understand("متى افتُتح الجسر؟")
    taken = [
        text for text in RECALL if states(text, question, Span(text.index("3 آذار"), text.index("2024") + 4))
    ]
    assert len(taken) >= RECALLED, taken


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("متى استقال الوزير؟", "استقال الوزير في 3 آذار 2024."),
        ("متى أُلغي المؤتمر؟", "أُلغي المؤتمر في 3 آذار 2024."),
        ("متى نفت البلدية الخبر؟", "نفت البلدية الخبر في 3 آذار 2024."),
        ("كم شخصًا رفض العرض؟", "رفض العرض 80 شخصًا."),
    ],
)
def test_what_the_question_itself_asks_for_is_stated(question: str, text: str) -> None:
    assert states(text, understand(question))


@given(st.text(max_size=80))
def test_any_text_states_or_not(text: str) -> None:
    assert states(text) in {True, False}
    assert states(text, understand("متى افتتح الجسر؟"), Span(0, len(text))) in {True, False}


# --- the line ------------------------------------------------------------------------------------------------------


def line(
    question: str, text: str, words: str = "", *, probability: float = 0.95, language: Language = "ar"
) -> str:
    """What is said outright; what it was drawn from is in the sentence."""
    candidate = found(article(text))[0]
    said, span = first_line(understand(question), judged(candidate, probability, words=words), language)
    assert (span is None) == (said == "")
    if span is not None:
        assert candidate.span.start <= span.start < span.end <= candidate.span.end
    return said


DATES = [
    ("متى افتُتح الجسر؟", "افتُتح الجسر أمس الأحد.", "8 شباط/فبراير 2026"),
    ("متى افتُتح الجسر؟", "افتُتح الجسر اليوم الإثنين.", "9 شباط/فبراير 2026"),
    ("متى افتُتح الجسر؟", "افتُتح الجسر في 3 آذار 2024.", "3 آذار/مارس 2024"),
    ("متى افتُتح الجسر؟", "افتُتح الجسر في ٣ مارس ٢٠٢٤.", "3 آذار/مارس 2024"),
    ("متى افتُتح الجسر؟", "افتُتح الجسر في آذار 2024.", "آذار/مارس 2024"),
    ("متى افتُتح الجسر؟", "افتُتح الجسر عام 2019.", "2019"),
    ("في أي عام افتُتح الجسر؟", "افتُتح الجسر عام 2019.", "2019"),
]


@pytest.mark.parametrize(("question", "text", "said"), DATES)
def test_a_date_is_resolved_to_the_calendar(question: str, text: str, said: str) -> None:
    assert line(question, text) == said


def test_a_date_is_said_in_the_readers_language() -> None:
    text = "افتُتح الجسر في 3 آذار 2024."
    assert line("When did the bridge open?", text, "3 آذار 2024", language="en") in {"3 March 2024", ""}


def test_of_two_dates_in_a_sentence_neither_is_said() -> None:
    text = "افتُتح الجسر في 3 آذار 2024 بعد أعمال بدأت عام 2019."
    assert line("متى افتُتح الجسر؟", text) == ""
    assert line("متى افتُتح الجسر؟", text, "3 آذار 2024") == ""


def test_of_two_figures_only_the_one_that_the_judge_points_at_is_said() -> None:
    text = "حضر الافتتاح 300 شخص، ثم حضر 80 شخصًا آخرون."
    assert line("كم شخصًا حضر الافتتاح؟", text, "300 شخص") == "«300 شخص»"
    assert line("كم شخصًا حضر الافتتاح؟", text, "300 شخص، ثم حضر 80 شخصًا") == ""


FIGURES = [
    ("كم شخصًا حضر الافتتاح؟", "حضر الافتتاح 300 شخص.", "«300 شخص»"),
    ("كم شخصًا حضر الافتتاح؟", "لم يحضر الافتتاح سوى ثمانين شخصًا.", "«ثمانين شخصًا»"),
    ("كم شخصًا حضر الافتتاح؟", "حضر الافتتاح ما لا يقل عن ثمانين شخصًا.", "«ما لا يقل عن ثمانين شخصًا»"),
    ("كم شخصًا حضر الافتتاح؟", "حضر الافتتاح أكثر من ثمانين شخصًا.", "«أكثر من ثمانين شخصًا»"),
    ("كم شخصًا حضر الافتتاح؟", "حضر الافتتاح نحو ثمانين شخصًا.", "«نحو ثمانين شخصًا»"),
    ("ما طول الجسر؟", "يبلغ طول الجسر 120 مترًا وعرضه أربعة أمتار.", "«120 مترًا»"),
    ("ما نسبة البطالة؟", "بلغت نسبة البطالة 16 في المئة.", "«16 في المئة»"),
    ("ما نسبة البطالة؟", "بلغت نسبة البطالة 16%.", "«16%»"),
    ("ما سعر الخبز؟", "ارتفع سعر الخبز إلى 4000 ليرة.", "«4000 ليرة»"),
    ("كم مدرسة أُغلقت عام 2024؟", "أُغلقت 14 مدرسة عام 2024.", "«14 مدرسة»"),
    ("كم عاملًا في المصنع؟", "يعمل في المصنع مئة وعشرون ألف عامل.", "«مئة وعشرون ألف عامل»"),
    ("كم قتيلًا سقط في الانفجار؟", "أسفر الانفجار عن سقوط 12 قتيلًا.", "«12 قتيلًا»"),
    ("كم يومًا استمر الإضراب؟", "استمر الإضراب ثلاثة أيام.", "«ثلاثة أيام»"),
]


@pytest.mark.parametrize(("question", "text", "said"), FIGURES)
def test_a_figure_is_said_with_what_makes_it_readable(question: str, text: str, said: str) -> None:
    assert line(question, text) == said


NOT_A_PART = [
    ("كم قتيلًا سقط في الانفجار؟", "أسفر الانفجار عن سقوط اثني عشر قتيلًا.", "«عشر قتيلًا»"),
    ("كم قتيلًا سقط في الانفجار؟", "أسفر الانفجار عن سقوط أحد عشر قتيلًا.", "«عشر قتيلًا»"),
    ("كم نسمة عدد السكان؟", "بلغ عدد السكان مليونين وثلاثمئة ألف نسمة.", "«وثلاثمئة ألف نسمة»"),
    ("كم نسمة في المدينة؟", "في المدينة مليونا وثلاثمئة ألف نسمة.", "«وثلاثمئة ألف نسمة»"),
    ("كم شخصًا حضر الافتتاح؟", "حضر الافتتاح 2 500 شخص.", "«500 شخص»"),
    ("ما سعر الخبز؟", "بلغ سعر الخبز بين 4000 و5000 ليرة.", "«4000»"),
]


@pytest.mark.parametrize(("question", "text", "part"), NOT_A_PART)
def test_a_part_of_a_figure_is_never_said_for_it(question: str, text: str, part: str) -> None:
    assert line(question, text) != part


OTHERS = [
    ("كم جريحًا سقط في الانفجار؟", "سقط في الانفجار 12 قتيلًا.", "12"),
    ("كم قتيلًا سقط في الانفجار؟", "أصيب في الانفجار 12 جريحًا.", "12"),
    ("كم جريحًا سقط في الانفجار؟", "سقط في الانفجار ثلاثة قتلى وسبعة جرحى.", "ثلاثة"),
    ("كم قتيلًا سقط في الانفجار؟", "سقط في الانفجار ثلاثة قتلى وسبعة جرحى.", "سبعة"),
    ("ما عرض الجسر؟", "يبلغ طول الجسر 120 مترًا.", "120"),
    ("ما عرض الجسر؟", "يبلغ طول الجسر 120 مترًا وعرضه أربعة أمتار.", "120"),
    ("ما طول الجسر؟", "يبلغ طول الجسر 120 مترًا وعرضه أربعة أمتار.", "أربعة"),
    ("كم عضوًا في مجموعة العشرين؟", "عُقدت قمة مجموعة العشرين بحضور أعضاء.", "العشرين"),
    ("كم يومًا استمر الإضراب؟", "استمر الإضراب ثلاثة أعوام.", "ثلاثة"),
    ("كم عمر الكاتب؟", "كتب الكاتب 84 رواية.", "84"),
    ("ما سعر البنزين؟", "ارتفع سعر الخبز إلى 4000 ليرة.", "4000"),
]


ELSEWHERE = [
    ("ما نسبة البطالة في لبنان؟", "بلغت نسبة البطالة في الأردن 21% وفي لبنان 30%.", "21"),
    ("ما نسبة البطالة في لبنان؟", "بلغت نسبة البطالة في الأردن 21%.", "21"),
    ("كم مدرسة أُغلقت في حلب؟", "أُغلقت 14 مدرسة في حماة.", "14"),
    ("كم عاملًا مصريًّا أوقف؟", "أوقف 14 عاملًا سوريًّا.", "14"),
]


@pytest.mark.parametrize(("question", "text", "figure"), [*OTHERS, *ELSEWHERE])
def test_the_figure_of_something_else_is_never_said(question: str, text: str, figure: str) -> None:
    assert figure not in line(question, text)


@pytest.mark.parametrize(("question", "text", "figure"), OTHERS)
def test_not_even_where_the_judge_points_at_it(question: str, text: str, figure: str) -> None:
    assert figure not in line(question, text, figure)


NAMES = [
    ("من افتتح الجسر؟", "افتتح الجسر وزير النقل سامر الديب.", "وزير النقل سامر الديب"),
    ("من وزير النقل؟", "افتتح الجسر وزير النقل سامر الديب.", "سامر الديب"),
]


@pytest.mark.parametrize(("question", "text", "words"), NAMES)
def test_a_name_is_said_where_the_judge_points_at_it(question: str, text: str, words: str) -> None:
    assert line(question, text, words) == words
    assert line(question, text) == ""


def test_a_name_of_which_the_judge_is_not_certain_is_not_said() -> None:
    candidate = found(article("افتتح الجسر وزير النقل سامر الديب."))[0]
    asked = understand("من افتتح الجسر؟")
    sure = judged(candidate, 0.95, words="سامر الديب", certain=CERTAIN)
    unsure = judged(candidate, 0.95, words="سامر الديب", certain=CERTAIN - 0.01)
    assert first_line(asked, sure, "ar")[0] == "سامر الديب"
    assert first_line(asked, unsure, "ar") == ("", None)


def test_a_place_is_not_said() -> None:
    assert line("أين عُقد المؤتمر؟", "عُقد المؤتمر في فندق الواحة في طرطوس.", "فندق الواحة في طرطوس") == ""


def test_words_of_the_question_are_no_name() -> None:
    assert line("من وزير النقل؟", "افتتح الجسر وزير النقل سامر الديب.", "وزير النقل سامر الديب") == ""
    assert line("من افتتح الجسر؟", "افتتح الجسر سامر الديب.", "الجسر") == ""


def test_a_long_stretch_is_no_name() -> None:
    text = "افتتح الجسر وزير النقل سامر الديب بحضور عدد كبير من أهالي المدينة."
    assert line("من افتتح الجسر؟", text, text.removeprefix("افتتح الجسر ").rstrip(".")) == ""


@pytest.mark.parametrize(
    "question", ["لماذا تأخر القطار؟", "ماذا قال الوزير؟", "هل تأخر القطار؟", "ما القطار؟"]
)
def test_other_kinds_have_no_line(question: str) -> None:
    assert line(question, "تأخر القطار بسبب المطر.", "بسبب المطر") == ""


def test_only_a_sure_sentence_has_a_line() -> None:
    question, text, said = DATES[2]
    assert line(question, text, probability=LINE) == said
    assert line(question, text, probability=LINE - 0.01) == ""


def test_a_sentence_that_leaves_a_word_open_has_no_line() -> None:
    query = understand("متى افتُتح الجسر؟")
    sure = judged(
        found(article("افتُتح الجسر في 3 آذار 2024."))[0], 0.95, words="3 آذار 2024", certain=CERTAIN
    )
    for opened, said in ((OPEN, "3 آذار/مارس 2024"), (OPEN + 0.01, "")):
        assert first_line(query, replace(sure, openness=(opened, 0.0)), "ar")[0] == said


def test_a_sentence_that_does_not_name_what_is_asked_about_has_no_line() -> None:
    query = understand("متى افتُتح الجسر الجديد في حلب؟")
    other = judged(
        found(article("افتُتح المعرض في 3 آذار 2024."))[0], 0.95, words="3 آذار 2024", certain=CERTAIN
    )
    assert first_line(query, replace(other, openness=(0.0,) * 4), "ar") == ("", None)


def test_the_words_are_those_of_the_sentence_only() -> None:
    text = "افتُتح المسرح في 3 آذار 2019. وافتُتح الجسر المعلق في 4 نيسان 2024."
    second = found(article(text))[1]
    span = answering(understand("متى افتُتح الجسر المعلق؟"), judged(second))
    assert span is not None
    assert second.article.body[span.start : span.end] == "4 نيسان 2024"


PARTS = [
    "افتتح",
    "الجسر",
    "3",
    "آذار",
    "2024",
    "ثلاثة",
    "قتلى",
    "في",
    "،",
    "لم",
    "أكثر من",
    "%",
    "عام",
    "ألف",
    "و",
]
ASKED = ["متى افتتح الجسر؟", "كم قتيلًا؟", "كم بلغت كلفة الجسر؟", "من افتتح الجسر؟", "أين الجسر؟"]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=14), st.sampled_from(ASKED))
def test_whatever_the_sentence_what_is_said_is_in_it(parts: list[str], question: str) -> None:
    text = "قالت البلدية إن " + " ".join(parts) + "."
    said = line(question, text)
    if question.startswith("كم") and said:
        assert said.strip("«»") in text
