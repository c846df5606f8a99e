"""A question that leans on the conversation is offered wordings that stand alone; one with its own subject never is."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.followup import leans, understood, wordings
from bot.answering.question import Query, understand, weigh
from bot.conversation import Turn

TODAY = datetime.date(2026, 2, 10)

ALONE = """
متى افتُتح جسر الوادي الكبير؟
كم بلغت كلفة ترميم المسرح البلدي؟
من فاز بجائزة القصة القصيرة في عمّان؟
أين سيقام معرض الكتاب هذا العام؟
ماذا قال وزير الزراعة عن محصول القمح؟
لماذا أُغلق مطار البصرة ليلة أمس؟
كيف أُنقذ العمال العالقون في المنجم؟
هل أُعيد فتح معبر نصيب؟
ما أسعار النفط اليوم؟
كم عدد سكان القاهرة؟
من هو رئيس بلدية صيدا؟
متى تأسست جامعة الدول العربية؟
ما اسم الشركة التي بنت السد؟
كم شخصًا أُصيب في حادث القطار؟
من وقّع اتفاق الصيد بين المغرب وموريتانيا؟
أين عُثر على السفينة الغارقة؟
ما نسبة البطالة في تونس؟
متى تبدأ مباريات كأس آسيا؟
ماذا أعلن البنك المركزي المصري بشأن الفائدة؟
هل استقال مدير هيئة الآثار؟
ما طول خط المترو الجديد في الرياض؟
كم يومًا استمر إضراب المعلمين؟
من أخرج فيلم «البحر الأخير»؟
لماذا تأخر صرف رواتب الموظفين؟
ايمتى بلشت زراعة القطن بالحسكة؟
شو قال المحافظ عن أزمة المي؟
وين صار حريق الغابات؟
قديش سعر ربطة الخبز بدمشق؟
مين ربح بطولة الدوري اللبناني؟
ليش سكرت المدارس ببيروت؟
When did the Nile dam open?
How many students applied to Basra University?
Who won the Booker prize in 2024?
Where was the climate summit held?
What did the mayor of Tripoli say about the flood?
Why was the ferry to Sfax cancelled?
ما الهدف من زيارة وفد صندوق النقد إلى بيروت؟
كم رحلة أُلغيت في مطار دبي بسبب الضباب؟
من يقود حملة التشجير في الأردن؟
ما الجامعة التي منحت الشاعر الدكتوراه الفخرية؟
متى وصلت أول شحنة غاز إلى ميناء العقبة؟
متى أعلنت الحكومة الأردنية استقالتها؟
ماذا قالت وزارة الصحة عن مستشفياتها؟
من هو رئيس فرنسا؟
ما اسم عاصمة اليابان؟
وما أسعار النفط؟
وكم بلغت ميزانية وزارة الدفاع؟
ومن فاز بكأس العالم؟
متى توفي نجيب محفوظ؟
ماذا حدث في 10 آذار 2025؟
""".strip().splitlines()

LEANING = """
وما رقم عضويتها؟
وعن العراق؟
والعراق؟
ماذا عن تركيا؟
ومن شارك فيه؟
ومتى؟
وأين؟
متى؟
ولماذا؟
ليش؟
وكم عددهم؟
ومن أعلن ذلك؟
من قال ذلك؟
متى كان ذلك؟
أين حدث هذا؟
وماذا قال؟
من هو؟
وكم عدد أعضائه؟
وأين رست؟
كم كلفته؟
من افتتحه؟
ومتى وصل؟
وهل استقال؟
ما سببه؟
من رئيسها؟
وماذا عن اللاجئين؟
وبخصوص العراق؟
شو قال عنها؟
قديش كلفتها؟
وشو صار فيه؟
وكيف حدث ذلك؟
And who took part?
What about Iraq?
And about Iraq?
When was it?
Who said that?
How much did it cost?
Why?
""".strip().splitlines()


@pytest.mark.parametrize("question", ALONE)
def test_a_question_with_a_subject_of_its_own_leans_on_nothing(question: str) -> None:
    assert not leans(understand(question, TODAY))
    assert not leans(unknown(question)), "nor where the archive knows none of its words"
    assert not leans(common(question)), "nor where every passage has them"


@pytest.mark.parametrize("question", LEANING)
def test_a_question_without_one_leans(question: str) -> None:
    assert leans(understand(question, TODAY))
    assert leans(common(question))


def unknown(question: str) -> Query:
    return weigh(understand(question, TODAY), lambda forms: {}, 5000)


def common(question: str) -> Query:
    return weigh(understand(question, TODAY), lambda forms: dict.fromkeys(forms, 40), 50)


@given(st.text(max_size=60))
def test_any_text_leans_or_not(question: str) -> None:
    assert leans(understand(question, TODAY)) in {True, False}


@pytest.mark.parametrize("question", ["", "؟", "…", "😀"])
def test_what_says_nothing_leans_on_nothing(question: str) -> None:
    assert not leans(understand(question, TODAY))


# --- wordings ------------------------------------------------------------------------------------------------------


def after(question: str, *, direct: str = "") -> list[Turn]:
    return [Turn(question, question, "answered", (), direct)]


JOINED = after("متى انضمت سوريا إلى التحالف الدولي؟", direct="11 تشرين الثاني/نوفمبر 2025")
STATEMENT = after("ماذا قال بيان الرياض عن قسد؟")


def offered(question: str, turns: list[Turn]) -> list[str]:
    return [wording.text for wording in wordings(understand(question, TODAY), turns)]


@pytest.mark.parametrize(
    ("turns", "question", "alone"),
    [
        (JOINED, "وعن العراق؟", "متى انضمت العراق إلى التحالف الدولي؟"),
        (JOINED, "والعراق؟", "متى انضمت العراق إلى التحالف الدولي؟"),
        (JOINED, "ماذا عن تركيا؟", "متى انضمت تركيا إلى التحالف الدولي؟"),
        (after("كم مقعدًا لسوريا في المجلس؟"), "وعن العراق؟", "كم مقعدًا للعراق في المجلس؟"),
        (after("كم مقعدًا للسودان في المجلس؟"), "وعن العراق؟", "كم مقعدًا للعراق في المجلس؟"),
        (STATEMENT, "وعن العراق؟", "ماذا قال بيان الرياض عن العراق؟"),
        (after("شو قال المحافظ عن المي؟"), "وعن الكهربا؟", "شو قال المحافظ عن الكهربا؟"),
        (JOINED, "ومتى؟", "متى انضمت سوريا إلى التحالف الدولي؟"),
        (JOINED, "وأين؟", "أين انضمت سوريا إلى التحالف الدولي؟"),
        (JOINED, "ليش؟", "ليش انضمت سوريا إلى التحالف الدولي؟"),
        (
            after("When did Syria join the coalition?"),
            "What about Iraq?",
            "When did Iraq join the coalition?",
        ),
        (
            after("What did the Riyadh statement say about the SDF?"),
            "And about Iraq?",
            "What did the Riyadh statement say about Iraq?",
        ),
        (after("When was the Riyadh meeting?"), "And who took part?", "Who took part (Riyadh meeting)?"),
    ],
)
def test_what_a_leaning_question_may_mean(turns: list[Turn], question: str, alone: str) -> None:
    assert alone in offered(question, turns)


@pytest.mark.parametrize("question", ["وما رقم عضويتها؟", "ومن أعلن ذلك؟", "ومن شارك فيه؟", "كم كلفته؟"])
def test_the_first_wording_has_the_question_and_what_was_spoken_of(question: str) -> None:
    first = offered(question, JOINED)[0]
    assert question.removeprefix("و").rstrip("؟") in first
    assert "سوريا" in first
    assert "التحالف الدولي" in first
    assert first.endswith("؟")


def test_what_was_answered_may_be_what_is_meant() -> None:
    turns = after("من هو وزير الخارجية السوري؟", direct="أسعد الشيباني")
    for question in ("كم عمره؟", "وماذا قال؟"):
        assert any("أسعد الشيباني" in wording for wording in offered(question, turns)), question


@pytest.mark.parametrize("question", ["وماذا قال؟", "ومتى وصل؟", "وهل استقال؟"])
def test_a_question_is_never_put_in_the_place_of_a_word(question: str) -> None:
    bare = question.removeprefix("و").rstrip("؟")
    for wording in offered(question, after("من هو وزير الخارجية السوري؟")):
        assert not wording.startswith("من هو") or bare not in wording, wording


def test_the_last_wording_that_stood_alone_is_what_is_leant_on() -> None:
    turns = [*JOINED, Turn("وعن العراق؟", "متى انضم العراق إلى التحالف الدولي؟", "refused", ())]
    assert "العراق" in offered("ومن أعلن ذلك؟", turns)[0]


def test_brackets_do_not_pile_up() -> None:
    turns = [Turn("ومن شارك؟", "من شارك (اجتماع الرياض)؟", "answered", ())]
    (first, *_) = offered("وكم عددهم؟", turns)
    assert first == "كم عددهم (اجتماع الرياض)؟"


def test_without_a_conversation_nothing_is_offered() -> None:
    assert offered("وما رقم عضويتها؟", []) == []
    assert offered("وما رقم عضويتها؟", [Turn("؟", "", "refused", ())]) == []


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_texts_are_worded(before: str, question: str, direct: str) -> None:
    for wording in offered(question, after(before, direct=direct)):
        assert isinstance(wording, str)
        assert wording.endswith(("؟", "?"))


WORDS = [
    "و",
    "عن",
    "ماذا",
    "متى",
    "العراق",
    "سوريا",
    "ذلك",
    "كم",
    "عددهم",
    "؟",
    "(",
    ")",
    "بشأن",
    "Iraq",
    "about",
    "what",
]


@given(
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
)
def test_any_wording_is_made_of_words_that_were_said(before: str, question: str) -> None:
    said = set(f"{before} {question}".replace("(", " ").replace(")", " ").replace("؟", " ").split())
    for wording in offered(question, after(before)):
        made = wording.replace("(", " ").replace(")", " ").replace("؟", " ").replace("?", " ").split()
        assert {w.removeprefix("و").lower().removeprefix("لل").removeprefix("ال") for w in made} <= {
            w.removeprefix("و").lower().removeprefix("لل").removeprefix("ال") for w in said
        }


# --- what is said of it ----------------------------------------------------------------------------------------------


def turn_as(question: str, standalone: str = "") -> Turn:
    return Turn(question, standalone or question, "answered", ())


def test_a_follow_up_is_said_to_follow_the_question_that_names_its_subject() -> None:
    turns = [
        turn_as("السلام عليكم، متى انعقد الاجتماع؟", "متى انعقد الاجتماع؟"),
        turn_as("ومن حضره؟", "من حضره (انعقد الاجتماع)؟"),
    ]
    told = understood(None, turns, "ar")
    assert told == "فُهم على أنه متابعة لسؤالك: متى انعقد الاجتماع؟"
    assert understood(None, turns, "en") == "Taken as a follow-up to: متى انعقد الاجتماع؟"


def test_a_topic_is_said_to_be_that_of_the_question_before() -> None:
    turns = [turn_as("متى انعقد الاجتماع في عمّان؟"), turn_as("وأين؟", "أين انعقد الاجتماع في عمّان؟")]
    assert understood("العراق", turns, "ar") == "فُهم على أنه سؤالك السابق، لكن عن «العراق»: وأين؟"
    turns.append(turn_as("وعن العراق؟", "أين انعقد الاجتماع في العراق؟"))
    assert understood(None, turns, "ar").endswith("وعن العراق؟")


def test_nothing_is_said_where_the_question_that_it_follows_is_not_known() -> None:
    assert understood(None, [turn_as("ومتى؟", "متى انعقد؟")], "ar") == ""
    long = turn_as("متى انعقد " + "الاجتماع " * 60 + "؟")
    assert len(understood(None, [long], "ar")) < 230
