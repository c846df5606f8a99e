"""A follow-up takes its subject from the conversation; a new topic is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Turn
from bot.followup import standalone


def after(question: str, *quoted: str, direct: str = "") -> list[Turn]:
    return [Turn(question, question, "answered", quoted, direct)]


JOINED = after(
    "متى انضمت سوريا إلى التحالف الدولي؟", "صارت سوريا في تشرين الثاني العضو التسعين بعد توقيع الإعلان."
)
STATEMENT = after("ماذا قال بيان الرياض عن قسد؟", "شكر المجتمعون قوات سوريا الديمقراطية في ختام الاجتماع.")


@pytest.mark.parametrize(
    ("turns", "question", "alone"),
    [
        (JOINED, "وما رقم عضويتها؟", "ما رقم عضوية سوريا (التحالف الدولي)؟"),
        (JOINED, "وعن العراق؟", "متى انضمت العراق إلى التحالف الدولي؟"),
        (JOINED, "والعراق؟", "متى انضمت العراق إلى التحالف الدولي؟"),
        (JOINED, "ماذا عن تركيا؟", "متى انضمت تركيا إلى التحالف الدولي؟"),
        (after("كم مقعدًا لسوريا في المجلس؟"), "وعن العراق؟", "كم مقعدًا للعراق في المجلس؟"),
        (STATEMENT, "وعن العراق؟", "ماذا قال بيان الرياض عن العراق؟"),
        (STATEMENT, "ومن شارك فيه؟", "من شارك في اجتماع الرياض؟"),
        (
            after("ماذا جاء في بيان القمة؟", "صدر البيان بعد مؤتمر دام يومين."),
            "ومن شارك فيه؟",
            "من شارك في مؤتمر القمة؟",
        ),
        (
            after("ماذا جاء في بيان الاتحاد الختامي؟"),
            "وعن اللاجئين؟",
            "ماذا جاء في بيان الاتحاد الختامي عن اللاجئين؟",
        ),
        ([*STATEMENT, *after("من شارك في اجتماع الرياض؟")], "وعن العراق؟", "ماذا قال بيان الرياض عن العراق؟"),
        (JOINED, "ومن أعلن ذلك؟", "من أعلن ذلك (سوريا، التحالف الدولي)؟"),
        (
            after("كم راكبًا كان على متن السفينة الغارقة؟"),
            "وأين رست؟",
            "أين رست (راكبا، متن السفينة الغارقة)؟",
        ),
        (after("كم شخصًا أوقف في الميناء؟"), "ومتى؟", "متى أوقف في الميناء؟"),
        (after("كم عاملًا مصريًّا وصل إلى المصنع؟"), "ومتى؟", "متى وصل إلى المصنع (عاملًا مصريًّا)؟"),
        (after("متى تأسس النادي الرياضي؟"), "وكم عدد أعضائه؟", "كم عدد أعضاء النادي الرياضي؟"),
        (after("من مثّل سوريا في اجتماع الرياض؟"), "ومتى؟", "متى مثّل سوريا في اجتماع الرياض؟"),
        (
            after("من هو وزير الخارجية السوري؟", direct="أسعد الشيباني"),
            "وماذا قال؟",
            "ماذا قال أسعد الشيباني؟",
        ),
        (
            after("When was the Riyadh meeting?"),
            "And who took part?",
            "Who took part (Riyadh meeting)?",
        ),
        (
            after("What did the Riyadh statement say about the SDF?"),
            "And about Iraq?",
            "What did the Riyadh statement say about Iraq?",
        ),
        (
            after("When did Syria join the coalition?"),
            "What about Iraq?",
            "When did Iraq join the coalition?",
        ),
    ],
)
def test_follow_ups_stand_alone(turns: list[Turn], question: str, alone: str) -> None:
    assert standalone(question, turns) == alone


@pytest.mark.parametrize(
    "question",
    [
        "ما أسعار النفط اليوم؟",
        "وما أسعار النفط؟",
        "كم عدد سكان القاهرة؟",
        "من هو رئيس فرنسا؟",
        "متى تأسست الجامعة العربية؟",
        "What is the capital of Japan?",
    ],
)
def test_a_new_topic_is_not_dragged_into_the_old_one(question: str) -> None:
    assert standalone(question, JOINED) == question


def test_without_a_conversation_nothing_changes() -> None:
    assert standalone("وما رقم عضويتها؟", []) == "وما رقم عضويتها؟"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_make_a_question(before: str, question: str) -> None:
    assert isinstance(standalone(question, after(before)), str)
